"""A chunked body, taken apart as it comes (RFC 9112, section 7.1)."""

import re
from collections.abc import Iterator

from gunicorn.http.errors import ChunkMissingTerminator, InvalidChunkSize

SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(;[^\r\n]*)?")
MOST_LINE_BYTES = 4096  # of a size with its extensions, or of one trailer
MOST_TRAILER_BYTES = 1 << 16
CRLF = b"\r\n"


class Chunks:
    """Yields what a chunked body holds.

    Attributes:
        is_over: whether the body has ended.
    """

    def __init__(self) -> None:
        self.is_over = False
        self._left = 0  # of the chunk at hand
        self._is_within = self._is_in_trailers = False
        self._trailer_bytes = 0

    def take(self, buffer: bytearray) -> Iterator[bytes]:
        """What can be had of the buffer, from which it is removed; what follows the body stays there.

        Raises InvalidChunkSize or ChunkMissingTerminator, errors of gunicorn.
        """
        while not self.is_over:
            if self._left:
                piece = bytes(buffer[: self._left])
                del buffer[: self._left]
                self._left -= len(piece)
                if not piece:
                    return
                yield piece
            elif self._is_within:
                if len(buffer) < len(CRLF):
                    return
                if not buffer.startswith(CRLF):
                    raise ChunkMissingTerminator(bytes(buffer[:2]))
                del buffer[:2]
                self._is_within = False
            elif (line := self._line(buffer)) is None:
                return
            else:
                self._begin(line)

    def _line(self, buffer: bytearray) -> bytes | None:
        end = buffer.find(CRLF, 0, MOST_LINE_BYTES)
        if end < 0:
            if len(buffer) >= MOST_LINE_BYTES:
                raise InvalidChunkSize(bytes(buffer[:20]))
            return None
        line = bytes(buffer[:end])
        del buffer[: end + 2]
        return line

    def _begin(self, line: bytes) -> None:
        if self._is_in_trailers:
            self._trailer_bytes += len(line)
            if self._trailer_bytes > MOST_TRAILER_BYTES:
                raise InvalidChunkSize(line[:20])
            self.is_over = not line
            return
        found = SIZE.fullmatch(line)
        if not found:
            raise InvalidChunkSize(line[:20])
        self._left = int(found[1], 16)
        self._is_within = bool(self._left)
        self._is_in_trailers = not self._left
