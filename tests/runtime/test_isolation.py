"""Calls in processes of their own, behind real servers: what is killed, what is replaced, what is left behind."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from runtime.conftest import FAKES, Server, until

from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings

FAKE = FAKES / "isolated"
RUNTIMES = [one for one in ("fastapi", "flask") if one in installed_runtimes()]


@pytest.fixture(scope="module", params=RUNTIMES)
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the fake that these tests share: each must leave it able to answer."""
    folder = tmp_path_factory.mktemp(request.param)
    server = Server(folder, Settings(algorithm=FAKE, runtime=request.param)).open("start").ready()
    yield server
    server.kill()


@pytest.fixture
def server(shared: Server) -> Server:
    """The same, with its gate closed but for the start."""
    for mark in shared.gate.iterdir():
        if mark.name != "start":
            mark.unlink()
    return shared


def inside(server: Server) -> int:
    """Number of the process that a call was seen in last, once there is one."""
    found = until(lambda: list(server.gate.glob("inside-*")), "a call is in work")
    newest = max(found, key=lambda one: one.stat().st_mtime_ns)
    return int(newest.name.removeprefix("inside-"))


def fresh(server: Server) -> int:
    """Number of a process that has had its first call, so that it is not replaced by itself soon."""
    assert server.process_call("leave")[0] == 500
    assert json.loads(server.process_call("count")[2])["call"] == 1
    return inside(server)


def family(number: int) -> set[int]:
    """Numbers of all processes that live below one."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
        except OSError:  # it ended meanwhile
            continue
        if state != "Z":
            parents[int(folder.name)] = int(parent)
    below = {number}
    while more := {one for one, parent in parents.items() if parent in below} - below:
        below |= more
    return below - {number}


def lives(number: int) -> bool:
    """Whether anything of a process is left: its first thread may have ended while others still hold its files."""
    folder = Path(f"/proc/{number}")
    try:
        threads = list((folder / "task").iterdir())
        return len(threads) > 1 or (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def sockets(number: int) -> set[str]:
    """Names of the sockets that a process has open."""
    found: set[str] = set()
    for each in Path(f"/proc/{number}/fd").iterdir():
        with suppress(OSError):  # closed meanwhile
            found.add(str(each.readlink()))
    return {name for name in found if name.startswith("socket:")}


def answer(server: Server) -> None:
    assert server.process_call("answer")[0] == 200


def test_a_call_runs_in_another_process_and_logs_as_its_request(server):
    assert server.process_call("answer")[0] == 200
    assert inside(server) in family(server.process.pid)
    at_work = [one for one in server.lines() if one["message"] == "at work"][-1]
    assert at_work["correlationId"] == server.calls()[-1]["correlationId"]


def test_a_process_is_replaced_after_as_many_calls_as_are_allowed(server):
    fresh(server)
    assert [json.loads(server.process_call("count")[2])["call"] for _ in range(6)] == [2, 3, 1, 2, 3, 1]


def test_a_call_that_heeds_nothing_is_killed_when_its_caller_hangs_up(server):
    before = len(server.calls())
    with server.begin_call("hang"):
        child = inside(server)
    answer(server)
    assert not lives(child)
    assert 499 in [one["status"] for one in server.calls()[before:]]


def test_an_idle_process_that_was_killed_fails_no_call(server):
    child = fresh(server)
    os.kill(child, signal.SIGKILL)
    until(lambda: not lives(child), "it ends")
    answer(server)


def test_a_nursery_that_was_killed_is_started_again(server):
    child = fresh(server)
    nursery = int(Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(nursery, signal.SIGKILL)
    until(lambda: not lives(child), "the process ends with its nursery")
    answer(server)


def test_a_thread_that_outlives_its_call_disturbs_no_other(server):
    assert server.process_call("late")[0] == 200
    answer(server)
    answer(server)


def test_what_a_process_started_ends_with_it(server):
    child = fresh(server)
    assert server.process_call("leftover")[0] == 200
    (started,) = until(lambda: family(child), "it has started one")
    until(lambda: not sockets(child) & sockets(started), "it has let go of the line to the server, which it began with")
    os.kill(child, signal.SIGKILL)
    until(lambda: not lives(child), "it ends")
    answer(server)
    until(lambda: not lives(started), "what it started was killed as well")


def test_health_answers_and_the_place_is_freed_while_a_call_holds_the_interpreters_lock(server):
    with server.begin_call("hold"):
        inside(server)
        assert server.answers("/health", timeout_s=30) == 200
    answer(server)


def test_nothing_is_left_of_a_killed_server(start):
    server = start("isolated", drain_seconds=0.2).open("start").ready()
    assert server.process_call("leftover")[0] == 200
    with server.begin_call("hang"):
        until(lambda: [one for one in server.lines() if one["message"] == "at work"][1:], "the second call is in work")
        below = family(server.process.pid)
        assert len(below) >= 3  # nursery, child, what that started
        server.process.kill()
        until(lambda: not any(map(lives, below)), f"all of {below} end")


def test_nothing_is_left_of_a_server_that_is_killed_while_it_loads(start):
    server = start("isolated")
    server.reached("loading")
    below = family(server.process.pid)
    assert below
    server.process.kill()
    until(lambda: not any(map(lives, below)), f"all of {below} end")


def test_an_algorithm_that_can_not_start_in_its_process_ends_the_server_with_the_reason(start):
    server = start("isolated").open("start", "broken")
    assert server.wait() == 1
    assert "broken on purpose" in server.text()
    assert "Traceback" not in server.text()


def test_a_server_that_is_told_to_end_kills_a_call_that_heeds_nothing_and_stops_the_algorithm(start):
    server = start("isolated", drain_seconds=0.2).open("start").ready()
    with server.begin_call("hang"):
        assert inside(server)
        below = family(server.process.pid)
        assert server.end() == 0
    assert (server.gate / "stopped").exists()
    assert not any(map(lives, below))
