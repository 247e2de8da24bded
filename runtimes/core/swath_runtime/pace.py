"""How slowly a client may send and read before it is given up."""

import time

LEAST_BYTES_PER_S = 4096  # of a whole body or answer: slower than any link that images are sent over


class Pace:
    """Watches over one body that comes, or one answer that goes.

    Neither may it stand still for longer than `timeout_s`, nor, from then on, be slower than LEAST_BYTES_PER_S in all:
    who sends a byte now and then would keep a connection and a buffer for ever.
    """

    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._began_s = self._moved_s = time.monotonic()
        self._bytes = 0

    def moved(self, count: int) -> None:
        """So many bytes came or went."""
        self._bytes += count
        self._moved_s = time.monotonic()

    @property
    def due_s(self) -> float:
        """When, by the monotonic clock, it is given up if nothing moves until then."""
        return min(self._moved_s, self._began_s + self._bytes / LEAST_BYTES_PER_S) + self._timeout_s

    @property
    def left_s(self) -> float:
        """Seconds until then; none are left to a client that is too slow."""
        return self.due_s - time.monotonic()
