"""A bell within one process: whoever waits for a change hears of this process's own at once."""

import threading
import time


class Bell:
    """Rung at each change; what others change in the store is found by looking now and then."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._times = 0

    @property
    def times(self) -> int:
        """How often it was rung."""
        return self._times

    def ring(self) -> None:
        """Wake all who wait."""
        with self._rung:
            self._times += 1
            self._rung.notify_all()

    def wait(self, since: int, timeout_s: float) -> None:
        """Return once it was rung more often than `since`, or after the timeout."""
        until_s = time.monotonic() + timeout_s
        with self._rung:
            while self._times == since and (left_s := until_s - time.monotonic()) > 0:
                self._rung.wait(left_s)
