"""Shared fixtures; the one file that lists the backends which the contract suite runs on."""

import logging
import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from clients.answers import Client
from clients.core import CoreClient
from clients.http import HttpClient
from clients.twin import TwinClient

from swath_algorithm.folder import find_folder, open_algorithm
from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing.targets import running_server

ROOT = Path(__file__).parent.parent
FAKES = Path(__file__).parent / "fakes"
CORE, FASTAPI, FLASK = "core", "fastapi", "flask"
CONTAINER = "container-"
BACKENDS = [
    CORE,
    FASTAPI,
    FLASK,
    pytest.param(CONTAINER + FASTAPI, marks=pytest.mark.engine),
    pytest.param(CONTAINER + FLASK, marks=pytest.mark.engine),
]
CONTRACT = re.compile(r"tests/contract/.*\[(core|(?:container-)?(?:fastapi|flask))\b")  # a test's id, and its backend

Serve = Callable[[str], Client]


@pytest.fixture(scope="session")
def _open() -> Iterator[Callable[[str, str], Client]]:
    """Opens each (backend, algorithm) once a session; all are closed at its end."""
    opened: dict[tuple[str, str], Client] = {}
    with ExitStack() as stack:

        def open_client(backend: str, name: str) -> Client:
            if (backend, name) not in opened:
                opened[backend, name] = _client(stack, backend, name)
            return opened[backend, name]

        yield open_client


@pytest.fixture(params=BACKENDS)
def serve(request: pytest.FixtureRequest, _open: Callable[[str, str], Client]) -> Serve:
    """`serve("echo")`: a client of that algorithm on one backend.

    Whatever it is sent goes to the in-process core too, and the two replies must be the same, byte for byte.
    """
    backend: str = request.param
    runtime = backend.removeprefix(CONTAINER)
    if backend != CORE and runtime not in installed_runtimes():
        pytest.skip(f"the {runtime} runtime is not installed in this environment")
    if backend.startswith(CONTAINER):
        request.getfixturevalue("engine")  # skips, or fails under SWATH_REQUIRE_ENGINE, where none answers
    return lambda name: TwinClient(_open(backend, name), _open(CORE, name))


def pytest_configure(config: pytest.Config) -> None:
    """Let what tests start be interrupted: a shell that runs this in the background lets SIGINT be ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Gives each of several processes (`--numprocesses=2`) a whole group of tests at a time."""
    from xdist.scheduler import LoadScopeScheduling

    class Grouping(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid)

    return Grouping(config, log)


@pytest.fixture(autouse=True)
def _log_handlers() -> Iterator[None]:
    """What a test's command hangs on the root logger goes with it: its stream is closed when the test ends."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def engine() -> object:
    """The container engine; without one the test is skipped with the reason, or fails under SWATH_REQUIRE_ENGINE=1."""
    from swath_packager.engine import require_engine
    from swath_packager.errors import PackagerError

    try:
        return require_engine("the container tests")
    except PackagerError as error:
        if os.environ.get("SWATH_REQUIRE_ENGINE") == "1":
            pytest.fail(f"SWATH_REQUIRE_ENGINE=1, but {error}")
        pytest.skip(str(error))


@pytest.fixture
def real_raster() -> Callable[[str], Path]:
    """`real_raster("RGB.byte.tif")`: of ../shared/data, or of SWATH_TEST_DATA; skipped by name where absent."""
    folder = Path(os.environ.get("SWATH_TEST_DATA", ROOT.parent / "shared" / "data"))

    def find(name: str) -> Path:
        path = folder / "raster" / name
        if not path.is_file():
            pytest.skip(f"the real raster {name} is not at hand: {path} is absent (SWATH_TEST_DATA names the folder)")
        return path

    return find


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """After the run: what the contract suite did on each backend, and every reason for a skip, once."""
    counts: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    for outcome in ("passed", "failed", "skipped", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            if backend := CONTRACT.match(report.nodeid):
                counts[backend[1], outcome] += 1
            if outcome == "skipped":
                reasons[str(report.longrepr[2]).removeprefix("Skipped: ")] += 1
    if counts:
        terminalreporter.section("contract suite by runtime")
    for name in dict.fromkeys(backend for backend, _ in counts):
        said = ", ".join(
            f"{counts[name, one]} {one}" for one in ("passed", "failed", "error", "skipped") if counts[name, one]
        )
        terminalreporter.write_line(f"{name:18} {said}")
    if reasons:
        terminalreporter.section("skipped, and why")
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"{count:4} {reason}")


def _group(nodeid: str) -> str:
    """What must run in one process: all that makes images, a backend's contract, else a file."""
    backend = CONTRACT.match(nodeid)
    if nodeid.startswith("tests/packager/") or (backend and backend[1].startswith(CONTAINER)):
        return "images"  # they share an engine, its tags, and images built once a session
    return f"contract on {backend[1]}" if backend else nodeid.partition("::")[0]


def algorithm_folder(name: str) -> Path:
    """Folder of a fake, or of an algorithm of the shelf."""
    return FAKES / name if (FAKES / name).is_dir() else find_folder(ROOT / "algorithms" / name)


def _client(stack: ExitStack, backend: str, name: str) -> Client:
    folder = algorithm_folder(name)
    if backend == CORE:
        return stack.enter_context(CoreClient(open_algorithm(folder)))
    if backend.startswith(CONTAINER):
        from clients.container import running_container

        return HttpClient(stack.enter_context(running_container(folder, backend.removeprefix(CONTAINER))))
    return HttpClient(stack.enter_context(running_server(Settings(algorithm=folder, runtime=backend))))
