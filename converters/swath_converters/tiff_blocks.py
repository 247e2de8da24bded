"""Blocks of a TIFF: deflated ones are inflated here, not by GDAL; JPEGs are looked at before GDAL sees them.

GDAL's libtiff takes a deflated block that holds more than it should for whole, though the last match, which did not
fit, was left out: up to 257 bytes of its pixels are then what the memory held before, of another caller perhaps. And
where it goes back to plain zlib it does not look at the checksum. Here a block fills its place exactly and fits its
Adler-32, or it is an error.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any

from isal import isal_zlib
from numpy.typing import NDArray

from .deadline import Deadline
from .errors import UndecodableImage
from .tiff_directory import Read
from .tiff_filling import fill
from .tiff_layout import DEFLATE, JPEG, Block, Layout
from .window_grid import PixelWindow

_isal: Any = isal_zlib  # its types are partial


def read_samples(
    read: Read, layout: Layout, window: PixelWindow, bands: Sequence[int], out: NDArray[Any], deadline: Deadline
) -> bool:
    """Samples of a window into `out`, without GDAL. False, with nothing to be found there, where a block is left out.

    Args:
        read: bytes of the file.
        layout: one that has a `stored_dtype`.
        window: which pixels; within the image.
        bands: from 0, in the order wanted.
        out: (bands, height, width) of that dtype.
        deadline: looked at before each block.

    Raises:
        UndecodableImage: a block is damaged, too short or too long.
        DecodeTimedOut: the deadline has passed.
    """
    for block in layout.blocks(window, bands):
        deadline.check()
        common = block.window.within(window)
        if not block.length:
            return False
        content = inflated(read, block)
        if common is not None:
            at = common.relative_to(window).slices
            targets = [
                (0 if block.band is not None else band, out[(index, *at)])
                for index, band in enumerate(bands)
                if block.band in (None, band)
            ]
            fill(targets, content, layout, block, common.relative_to(block.window))
    return True


def check_blocks(read: Read, layout: Layout, window: PixelWindow, bands: Iterable[int], deadline: Deadline) -> None:
    """Look at each deflated block and each JPEG of some bands (from 0) that GDAL will decode for a window.

    Raises:
        UndecodableImage: a block is damaged, too short or too long.
        DecodeTimedOut: the deadline has passed.
    """
    if layout.compression not in DEFLATE and layout.compression != JPEG:
        return
    for block in layout.blocks(window, bands):
        deadline.check()
        if block.length and layout.compression == JPEG:
            _check_jpeg(read(block.offset, block.length), block)
        elif block.length:
            inflated(read, block)


def inflated(read: Read, block: Block) -> bytes:
    """The bytes of a block's samples: as many as belong there, with the right checksum; or UndecodableImage."""
    inflater = _isal.decompressobj()
    try:
        content: bytes = inflater.decompress(read(block.offset, block.length), block.size_bytes + 1)
    except (_isal.error, ValueError, OverflowError):
        content = b""
    if len(content) != block.size_bytes or not inflater.eof:
        raise _damaged()
    return content


def _check_jpeg(content: bytes | memoryview, block: Block) -> None:
    """A whole JPEG of the block's own size: libtiff leaves the rest of the block as it is, and libjpeg makes it up."""
    view = memoryview(content)
    if bytes(view[:2]) != b"\xff\xd8" or bytes(view[-2:]) != b"\xff\xd9":
        raise _damaged()
    at = 2
    while at + 9 <= len(view) and view[at] == 0xFF:
        marker, length = struct.unpack_from(">xBH", view, at)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", view, at + 5)
            if (height, width) == (block.window.height, block.window.width):
                return
            break
        at += 1 if marker == 0xFF else 2 + length
    raise _damaged()


def _damaged() -> UndecodableImage:
    return UndecodableImage("A block of the image is damaged: it does not hold what belongs there.")
