"""Whether a PNG holds every sample that its header speaks of, found without decoding it.

GDAL reads a PNG in one go twice as fast as row by row, but of a cut one it then shows whatever the memory held before.
Inflating it with ISA-L beforehand costs less than that. Source: PNG specification, third edition (W3C, 2025), §5, §10
and §11.
"""

import struct
from collections.abc import Iterator
from typing import Any

from isal import isal_zlib

from .deadline import Deadline

_SIGNATURE_BYTES, _FRAME_BYTES = 8, 12  # a chunk is framed by its length, its type and its checksum
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_PIECE_BYTES = 1 << 20
_isal: Any = isal_zlib  # its types are partial


def is_whole(data: bytes, deadline: Deadline) -> bool:
    """Whether each checksum holds and the samples are complete, of a PNG without interlacing.

    Args:
        data: the file, of a size that is allowed: all its samples are unpacked, a piece at a time.
        deadline: until when; raises DecodeTimedOut.

    Returns:
        False also where it can't be told.
    """
    try:
        (first, header), *others = _chunks(data)
        if first != b"IHDR":
            return False
        expected = _expected_bytes(header)
        return expected > 0 and _holds(expected, [content for kind, content in others if kind == b"IDAT"], deadline)
    except (_isal.error, struct.error, ValueError, KeyError):
        return False


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Type and content of each chunk up to the last; raises ValueError or struct.error where one is damaged."""
    view, at, kind = memoryview(data), _SIGNATURE_BYTES, b""
    while kind != b"IEND":
        (size,) = struct.unpack_from(">I", view, at)
        kind, end = data[at + 4 : at + 8], at + 8 + size
        if _isal.crc32(view[at + 4 : end]) != struct.unpack_from(">I", view, end)[0]:
            raise ValueError("a checksum is wrong")
        yield kind, view[at + 8 : end]
        at += size + _FRAME_BYTES


def _expected_bytes(header: memoryview) -> int:
    """Of all rows, each with the number of its filter; 0 where they are interlaced."""
    width, height, depth, color_type, _, _, interlace = struct.unpack(">IIBBBBB", header)
    row_bytes = (width * _CHANNELS[color_type] * depth + 7) // 8
    return 0 if interlace else height * (1 + row_bytes)


def _holds(expected: int, pieces: list[memoryview], deadline: Deadline) -> bool:
    inflater, found = _isal.decompressobj(), 0
    for piece in pieces:
        rest: Any = piece
        while len(rest) and not inflater.eof:
            deadline.check()
            found += len(inflater.decompress(rest, _PIECE_BYTES))
            rest = inflater.unconsumed_tail
            if found > expected:
                return False
    return inflater.eof and found == expected
