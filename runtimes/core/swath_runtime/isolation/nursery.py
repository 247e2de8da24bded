"""`python -m swath_runtime.isolation.nursery FD [SHARE]`: a process that loads an algorithm once and forks children.

It has one thread, so it may fork; nobody else has its end of FD, a socket to the server. What it is asked, one JSON
object a message:

    {"do": "fork"} with the child's end of a line       -> its process number, or null if it can't be
    {"do": "end", "process": N}: kill and forget it     -> how it ended: an exit code, -SIGNAL, or null if unknown
    {"do": "retire", "process": N, "within_s": S}       it was told to stop: kill it if it goes on longer
    {"do": "finish"}                                    stop the algorithm and end

When the server has gone, every child is killed, and this process ends.
"""

import contextlib
import ctypes
import fcntl
import gc
import json
import logging
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Generator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

from swath_algorithm.folder import Algorithm, open_algorithm
from swath_algorithm.nocode import is_without_code
from swath_runtime.configuration import Configuration
from swath_runtime.importing import import_process
from swath_runtime.isolation.child import serve
from swath_runtime.isolation.failures import start_failure
from swath_runtime.load import Loaded
from swath_runtime.log_lines import configure
from swath_runtime.onnx.expected import expected_of
from swath_runtime.onnx.session import CPU, threads_of
from swath_runtime.settings import Settings

REQUEST_BYTES = 4096
REAP_S = 1.0  # a killed process that hangs in the kernel is left to itself after that
REAP_POLL_S = 0.002
PR_SET_PDEATHSIG = 1  # prctl(2)
MORE_LIKELY_KILLED = "500"  # of -1000 to 1000, proc(5): out of memory, the kernel should take a child, not the server

logger = logging.getLogger(__name__)
_libc = ctypes.CDLL(None, use_errno=True)


class Share(StrEnum):
    """What children have in common, from most to least."""

    LOADED = "the loaded algorithm"
    IMPORTED = "imports"
    NOTHING = "nothing of the algorithm"


def main(arguments: list[str]) -> None:
    """Load as much as can be shared, say that it is there, and fork until the server has had enough."""
    server = socket.socket(fileno=int(arguments[0]))
    _heed_no_signal()
    settings = Settings.from_environ()
    configure(settings)
    with _ended_with(server):
        try:
            algorithm = open_algorithm(settings.algorithm)
            share = Share[arguments[1]] if arguments[1:] else _most(algorithm, settings)
            load = _prepared(algorithm, settings, share)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the server must hear of it
            server.send(json.dumps({"failed": start_failure(error)}).encode())
            return
        if share is not Share.NOTHING and _keeps_threads():
            if share is Share.LOADED:
                load().stop()
            _start_over(server, share)
        gc.collect()
        gc.freeze()  # so that no collection touches, and thereby copies, what is shared
    server.send(json.dumps({"ready": share}).encode())
    was_told = Nursery(server, load, stops=share is not Share.LOADED).run()
    if was_told and share is Share.LOADED:
        with _ended_with(server):
            load().stop()
    logging.shutdown()
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)  # whatever `on_start` has started, and this process


class Nursery:
    """Forks, kills and reaps."""

    def __init__(self, server: socket.socket, load: Callable[[], Loaded], *, stops: bool) -> None:
        self._server, self._load, self._stops = server, load, stops
        self._own = os.getpid()
        self._children: set[int] = set()
        self._retired: dict[int, float] = {}  # until when each may go on

    def run(self) -> bool:
        """Do what is asked until there is no more, then see every child end; False if the server just went."""
        was_told = False
        poller = select.poll()
        poller.register(self._server, select.POLLIN)
        while True:
            if not poller.poll(self._patience_ms()):
                self._see_off()
                continue
            content, fds, _, _ = socket.recv_fds(self._server, REQUEST_BYTES, 1)
            if not content:
                break
            asked = json.loads(content)
            if asked["do"] == "finish":
                was_told = True
                break
            self._do(asked, fds)
            self._see_off()
        while self._retired:
            time.sleep(REAP_POLL_S)
            self._see_off()
        for child in list(self._children):
            self._end(child)
        return was_told

    def _do(self, asked: dict[str, Any], fds: list[int]) -> None:
        match asked["do"]:
            case "fork":
                self._answer(self._fork(socket.socket(fileno=fds[0])))
            case "end":
                self._answer(self._end(asked["process"]))
            case _:
                if asked["process"] in self._children:  # else it was one of a nursery before this one
                    self._retired[asked["process"]] = time.monotonic() + asked["within_s"]

    def _answer(self, value: Any) -> None:
        with contextlib.suppress(OSError):  # the server has gone: the next look says so
            self._server.send(json.dumps(value).encode())

    def _fork(self, line: socket.socket) -> int | None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        try:
            child = os.fork()
        except OSError as error:
            logger.warning("no process for a call: %s", error.strerror)
            line.close()
            return None
        if child:
            line.close()
            with contextlib.suppress(OSError):
                os.setpgid(child, child)
            self._children.add(child)
            return child
        code = 1
        try:
            self._server.close()
            _settle(line, self._own)
            serve(line, self._load, stops=self._stops)
            code = 0
        except BaseException:
            logger.exception("a process of the algorithm's ended")
        finally:
            logging.shutdown()
            os._exit(code)  # what was registered to run at the end of the nursery is the nursery's

    def _end(self, child: int) -> int | None:
        """Kill a child and all that it started; how it ended, which may be before that. None if it is none of ours."""
        if child not in self._children:
            return None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        self._children.discard(child)
        deadline = time.monotonic() + REAP_S
        while time.monotonic() < deadline:
            reaped, status = os.waitpid(child, os.WNOHANG)
            if reaped:
                return os.waitstatus_to_exitcode(status)
            time.sleep(REAP_POLL_S)
        return None

    def _patience_ms(self) -> float | None:
        if not self._retired:
            return None
        return max(min(self._retired.values()) - time.monotonic(), 0) * 1000 + 1

    def _see_off(self) -> None:
        """Reap those that stopped by themselves, and kill those whose time is up."""
        now = time.monotonic()
        for child, deadline in list(self._retired.items()):
            if now >= deadline or os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                del self._retired[child]
                self._end(child)


