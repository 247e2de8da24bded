"""Numbers that each worker process counts for itself and every one can read.

A worker's numbers lie in a file of the crew's folder that is mapped into its memory: to count is to add to a float,
under one lock for all that a request counts. The library for this takes ten times as long
(docs/decisions/0029-metrics.md).
"""

import threading
from collections.abc import Iterator, Sequence

from swath_runtime.crew import Crew

KIND = "cells"
DOUBLE_BYTES = 8


class Cells:
    """A fixed number of floats, counted by this process and read over all of its crew.

    Attributes:
        lock: to be held while counting.
        own: this process's numbers.
    """

    def __init__(self, count: int, crew: Crew) -> None:
        self.lock = threading.Lock()
        self._bytes, self._crew = count * DOUBLE_BYTES, crew
        self.own = memoryview(bytearray(self._bytes)).cast("d")

    def share(self) -> None:
        """Let the other workers read on from here; called once, in the worker itself."""
        shared = self._crew.shared_memory(KIND, self._bytes).cast("d")
        with self.lock:
            shared[:] = self.own
            self.own = shared

    def all(self) -> Iterator[tuple[Sequence[float], bool]]:
        """The numbers of each worker there ever was, and whether it lives; this process first."""
        yield self.own.tolist(), True
        for content, lives in self._crew.others_files(KIND):
            if len(content) == self._bytes:
                yield memoryview(content).cast("d").tolist(), lives
