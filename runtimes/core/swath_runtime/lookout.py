"""Looks after callers whose calls run on the threads of their own requests, which can't do it themselves meanwhile."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from swath_runtime.calls import Call
from swath_runtime.problems import Problem

LISTEN_S = 0.1  # how often a caller is asked whether it is still there
HEED_S = 0.1  # a call that heeds its Context this soon has given its place back when its caller hears of the timeout

Early = Callable[[Problem], None]
"""Answers a caller with a problem at once, on any thread, while the call it waits for goes on."""

logger = logging.getLogger(__name__)


@dataclass(eq=False)
class Look:
    """One call and its caller.

    Attributes:
        call: in the algorithm's hands.
        verdict: tells why its caller waits no more; None while it does.
        early: answers the caller.
        problem: what the verdict was, once there is one.
    """

    call: Call
    verdict: Callable[[], Problem | None]
    early: Early
    problem: Problem | None = None
    _told_s: float = field(default=0.0, init=False)

    def take(self, now_s: float) -> bool:
        """Tell the call to stop once nobody waits for it, and answer its caller where it does not heed that soon.

        Whether there is any more to look for.
        """
        if self.problem is None:
            self.problem = self.verdict()
            if self.problem:
                self.call.is_abandoned, self._told_s = True, now_s
                self.call.context.cancel()
            return True
        if now_s - self._told_s < HEED_S:
            return True
        self.early(self.problem)
        return False


class Lookout:
    """One thread for all such calls: while there are any it looks at each every `pause_s`, else it sleeps.

    Args:
        pause_s: time between two looks at a call, LISTEN_S at most.
    """

    def __init__(self, pause_s: float) -> None:
        self._pause_s = min(pause_s, LISTEN_S)
        self._looks: dict[Look, None] = {}
        self._is_any = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self, look: Look) -> None:
        """Look after one more."""
        self._looks[look] = None
        if not self._is_any.is_set():
            self._is_any.set()
            self._start()

    def end(self, look: Look) -> Problem | None:
        """Look after it no more: it is over. Why its caller waited no longer, if so."""
        self._looks.pop(look, None)
        return look.problem

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while self._is_any.wait():
            time.sleep(self._pause_s)
            for look in tuple(self._looks):
                self._take(look)
            if not self._looks:
                self._is_any.clear()
                if self._looks:  # one that came in between saw that it was set
                    self._is_any.set()

    def _take(self, look: Look) -> None:
        try:
            if look.take(time.monotonic()):
                return
        except Exception:
            logger.exception("looking after a call failed")
        self._looks.pop(look, None)
