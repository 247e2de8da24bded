"""Directories of a TIFF as they stand in the file: what libtiff is told of its blocks, read by ourselves.

Source: TIFF 6.0 (Adobe, 1992), section 2; BigTIFF (libtiff, 2007).
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .errors import UndecodableImage

Read = Callable[[int, int], bytes | memoryview]
"""Bytes of the file: (first, how many); fewer at its end."""

Order = Literal["<", ">"]
"""Of the bytes of a number: the lowest first, or the highest."""

_BIG = 43
_MOST_ENTRIES = 4096
_MOST_DIRECTORIES = 256
_TYPES = {1: "u1", 3: "u2", 4: "u4", 7: "u1", 13: "u4", 16: "u8", 18: "u8"}  # whole numbers without sign, and bytes


class _Entry(NamedTuple):
    kind: str
    many: int
    at: int


@dataclass(frozen=True)
class Directory:
    """One image of a TIFF, as its tags say; of a tag that is there twice the first counts, as in libtiff.

    Attributes:
        offset: where it stands in the file.
        order: "<" or ">", of all numbers in the file.
        following: where the next directory stands; 0 for the last.
    """

    read: Read
    offset: int
    order: Order
    following: int
    entries: Mapping[int, _Entry]

    def count(self, tag: int) -> int:
        """How many numbers the tag has, 0 where it is not there or has none."""
        return self.entries[tag].many if tag in self.entries else 0

    def number(self, tag: int, default: int = 0) -> int:
        """The first number of a tag; `default` where it is not there."""
        return int(self.numbers(tag, 0, 1)[0]) if self.count(tag) else default

    def numbers(self, tag: int, first: int, many: int) -> NDArray[np.uint64]:
        """Some numbers of a tag; UndecodableImage where it has not so many."""
        if first + many > self.count(tag):
            raise _damaged()
        if not many:
            return np.empty(0, np.uint64)
        entry = self.entries[tag]
        kind = np.dtype(self.order + entry.kind)
        content = _whole(self.read, entry.at + first * kind.itemsize, many * kind.itemsize)
        return np.frombuffer(content, kind).astype(np.uint64)


def directory_at(read: Read, offset: int) -> Directory:
    """The directory at a place of the file; UndecodableImage where there is none."""
    order, is_big = _header(read)
    length, step, wide = ("Q", 20, "Q") if is_big else ("H", 12, "I")
    head = struct.calcsize(length)
    (count,) = struct.unpack(order + length, _whole(read, offset, head))
    if count > _MOST_ENTRIES:
        raise _damaged()
    body = _whole(read, offset + head, count * step + struct.calcsize(wide))
    entries: dict[int, _Entry] = {}
    for at in range(0, count * step, step):
        tag, kind, many = struct.unpack_from(f"{order}HH{wide}", body, at)
        if kind in _TYPES and tag not in entries:
            inside = offset + head + at + step - struct.calcsize(wide)
            fits = many * np.dtype(_TYPES[kind]).itemsize <= struct.calcsize(wide)
            (elsewhere,) = struct.unpack_from(order + wide, body, at + step - struct.calcsize(wide))
            entries[tag] = _Entry(_TYPES[kind], many, inside if fits else elsewhere)
    (following,) = struct.unpack_from(order + wide, body, count * step)
    return Directory(read, offset, order, following, entries)


def directories(read: Read) -> Iterator[Directory]:
    """Those that follow each other from the first on, each once; no more than 256."""
    order, is_big = _header(read)
    form, at = (order + "Q", 8) if is_big else (order + "I", 4)
    (offset,) = struct.unpack(form, _whole(read, at, struct.calcsize(form)))
    seen = set[int]()
    while offset and offset not in seen and len(seen) < _MOST_DIRECTORIES:
        seen.add(offset)
        found = directory_at(read, offset)
        yield found
        offset = found.following


def _header(read: Read) -> tuple[Order, bool]:
    """The order of bytes, and whether it is a BigTIFF."""
    orders: dict[bytes, Order] = {b"II": "<", b"MM": ">"}
    order = orders.get(bytes(read(0, 2)))
    if order is None:
        raise _damaged()
    return order, struct.unpack(order + "H", _whole(read, 2, 2)) == (_BIG,)


def _whole(read: Read, start: int, size: int) -> bytes | memoryview:
    content = read(start, size) if size else b""
    if len(content) != size:
        raise _damaged()
    return content


def _damaged() -> UndecodableImage:
    return UndecodableImage("The content begins like image/tiff, but is damaged or cut short.")
