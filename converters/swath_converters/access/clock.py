"""The time that may be spent on waiting for others, all waits of one file together."""

import time
from collections.abc import Generator
from contextlib import contextmanager


class Clock:
    """Counts only while it is `running`: the time between two ranges of a file is the reader's own."""

    def __init__(self, limit_s: float) -> None:
        self._left_s = limit_s
        self._since_s: float | None = None

    @contextmanager
    def running(self) -> Generator[None, None, None]:
        """What happens inside counts."""
        self._since_s = time.monotonic()
        try:
            yield
        finally:
            self._left_s = self._remaining_s()
            self._since_s = None

    def wait_s(self, most_s: float) -> float:
        """How long the next wait may take, seconds, at most `most_s`; raises TimeoutError when nothing is left."""
        left_s = self._remaining_s()
        if left_s <= 0:
            raise TimeoutError
        return min(most_s, left_s)

    def _remaining_s(self) -> float:
        return self._left_s - (0 if self._since_s is None else time.monotonic() - self._since_s)
