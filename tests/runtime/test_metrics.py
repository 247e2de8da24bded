"""What a service counts, alike in every runtime and over all workers."""

import json
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text
from runtime.conftest import API, DEADLINE_S, FAKES, Server, in_background, until

from swath_algorithm.folder import open_algorithm
from swath_runtime import server
from swath_runtime.http import Head, Request
from swath_runtime.metrics.families import FAMILIES, STAGES, table
from swath_runtime.metrics.machine import Gpus
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"
PROCESS = f"{API}/process"


@pytest.fixture
def router() -> Router:
    made = Router(Service(open_algorithm(FAKES / "too_slow"), Settings()))
    made.start()
    return made


def ask(router: Router, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return router.handle(Request(Head(method, path, "", named), body))


def process(router: Router, body: bytes) -> int:
    return ask(router, "POST", PROCESS, body, content_type="application/json").status


def document(router: Router) -> dict[str, Any]:
    return json.loads(ask(router, "GET", f"{API}/metrics").body)


def values(found: dict[str, Any], name: str) -> dict[tuple[str, ...], Any]:
    return {
        tuple(one["labels"].values()): one.get("value", one.get("count")) for one in found[name]["samples"]
    }  # fmt: skip


def test_requests_are_counted_by_route_method_and_class(router: Router) -> None:
    assert [process(router, b'{"seconds": 0}'), process(router, b"{"), process(router, b"{")] == [200, 400, 400]
    ask(router, "GET", "/nowhere/at/all")
    ask(router, "BREW", PROCESS)
    found = values(document(router), "swath_requests_total")
    assert found == {
        (PROCESS, "POST", "2xx"): 1,
        (PROCESS, "POST", "4xx"): 2,
        (PROCESS, "none", "4xx"): 1,
        ("none", "none", "4xx"): 1,
    }


def test_each_stage_of_a_call_is_timed(router: Router) -> None:
    process(router, b'{"seconds": 0}')
    counted = values(document(router), "swath_stage_seconds")
    assert counted == {(stage,): 1 for stage in STAGES}


def test_a_latency_stands_in_its_bucket_and_all_above(router: Router) -> None:
    process(router, b'{"seconds": 0.1}')
    (found,) = (
        one for one in document(router)["swath_request_seconds"]["samples"] if one["labels"]["route"] == PROCESS
    )  # fmt: skip
    counts = list(found["buckets"].values())
    assert counts == sorted(counts)
    assert found["buckets"]["0.05"] == 0
    assert found["buckets"]["+Inf"] == found["count"] == 1
    assert found["sum"] > 0.1


def test_bytes_are_counted_both_ways(router: Router) -> None:
    body = b'{"seconds": 0}'
    sent = len(ask(router, "POST", PROCESS, body, content_type="application/json").body)
    found = document(router)
    assert values(found, "swath_received_bytes_total") == {(): len(body)}
    assert values(found, "swath_sent_bytes_total") == {(): sent}


def test_calls_that_end_otherwise_are_counted(router: Router) -> None:
    assert process(router, b'{"seconds": 60}') == 504
    gone = router.begin(Head("POST", PROCESS, "", {"content-type": "application/json"}))
    gone.feed(b'{"seconds": 0.3}')
    assert gone.reply(lambda: True).status == 499
    found = document(router)
    assert values(found, "swath_timeouts_total") == {(): 1}
    assert values(found, "swath_cancelled_total") == {(): 1}


def test_rejections_are_counted_by_their_reason(router: Router) -> None:
    young = Router(Service(open_algorithm(FAKES / "too_slow"), Settings()))
    assert process(young, b"{}") == 503
    assert ask(young, "GET", f"{API}/ready").status == 503
    assert values(document(young), "swath_rejected_total") == {("loading",): 1}
    router.visits.close_door()
    assert process(router, b"{}") == 503
    assert values(document(router), "swath_rejected_total") == {("draining",): 1}


def test_jobs_are_told_by_who_keeps_them(router: Router) -> None:
    router.service.observer.jobs(lambda: {"RUNNING": 2, "FAILED": 0})
    assert values(document(router), "swath_jobs") == {("RUNNING",): 2, ("FAILED",): 0}


def test_the_capacity_and_the_build_are_told(router: Router) -> None:
    found = document(router)
    assert values(found, "swath_capacity") == {(): 1}
    ((labels, value),) = values(found, "swath_build_info").items()
    assert labels[:2] == ("too-slow", "1.0.0")
    assert value == 1
    assert values(found, "swath_resident_memory_bytes")[()] > 1 << 20


@pytest.mark.parametrize("named", ["", "only"])
def test_the_build_tells_the_runtime_that_serves(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    builds: list[dict[tuple[str, ...], float]] = []

    def serve(settings: Settings) -> int:
        router = Router(Service(open_algorithm(FAKES / "too_slow"), settings))
        builds.append(values(document(router), "swath_build_info"))
        return 0

    entry = SimpleNamespace(load=lambda: serve)
    monkeypatch.setattr(server, "installed_runtimes", lambda: {"only": entry})
    assert server.serve(Settings(runtime=named)) == 0
    ((labels, _),) = builds[0].items()
    assert labels[2] == "only"


@pytest.mark.parametrize("path", ["/metrics", f"{API}/metrics"])
def test_the_text_is_what_prometheus_reads(router: Router, path: str) -> None:
    process(router, b'{"seconds": 0}')
    reply = ask(router, "GET", path, accept="text/plain")
    assert reply.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    assert {one.name for one in parse_text(reply.body.decode())} == {one.name for one in FAMILIES}


def test_openmetrics_are_what_prometheus_reads(router: Router) -> None:
    process(router, b'{"seconds": 0}')
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
    reply = ask(router, "GET", "/metrics", accept=accept)
    assert reply.header("content-type").startswith("application/openmetrics-text; version=1.0.0")
    families = {one.name: one for one in openmetrics.text_string_to_metric_families(reply.body.decode())}
    (counted,) = families["swath_requests"].samples
    assert counted.labels == {"route": PROCESS, "method": "POST", "status": "2xx"}


def test_metrics_are_json_below_the_api_and_text_beside_it(router: Router) -> None:
    assert ask(router, "GET", f"{API}/metrics").header("content-type") == "application/json"
    assert ask(router, "GET", "/metrics").header("content-type").startswith("text/plain")


def test_a_gpu_is_told_by_nvidias_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "nvidia-smi"
    tool.write_text("#!/bin/sh\necho '0, 1024, 81920'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    ((_, found),) = Gpus().read()
    assert found == {("0", "used"): 1 << 30, ("0", "total"): 80 << 30}


def test_the_table_in_the_docs_is_the_codes() -> None:
    assert table() in (DOCS / "observability.md").read_text()


def test_workers_count_together_what_each_answered(start: Any) -> None:
    server: Server = start(workers=2).open("start").ready()
    for _ in range(20):
        assert server.process_call("answer")[0] == 200
    found = read(server)
    assert values(found, "swath_requests_total")[PROCESS, "POST", "2xx"] == 20
    assert values(found, "swath_workers") == {(): 2}
    assert values(found, "swath_capacity") == {(): 4}


def test_calls_in_work_and_those_that_wait_are_told(start: Any) -> None:
    server: Server = start().open("start").ready()
    with in_background(lambda: server.process_call("wait")) as first:
        server.reached("inside")
        with in_background(lambda: server.process_call("wait")) as second:
            until(lambda: values(read(server), "swath_queued_requests") == {(): 1}, "one waits")
            found = read(server)
            assert values(found, "swath_calls_running") == {(): 1}
            assert values(found, "swath_requests_in_work") == {(): 3}
            server.open("go")
            assert (first()[0], second()[0]) == (200, 200)
    until(lambda: values(read(server), "swath_requests_in_work") == {(): 1}, "nothing is in work but the question")


def read(server: Server) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)
    try:
        connection.request("GET", f"{API}/metrics")
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
