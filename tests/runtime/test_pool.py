"""What processes share, how long they live, and what a call in one is told, without a server around it."""

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from runtime.conftest import FAKES, until

from swath_algorithm.folder import open_algorithm
from swath_converters.parts import Part
from swath_runtime.errors import RuntimeFailure
from swath_runtime.problems import FAILED, GONE, TIMEOUT, Problem
from swath_runtime.service import Service
from swath_runtime.settings import Settings

CLOUDS = Path(__file__).parents[2] / "algorithms" / "cloud-detection"
Start = Callable[..., Service]

HEAD = "import os, threading, time\nfrom pathlib import Path\nfrom swath_converters import Image\n"
WITH_THREAD = """
STARTED = []
class Process:
    def on_start(self):
        STARTED.append(os.getpid())
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    def process(self, what: str, image: Image | None = None):
        return {"what": f"started here: {STARTED == [os.getpid()]}"}
"""
DIES_LATER = """
DEAD = Path(__file__).with_name("dead")
class Process:
    def on_start(self):
        if DEAD.exists():
            os._exit(9)
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    def process(self, what: str, image: Image | None = None):
        if what == "abort":
            DEAD.touch()
            os.abort()
        return {"what": what}
"""
TELLS_ENVIRONMENT = """
def process(what: str, image: Image | None = None):
    return {"what": " ".join(f"{name}={value}" for name, value in os.environ.items())}
"""
STAYS = """
class Process:
    def process(self, what: str, image: Image | None = None):
        return {"what": what}
    def on_stop(self):
        time.sleep(600)
"""
BROKEN = """
def process(what: str, image: Image | None = None):
    return {"what": what}
"""


