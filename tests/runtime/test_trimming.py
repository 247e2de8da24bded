"""Memory kept for the next request is given back in quiet times, once."""

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from runtime.conftest import API, FAKES, until

from swath_runtime import trimming
from swath_runtime.http import Head, Request
from swath_runtime.isolation import child
from swath_runtime.isolation.channel import Channel
from swath_runtime.launch import server_environment
from swath_runtime.routes import WATCHING, Router
from swath_runtime.server import open_router
from swath_runtime.settings import Settings

QUIET_S = 0.01
KEPT_BYTES = 30_000_000
MEASURED = f"""
import io, time
from pathlib import Path
import numpy as np
from swath_algorithm.folder import open_algorithm
from swath_runtime.http import Head, Request
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings

def now(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(one for one in lines if one.startswith(name)).split()[1])

settings = Settings.from_environ()
router = Router(Service(open_algorithm(settings.algorithm), settings), quiet_s=0.1)
router.start()
file = io.BytesIO()
np.save(file, np.zeros((4, 2000, 2000), np.uint8))
body = file.getvalue()
headers = {{"content-type": "application/x-npy", "accept": "application/x-npy", "content-length": str(len(body))}}
for _ in range(3):
    assert router.handle(Request(Head("POST", "/api/v1/process", "", headers), body)).status == 200
while now("VmRSS") > now("VmHWM") - {KEPT_BYTES}:
    time.sleep(0.02)
"""


@pytest.mark.skipif(not trimming.can_trim, reason="the C library is not glibc")
def test_memory_falls_once_a_service_is_quiet(tmp_path: Path):
    settings = Settings(algorithm=FAKES / "echo", state_folder=tmp_path)
    subprocess.run([sys.executable, "-c", MEASURED], env=server_environment(settings), timeout=60, check=True)


class Watched:
    """A service as a trimmer sees it."""

    def __init__(self) -> None:
        self.done: float | None = 1
        self.looks = self.trims = 0

    def work_done(self) -> float | None:
        self.looks += 1
        return self.done

    def look_more(self, times: int = 5) -> None:
        seen = self.looks
        until(lambda: self.looks >= seen + times, "the trimmer looks")

    def trim(self) -> None:
        self.trims += 1


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(trimming, "can_trim", True)
    one = Watched()
    trimmer = trimming.Trimmer(one.work_done, QUIET_S, one.trim)
    trimmer.start()
    yield one
    trimmer.stop()


def test_each_quiet_period_is_trimmed_once(watched: Watched):
    watched.look_more()
    assert watched.trims == 1
    watched.done = 2
    watched.look_more()
    assert watched.trims == 2


def test_nothing_is_trimmed_while_a_call_runs(watched: Watched):
    watched.look_more()
    watched.done = None
    watched.look_more()
    assert watched.trims == 1
    watched.done = 2  # the call has ended
    watched.look_more()
    assert watched.trims == 2


@pytest.fixture
def router(tmp_path: Path) -> Iterator[Router]:
    one = open_router(Settings(algorithm=FAKES / "gated", state_folder=tmp_path))
    yield one
    one.stop()


def test_probes_are_no_work(router: Router):
    before = router.meter.work_done(WATCHING)
    for path in WATCHING:
        router.handle(Request(Head("GET", path)))
    assert router.meter.work_done(WATCHING) == before


@pytest.mark.parametrize("method, path", [("GET", "/describe"), ("POST", "/process"), ("GET", "/nowhere")])
def test_other_requests_are_work(method: str, path: str, router: Router):
    before = router.meter.work_done(WATCHING)
    router.handle(Request(Head(method, API + path)))
    assert (router.meter.work_done(WATCHING) or 0) > (before or 0)


@pytest.mark.parametrize("running, queued", [(1, 0), (0, 1)])
def test_calls_in_work_are_not_done(running: int, queued: int, router: Router):
    router.meter.loads(running, queued)
    assert router.meter.work_done(WATCHING) is None


def test_a_process_of_the_algorithms_trims_between_calls(monkeypatch: pytest.MonkeyPatch):
    trimmed = threading.Event()
    monkeypatch.setattr(child, "trim", trimmed.set)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    load = cast("Callable[[], Any]", lambda: SimpleNamespace(model=None))
    serving = threading.Thread(target=lambda: child.serve(theirs, load, stops=False, quiet_s=QUIET_S))
    with ours, theirs:
        serving.start()
        until(trimmed.is_set, "it trims")
        Channel(ours).send("stop")
        serving.join()
