"""A body taken in chunk by chunk, never past its limit."""

from swath_runtime.http import Buffer, Head
from swath_runtime.problems import MALFORMED, TOO_LARGE, Problem

DISCARD_BYTES = 64 << 20  # how much of a refused body is read and dropped, so that the client hears the answer


class Intake:
    """Collects a body; `feed` is False once there is no point in reading on.

    A declared length is taken as one buffer, filled in place, so that a large body is held once.
    """

    def __init__(self, head: Head, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._declared = _declared_length(head)
        self._too_large = self._declared is not None and self._declared > limit_bytes
        self._whole = bytearray(0 if self._too_large else self._declared or 0)
        self._size = self._discarded = 0

    def feed(self, chunk: Buffer) -> bool:
        """Take the next chunk; False once reading on is of no use."""
        end = self._size + len(chunk)
        if self._too_large or end > self._limit:
            return self._discard(chunk)
        if end <= len(self._whole):
            self._whole[self._size : end] = chunk
        else:
            del self._whole[self._size :]
            self._whole += chunk
        self._size = end
        return True

    def body(self) -> bytearray:
        """The whole body; raises Problem if it was too large, or shorter than was declared."""
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
        return self._whole

    def _discard(self, chunk: Buffer) -> bool:
        self._too_large = True
        self._whole = bytearray()
        self._discarded += len(chunk)
        return self._discarded < DISCARD_BYTES


def _declared_length(head: Head) -> int | None:
    text = head.header("content-length")
    return int(text) if text.isdecimal() and len(text) < 20 else None
