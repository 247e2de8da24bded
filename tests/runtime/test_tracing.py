"""OpenTelemetry: spans of requests and their stages, without a word of what was sent."""

import json
import logging
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import algorithm_folder
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from swath_algorithm.folder import open_algorithm
from swath_runtime.errors import ExtraMissing, SettingInvalid
from swath_runtime.http import Head, Request
from swath_runtime.logs import span_ids
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings
from swath_runtime.tracing import Tracer, exporters, require_tracing

API = "/api/v1"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
STAGES = ["parse", "validate", "decode", "queue", "run", "check", "encode"]


class Traced:
    """A service within this process, and the spans of its requests."""

    def __init__(self, name, state):
        algorithm = open_algorithm(algorithm_folder(name))
        self.router = Router(Service(algorithm, Settings(algorithm=algorithm.folder, state_folder=state)))
        self.router.start()
        self._exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.router.tracer = Tracer(provider, "http")

    def ask(self, path, body=None, query="", **headers):
        sent = {"host": "geo.example:8443", **{name.replace("_", "-"): one for name, one in headers.items()}}
        content = b"" if body is None else json.dumps(body).encode()
        sent |= {"content-type": "application/json"} if content else {}
        return self.router.handle(Request(Head("POST" if content else "GET", API + path, query, sent), content))

    @property
    def spans(self):
        return list(self._exporter.get_finished_spans())

    @property
    def server(self):
        (found,) = [one for one in self.spans if one.kind is SpanKind.SERVER]
        return found


@pytest.fixture
def traced(tmp_path):
    opened = []

    def open_one(name="tuned"):
        opened.append(Traced(name, tmp_path))
        return opened[-1]

    yield open_one
    for one in opened:
        one.router.stop()


def test_a_request_is_a_span_by_the_conventions(traced):
    service = traced()
    service.ask("/version", user_agent="probe/1")
    assert service.server.name == "GET /api/v1/version"
    assert dict(service.server.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/api/v1/version",
        "server.address": "geo.example",
        "server.port": 8443,
        "url.path": "/api/v1/version",
        "url.scheme": "http",
        "user_agent.original": "probe/1",
    }


def test_every_stage_of_a_call_is_a_span_below_it_in_its_time(traced):
    service = traced()
    assert service.ask("/process", {}).status == 200
    stages = [one for one in service.spans if one.kind is not SpanKind.SERVER]
    assert sorted(one.name for one in stages) == sorted(STAGES)
    for one in stages:
        assert one.parent.span_id == service.server.context.span_id
        assert service.server.start_time <= one.start_time <= one.end_time <= service.server.end_time


def test_a_callers_trace_is_continued_and_answered_with_our_span(traced):
    service = traced()
    answered = service.ask("/version", traceparent=PARENT).header("traceparent")
    span = service.server
    assert span.parent.span_id == int("b7ad6b7169203331", 16)
    assert answered == f"00-0af7651916cd43dd8448eb211c80319c-{span.context.span_id:016x}-01"


@pytest.mark.parametrize("given", ["", "00-nonsense", PARENT.replace("0af7", "XXXX")])
def test_without_a_usable_parent_a_trace_begins(traced, given):
    service = traced()
    service.ask("/version", traceparent=given)
    assert service.server.parent is None


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_leave_no_span(traced, path):
    service = traced()
    service.ask(path)
    assert service.spans == []


def test_a_path_that_is_nowhere_names_no_route(traced):
    service = traced()
    service.ask("/nowhere/42")
    assert service.server.name == "GET"
    assert service.server.attributes["error.type"] == "not-found"
    assert service.server.status.status_code is StatusCode.UNSET


def test_an_algorithms_failure_is_an_error_that_tells_its_type_alone(traced):
    service = traced("always_fails")
    assert service.ask("/process", {"image": "c2VjcmV0"}).status >= 400
    said = service.server.to_json()
    assert "c2VjcmV0" not in said


def test_a_failure_names_the_exceptions_type_and_nothing_it_says(traced, monkeypatch):
    service = traced()

    def fail(asked):
        raise ZeroDivisionError("secret")

    service.router._table.find(f"{API}/version").methods["GET"] = fail
    service.ask("/version")
    (event,) = service.server.events
    assert (event.name, dict(event.attributes)) == ("exception", {"exception.type": "builtins.ZeroDivisionError"})
    assert service.server.status.status_code is StatusCode.ERROR
    assert "secret" not in service.server.to_json()


