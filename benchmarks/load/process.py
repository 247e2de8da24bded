"""A server as a process and those that it starts: when it is ready, what it costs, and its end."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

import psutil

from benchmarks.load.client import WrongAnswer, fetch, get_bytes

READY_WITHIN_S = 90.0
STOP_WITHIN_S = 15.0
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "NVIDIA_VISIBLE_DEVICES")
"""Variables that a server gets of ours; what tunes an allocator or a library is not among them."""
MB = 1e6


class NotStarted(Exception):
    """A server ended, or was not ready in time; the end of its log says why."""


@dataclass(frozen=True)
class Program:
    """How a server is started.

    Attributes:
        command: `{port}` in it, and in the environment, is replaced.
        ready: path that answers 200 once it takes requests.
        health: path that answers 200 while it lives; "" where it has none.
    """

    name: str
    command: Sequence[str]
    folder: Path
    ready: str = "/health"
    health: str = "/health"
    environment: Mapping[str, str] = field(default_factory=dict)


class Server:
    """A running server; a context manager that ends it, and all that it started."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program, self.port, self._log = program, free_port(), log
        log.parent.mkdir(parents=True, exist_ok=True)
        command = [self._filled(part) for part in program.command]
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        own = {name: self._filled(value) for name, value in program.environment.items()}
        with log.open("wb") as output:
            began = time.perf_counter()
            self._process = subprocess.Popen(
                command,
                cwd=program.folder,
                env={**environment, "PORT": str(self.port), **own},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self.ready_s = time.perf_counter() - began

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.stop()

    def cpu_s(self) -> float:
        """Processor time of all its processes so far, those that ended included, s."""
        return sum(_cpu_s(one) for one in self._tree())

    def rss_mb(self) -> float:
        """Resident memory of all its processes now, MB; pages that they share count once for each."""
        return sum(_memory(one, "VmRSS") for one in self._tree())

    def peak_mb(self) -> float:
        """The most resident memory that each of its processes ever had, added up, MB."""
        return sum(_memory(one, "VmHWM") for one in self._tree())

    def stop(self) -> None:
        """End it as an operator would, and by force what does not heed that."""
        self._signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._signal(signal.SIGKILL)  # children that outlived it

    def _filled(self, text: str) -> str:
        return text.replace("{port}", str(self.port))

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _tree(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        return []

    def _wait_until_ready(self) -> None:
        until = time.perf_counter() + READY_WITHIN_S
        request = get_bytes(self.program.ready)
        while time.perf_counter() < until:
            if self._process.poll() is not None:
                raise NotStarted(f"{self.program.name} ended with {self._process.returncode}: {self._said()}")
            with contextlib.suppress(OSError, WrongAnswer):
                if fetch(self.port, request).status == 200:
                    return
            time.sleep(0.005)
        raise NotStarted(f"{self.program.name} was not ready within {READY_WITHIN_S:g} s: {self._said()}")

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")[-800:]


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _cpu_s(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return times.user + times.system + times.children_user + times.children_system
    return 0.0


def _memory(process: psutil.Process, name: str) -> float:
    """A line of /proc/PID/status in kB, as MB; 0 where the process has gone."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace").splitlines()
        return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1]) * 1024 / MB
    return 0.0
