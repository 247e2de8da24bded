"""Calls on the threads of their requests: who runs there, and who answers where a call outlasts its time."""

import json
import logging
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from runtime.conftest import API, DEADLINE_S, FAKES, until

from swath_algorithm.folder import open_algorithm
from swath_runtime.context import Context
from swath_runtime.exchange import AnsweredEarly, Exchange
from swath_runtime.execution import Execution
from swath_runtime.http import Head, Reply
from swath_runtime.problems import Problem
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings

STUBBORN = '''"""Heeds nothing."""
import time

def process(seconds: float) -> dict[str, float]:
    """The time slept."""
    time.sleep(seconds)
    return {"seconds": seconds}
'''


class Held:
    """An algorithm that holds each call until the test lets it go, and does not heed its Context."""

    def __init__(self, concurrency: int = 1, timeout_s: float = 60) -> None:
        self.threads: list[threading.Thread] = []
        self.gate = threading.Event()
        self.early: list[Problem] = []
        self.execution = Execution(self._alone, self._together, concurrency, 4, timeout_s)

    def _alone(self, item: Any, given: Context) -> Any:
        self.threads.append(threading.current_thread())
        self.gate.wait()
        return item

    def _together(self, items: list[Any], given: Context) -> Any:
        raise AssertionError("nothing is batched here")

    def call(self, item: Any, **options: Any) -> Any:
        given = Context("cpu", logging.getLogger("test"))
        call = self.execution.submit(item, given, may_run_here=True)
        return self.execution.result(call, early=self.early.append, **options)


@pytest.fixture
def held() -> Held:
    return Held()


def test_a_lone_call_runs_on_its_own_thread(held: Held):
    held.gate.set()
    assert held.call("a") == "a"
    assert held.threads == [threading.current_thread()]


def test_one_who_can_be_answered_by_nobody_else_keeps_its_thread(held: Held):
    held.gate.set()
    assert held.execution.call("a", Context("cpu", logging.getLogger("test"))) == "a"
    assert held.threads != [threading.current_thread()]


@pytest.mark.parametrize("concurrency", [1, 2, 3])
def test_no_more_run_at_once_than_the_algorithm_allows(concurrency: int):
    held = Held(concurrency)
    with ThreadPoolExecutor(5) as callers:
        calls = [callers.submit(held.call, item) for item in range(5)]
        until(lambda: held.execution.waiting == 5 - concurrency, "the others wait")
        until(lambda: len(held.threads) >= concurrency, "they run")
        at_once = len(held.threads)
        held.gate.set()
        assert at_once == concurrency
        assert [one.result() for one in calls] == list(range(5))


def test_the_caller_of_a_call_that_heeds_nothing_is_answered_early_and_its_thread_stays_taken():
    held = Held(timeout_s=0.05)
    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(held.call, "a")
        until(lambda: held.early, "its caller is answered")
        assert [one.kind.status for one in held.early] == [504]
        assert held.execution.running == 1
        held.gate.set()
        assert isinstance(call.exception(), Problem)
    assert held.execution.running == 0
    assert len(held.early) == 1


def test_the_caller_who_has_gone_is_given_up():
    held = Held()
    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(held.call, "a", is_gone=lambda: True)
        until(lambda: held.early, "it is noticed")
        assert held.early[0].kind.status == 499
        held.gate.set()
        assert call.exception() is held.early[0]


def test_one_whose_callers_state_cant_be_asked_goes_on(held: Held, caplog: pytest.LogCaptureFixture):
    def broken() -> bool:
        raise OSError("no such connection")

    with ThreadPoolExecutor(1) as callers:
        call = callers.submit(held.call, "a", is_gone=broken)
        until(lambda: "looking after a call failed" in caplog.text, "it is logged")
        held.gate.set()
        assert call.result() == "a"


@pytest.fixture
def stubborn(tmp_path: Path) -> Path:
    """A folder of an algorithm that may take half a second, and heeds nothing."""
    folder = shutil.copytree(FAKES / "too_slow", tmp_path / "stubborn")
    (folder / "process.py").write_text(STUBBORN)
    return folder


def begun(router: Router, seconds: float) -> Exchange:
    body = json.dumps({"seconds": seconds}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body))}
    exchange = router.begin(Head("POST", f"{API}/process", "", headers))
    exchange.feed(body)
    return exchange


def test_a_request_is_answered_logged_and_counted_once(stubborn: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "swath.access")
    router = Router(Service(open_algorithm(stubborn), Settings(state_folder=stubborn.parent)))
    router.start()
    replies: list[Reply] = []
    with begun(router, 1.5) as exchange, pytest.raises(AnsweredEarly):
        exchange.reply(early=replies.append)
    with begun(router, 0) as exchange:
        assert exchange.reply(early=replies.append).status == 200
    assert [one.status for one in replies] == [504]
    lines = [one for one in caplog.records if one.name == "swath.access"]
    assert [one.facts["status"] for one in lines] == [504, 200]
    counted = {family.name: found for family, found in router.meter.read()}
    assert sum(counted["swath_requests"].values()) == 2
    router.stop()


def test_a_connection_whose_call_goes_on_serves_further_requests(start, stubborn: Path):
    server = start(str(stubborn)).ready()
    with closing(HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)) as line:

        def status(seconds: float) -> int:
            line.request(
                "POST", f"{API}/process", json.dumps({"seconds": seconds}), {"Content-Type": "application/json"}
            )
            answer = line.getresponse()
            assert isinstance(json.loads(answer.read()), dict)
            return answer.status

        assert [status(3), status(0)] == [504, 503]  # its place is taken
        until(lambda: status(0) == 200, "the call has ended")
    assert "Traceback" not in server.text()
