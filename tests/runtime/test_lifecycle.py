"""A service from its start to its end: what it answers meanwhile, and how it ends."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException

import pytest
from runtime.conftest import API, DEADLINE_S, FAKES, in_background, until


def test_health_answers_while_the_model_loads_and_ready_only_after(start):
    server = start()
    server.reached("loading")
    until(lambda: server.answers("/health") == 200, "health")
    status, headers, body = server.ask("GET", "/ready")
    assert (status, headers["retry-after"]) == (503, "1")
    assert json.loads(body)["message"] == "The service is loading."
    assert server.process_call("answer")[0] == 503
    server.open("start").ready()
    assert server.process_call("answer")[0] == 200


def test_several_workers_finish_what_is_in_work(start):
    server = start(workers=2).open("start").ready()
    with in_background(lambda: server.process_call("wait")) as answer:
        server.reached("inside")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.answers("/ready") == 503, "not ready")
        server.open("go")
        assert answer()[0] == 200
    assert server.wait() == 0
    assert "Traceback" not in server.text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_in_work_is_finished_while_new_ones_are_sent_away(start, number):
    server = start().open("start").ready()
    with kept_alive(server) as ask, in_background(lambda: server.process_call("wait")) as answer:
        server.reached("inside")
        server.process.send_signal(number)
        until(lambda: server.answers("/ready") == 503, "not ready")
        _, headers, body = until(lambda: refused(server), "sent away")
        assert headers["retry-after"] == "1"
        assert json.loads(body)["type"].endswith("/stopping")
        assert ask("/process", {"what": "answer"}) == 503
        assert ask("/health") == 200
        server.open("go")
        assert answer()[0] == 200
    assert server.wait() == 0
    assert (server.gate / "stopped").exists()
    assert "Traceback" not in server.text()


def test_calls_are_still_taken_while_the_drain_is_delayed(start):
    server = start(drain_delay_seconds=600).open("start").ready()
    server.process.send_signal(signal.SIGTERM)
    until(lambda: server.answers("/ready") == 503, "not ready")
    assert server.process_call("answer")[0] == 200


@pytest.mark.parametrize("workers", [1, 2])
def test_a_second_signal_ends_at_once(start, workers):
    server = start(workers=workers).open("start").ready()
    with in_background(lambda: _unanswered(server, "hang")):
        server.reached("inside")
        server.process.send_signal(signal.SIGTERM)
        until(lambda: server.answers("/ready") == 503, "not ready")
        assert server.end() == 128 + signal.SIGTERM
    assert list(server.tmp.glob("swath-run-*")) == []


def test_a_request_that_outlasts_the_drain_is_told_to_stop(start):
    server = start(drain_seconds=0.2).open("start").ready()
    with in_background(lambda: server.process_call("wait")) as answer:
        server.reached("inside")
        assert server.end() == 0
        assert answer()[0] == 503
    assert (server.gate / "stopped").exists()


def test_a_call_that_heeds_nothing_does_not_keep_the_process(start):
    server = start(drain_seconds=0.2).open("start").ready()
    with in_background(lambda: _unanswered(server, "hang")):
        server.reached("inside")
        assert server.end() == 0
    assert "did not stop when told to" in server.text()


def test_a_signal_while_the_model_loads_ends_the_process(start):
    server = start()
    server.reached("loading")
    until(lambda: server.answers("/health") == 200, "health")
    assert server.end() == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_an_algorithm_that_can_not_start_ends_the_server_with_the_reason(start, workers):
    server = start(workers=workers).open("start", "broken")
    assert server.wait() == 1
    assert "broken on purpose" in server.text()
    assert "Traceback" not in server.text()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_profile_that_needs_a_gpu_ends_the_server_with_code_3(start, workers):
    server = start("../../algorithms/cloud-detection", workers=workers, onnx_providers=("NoSuchProvider",))
    assert server.wait() == 3
    assert "NoSuchProvider" in server.text()


def test_several_workers_answer_and_end(start):
    server = start(workers=2).open("start").ready()
    assert server.process_call("answer")[0] == 200
    assert server.end() == 0
    assert "Traceback" not in server.text()
    assert list(server.tmp.glob("swath-run-*")) == []


def test_several_workers_are_ready_only_together(start):
    server = start(workers=2).open("start").ready()
    marks = list(server.tmp.glob("swath-run-*/ready-*"))
    assert len(marks) == 2
    (server.gate / "start").unlink()
    os.kill(int(marks[0].name.removeprefix("ready-")), signal.SIGKILL)
    until(lambda: server.answers("/ready") == 503, "one is missing")
    server.open("start").ready()


def test_a_port_in_use_is_said(runtime):
    import socket

    from swath_runtime.settings import Settings

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other = _run(Settings(runtime=runtime, port=taken.getsockname()[1], algorithm=FAKES / "echo"))
    assert other.returncode in {1, 3}
    assert "in use" in other.stderr
    assert "Traceback" not in other.stderr


def test_an_algorithm_that_ends_in_any_way_ends_its_call_only(start):
    server = start().open("start").ready()
    for what in ("exit", "interrupt", "memory", "timeout", "cancelled"):
        status, _, body = server.process_call(what)
        assert status == 500, what
        assert json.loads(body)["type"].endswith("/algorithm-failed")
    assert server.process_call("answer")[0] == 200


def test_more_requests_than_have_a_place_are_told_to_come_again(start):
    server = start().open("start").ready()
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(server.process_call, "wait") for _ in range(8)]
        until(lambda: sum(one.done() for one in asked) == 6, "six refusals")
        server.open("go")
        answers = [one.result() for one in asked]
    assert sorted(status for status, _, _ in answers) == [200] * 2 + [503] * 6
    for status, headers, body in answers:
        if status == 503:
            assert headers["retry-after"] == "1"
            assert json.loads(body)["type"].endswith("/busy")


def test_a_timeout_frees_the_worker_of_an_algorithm_that_heeds_it(start):
    server = start("too_slow").ready()
    assert server.ask("POST", "/process", {"seconds": 60})[0] == 504
    assert server.ask("POST", "/process", {"seconds": 0})[0] == 200


def test_every_log_line_is_json_and_belongs_to_its_request(start):
    server = start().open("start").ready()
    server.process_call("answer")
    server.process_call("exit")
    server.ask("GET", "/nothing%0Aforged")
    assert server.end() == 0
    lines = server.lines()
    access = [one for one in lines if one["logger"] == "swath.access" and one["message"].startswith("POST")]
    assert [one["status"] for one in access] == [200, 500]
    assert {"route", "bytesIn", "parse", "validate", "decode", "queue", "run", "check", "encode"} <= access[0].keys()
    at_work = [one for one in lines if one["message"] == "at work"]
    assert [one["correlationId"] for one in at_work] == [one["correlationId"] for one in access]
    assert {one["level"] for one in lines if one["message"] != "The algorithm failed"} >= {"INFO"}
    assert "\\n" not in "".join(one["message"] for one in lines if one["logger"] == "swath.access")


def test_normal_operation_warns_of_nothing(start):
    server = start().open("start").ready()
    server.process_call("answer")
    assert server.end() == 0
    assert {one["level"] for one in server.lines()} == {"INFO"}


def refused(server):
    """The answer to a call that the door is closed to; before, it is no good one, so that it waits for no place."""
    reply = server.process_call(5)
    return reply if reply[0] == 503 else None


@contextmanager
def kept_alive(server):
    """Status of each request on one connection."""
    with closing(HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)) as connection:

        def ask(path, document=None):
            body = json.dumps(document) if document else None
            headers = {"Content-Type": "application/json"} if document else {}
            connection.request("POST" if document else "GET", API + path, body, headers)
            with connection.getresponse() as reply:
                reply.read()
                return reply.status

        assert ask("/health") == 200
        yield ask


def _unanswered(server, what):
    with pytest.raises((OSError, HTTPException)):
        server.process_call(what)


def _run(settings):
    import subprocess
    import sys

    from swath_runtime.launch import server_environment

    command = [sys.executable, "-m", "swath_runtime"]
    return subprocess.run(
        command, env=server_environment(settings), capture_output=True, text=True, timeout=60, check=False
    )
