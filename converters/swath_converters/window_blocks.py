"""Deflated blocks of a TIFF, inflated once more by ourselves: each must fill its block exactly and fit its Adler-32.

GDAL's libtiff takes a block that holds more than it should for whole, though the last match, which did not fit, was
left out: up to 257 bytes of its pixels are then what the memory held before, of another caller perhaps. And where it
goes back to plain zlib it does not look at the checksum.
"""

import math
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from .errors import UndecodableImage
from .window_grid import PixelWindow

Read = Callable[[int, int], bytes | memoryview]
"""Bytes of the file: (first, how many)."""

_TILE_WIDTH = 322
_BIG_TIFF = 43
_MOST_ENTRIES = 4096
_SAMPLE_BITS = {"complex_int16": 32, "complex64": 64, "complex128": 128}


def check_blocks(dataset: Any, read: Read, window: PixelWindow, indexes: Iterable[int]) -> None:
    """Look at each deflated block of some bands (GDAL's indexes) that the window touches; others are left alone.

    Raises:
        UndecodableImage: a block is damaged, too short or too long.
    """
    if dataset.get_tag_item("COMPRESSION", "IMAGE_STRUCTURE") != "DEFLATE":
        return
    is_by_pixel = dataset.get_tag_item("INTERLEAVE", "IMAGE_STRUCTURE") == "PIXEL" and dataset.count > 1
    rows, columns = dataset.block_shapes[0]
    is_tiled = _has_tag(read, int(dataset.get_tag_item("IFD_OFFSET", "TIFF", bidx=1)), _TILE_WIDTH)
    for index in [1] if is_by_pixel else dict.fromkeys(indexes):
        sample_bits = _sample_bits(dataset, index) * (dataset.count if is_by_pixel else 1)
        for y in range(window.y // rows, math.ceil(window.bottom / rows)):
            height = rows if is_tiled else min(rows, dataset.height - y * rows)
            size_bytes = math.ceil(columns * sample_bits / 8) * height
            for x in range(window.x // columns, math.ceil(window.right / columns)):
                _check(dataset, read, f"{x}_{y}", index, size_bytes)


def _has_tag(read: Read, directory: int, tag: int) -> bool:
    """Whether a directory of the TIFF has an entry of that tag. Tiles are stored whole, the last strip is not."""
    order = "big" if bytes(read(0, 2)) == b"MM" else "little"
    is_big = int.from_bytes(read(2, 2), order) == _BIG_TIFF
    head, step = (8, 20) if is_big else (2, 12)
    count = int.from_bytes(read(directory, head), order)
    entries = bytes(read(directory + head, min(count, _MOST_ENTRIES) * step))
    return any(int.from_bytes(entries[at : at + 2], order) == tag for at in range(0, len(entries), step))


def _sample_bits(dataset: Any, index: int) -> int:
    name = dataset.dtypes[index - 1]
    stored = dataset.get_tag_item("NBITS", "IMAGE_STRUCTURE", bidx=index)
    digits = "".join(character for character in name if character.isdigit())
    return int(stored or _SAMPLE_BITS.get(name) or digits)


def _check(dataset: Any, read: Read, place: str, index: int, size_bytes: int) -> None:
    offset, length = (dataset.get_tag_item(f"BLOCK_{what}_{place}", "TIFF", bidx=index) for what in ("OFFSET", "SIZE"))
    if not offset or not length:  # sparse
        return
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(read(int(offset), int(length)), size_bytes + 1)
    except zlib.error:
        content = b""
    if len(content) != size_bytes or not inflater.eof:
        raise UndecodableImage("A block of the image is damaged: it does not hold what belongs there.")
