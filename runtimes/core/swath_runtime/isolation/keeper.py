"""The server's hold on its nursery: starts it, asks it for children, starts it again if it dies."""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from swath_runtime.isolation.channel import Channel, Closed
from swath_runtime.isolation.failures import StartFailed
from swath_runtime.launch import server_environment
from swath_runtime.settings import Settings

ANSWER_BYTES = 1 << 16
STOP_S = 5.0  # how long `on_stop` may take
NEEDED = (
    *("algorithm", "profile", "onnx_providers", "gpu_fallback", "onnx_threads", "onnx_memory_bytes", "workers"),
    *("port", "state_folder", "log_format", "log_level", "log_fields", "log_keys"),
)
"""Settings that the algorithm's processes go by: none that says where tokens, keys and jobs are kept."""

logger = logging.getLogger(__name__)


def how_it_ended(code: int | None) -> str:
    """An exit code in words: the signal's name, or the code."""
    if code is None:
        return "it can't be told how"
    if code >= 0:
        return f"with exit code {code}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-code).name}"
    return f"killed by signal {-code}"


def needed_of(settings: Settings) -> Settings:
    """What of the settings the algorithm's processes are told, and the algorithm's code could read."""
    return Settings(**{name: getattr(settings, name) for name in NEEDED})


class Keeper:
    """A nursery, from its start to its end; any thread may ask it.

    Attributes:
        shared: what its children have in common, in words.
    """

    def __init__(self, settings: Settings) -> None:
        """Start it and wait until it has loaded what it can; raises StartFailed."""
        if not hasattr(os, "memfd_create"):
            reason = "processes for calls (execution.isolation: process) need Linux"
            raise StartFailed(reason, "write isolation: thread in describe.yml, or serve it in a container", 3)
        self._settings = settings
        self._asking = threading.Lock()
        self._is_finished = False
        self.shared = ""
        self._start()

    def fork(self) -> tuple[int, Channel]:
        """The process number of a new child, and the line to it; raises StartFailed where there can't be one."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs, self._asking:
                number = self._forked(theirs)
        except BaseException:
            ours.close()
            raise
        return number, Channel(ours)

    def _forked(self, line: socket.socket) -> int:
        asked = {"do": "fork"}
        try:
            number: int | None = self._ask(asked, line)
        except Closed:
            self._start_again()
            try:
                number = self._ask(asked, line)
            except Closed:
                raise StartFailed("the process that starts the algorithm's processes ended at once") from None
        if number is None:
            raise StartFailed("the system allows no more processes, or has no memory for one")
        return number

    def end(self, number: int) -> int | None:
        """Kill a child and what it started; how it ended, as `how_it_ended` reads it."""
        with self._asking, suppress(Closed):
            return self._ask({"do": "end", "process": number})
        return None

    def retire(self, number: int) -> None:
        """Let a child that was told to stop do so, in its time."""
        with self._asking, suppress(Closed):
            self._tell({"do": "retire", "process": number, "within_s": STOP_S})

    def finish(self) -> None:
        """Have the algorithm stopped, and all its processes ended."""
        with self._asking:
            self._is_finished = True
            with suppress(Closed):
                self._tell({"do": "finish"})
        try:
            self._process.wait(STOP_S + 1)
        except subprocess.TimeoutExpired:
            logger.warning("on_stop takes longer than %g s; its process is killed", STOP_S)
        self._let_go()

    def _start(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        module = "swath_runtime.isolation.nursery"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, str(theirs.fileno())],
                env=server_environment(needed_of(self._settings)),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                process_group=0,  # what `on_start` starts ends with it
            )
        try:
            said = self._heard()
        except Closed:
            code = self._process.wait()
            self._let_go()
            reason = f"the algorithm's process ended while it was loaded, {how_it_ended(code)}"
            raise StartFailed(reason, "its own output says more, if anything does") from None
        if "failed" in said:
            self._process.wait()
            self._let_go()
            raise StartFailed(*said["failed"])
        self.shared = said["ready"]

    def _start_again(self) -> None:
        if self._is_finished:
            raise StartFailed("the service is stopping")
        self._let_go()
        ended = how_it_ended(self._process.returncode)
        logger.warning("the process that starts the algorithm's processes ended, %s; it is started again", ended)
        self._start()

    def _let_go(self) -> None:
        self._socket.close()
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _ask(self, asked: dict[str, Any], line: socket.socket | None = None) -> Any:
        self._tell(asked, line)
        return self._heard()

    def _tell(self, asked: dict[str, Any], line: socket.socket | None = None) -> None:
        try:
            socket.send_fds(self._socket, [json.dumps(asked).encode()], [line.fileno()] if line else [])
        except OSError:
            raise Closed from None

    def _heard(self) -> Any:
        try:
            content = self._socket.recv(ANSWER_BYTES)
        except OSError:
            raise Closed from None
        if not content:
            raise Closed
        return json.loads(content)
