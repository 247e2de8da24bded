"""Cancellation as a child hears of it: on the channel of its call, when the algorithm asks."""

import threading
import time

from swath_runtime.isolation.channel import Channel, Closed


class Signals:
    """Which contexts of a call have been cancelled, heard on the channel while the call runs.

    The algorithm may ask on several threads at once; nothing listens while nobody asks.
    """

    SLICE_S = 0.05  # a message that another thread took wakes nobody

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._reading = threading.Lock()
        self._cancelled: set[int] = set()
        self._is_over = False

    def end(self) -> None:
        """Read no more: the call is over, though a thread of the algorithm may go on and ask."""
        with self._reading:
            self._is_over = True

    def has(self, number: int) -> bool:
        """Whether that context is cancelled by now."""
        with self._reading:
            if self._is_over:
                return True
            try:
                while number not in self._cancelled and self._channel.is_readable(0):
                    kind, value = self._channel.receive()
                    if kind == "cancel":
                        self._cancelled.add(value)
            except Closed:
                self._cancelled.add(number)  # nobody waits for anything any more
        return number in self._cancelled

    def wait(self, number: int, timeout_s: float | None) -> bool:
        """Wait until it is, that long at most."""
        deadline = time.monotonic() + (float("inf") if timeout_s is None else timeout_s)
        while not self.has(number):
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                return False
            self._channel.is_readable(min(left_s, self.SLICE_S))
        return True


class Flag:
    """One context's cancellation, asked for as of a threading.Event."""

    def __init__(self, signals: Signals, number: int) -> None:
        self._signals, self._number = signals, number
        self._here = False

    def is_set(self) -> bool:
        """Whether the call is cancelled."""
        return self._here or self._signals.has(self._number)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is."""
        return self._here or self._signals.wait(self._number, timeout)

    def set(self) -> None:
        """Cancel it on this side."""
        self._here = True
