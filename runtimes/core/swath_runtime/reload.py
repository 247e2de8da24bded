"""A server that starts anew when a file of its algorithm changes: for whoever writes one.

The changed folder is loaded in a process of its own first. If that fails, the reason is said and the old server goes
on.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType

from swath_runtime.launch import server_environment
from swath_runtime.settings import Settings

POLL_S = 0.3
STOP_S = 10.0  # beyond the settings' own drain time
IGNORED = {"__pycache__", "node_modules"}

Snapshot = Mapping[Path, tuple[int, int]]
Say = Callable[[str], None]


def serve_and_reload(settings: Settings, say: Say) -> int:
    """Serve until interrupted (SIGINT or SIGTERM), then stop the server too; gives 0.

    `say` hears each reload, and why there was none.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    seen, server = snapshot(settings.algorithm), _start(settings)
    try:
        while True:
            seen = _wait_for_change(settings.algorithm, seen, server, say)
            if loads(settings):
                _stop(server, settings)
                server = _start(settings)
                say("reloaded")
            else:
                say("the change does not load; the server goes on with what it has")
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(server, settings)


def snapshot(folder: Path) -> Snapshot:
    """Time of change (ns) and size (bytes) of each file below a folder, but for hidden ones and caches."""
    found: dict[Path, tuple[int, int]] = {}
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).parts
        if any(part.startswith(".") or part in IGNORED for part in inside):
            continue
        try:
            facts = path.stat()
        except OSError:  # gone since it was listed
            continue
        if path.is_file():
            found[path] = (facts.st_mtime_ns, facts.st_size)
    return found


def loads(settings: Settings) -> bool:
    """Whether the algorithm can be loaded now, tried in another process, which says on standard error why not."""
    command = [sys.executable, "-m", "swath_runtime.attempt"]
    return subprocess.run(command, env=server_environment(settings), check=False).returncode == 0


def _wait_for_change(folder: Path, seen: Snapshot, server: subprocess.Popen[bytes], say: Say) -> Snapshot:
    """The snapshot once files differ from what was seen, and have stopped changing."""
    was_running = server.poll() is None
    while True:
        before = snapshot(folder)
        code = _code_within(server, POLL_S)
        if was_running and code is not None:
            was_running = False
            say(f"the server ended with code {code}; it starts again when a file changes")
        now = snapshot(folder)
        if now != seen and now == before:
            return now


def _code_within(server: subprocess.Popen[bytes], timeout_s: float) -> int | None:
    """Exit code of the server; None if it goes on. Takes `timeout_s` either way."""
    if server.poll() is not None:
        time.sleep(timeout_s)
        return server.returncode
    try:
        return server.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return None


def _start(settings: Settings) -> subprocess.Popen[bytes]:
    # In a session of its own: Ctrl-C in a terminal would reach it too, and a second signal ends it without draining.
    command = [sys.executable, "-m", "swath_runtime"]
    return subprocess.Popen(command, env=server_environment(settings), start_new_session=True)


def _stop(server: subprocess.Popen[bytes], settings: Settings) -> None:
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(settings.drain_seconds + STOP_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
