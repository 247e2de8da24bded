"""OpenTelemetry: a span for each request, and one below it for each stage, where its own variables ask for it.

Nothing of a payload is in them: no body, no query, no message of an error, no header but the client's name.
"""

import os
import re
import threading
import time
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from swath_runtime.errors import ExtraMissing, SettingInvalid
from swath_runtime.http import Head
from swath_runtime.logs import Stages, span_ids

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

EXPORTER, DISABLED = "OTEL_TRACES_EXPORTER", "OTEL_SDK_DISABLED"
ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
HTTP = "http/protobuf"
FLUSH_S = 3.0  # a collector that does not answer keeps no service from ending
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE"})
HOST = re.compile(r"([^:]+|\[[^\]]+\])(?::(\d{1,5}))?")
MOST_PATH = 200  # characters
SERVER_ERROR = 500


def exporters(environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Names of the exporters that the variables ask for: none, unless one of them is set."""
    named = environ.get(EXPORTER, "").strip()
    if environ.get(DISABLED, "").strip().lower() == "true":
        return ()
    if not named:
        return ("otlp",) if any(environ.get(one) for one in ENDPOINTS) else ()
    return tuple(one for one in (one.strip() for one in named.split(",")) if one not in {"", "none"})


def require_tracing(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether requests are traced; raises SettingInvalid or ExtraMissing where they are to be and can't."""
    wanted = exporters(environ)
    if unknown := sorted(set(wanted) - {"otlp", "console"}):
        raise SettingInvalid(EXPORTER, f"must be otlp, console or none, not '{unknown[0]}'")
    protocol = next((environ[one] for one in PROTOCOLS if environ.get(one)), HTTP)
    if "otlp" in wanted and protocol != HTTP:
        raise SettingInvalid(" or ".join(PROTOCOLS), f"must be {HTTP}")
    if wanted:
        try:
            import_module("opentelemetry.sdk.trace")
            import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        except ImportError:
            named = next(one for one in (EXPORTER, *ENDPOINTS) if environ.get(one))
            libraries = "opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http"
            raise ExtraMissing(named, libraries, "opentelemetry") from None
    return bool(wanted)


class Tracer:
    """Makes spans for requests; `stop` sends what has not been sent yet."""

    def __init__(self, provider: "TracerProvider", scheme: str) -> None:
        from opentelemetry import propagate

        self._provider, self._scheme, self._extract = provider, scheme, propagate.extract
        self.tracer = provider.get_tracer("swath")

    def begin(self, head: Head, stages: Stages) -> "Trace":
        """The trace of a request, continued where it says so, and current in this context until its end."""
        from opentelemetry.trace import SpanKind

        clock = Clock()
        method = head.method if head.method in KNOWN_METHODS else "_OTHER"
        host = HOST.fullmatch(head.header("host"))
        said = {
            "http.request.method": method,
            "url.scheme": self._scheme,
            "url.path": head.path[:MOST_PATH],
            "server.address": host[1] if host else "",
            "server.port": int(host[2] or 0) if host else 0,
            "user_agent.original": head.header("user-agent")[:MOST_PATH],
        }
        span = self.tracer.start_span(
            method,
            self._extract(head.headers),
            SpanKind.SERVER,
            {name: value for name, value in said.items() if value},
            start_time=clock.wall_ns(stages.began_s),
        )
        return Trace(self, span, stages, method, clock)

    def stop(self) -> None:
        """Send what is left, in bounded time."""
        ending = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        ending.start()
        ending.join(FLUSH_S)


class Trace:
    """The span of one request, open until its `end`, and current in this context until `leave`.

    Attributes:
        parent: what a further service is told as `traceparent`.
    """

    def __init__(self, tracer: Tracer, span: "Span", stages: Stages, method: str, clock: "Clock") -> None:
        from opentelemetry import context, trace

        self._tracer, self._span, self._stages, self._method, self._clock = tracer, span, stages, method, clock
        self._within = trace.set_span_in_context(span)
        self._detach, self._token = context.detach, context.attach(self._within)
        found = span.get_span_context()
        trace_id, span_id = f"{found.trace_id:032x}", f"{found.span_id:016x}"
        self.parent = f"00-{trace_id}-{span_id}-{found.trace_flags:02x}"
        self._logged = span_ids.set((trace_id, span_id))

    def leave(self) -> None:
        """Be current no more."""
        span_ids.reset(self._logged)
        self._detach(self._token)

    def end(self, status: int, problem: str, error: Exception | None) -> None:
        """Close the span, with a span for each stage.

        Args:
            status: of the answer.
            problem: name of its kind, empty where there is none.
            error: what it came of; only its type is told.
        """
        span, stages = self._span, self._stages
        for name, began_s, ended_s in tuple(stages.periods):
            stage = self._tracer.tracer.start_span(name, self._within, start_time=self._clock.wall_ns(began_s))
            stage.end(self._clock.wall_ns(ended_s))
        span.set_attribute("http.response.status_code", status)
        if stages.route:
            span.set_attribute("http.route", stages.route)
            span.update_name(f"{self._method} {stages.route}")
        if problem:
            span.set_attribute("error.type", problem)
        if status >= SERVER_ERROR:
            self._record(error)
        span.end()

    def _record(self, error: Exception | None) -> None:
        from opentelemetry.trace import StatusCode

        self._span.set_status(StatusCode.ERROR)
        if error:
            kind = type(error.__cause__ or error)
            self._span.add_event("exception", {"exception.type": f"{kind.__module__}.{kind.__qualname__}"})


class Clock:
    """The time of day of moments of the monotonic clock: in what order they were, whatever is done to the former."""

    def __init__(self) -> None:
        self._ahead_ns = time.time_ns() - time.monotonic_ns()

    def wall_ns(self, at_s: float) -> int:
        """Nanoseconds since 1970 of a moment, seconds."""
        return self._ahead_ns + round(at_s * 1e9)


def open_tracer(name: str, version: str, scheme: str, environ: Mapping[str, str] = os.environ) -> Tracer:
    """A tracer that sends its spans as the variables say; call it after a fork, for it has a thread.

    Args:
        name: of the algorithm: `service.name`, unless the variables name another.
        version: of the algorithm.
        scheme: http or https.
        environ: the variables.
    """
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    is_named = "OTEL_SERVICE_NAME" in environ or "service.name=" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    ours = {"service.version": version} | ({} if is_named else {"service.name": name})
    provider = TracerProvider(resource=Resource.create(ours), shutdown_on_exit=False)
    for one in exporters(environ):
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter() if one == "otlp" else ConsoleSpanExporter()))
    trace.set_tracer_provider(provider)  # so that an algorithm's own spans go the same way
    return Tracer(provider, scheme)
