"""TIFFs with blocks that nobody's encoder would write."""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
from converters.rasters import naive_write

from swath_converters.tiff_directory import Directory, directories
from swath_converters.tiff_layout import layout_of

OFFSETS, LENGTHS = (273, 324), (279, 325)
Change = Callable[[bytes], bytes]


def reading(content: bytes) -> Callable[[int, int], bytes]:
    return lambda start, size: content[start : start + size]


def directory(content: bytes, number: int = 0) -> Directory:
    return list(directories(reading(content)))[number]


def with_block(content: bytes, change: Change, *, index: int = 0, number: int = 0) -> bytes:
    """The file with one block of a directory changed: written at the end, its place and length told."""
    found = directory(content, number)
    block = list(layout_of(found).blocks(layout_of(found).window, range(layout_of(found).count)))[index]
    changed = change(content[block.offset : block.offset + block.length])
    forged = bytearray(content) + changed
    for tags, value in ((OFFSETS, len(content)), (LENGTHS, len(changed))):
        entry = next(found.entries[tag] for tag in tags if tag in found.entries)
        size = np.dtype(entry.kind).itemsize
        struct.pack_into(found.order + {2: "H", 4: "I", 8: "Q"}[size], forged, entry.at + index * size, value)
    return bytes(forged)


def with_tag(content: bytes, tag: int, value: int, *, number: int = 0) -> bytes:
    """The file with another first value of a tag."""
    found = directory(content, number)
    entry = found.entries[tag]
    forged = bytearray(content)
    struct.pack_into(found.order + {"u1": "B", "u2": "H", "u4": "I", "u8": "Q"}[entry.kind], forged, entry.at, value)
    return bytes(forged)


def deflated(array: np.ndarray[Any, Any], **options: Any) -> bytes:
    return naive_write(array, "GTiff", compress="deflate", **options)
