"""The one way in for a runtime: which room answers a request, who may ask, and how the service begins and ends."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from swath_runtime.asked import Asked
from swath_runtime.auth.gate import Gate
from swath_runtime.auth.principal import ANYONE, OPEN, Principal
from swath_runtime.batch_routes import BatchRoutes
from swath_runtime.config_room import ConfigRoom
from swath_runtime.docs_room import DocsRoom
from swath_runtime.documents import Documents
from swath_runtime.exchange import Exchange
from swath_runtime.http import Closing, Head, Reply, Request
from swath_runtime.jobs import Jobs
from swath_runtime.links import API
from swath_runtime.logs import Stages
from swath_runtime.metrics.meter import Meter
from swath_runtime.metrics.room import MetricsRoom
from swath_runtime.plain_routes import PlainRoutes
from swath_runtime.problems import METHOD_NOT_ALLOWED, NOT_FOUND, TARGET_TOO_LONG, Problem
from swath_runtime.service import Service
from swath_runtime.table import Room, Table, scope_of
from swath_runtime.tracing import Trace, Tracer, open_tracer, require_tracing
from swath_runtime.trimming import QUIET_S, Trimmer
from swath_runtime.visits import Visits

LIGHT = (f"{API}/health", f"{API}/ready")  # what probes ask, who must not wait for a thread
WATCHING = (*LIGHT, f"{API}/metrics", "/metrics")  # asked for ever of a service that does nothing
FLUSH_S = 1.0  # for answers to calls that were told to stop, and for those of late requests
MOST_TARGET = 8000  # of path and query; the servers take a little more, so that the answer is the core's

logger = logging.getLogger(__name__)


class Router:
    """A service behind its paths.

    Attributes:
        rooms: the parts of the service, each with its routes and their OpenAPI operations.
        meter: counts what is answered.
        visits: the requests that are inside.
        tracer: makes spans of them, once the service has started, where OpenTelemetry's variables ask for it.

    Memory that is kept for the next request is given back once there was none for `quiet_s`.
    """

    def __init__(self, service: Service, quiet_s: float = QUIET_S) -> None:
        self.service = service
        self._gate = Gate(service.settings)
        self._is_traced = require_tracing()
        self.tracer: Tracer | None = None
        service.configuration.keep_for(service.settings, service.algorithm.name)
        metrics, self._jobs = MetricsRoom(service), Jobs(service)
        rooms: list[Room] = [
            PlainRoutes(service),
            BatchRoutes(service),
            ConfigRoom(service.configuration, service.settings),
            self._jobs,
            DocsRoom(),
            metrics,
        ]
        self.rooms: tuple[Room, ...] = (*rooms, Documents(service, rooms))
        self._table = Table(*self.rooms)
        self.meter = metrics.meter = service.observer = Meter(self._table.methods, service.crew, service.capacity)
        self.visits = Visits()
        self._trimmer = Trimmer(self._work_done, quiet_s)
        self._loader: threading.Thread | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that has an answer, with `{name}` where anything may stand."""
        return self._table.paths

    def start(self) -> None:
        """Load the algorithm, and begin what runs beside the requests; raises RuntimeFailure with the reason."""
        self._gate.start()
        if self._is_traced:
            algorithm = self.service.algorithm
            self.tracer = open_tracer(algorithm.name, algorithm.version, self.service.settings.scheme)
        self.meter.share()
        self.service.start()
        self._jobs.start()
        self._trimmer.start()

    def start_in_background(self, on_failure: Callable[[Exception], None]) -> threading.Thread:
        """Start on a thread of its own, so that `health` answers meanwhile; `on_failure` hears why it can't be."""

        def load() -> None:
            try:
                self.start()
            except Exception as error:  # noqa: BLE001 - whatever it is, the server must hear of it and stop
                on_failure(error)

        self._loader = threading.Thread(target=load, name="load", daemon=True)
        self._loader.start()
        return self._loader

    def drain(self) -> None:
        """Wait until all that is in work is answered, and for SWATH_DRAIN_SECONDS at most; the service is not ready.

        New calls are answered with 503, after SWATH_DRAIN_DELAY_SECONDS in which they are still taken.
        """
        settings = self.service.settings
        self.service.retire()
        self._jobs.drain()
        time.sleep(settings.drain_delay_seconds)
        self.visits.close_door()
        until_s = time.monotonic() + settings.drain_seconds
        is_empty = self.visits.wait_empty(settings.drain_seconds)
        self._jobs.stop(until_s - time.monotonic())
        if not is_empty:
            logger.warning("%d requests outlasted the drain; their calls are told to stop", self.visits.inside)
            self.service.end_calls()
            self.visits.wait_empty(FLUSH_S)

    def stop(self) -> bool:
        """End what runs beside the requests, and the service.

        False if something of the algorithm's goes on nevertheless: a call, or the loading.
        """
        self._trimmer.stop()
        self._jobs.stop()
        heeded = self.service.stop()
        if self.tracer:
            self.tracer.stop()
        return heeded and not (self._loader and self._loader.is_alive())

    def admit(self, head: Head, *, may_fetch: bool = False) -> Principal:
        """Who sends a request; raises Problem where they may not, and KeysNeeded as the gate does."""
        if self._gate.is_open:
            return ANYONE
        found = self._table.find(head.path)
        method = _method(head)
        handler = found[0].get(method) if found else None
        scope = scope_of(method, handler) if handler else OPEN  # what is nowhere answers 404 or 405 to anyone
        return self._gate.admit(head, scope, may_fetch=may_fetch)

    def is_light(self, head: Head) -> bool:
        """Whether a request is answered at once, by nothing but what is at hand."""
        return head.path in LIGHT

    def begin_trace(self, head: Head, stages: Stages) -> Trace | None:
        """The trace of a request; None where it leaves none, as what probes ask does."""
        return self.tracer.begin(head, stages) if self.tracer and not self.is_light(head) else None

    def begin(self, head: Head) -> Exchange:
        """An exchange for a request whose head has come."""
        return Exchange(self, head)

    def handle(self, request: Request) -> Reply:
        """The reply to a whole request."""
        with self.begin(request.head) as exchange:
            exchange.feed(request.body)
            return exchange.reply()

    def answer(self, asked: Asked) -> Reply:
        """The reply of the path's handler; raises Problem."""
        head = asked.head
        if len(head.path) + len(head.query) > MOST_TARGET:
            hint = "Give the inputs in the body."
            raise Problem(TARGET_TOO_LONG, f"Path and query are longer than {MOST_TARGET:,} characters.", hint)
        found = self._table.find(head.path)
        if found is None:
            raise Problem(NOT_FOUND, "There is nothing at this path.", f"Paths: {', '.join(self.paths)}.")
        asked.stages.route = found.route
        methods, names = found.methods, found.names
        handler = methods.get(_method(head))
        if handler is None:
            allowed = ", ".join(methods)
            raise Problem(METHOD_NOT_ALLOWED, f"This path takes {allowed}.", headers=[("allow", allowed)])
        leave = self._gate.enter(asked.principal)
        try:
            reply = handler(replace(asked, names=names) if names else asked)
        except BaseException:
            leave()
            raise
        if reply.stream is None:
            leave()
            return reply
        return replace(reply, stream=Closing(reply.stream, leave))

    def _work_done(self) -> float | None:
        self.service.tell_loads()
        return self.meter.work_done(WATCHING)


def _method(head: Head) -> str:
    return "GET" if head.method == "HEAD" else head.method
