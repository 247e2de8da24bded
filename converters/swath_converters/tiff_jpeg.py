"""JPEGs inside a TIFF, looked at before libtiff sees them.

libtiff leaves what a JPEG smaller than its block does not fill as it was: memory of another caller. And of damage it
says no more than a warning, where GDAL's driver for JPEG files, which the blocks are tried with here, refuses.
"""

import struct
from typing import Any

import numpy as np

from . import gdal
from .errors import UndecodableImage
from .formats import JPEG

_BEGIN, _END = b"\xff\xd8", b"\xff\xd9"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0)})
_MOST_PADDING = 16


def check_jpeg(content: bytes | memoryview, tables: bytes, width: int, height: int) -> None:
    """Raise UndecodableImage unless it is a whole, undamaged JPEG of this size (px).

    Args:
        content: of a block.
        tables: what the blocks share (tag JPEGTables), a JPEG without an image; b"" for none.
        width, height: of the block.
    """
    block = bytes(content)
    stream = block.rstrip(b"\0") if block[-_MOST_PADDING:].rstrip(b"\0").endswith(_END) else block
    if not (stream.startswith(_BEGIN) and stream.endswith(_END)) or _size(stream) != (width, height):
        raise _damaged()
    shared = tables[2:-2] if tables.startswith(_BEGIN) and tables.endswith(_END) else b""
    try:
        with (
            gdal.memory_file(_BEGIN + shared + stream[2:], JPEG.suffix) as file,
            file.open(driver=[JPEG.driver]) as found,
        ):
            _decode(found)
    except gdal.UNREADABLE:
        raise _damaged() from None


def _size(stream: bytes) -> tuple[int, int] | None:
    """Width and height of the first frame; None where anything but tables stands before it."""
    at = 2
    while at + 9 <= len(stream) and stream[at] == 0xFF:
        marker, length = stream[at + 1], int.from_bytes(stream[at + 2 : at + 4])
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", stream, at + 5)
            return width, height
        if marker not in _TABLES or length < 2:
            return None
        at += 2 + length
    return None


def _decode(dataset: Any) -> None:
    """Every row, one block after the other; the samples are thrown away."""
    out = np.empty((dataset.count, dataset.height, dataset.width), dataset.dtypes[0])
    dataset.read(out=out)


def _damaged() -> UndecodableImage:
    return UndecodableImage("A block of the image is damaged: it does not hold what belongs there.")