def copied(source: Path, folder: Path, **execution: Any) -> Path:
    """An algorithm in a folder of its own, whose calls run in processes."""
    shutil.copytree(source, folder)
    describe = folder / "describe.yml"
    head, _, _ = describe.read_text().partition("\nexecution:")
    values = {"isolation": "process", **execution}
    describe.write_text(f"{head}\nexecution: {json.dumps(values)}\n")
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start(process, timeoutSeconds=1)`: a service of the fake with that process.py and execution, started."""
    started: list[Service] = []

    def begin(process: str = "", **execution: Any) -> Service:
        folder = copied(FAKES / "isolated", tmp_path / "isolated", **execution)
        if process:
            (folder / "process.py").write_text(HEAD + process)
        service = Service(open_algorithm(folder), Settings(algorithm=folder))
        started.append(service)
        service.start()
        return service

    yield begin
    for one in started:
        one.stop()


def call(service: Service, what: str, **options: Any) -> Any:
    return service.call({"what": what}, {}, **options).document["what"]


def test_a_process_is_told_of_no_secrets(tmp_path: Path):
    secrets = {"jobs": "postgresql://user:hidden@host/jobs", "auth_tokens_file": "hidden", "tls_key": "hidden"}
    folder = copied(FAKES / "isolated", tmp_path / "isolated")
    (folder / "process.py").write_text(HEAD + TELLS_ENVIRONMENT)
    settings = Settings(algorithm=folder, profile="cpu", log_format="json", **secrets)
    service = Service(open_algorithm(folder), settings)
    service.start()
    try:
        told = call(service, "answer")
    finally:
        service.stop()
    assert "hidden" not in told
    assert f"SWATH_ALGORITHM={folder}" in told
    assert "SWATH_LOG_FORMAT=json" in told


def test_a_call_that_takes_too_long_is_answered_and_killed_and_its_place_is_free_again(start):
    service = start(timeoutSeconds=1.0)
    with pytest.raises(Problem) as caught:
        call(service, "hold")
    assert caught.value.kind is TIMEOUT
    until(lambda: _answers(service), "the place is free")


def test_a_call_that_heeds_its_context_keeps_its_process(start, monkeypatch, tmp_path):
    monkeypatch.setenv("GATE_FOLDER", str(tmp_path))
    (tmp_path / "start").touch()
    service = start()
    with pytest.raises(Problem) as caught:
        call(service, "wait", is_gone=lambda: bool(list(tmp_path.glob("inside-*"))))
    assert caught.value.kind is GONE
    assert service.call({"what": "count"}, {}).document["call"] == 2


def test_progress_is_heard_from_the_process(start):
    heard: list[tuple[float, str]] = []
    call(start(), "answer", on_progress=lambda fraction, message: heard.append((fraction, message)))
    assert heard == [(0.5, "half of it")]


def test_as_many_calls_run_at_once_as_there_are_processes(start, monkeypatch, tmp_path):
    monkeypatch.setenv("GATE_FOLDER", str(tmp_path))
    (tmp_path / "start").touch()
    service = start(concurrency=2)
    calls = [threading.Thread(target=call, args=(service, "wait")) for _ in range(2)]
    for one in calls:
        one.start()
    until(lambda: len(list(tmp_path.glob("inside-*"))) == 2, "both are in work")
    (tmp_path / "go").touch()
    for one in calls:
        one.join()


def test_on_start_runs_once_where_processes_share_what_it_made_and_on_stop_too(start, monkeypatch, tmp_path):
    monkeypatch.setenv("GATE_FOLDER", str(tmp_path))
    (tmp_path / "start").touch()
    service = start(concurrency=2)
    service.stop()
    assert len(list(tmp_path.glob("stopped-*"))) == 1


def test_an_algorithm_that_starts_threads_is_started_in_each_process(start):
    assert call(start(WITH_THREAD), "answer") == "started here: True"


def test_an_algorithm_that_can_not_be_started_again_fails_one_call_after_the_other(start):
    service = start(DIES_LATER)
    for what in ("abort", "answer", "answer"):
        with pytest.raises(Problem) as caught:
            call(service, what)
        assert caught.value.kind is FAILED
    (service.algorithm.folder / "dead").unlink()
    until(lambda: _answers(service), "it can be started again")


def test_an_on_stop_that_never_returns_is_not_waited_for(start, monkeypatch):
    monkeypatch.setattr("swath_runtime.isolation.keeper.STOP_S", 0.2)
    service = start(STAYS)
    assert call(service, "answer") == "answer"
    assert service.stop()


@pytest.mark.parametrize(
    ("process", "words"),
    [
        ("raise RuntimeError('no licence')", "no licence"),
        ("os._exit(4)", "with exit code 4"),
        ("os.abort()", "killed by SIGABRT"),
    ],
)
def test_what_keeps_a_process_from_loading_is_said(start, process, words):
    with pytest.raises(RuntimeFailure, match=words):
        start(process + BROKEN)


@pytest.mark.parametrize(("threads", "shared"), [(1, "the loaded algorithm"), (2, "imports")])
def test_a_model_is_shared_where_its_session_has_no_threads_and_runs_either_way(tmp_path, threads, shared):
    settings = Settings(onnx_threads=threads)
    service = Service(open_algorithm(copied(CLOUDS, tmp_path / "clouds")), settings)
    here = Service(open_algorithm(CLOUDS), settings)
    scene = {"image": Part((CLOUDS / "examples" / "scene" / "scene.tif").read_bytes())}
    try:
        service.start()
        here.start()
        assert service.facts() == {"profile": "cpu", "providers": "CPUExecutionProvider", "shared": shared}
        found, expected = (one.call({"image": "cid:image"}, scene) for one in (service, here))
        assert found.document == expected.document
        np.testing.assert_array_equal(found.images["/mask"].array, expected.images["/mask"].array)
    finally:
        service.stop()
        here.stop()


def test_a_profile_that_can_not_be_used_is_told_with_its_exit_code(tmp_path):
    settings = Settings(onnx_providers=("NoSuchProvider",))
    service = Service(open_algorithm(copied(CLOUDS, tmp_path / "clouds")), settings)
    with pytest.raises(RuntimeFailure, match="NoSuchProvider") as caught:
        service.start()
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("in_process", [True, False])
def test_inputs_may_be_called_as_the_core_calls_its_own(tmp_path, in_process):
    folder = copied(FAKES / "isolated", tmp_path / "names")
    names = ("name", "contexts", "arguments", "inputs", "call")
    given = "".join(f"    {one}: {{type: string, default: x, description: A name.}}\n" for one in names)
    describe = (folder / "describe.yml").read_text().replace("  properties:\n", f"  properties:\n{given}", 1)
    (folder / "describe.yml").write_text(describe)
    parameters = ", ".join(f"{one}: str" for one in names)
    body = f"def process(what: str, {parameters}, image: Image | None = None):\n    return {{'what': name + call}}\n"
    (folder / "process.py").write_text(HEAD + body)
    service = Service(open_algorithm(folder), Settings(), in_process=in_process)
    service.start()
    try:
        assert service.call({}, {}).document == {"what": "xx"}
    finally:
        service.stop()


def test_a_listener_that_fails_ends_its_call_and_leaves_no_answer_to_another(start):
    def fail(fraction: float, message: str) -> None:
        raise LookupError(message)

    service = start()
    with pytest.raises(Problem):
        call(service, "answer", on_progress=fail)
    assert service.call({"what": "count"}, {}).document == {"what": "count", "call": 1}


def test_who_calls_once_calls_in_this_process():
    folder = FAKES / "isolated"
    service = Service(open_algorithm(folder), Settings(algorithm=folder), in_process=True)
    service.start()
    try:
        with pytest.raises(Problem) as caught:
            call(service, "raise")
        assert isinstance(caught.value.__cause__, ZeroDivisionError)
    finally:
        service.stop()


def _answers(service: Service) -> bool:
    try:
        return call(service, "answer") == "answer"
    except Problem:
        return False
