"""Memory that two processes share, one writing and the other reading, kept from one message to the next.

Anonymous files (memfd) rather than /dev/shm, which containers limit to 64 MB. What is read from a block are views of
it: the block is written to again only once the last of them has gone.
"""

import mmap
import os
import weakref
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MIB = 1 << 20
ALIGNMENT = 64  # bytes: a cache line, and more than any dtype asks for
KEPT_BLOCKS = 2  # one that is being written while the views of another live
KEPT_BYTES = 128 * MIB

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Span:
    """Where a buffer lies in a block, bytes."""

    start: int
    size: int

    @property
    def place(self) -> slice:
        """The same as a slice."""
        return slice(self.start, self.start + self.size)


@dataclass(frozen=True)
class Written:
    """What the reader must be told: the block, where in it each buffer lies; `size` and `fd` for a new block."""

    block: int
    spans: tuple[Span, ...]
    size: int
    fd: int | None


class Writer:
    """The side that writes; page faults are paid once for each block, not once for each message."""

    def __init__(self) -> None:
        self._blocks: dict[int, Bytes] = {}
        self._free: set[int] = set()
        self._next = 0

    def write(self, buffers: Sequence[bytes | memoryview]) -> Written:
        """Copy buffers into a block that nobody reads, one behind the other."""
        spans: list[Span] = []
        end = 0
        flat = [np.frombuffer(one, np.uint8) for one in buffers]
        for one in flat:
            spans.append(Span(end, one.nbytes))
            end += -(-one.nbytes // ALIGNMENT) * ALIGNMENT
        block, fd = self._take(end)
        memory = self._blocks[block]
        for span, one in zip(spans, flat, strict=True):
            np.copyto(memory[span.place], one)  # lets other threads run meanwhile
        return Written(block, tuple(spans), memory.nbytes, fd)

    def let_go(self, blocks: Sequence[int]) -> None:
        """Hear that the reader has no view of these any more."""
        self._free.update(blocks)

    def drop(self) -> list[int]:
        """Give up free blocks beyond what is kept, the smallest first; the reader must be told which."""
        dropped: list[int] = []
        for block in sorted(self._free, key=lambda one: self._blocks[one].nbytes):
            free_bytes = sum(self._blocks[one].nbytes for one in self._free)
            if len(self._free) <= KEPT_BLOCKS and free_bytes <= KEPT_BYTES:
                break
            self._free.discard(block)
            del self._blocks[block]
            dropped.append(block)
        return dropped

    def _take(self, size: int) -> tuple[int, int | None]:
        """A free block of at least that size, with its file descriptor if it is new: to be sent, then closed."""
        fitting = [one for one in self._free if self._blocks[one].nbytes >= size]
        if fitting:
            block = min(fitting, key=lambda one: self._blocks[one].nbytes)
            self._free.discard(block)
            return block, None
        block, self._next = self._next, self._next + 1
        rounded = max(-(-size // MIB), 1) * MIB
        fd = os.memfd_create("swath-call")
        os.ftruncate(fd, rounded)
        self._blocks[block] = np.frombuffer(mmap.mmap(fd, rounded), np.uint8)
        return block, fd


class Reader:
    """The side that reads."""

    def __init__(self) -> None:
        self._mapped: dict[int, mmap.mmap] = {}
        self._watched: dict[int, weakref.ref[Bytes]] = {}
        self._gone: deque[int] = deque()  # a view may die on any thread

    def read(self, written: Written) -> list[Bytes]:
        """Views of the buffers, in their order, that may be written to."""
        if written.fd is not None:
            populated = mmap.MAP_SHARED | mmap.MAP_POPULATE  # one system call instead of a fault for each page
            self._mapped[written.block] = mmap.mmap(written.fd, written.size, flags=populated)
            os.close(written.fd)
        block = written.block
        whole = np.frombuffer(self._mapped[block], np.uint8)
        self._watched[block] = weakref.ref(whole, lambda _: self._gone.append(block))
        return [whole[span.place] for span in written.spans]

    def let_go(self) -> list[int]:
        """Blocks of which no view is left, each told once."""
        gone: list[int] = []
        while self._gone:
            gone.append(self._gone.popleft())
        return gone

    def drop(self, blocks: Sequence[int]) -> None:
        """Forget blocks that the writer has given up."""
        for block in blocks:
            del self._mapped[block], self._watched[block]
