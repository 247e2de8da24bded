"""The one way in for a runtime: how every request is taken in, answered and logged."""

import logging
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from swath_runtime.asked import Asked, never
from swath_runtime.auth.gate import Gate
from swath_runtime.auth.principal import ANYONE, OPEN, Principal
from swath_runtime.auth.refusing import KeysNeeded
from swath_runtime.batch_routes import BatchRoutes
from swath_runtime.config_room import ConfigRoom
from swath_runtime.docs_room import DocsRoom
from swath_runtime.documents import Documents
from swath_runtime.http import Buffer, Closing, Head, Reply, Request
from swath_runtime.intake import Intake
from swath_runtime.logs import Stages, access, correlation_id
from swath_runtime.plain_routes import PlainRoutes
from swath_runtime.problems import (
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    TARGET_TOO_LONG,
    Problem,
    problem_of,
    problem_reply,
)
from swath_runtime.service import Service
from swath_runtime.table import Room, Table, scope_of

CORRELATION = re.compile(r"[\x21-\x7e]{1,128}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context
SERVER_ERROR = 500
PLAIN = "/:@!$&'()*+,;=~"  # what a path may hold besides letters and digits; a line break would forge a log line
MOST_TARGET = 8000  # of path and query; the servers take a little more, so that the answer is the core's

logger = logging.getLogger(__name__)


class Exchange:
    """One request while it comes in: feed it the body, then take the reply.

    Made from the head alone, so that a body which is not wanted need not be held.

    Attributes:
        is_refused: whether reading on is of no use.
    """

    is_refused = False

    def __init__(self, router: "Router", head: Head) -> None:
        self._router, self._head = router, head
        self._stages = Stages()
        self._refusal: Problem | None = None
        self._principal: Principal | None = None
        try:
            self._principal = router.admit(head)
        except KeysNeeded:
            pass  # the network is waited for in `reply`, off the event loop
        except Problem as refusal:
            self._refusal = refusal
        self._intake = Intake(head, 0 if self._refusal else router.service.settings.max_body_bytes)

    def feed(self, chunk: Buffer) -> bool:
        """Take the next chunk of the body; False once reading on is of no use."""
        self.is_refused = not self._intake.feed(chunk)
        return not self.is_refused

    def reply(self, is_gone: Callable[[], bool] = never) -> Reply:
        """The answer. Never raises; runs the algorithm, so call it off the event loop.

        `is_gone` tells whether the caller has hung up: then the call is cancelled, and the answer goes nowhere.
        """
        head = self._head
        given = head.header("x-correlation-id")
        ident = given if CORRELATION.fullmatch(given) else str(uuid.uuid4())
        token = correlation_id.set(ident)
        try:
            reply = self._answer(ident, is_gone)
            facts = {
                "status": reply.status, "ms": self._stages.total_ms, "bytesOut": len(reply.body), **self._stages.took_ms
            }  # fmt: skip
            access.info("%s %s", head.method, quote(head.path[:200], PLAIN), extra={"facts": facts})
            return reply
        finally:
            correlation_id.reset(token)

    def _admitted(self) -> Principal:
        if self._refusal:
            raise self._refusal
        return self._principal or self._router.admit(self._head, may_fetch=True)

    def _answer(self, ident: str, is_gone: Callable[[], bool]) -> Reply:
        try:
            principal = self._admitted()
            request = Request(self._head, self._intake.body())
            reply = self._router.answer(Asked(request, self._stages, ident, is_gone, principal))
        except Exception as error:
            problem = problem_of(error)
            if problem.kind.status == SERVER_ERROR:
                logger.exception("%s: %s", problem.kind.title, problem.message)
            reply = problem_reply(problem, ident)
        traceparent = self._head.header("traceparent")
        traced = (("traceparent", traceparent),) if TRACEPARENT.fullmatch(traceparent) else ()
        length = (("content-length", str(len(reply.body))),) if reply.stream is None else ()
        headers = (*reply.headers, ("x-correlation-id", ident), *traced, *length)
        return Reply(reply.status, headers, reply.body, reply.stream)


class Router:
    """A service behind its paths.

    Attributes:
        rooms: the parts of the service, each with its routes and their OpenAPI operations.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._gate = Gate(service.settings)
        service.configuration.keep_for(service.settings, service.algorithm.name)
        rooms: list[Room] = [
            PlainRoutes(service),
            BatchRoutes(service),
            ConfigRoom(service.configuration, service.settings),
            DocsRoom(),
        ]
        self.rooms: tuple[Room, ...] = (*rooms, Documents(service, rooms))
        self._table = Table(*self.rooms)
        self._loader: threading.Thread | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that has an answer, with `{name}` where anything may stand."""
        return self._table.paths

    def start(self) -> None:
        """Load the algorithm, and begin what runs beside the requests; raises RuntimeFailure with the reason."""
        self._gate.start()
        self.service.start()

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

    def stop(self) -> bool:
        """End what runs beside the requests, and the service.

        False if something of the algorithm's goes on nevertheless: a call, or the loading.
        """
        heeded = self.service.stop()
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

    def begin(self, head: Head) -> Exchange:
        """An exchange for a request whose head has come."""
        return Exchange(self, head)

    def handle(self, request: Request) -> Reply:
        """The reply to a whole request."""
        exchange = self.begin(request.head)
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
        methods, names = found
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


def _method(head: Head) -> str:
    return "GET" if head.method == "HEAD" else head.method
