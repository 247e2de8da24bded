"""A body taken in chunk by chunk, never past its limit."""

import numpy as np

from swath_converters.formats import NPY
from swath_converters.place import Place
from swath_runtime.http import Buffer, Head, media_type
from swath_runtime.problems import MALFORMED, TOO_LARGE, Problem

DISCARD_BYTES = 64 << 20  # how much of a refused body is read and dropped, so that the client hears the answer
LARGE_BYTES = 1 << 20  # from here on a declared body is put where it will stay; below, joining its chunks is quicker
PIECE_BYTES = 1 << 20  # received at once, so that a large body keeps nobody else waiting


class Intake:
    """Collects a body; `feed` is False once there is no point in reading on.

    A large body of declared length is held once: an NPY as memory in which its samples may stay, any other as `bytes`,
    which GDAL reads in place.
    """

    def __init__(self, head: Head, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._declared = _declared_length(head)
        self._too_large = self._declared is not None and self._declared > limit_bytes
        self._chunks: list[bytes] = []
        self._place: Place | OpenPlace | None = None
        self._make_place = OpenPlace if media_type(head.header("content-type")) == NPY.media_type else Place
        self._size = self._discarded = 0

    def feed(self, chunk: Buffer) -> bool:
        """Take the next chunk; False once reading on is of no use."""
        size = self._size + len(chunk)
        if self._too_large or size > self._limit:
            return self._discard(chunk)
        if self._declared is None or self._declared < LARGE_BYTES:
            self._chunks.append(bytes(chunk))  # no copy where it is bytes already
        elif size <= self._declared:
            self._place = self._place or self._make_place(self._declared)
            self._place.put(self._size, chunk)
        self._size = size
        return True

    @property
    def left_in_place(self) -> int:
        """Bytes of a large body that are still to come; 0 of any other, and of one that is refused."""
        declared = self._declared or 0
        return declared - self._size if declared >= LARGE_BYTES and not self._too_large else 0

    def room(self, most: int) -> memoryview | None:
        """Where the next bytes of a large body belong, at most so many; None where they are to be fed."""
        left = self.left_in_place
        if not left:
            return None
        self._place = self._place or self._make_place(self._declared or 0)
        return self._place.room(self._size, min(most, left, PIECE_BYTES))

    def took(self, count: int) -> None:
        """So many bytes lie where `room` said."""
        self._size += count

    @property
    def received(self) -> int:
        """Bytes that came, those of a refused body too."""
        return self._size + self._discarded

    def hand_over(self) -> Buffer:
        """The whole body, held here no longer; raises Problem if it was too large, or not as long as declared."""
        if self._too_large:
            raise Problem(
                TOO_LARGE,
                f"The body is larger than {self._limit:,} bytes.",
                "Send a smaller part of the image, or ask the operator to raise SWATH_MAX_BODY_BYTES.",
            )
        if self._declared is not None and self._size != self._declared:
            raise Problem(
                MALFORMED,
                f"The body ended after {self._size:,} of {self._declared:,} bytes.",
                "Send it again.",
            )
        body = self._place.content if self._place else b"".join(self._chunks)  # of one chunk, join makes no copy
        self._chunks, self._place = [], None
        return body

    def _discard(self, chunk: Buffer) -> bool:
        self._too_large = True
        self._chunks, self._place = [], None
        self._discarded += len(chunk)
        return self._discarded < DISCARD_BYTES


class OpenPlace:
    """As `Place`, but it can be written to ever after: for a body that is an image as it is."""

    def __init__(self, size: int) -> None:
        self.content = np.empty(size, np.uint8).data

    def put(self, offset: int, chunk: Buffer) -> None:
        """Fill in a chunk, which must end within the size."""
        self.content[offset : offset + len(chunk)] = chunk

    def room(self, offset: int, size: int) -> memoryview:
        """That part of the content, to be written to."""
        return self.content[offset : offset + size]


def _declared_length(head: Head) -> int | None:
    text = head.header("content-length")
    return int(text) if text.isdecimal() and len(text) < 20 else None