def test_neither_query_nor_body_nor_token_is_in_a_span(traced):
    service = traced()
    service.ask("/process", {"secretbody": 1}, "secretquery=1", authorization="Bearer secrettoken")
    assert "secret" not in "".join(one.to_json() for one in service.spans)


def test_log_lines_of_a_request_name_its_span_and_others_none(traced, caplog):
    service, seen = traced(), []
    logging.getLogger("swath.access").addFilter(seen_by := (lambda record: seen.append(span_ids.get()) or True))
    try:
        with caplog.at_level(logging.INFO):
            service.ask("/version")
    finally:
        logging.getLogger("swath.access").removeFilter(seen_by)
    context = service.server.context
    assert seen == [(f"{context.trace_id:032x}", f"{context.span_id:016x}")]
    assert span_ids.get() is None


def test_an_algorithms_own_spans_are_part_of_the_trace(traced):
    service = traced()
    loaded = service.router.service._loaded
    original = loaded.process

    def process(**inputs):
        with service.router.tracer.tracer.start_as_current_span("mine"):
            return original(**inputs)

    loaded.process = process
    assert service.ask("/process", {}).status == 200
    (own,) = [one for one in service.spans if one.name == "mine"]
    assert own.parent.span_id == service.server.context.span_id


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, ("otlp",)),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, ("otlp",)),
        ({"OTEL_TRACES_EXPORTER": "console"}, ("console",)),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, ()),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, ()),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://collector:4318"}, ()),
    ],
)
def test_the_standard_variables_decide(environ, expected):
    assert exporters(environ) == expected


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_TRACES_EXPORTER": "zipkin"},
        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
)
def test_what_can_not_be_done_stops_the_start(environ):
    with pytest.raises(SettingInvalid):
        require_tracing(environ)


@pytest.mark.parametrize(
    "library", ["opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"]
)
def test_without_the_library_the_start_ends_with_what_to_install(monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ExtraMissing) as caught:
        require_tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"})
    assert caught.value.exit_code == 3
    assert "swath-runtime[opentelemetry]" in caught.value.hint


def test_a_service_that_is_not_told_to_imports_neither_tracing_nor_tokens():
    program = (
        "import sys; from pathlib import Path; from swath_algorithm.folder import open_algorithm\n"
        "from swath_runtime.routes import Router; from swath_runtime.service import Service\n"
        "from swath_runtime.settings import Settings; from swath_runtime.http import Head, Request\n"
        f"folder = Path({str(algorithm_folder('echo'))!r})\n"
        "router = Router(Service(open_algorithm(folder), Settings(algorithm=folder))); router.start()\n"
        "router.handle(Request(Head('GET', '/api/v1/version')))\n"
        "print([one for one in ('opentelemetry', 'jwt', 'cryptography') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def collector():
    """(Endpoint of a collector, the spans that came there with their resource)."""
    spans = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            import gzip

            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                named = {one.key: one.value.string_value for one in group.resource.attributes}
                spans.extend((named, span) for scope in group.scope_spans for span in scope.spans)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", spans
    server.shutdown()
    thread.join()
    server.server_close()


def test_every_runtime_sends_its_spans_before_it_ends(start, collector, monkeypatch, tmp_path):
    endpoint, spans = collector
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "600000")  # only the end sends them
    server = start("tuned", state_folder=tmp_path / "kept").ready()
    assert server.ask("POST", "/process", {})[0] == 200
    assert server.end() == 0
    names = [span.name for _, span in spans]
    assert "POST /api/v1/process" in names
    assert set(STAGES) <= set(names)
    assert {(named["service.name"], named["service.version"]) for named, _ in spans} == {("tuned", "1.0.0")}
    traced_lines = [one for one in server.lines() if "trace_id" in one]
    assert bytes.fromhex(traced_lines[0]["trace_id"]) in {span.trace_id for _, span in spans}


def test_a_collector_that_is_not_there_keeps_no_service_from_ending(start, monkeypatch, tmp_path):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    server = start("tuned", state_folder=tmp_path / "kept").ready()
    assert server.ask("POST", "/process", {})[0] == 200
    assert server.end() == 0
