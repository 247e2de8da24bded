"""A PNG with the same rows, inflated: GDAL has nothing to inflate any more, and every sample is there.

ISA-L inflates in less than half the time that GDAL's zlib takes, and tells whether the samples are whole. Of a cut PNG,
read in one go as GDAL reads it fastest, GDAL shows whatever the memory held before. Sources: PNG specification, third
edition (W3C, 2025), §5, §10 and §11; RFC 1950, §2.2; RFC 1951, §3.2.4.
"""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

from isal import isal_zlib

from .deadline import Deadline
from .place import Place
from .policy import Policy

_SIGNATURE_BYTES, _FRAME_BYTES = 8, 12  # a chunk is framed by its length, its type and its checksum
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_ZLIB_BYTES = 6  # two before the blocks, a checksum of four behind them
# Of a block that is not pressed: whether it is the last, its length, and that inverted.
_BLOCK_HEAD = struct.Struct("<BHH")
_STORED_BYTES = 65_535  # of such a block, at most
_PIECE_BYTES = 1 << 20
_MOST_CHUNKS, _CHUNKS_PER_LOOK = 1 << 16, 1 << 10  # libpng writes one for every 8 KiB; so many looks at the clock
_MOST_CHUNK_BYTES = (1 << 31) - 1
_isal: Any = isal_zlib  # its types are partial


def stored(data: bytes, policy: Policy, deadline: Deadline) -> bytes | None:
    """The PNG with its rows not pressed, and all else as it was.

    Args:
        data: the file.
        policy: the largest image accepted: of another nothing is inflated.
        deadline: until when; raises DecodeTimedOut.

    Returns:
        None where a checksum is wrong, the samples are not as many as the header says, or the rows are interlaced.
    """
    try:
        chunks = list(_chunks(data, deadline))
        rows = [chunk for chunk in chunks if chunk.kind == b"IDAT"]
        first = chunks.index(rows[0])
        size = _rows_bytes(chunks[0].content, policy) if chunks[0].kind == b"IHDR" else 0
        if size == 0 or chunks[first : first + len(rows)] != rows:
            return None
        return _file(data[: rows[0].start], rows, size, data[rows[-1].end : chunks[-1].end], deadline)
    except (_isal.error, struct.error, ValueError, IndexError, KeyError):
        return None


class _Chunk(NamedTuple):
    kind: bytes
    start: int
    end: int
    content: memoryview


def _chunks(data: bytes, deadline: Deadline) -> Iterator[_Chunk]:
    """Each chunk up to the last; raises ValueError or struct.error where one is damaged, or there are too many."""
    view, start = memoryview(data), _SIGNATURE_BYTES
    for index in range(_MOST_CHUNKS):
        if index % _CHUNKS_PER_LOOK == 0:
            deadline.check()
        (size,) = struct.unpack_from(">I", view, start)
        kind, end = data[start + 4 : start + 8], start + 8 + size
        if _isal.crc32(view[start + 4 : end]) != struct.unpack_from(">I", view, end)[0]:
            raise ValueError("a checksum is wrong")
        yield _Chunk(kind, start, end + 4, view[start + 8 : end])
        if kind == b"IEND":
            return
        start = end + 4
    raise ValueError("there are too many chunks")


def _rows_bytes(header: memoryview, policy: Policy) -> int:
    """Of all rows, each with the number of its filter; 0 where they are interlaced, or more than may be."""
    width, height, depth, color_type, _, _, interlace = struct.unpack(">IIBBBBB", header)
    channels = _CHANNELS[color_type]
    size = height * (1 + (width * channels * depth + 7) // 8)
    is_allowed = (
        width * height <= policy.max_pixels
        and channels <= policy.max_bands
        and width * height * channels * (2 if depth == 16 else 1) <= policy.max_decoded_bytes
    )
    return size if is_allowed and not interlace and _stream_bytes(size) <= _MOST_CHUNK_BYTES else 0


def _stream_bytes(size: int) -> int:
    return _ZLIB_BYTES + size + _BLOCK_HEAD.size * -(-size // _STORED_BYTES)


def _file(before: bytes, rows: list[_Chunk], size: int, after: bytes, deadline: Deadline) -> bytes:
    length = _stream_bytes(size)
    file, begin = Place(len(before) + _FRAME_BYTES + length + len(after)), len(before) + 8
    file.put(0, before + struct.pack(">I", length) + b"IDAT")
    stream = file.room(begin, length)
    _fill(stream, [chunk.content for chunk in rows], size, deadline)
    file.put(begin + length, struct.pack(">I", _isal.crc32(stream, _isal.crc32(b"IDAT"))) + after)
    return file.content


def _fill(stream: memoryview, pieces: list[memoryview], size: int, deadline: Deadline) -> None:
    """Write the rows as a zlib stream that presses nothing; raises ValueError where there are more or fewer bytes."""
    stream[:2] = b"\x78\x01"
    for start in range(0, size, _STORED_BYTES):
        length = min(_STORED_BYTES, size - start)
        is_last = start + length == size
        _BLOCK_HEAD.pack_into(stream, _place_of(start) - _BLOCK_HEAD.size, is_last, length, length ^ 0xFFFF)
    found, checksum = 0, 1
    for inflated in _inflated(pieces, deadline):
        if found + len(inflated) > size:
            raise ValueError("there are more samples than the header says")
        checksum = _isal.adler32(inflated, checksum)
        rest = memoryview(inflated)
        while rest:
            length = min(len(rest), _STORED_BYTES - found % _STORED_BYTES)
            stream[_place_of(found) : _place_of(found) + length] = rest[:length]
            found, rest = found + length, rest[length:]
    if found != size:
        raise ValueError("there are fewer samples than the header says")
    struct.pack_into(">I", stream, len(stream) - 4, checksum)


def _place_of(position: int) -> int:
    """Where a byte of the rows lies in the stream."""
    return 2 + (position // _STORED_BYTES + 1) * _BLOCK_HEAD.size + position


def _inflated(pieces: list[memoryview], deadline: Deadline) -> Iterator[bytes]:
    """What a zlib stream holds, in parts; raises ValueError where it does not end."""
    inflater = _isal.decompressobj()
    for piece in pieces:
        rest: Any = piece
        while len(rest) and not inflater.eof:
            deadline.check()
            yield inflater.decompress(rest, _PIECE_BYTES)
            rest = inflater.unconsumed_tail
    if not inflater.eof:
        raise ValueError("the samples are cut")