def _most(algorithm: Algorithm, settings: Settings) -> Share:
    """What may be shared: an open model only where its session is sure to have no threads of its own."""
    provider = next(iter(settings.onnx_providers), settings.profile)
    if algorithm.model and (provider not in {"cpu", CPU} or threads_of(settings, expected_of(algorithm.describe)) > 1):
        return Share.IMPORTED
    return Share.LOADED


def _prepared(algorithm: Algorithm, settings: Settings, share: Share) -> Callable[[], Loaded]:
    """What gives a child its algorithm, after all that is done before the fork."""
    configuration = Configuration(algorithm.describe)
    configuration.keep_for(settings, algorithm.name)
    if share is Share.LOADED:
        loaded = Loaded(algorithm, settings, configuration=configuration)
        return lambda: loaded
    module: ModuleType | None = None
    if share is Share.IMPORTED:
        if algorithm.model:
            os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it would have a thread
            with contextlib.suppress(ImportError):  # said when the model is opened
                import_module("onnxruntime")
        if not is_without_code(algorithm.describe):
            module = import_process(algorithm)
    return lambda: Loaded(algorithm, settings, module, configuration)


def _keeps_threads() -> bool:
    """Whether there are threads that a child would miss.

    Libraries that know of forks, as OpenBLAS does, end theirs before one and start them again when needed; so it is
    looked after a fork.
    """
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    return len(list(Path("/proc/self/task").iterdir())) > 1


def _start_over(server: socket.socket, share: Share) -> None:
    """Become a nursery that shares less."""
    order = list(Share)
    less = order[order.index(share) + 1]
    os.set_inheritable(server.fileno(), True)
    command = [sys.executable, "-m", "swath_runtime.isolation.nursery", str(server.fileno()), less.name]
    logging.shutdown()
    os.execv(sys.executable, command)  # noqa: S606


@contextlib.contextmanager
def _ended_with(server: socket.socket) -> Generator[None]:
    """While the algorithm has this process's one thread, the kernel ends it when the server hangs up: SIGIO does.

    The server sends nothing meanwhile.
    """
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    flags = fcntl.fcntl(server, fcntl.F_GETFL)
    fcntl.fcntl(server, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(server, fcntl.F_SETFL, flags | os.O_ASYNC)
    hung_up = select.poll()
    hung_up.register(server, select.POLLHUP)
    if hung_up.poll(0):  # before the kernel was asked to tell
        os._exit(0)
    try:
        yield
    finally:
        fcntl.fcntl(server, fcntl.F_SETFL, flags & ~os.O_ASYNC)


def _settle(line: socket.socket, nursery: int) -> None:
    """Make the forked process one that ends with its nursery, and that can be killed with all that it starts."""
    with contextlib.suppress(OSError):
        os.setpgid(0, 0)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != nursery:  # it went before it could be told of
        os._exit(1)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(MORE_LIKELY_KILLED)
    os.register_at_fork(after_in_child=lambda: _leave(line))


def _leave(line: socket.socket) -> None:
    """What an algorithm forks is no child of ours: it holds no line to the server, and signals end it."""
    line.close()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _heed_no_signal() -> None:
    """Ctrl-C and a stop of the whole group reach this process too; the server says when it ends.

    Not SIG_IGN, which programs that the algorithm starts would inherit.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _go_on)


def _go_on(number: int, frame: FrameType | None) -> None:
    """A signal that changes nothing."""


if __name__ == "__main__":
    main(sys.argv[1:])
