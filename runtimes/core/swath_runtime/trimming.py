"""Memory that the allocator keeps for the next request, given back once a service has been quiet for a while."""

import ctypes
import logging
import threading
import time
from collections.abc import Callable

QUIET_S = 30.0

logger = logging.getLogger(__name__)


def trim() -> None:
    """Give every free page of the heap back to the system; nothing where the C library is not glibc.

    Whoever allocates meanwhile waits: 9 ms for 300 MB (docs/decisions/0006-allocator.md).
    """
    if _malloc_trim:
        began_s = time.monotonic()
        _malloc_trim(0)
        logger.debug("free memory was given back in %.1f ms", 1000 * (time.monotonic() - began_s))


class Trimmer:
    """A thread that trims once in each quiet period, between `quiet_s` and twice that after its begin.

    Args:
        work_done: a number that grows with what is done; None while something is in work.
        quiet_s: how long nothing must have been done; the thread wakes no more often.
        trim: what is done then.
    """

    def __init__(
        self, work_done: Callable[[], float | None], quiet_s: float = QUIET_S, trim: Callable[[], object] = trim
    ) -> None:
        self._work_done, self._quiet_s, self._trim = work_done, quiet_s, trim
        self._ended = threading.Event()

    def start(self) -> None:
        """Begin to watch."""
        if can_trim:
            threading.Thread(target=self._watch, name="trimmer", daemon=True).start()

    def stop(self) -> None:
        """Watch no more."""
        self._ended.set()

    def _watch(self) -> None:
        seen = trimmed = None  # so the first time is for what loading left
        while not self._ended.wait(self._quiet_s):
            done = self._work_done()
            if done is not None and done == seen != trimmed:
                self._trim()
                trimmed = done
            seen = done


def _found() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # musl and macOS have none
        return None


_malloc_trim = _found()
can_trim = _malloc_trim is not None
