"""How the samples of a TIFF's directory lie in its blocks: strips or tiles, of each its place and its size."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from .errors import TooLarge, UndecodableImage
from .tiff_directory import Directory
from .window_grid import PixelWindow

NONE, LZW, JPEG, PACKBITS, LERC, LZMA, ZSTD, WEBP = 1, 5, 7, 32773, 34887, 34925, 50000, 50001
DEFLATE = frozenset({8, 32946})
COMPRESSIONS = frozenset({NONE, LZW, JPEG, PACKBITS, LERC, LZMA, ZSTD, WEBP}) | DEFLATE
"""The compressions that may be decoded: no fax, no old JPEG, none that few files have and few people look after."""

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _PHOTOMETRIC, _FILL_ORDER = 256, 257, 258, 259, 262, 266
_STRIPS, _SAMPLES, _ROWS, _STRIP_BYTES, _PLANES, _PREDICTOR = 273, 277, 278, 279, 284, 317
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES, _FORMAT = 322, 323, 324, 325, 339
_SUBFILE, _MASK = 254, 4
_MOST_BLOCKS = 1 << 22  # what is said of them takes 16 bytes each, and more in GDAL
_YCBCR, _LOWEST_FIRST, _MOST_BANDS = 6, 2, 65535


class Block(NamedTuple):
    """A strip or tile.

    Attributes:
        offset, length: where its bytes are in the file; both 0 where the file leaves it out.
        band: which band's it is, from 0; None where it has those of all bands, pixel by pixel.
        window: its pixels, beyond the image's edges too where it is a tile.
        size_bytes: of its samples.
    """

    offset: int
    length: int
    band: int | None
    window: PixelWindow
    size_bytes: int


@dataclass(frozen=True)
class Layout:
    """What a directory says of its blocks.

    Attributes:
        width, height: px.
        count: of bands.
        bits: of a sample, the same in every band.
        sample_format: 1 unsigned, 2 signed, 3 floating point, 5 and 6 complex.
        compression: of `COMPRESSIONS`.
        predictor: 1 none, 2 differences of samples, 3 of the bytes of floating point numbers.
        is_by_pixel: a block has the samples of all bands, those of a pixel together.
        is_tiled: blocks reach beyond the image's edges; of strips the last one ends with the image.
        is_reversed: the bits of each byte are.
        block_width, block_height: px.
    """

    directory: Directory
    width: int
    height: int
    count: int
    bits: int
    sample_format: int
    compression: int
    predictor: int
    is_by_pixel: bool
    is_tiled: bool
    is_reversed: bool
    block_width: int
    block_height: int

    @property
    def window(self) -> PixelWindow:
        """All pixels of it."""
        return PixelWindow(0, 0, self.width, self.height)

    def blocks(self, window: PixelWindow, bands: Iterable[int]) -> Iterator[Block]:
        """Those that have pixels of a window, in some bands (from 0), by bands, then by rows.

        Raises:
            UndecodableImage: the file does not say where one is.
            TooLarge: they are more than 4,194,304 in a band.
        """
        across, down = math.ceil(self.width / self.block_width), math.ceil(self.height / self.block_height)
        top, bottom = window.y // self.block_height, math.ceil(window.bottom / self.block_height)
        if (bottom - top) * across > _MOST_BLOCKS:
            raise TooLarge("blocks in a band", (bottom - top) * across, _MOST_BLOCKS)
        columns = range(window.x // self.block_width, math.ceil(window.right / self.block_width))
        for band in [None] if self.is_by_pixel else dict.fromkeys(bands):
            start = ((band or 0) * down + top) * across
            offsets, lengths = (self.directory.numbers(tag, start, (bottom - top) * across) for tag in self._tags)
            for y in range(top, bottom):
                for x in columns:
                    index = (y - top) * across + x
                    yield self._block(int(offsets[index]), int(lengths[index]), band, x, y)

    def _block(self, offset: int, length: int, band: int | None, x: int, y: int) -> Block:
        left, top = x * self.block_width, y * self.block_height
        rows = self.block_height if self.is_tiled else min(self.block_height, self.height - top)
        samples = self.block_width * (self.count if self.is_by_pixel else 1)
        size_bytes = math.ceil(samples * self.bits / 8) * rows
        place = (offset, length) if offset and length else (0, 0)
        return Block(*place, band, PixelWindow(left, top, self.block_width, rows), size_bytes)

    @property
    def _tags(self) -> tuple[int, int]:
        return (_TILES, _TILE_BYTES) if self.is_tiled else (_STRIPS, _STRIP_BYTES)


def layout_of(directory: Directory) -> Layout:
    """The layout that a directory's tags say.

    Raises:
        UndecodableImage: they say none, or one that is not read here.
    """

    said = directory.number
    width, height, count = said(_WIDTH), said(_HEIGHT), said(_SAMPLES, 1)
    is_tiled = _TILE_WIDTH in directory.entries
    columns, rows = (said(_TILE_WIDTH), said(_TILE_HEIGHT)) if is_tiled else (width, min(said(_ROWS, height), height))
    depths = directory.numbers(_BITS, 0, min(directory.count(_BITS), _MOST_BANDS))
    if 0 in (width, height, count, columns, rows) or len(set(depths.tolist())) > 1:
        raise UndecodableImage("The TIFF's tags say no image, or bands of different depths.")
    _check_read_here(said(_COMPRESSION, NONE), said(_PHOTOMETRIC, 1))
    return Layout(
        directory,
        width,
        height,
        count,
        int(depths[0]) if len(depths) else 1,
        said(_FORMAT, 1),
        said(_COMPRESSION, NONE),
        said(_PREDICTOR, 1),
        is_by_pixel=count > 1 and said(_PLANES, 1) == 1,
        is_tiled=is_tiled,
        is_reversed=said(_FILL_ORDER, 1) == _LOWEST_FIRST,
        block_width=columns,
        block_height=rows,
    )


def is_mask(directory: Directory) -> bool:
    """Whether it says of another one's pixels which are valid."""
    return bool(directory.number(_SUBFILE) & _MASK)


def _check_read_here(compression: int, photometric: int) -> None:
    is_known = compression in COMPRESSIONS
    if is_known and (photometric != _YCBCR or compression in (JPEG, WEBP)):
        return
    what = "colours are YCbCr without JPEG" if is_known else f"compression has the number {compression}"
    raise UndecodableImage(
        f"The TIFF's {what}, which is not read here.",
        hint="Write it with deflate, zstd, LZW, packbits, LZMA, LERC, JPEG or WebP, or uncompressed.",
    )
