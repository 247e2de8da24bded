"""Blocks of a TIFF: deflated ones are inflated here, not by GDAL; JPEGs are looked at before GDAL sees them.

GDAL's libtiff takes a deflated block that holds more than it should for whole, though the last match, which did not
fit, was left out: up to 257 bytes of its pixels are then what the memory held before, of another caller perhaps. And
where it goes back to plain zlib it does not look at the checksum. Here a block fills its place exactly and fits its
Adler-32, or it is an error.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from isal import isal_zlib
from numpy.typing import NDArray

from .deadline import Deadline
from .errors import UndecodableImage
from .tiff_directory import Read
from .tiff_filling import fill
from .tiff_jpeg import check_jpeg
from .tiff_layout import DEFLATE, JPEG, NONE, Block, Layout
from .window_grid import PixelWindow

_JPEG_TABLES = 347
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
    """Look at each block of some bands (from 0) that GDAL will decode for a window: deflated ones and JPEGs wholly, of
    others that the file says where they are, and of plain ones that they are long enough.

    Raises:
        UndecodableImage: a block is damaged, too short or too long.
        DecodeTimedOut: the deadline has passed.
    """
    tables = layout.directory.numbers(_JPEG_TABLES, 0, layout.directory.count(_JPEG_TABLES)).astype("u1").tobytes()
    for block in layout.blocks(window, bands):
        deadline.check()
        if not block.length:
            continue
        if layout.compression in DEFLATE:
            inflated(read, block)
        elif layout.compression == JPEG:
            check_jpeg(read(block.offset, block.length), tables, block.window.width, block.window.height)
        elif layout.compression == NONE and block.length < block.size_bytes:
            raise _damaged()


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


def _damaged() -> UndecodableImage:
    return UndecodableImage("A block of the image is damaged: it does not hold what belongs there.")
