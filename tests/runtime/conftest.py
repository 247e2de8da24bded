"""Server processes whose every moment a test can see, and raw sockets to speak to them."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from swath_runtime.launch import server_environment
from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing.targets import reserved_port

FAKES = Path(__file__).parent.parent / "fakes"
DEADLINE_S = 30.0
API = "/api/v1"


def until(condition: Callable[[], Any], what: str) -> Any:
    """What the condition gives once it is true."""
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError(f"never happened: {what}")


class Server:
    """A server process with the files of its gate."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.gate = folder / "gate"
        own = {} if settings.state_folder != Path() else {"state_folder": folder / "state"}
        self._held = ExitStack()
        port = self._held.enter_context(reserved_port())
        self.settings = replace(settings, port=port, log_format="json", **own)
        self.tmp = folder / "tmp"
        self.gate.mkdir()
        self.tmp.mkdir()
        self.log = folder / "log"
        self._stream = self.log.open("wb")
        environ = server_environment(self.settings) | {"GATE_FOLDER": str(self.gate), "TMPDIR": str(self.tmp)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "swath_runtime"],
            env=environ,
            stdout=self._stream,
            stderr=self._stream,
            cwd=folder,
            start_new_session=True,
        )

    def open(self, *names: str) -> "Server":
        for name in names:
            (self.gate / name).touch()
        return self

    def reached(self, name: str) -> None:
        until(lambda: (self.gate / name).exists() or self.process.poll() is not None, name)
        assert (self.gate / name).exists(), self.text()

    def inside(self) -> list[int]:
        """Processes in which the algorithm was called, the first one first."""
        marks = sorted(self.gate.glob("inside-*"), key=lambda one: one.stat().st_mtime_ns)
        return [int(one.name.removeprefix("inside-")) for one in marks]

    def workers(self) -> list[int]:
        """Worker processes, the oldest first."""
        found: list[int] = []
        for one in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                fields = (one / "stat").read_text().rpartition(")")[2].split()
                is_worker = b"resource_tracker" not in (one / "cmdline").read_bytes()
                if int(fields[1]) == self.process.pid and fields[0] != "Z" and is_worker:
                    found.append(int(one.name))
        return sorted(found)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection("127.0.0.1", self.settings.port, timeout=DEADLINE_S)
        try:
            sent = json.dumps(body) if body is not None else None
            connection.request(method, API + path, sent, {"Content-Type": "application/json"} if sent else {})
            reply = connection.getresponse()
            return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()
        finally:
            connection.close()

    def process_call(self, what: str) -> tuple[int, dict[str, str], bytes]:
        return self.ask("POST", "/process", {"what": what})

    def begin_call(self, what: str) -> socket.socket:
        """A connection on which a call was asked for, whose answer nobody waits for."""
        body = json.dumps({"what": what}).encode()
        head = f"POST {API}/process HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        line = socket.create_connection(("127.0.0.1", self.settings.port))
        line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        return line

    def calls(self) -> list[dict[str, Any]]:
        """Lines of the access log for calls."""
        return [one for one in self.lines() if one["logger"] == "swath.access" and one["message"].startswith("POST")]

    def answers(self, path: str, timeout_s: float = 2.0) -> int:
        """Status of a GET, 0 while nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.settings.port, timeout=timeout_s)
        try:
            connection.request("GET", API + path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def ready(self) -> "Server":
        until(lambda: self.answers("/ready") == 200 or self.process.poll() is not None, "ready")
        assert self.process.poll() is None, self.text()
        return self

    def end(self, number: int = signal.SIGTERM) -> int:
        """Exit code after a signal."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        return self.process.wait(DEADLINE_S)

    def text(self) -> str:
        return self.log.read_text()

    def lines(self) -> list[dict[str, Any]]:
        """Every line of the log, each of which must be JSON."""
        return [json.loads(one) for one in self.text().splitlines()]

    def kill(self) -> None:
        """Kill the server and its workers, once: its number may be another's later."""
        if self._stream.closed:
            return
        if self.process.poll() is None or self.settings.workers > 1:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._stream.close()
        self._held.close()


@pytest.fixture(params=["fastapi", "flask"])
def runtime(request: pytest.FixtureRequest) -> str:
    if request.param not in installed_runtimes():
        pytest.skip(f"the {request.param} runtime is not installed in this environment")
    return request.param


@pytest.fixture
def start(runtime: str, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """`start("gated", workers=2)`: a server process of a fake, not yet ready; killed at the end of the test."""
    started: list[Server] = []

    def begin(name: str = "gated", **settings: Any) -> Server:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Server(folder, Settings(algorithm=FAKES / name, runtime=runtime, **settings)))
        return started[-1]

    yield begin
    for one in started:
        one.kill()


@pytest.fixture(scope="module")
def _shared() -> Iterator[dict[Settings, Server]]:
    servers: dict[Settings, Server] = {}
    yield servers
    for one in servers.values():
        one.kill()


@pytest.fixture
def share(
    runtime: str, _shared: dict[Settings, Server], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Server]:
    """`share("echo")`: a ready server that all tests of a module speak to which ask for the same."""

    def find(name: str, **given: Any) -> Server:
        settings = Settings(algorithm=FAKES / name, runtime=runtime, **given)
        if settings not in _shared:
            _shared[settings] = Server(tmp_path_factory.mktemp("shared"), settings)
        return _shared[settings].ready()

    return find


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """URL of the server of SWATH_TEST_POSTGRESQL; the test is skipped, or failed where one is required."""
    psycopg = pytest.importorskip("psycopg")
    url, is_required = os.environ.get("SWATH_TEST_POSTGRESQL", ""), os.environ.get("SWATH_REQUIRE_POSTGRESQL") == "1"
    reason = "no PostgreSQL server answers at SWATH_TEST_POSTGRESQL (.ci/postgresql.sh starts one)"
    try:
        if url:
            psycopg.connect(url, connect_timeout=5).close()
            return url
    except psycopg.Error:
        pass
    if is_required:
        pytest.fail(f"SWATH_REQUIRE_POSTGRESQL=1, but {reason}")
    pytest.skip(reason)


@contextmanager
def database_on(server: str) -> Iterator[str]:
    """URL of a database of its own on a PostgreSQL server."""
    import psycopg

    name = f"swath_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield f"{server.rpartition('/')[0]}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    with database_on(postgresql_server) as url:
        yield url


@contextmanager
def in_background(call: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Runs a call on a thread; what is given back waits for its result."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(call)
        yield lambda: future.result(DEADLINE_S)
