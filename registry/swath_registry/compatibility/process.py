"""The other end of the worker: a process kept warm, asked, and given up when it takes too long or dies."""

import atexit
import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Generator
from functools import cache
from typing import Any


class Died(Exception):
    """The process died, or took too long and was ended, before it answered."""


class Process:
    """One worker; it starts when it is first asked, and again after it died.

    Args:
        module: what it runs.
    """

    def __init__(self, module: str = "swath_registry.compatibility.worker") -> None:
        self._module = module
        self._running: subprocess.Popen[bytes] | None = None

    def ask(self, request: dict[str, Any], wall_s: float) -> dict[str, Any]:
        """The answer to one request. Raises Died."""
        running = self._running = self._running or _started(self._module)
        try:
            assert running.stdin is not None  # noqa: S101 - it was opened as a pipe
            running.stdin.write(json.dumps(request).encode() + b"\n")
            running.stdin.flush()
            return json.loads(_line(running, time.monotonic() + wall_s))
        except (OSError, Died) as error:
            self.close()
            raise Died(str(error)) from error

    def close(self) -> None:
        """End the process, if it runs."""
        running, self._running = self._running, None
        if running is None:
            return
        running.kill()
        with contextlib.suppress(OSError):
            running.communicate()
        running.wait()


def _started(module: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def _line(running: subprocess.Popen[bytes], until: float) -> bytes:
    assert running.stdout is not None  # noqa: S101 - it was opened as a pipe
    received = bytearray()
    while not received.endswith(b"\n"):
        ready, _, _ = select.select([running.stdout], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise Died("took too long")
        part = os.read(running.stdout.fileno(), 1 << 20)
        if not part:
            raise Died("exceeded its memory or CPU time")
        received += part
    return bytes(received)


class Processes:
    """Warm workers of this process (not of its parent), lent to one caller at a time."""

    def __init__(self) -> None:
        self._idle: list[Process] = []
        atexit.register(self.close)

    @contextlib.contextmanager
    def lend(self) -> Generator[Process]:
        """A worker that nobody else uses meanwhile."""
        process = self._idle.pop() if self._idle else Process()
        try:
            yield process
        finally:
            self._idle.append(process)

    def close(self) -> None:
        """End all idle workers."""
        while self._idle:
            self._idle.pop().close()


def processes() -> Processes:
    """The workers of the running process."""
    return _processes(os.getpid())


@cache
def _processes(pid: int) -> Processes:
    return Processes()
