"""Places to run examples at, each open as long as it is needed.

`direct` and the installed runtimes are known here; a distribution adds its own by an entry point `swath.targets`: a
function that takes the text after the colon and gives a context manager of the base URL (the packager's `image:TAG`).
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

from swath_algorithm.folder import Algorithm
from swath_runtime.errors import RuntimeMissing
from swath_runtime.launch import server_environment
from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing.errors import ServiceUnreachable, TargetUnknown
from swath_testing.loopback import opened

DIRECT = "direct"
RUNTIMES = ("fastapi", "flask")  # known by name, installed or not
READY_S = 120.0
STOP_S = 30.0
POLL_S = 0.02


def open_target(name: str, algorithm: Algorithm, profile: str = "cpu") -> AbstractContextManager[str | None]:
    """The base URL at which `name` serves the algorithm, None for here; raises TargetUnknown or RuntimeMissing."""
    if name == DIRECT:
        return nullcontext(None)
    if name.startswith(("http://", "https://")):
        return nullcontext(name.removesuffix("/api/v1/describe").rstrip("/"))
    if name in installed_runtimes():
        return running_server(Settings(algorithm=algorithm.folder, runtime=name, profile=profile))
    if name in RUNTIMES:
        raise RuntimeMissing(name, sorted(installed_runtimes()))
    kind, _, argument = name.partition(":")
    added = {one.name: one for one in entry_points(group="swath.targets")}
    if argument and kind in added:
        return added[kind].load()(argument)
    raise TargetUnknown(name, [DIRECT, *sorted(installed_runtimes()), *(f"{one}:…" for one in sorted(added))])


@contextmanager
def running_server(settings: Settings) -> Generator[str]:
    """Base URL of a server process of its own on a free port, ready; raises ServiceUnreachable with its log."""
    with reserved_port() as port, tempfile.TemporaryDirectory(prefix="swath-server-") as folder:
        settings = replace(settings, host="127.0.0.1", port=port)
        url = f"http://127.0.0.1:{port}"
        if settings.state_folder == Path():
            settings = replace(settings, state_folder=Path(folder) / "state")
        log = Path(folder) / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                [sys.executable, "-m", "swath_runtime"],
                env=server_environment(settings),
                stdout=stream,
                stderr=stream,
                cwd=os.fspath(folder),
            )
        try:
            wait_until_ready(url, process, log)
            yield url
        finally:
            _stop(process)


def wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path, timeout_s: float = READY_S) -> None:
    """Return once `ready` answers 200; raises ServiceUnreachable if the process ends or the time is over."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServiceUnreachable(url, f"the server ended with code {process.returncode}", _tail(log))
        try:
            with opened(f"{url}/api/v1/ready", 5):
                return
        except (OSError, http.client.HTTPException):
            time.sleep(POLL_S)
    raise ServiceUnreachable(url, f"not ready after {timeout_s:g} s", _tail(log))


@contextmanager
def reserved_port() -> Generator[int]:
    """A TCP port of 127.0.0.1 that the system gives to nobody else meanwhile, for a server to listen on.

    On Linux a server may bind beside a socket that is bound and does not listen, if both reuse addresses; elsewhere it
    may not, and the port is merely free at first.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
        if sys.platform != "linux":
            held.close()
        yield port


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
