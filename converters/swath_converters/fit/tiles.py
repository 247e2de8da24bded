"""An image in tiles that overlap, and back to one."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ImageMalformed
from ..memory import Image, same_nodata
from ..window_facts import cropped, grid_of
from ..window_grid import Grid, PixelWindow

JOINS = ("crop", "blend")


@dataclass(frozen=True)
class Tile:
    """A part of an image, and what of it counts when tiles are merged.

    Attributes:
        image: the part; or what an algorithm made of it, of the same size.
        window: where it lies in the whole.
        core: pixels of the whole that this tile alone answers for; the cores of all tiles have every pixel once.
        grid: of the whole.
    """

    image: Image
    window: PixelWindow
    core: PixelWindow
    grid: Grid

    def with_result(self, result: Image) -> "Tile":
        """The tile of a result that an algorithm made of its image.

        Raises:
            ImageMalformed: the result has another width or height.
        """
        if (result.width, result.height) != (self.window.width, self.window.height):
            raise ImageMalformed(f"A result of {result.shape} is not on a tile of {self.window}.")
        return replace(self, image=result)


def tile_windows(
    width: int, height: int, tile_width: int, tile_height: int, overlap: int = 0
) -> tuple[tuple[PixelWindow, PixelWindow], ...]:
    """The tiles of an image, by rows: of each its window and its core.

    Every tile has the full size unless the image is smaller: the last of a row or column reaches back further.
    Cores end in the middle of what two neighbours share.

    Args:
        width, height: of the image, px.
        tile_width, tile_height: of a tile, px.
        overlap: px that neighbours share at least; less than a tile's sides.

    Raises:
        ValueError: no pixels, or the overlap is as large as a tile.
    """
    if min(width, height, tile_width, tile_height) < 1 or not 0 <= overlap < min(tile_width, tile_height):
        raise ValueError("Sizes are 1 px or more, and an overlap is smaller than a tile.")
    across, down = _spans(width, tile_width, overlap), _spans(height, tile_height, overlap)
    return tuple(
        (PixelWindow(x, y, right - x, bottom - y), PixelWindow(left, top, end - left, low - top))
        for (y, bottom), (top, low) in down
        for (x, right), (left, end) in across
    )


def tiles(image: Image, width: int, height: int, overlap: int = 0) -> Iterator[Tile]:
    """The image in tiles, views of it, by rows; sizes and errors as `tile_windows`."""
    grid = grid_of(image)
    for window, core in tile_windows(image.width, image.height, width, height, overlap):
        yield Tile(cropped(image, window), window, core, grid)


def merge(parts: Iterable[Tile], *, join: str = "crop") -> Image:
    """One image of tiles, in any order, on the grid that they were cut from.

    Args:
        parts: all tiles of one image, or results of them that agree in bands, dtype and nodata.
        join: `crop` takes each pixel from the tile whose core it is in, and is exact. `blend` weighs the tiles that
            show a pixel by its distance from their edges: for measurements, not for classes. Nodata and masked samples
            take no part; where tiles agree, so does the result, exactly. Integers are rounded to the nearest.

    Returns:
        The image, what is said of its samples taken from the first tile. Control points and RPCs are left out.

    Raises:
        ImageMalformed: no tiles, tiles that do not fit together, or pixels in none.
        ValueError: no such join.
    """
    if join not in JOINS:
        raise ValueError(f"{join!r} is no way to join tiles; known: {', '.join(JOINS)}.")
    given = list(parts)
    _check_tiles(given)
    first, grid = given[0].image, given[0].grid
    array = np.zeros((first.count, grid.height, grid.width), first.dtype)
    mask = None if all(tile.image.mask is None for tile in given) else np.zeros(array.shape[1:], np.bool_)
    for tile in given:
        inner = tile.core.relative_to(tile.window).slices
        array[:, *tile.core.slices] = tile.image.array[:, *inner]
        if mask is not None:
            mask[tile.core.slices] = True if tile.image.mask is None else tile.image.mask[inner]
    if join == "blend":
        array = _blended(array, given, first)
    place: dict[str, Any] = {"crs": grid.crs, "transform": grid.transform, "gcps": (), "gcp_crs": None, "rpcs": None}
    return replace(first, array=array, mask=mask, **place)


def _spans(length: int, tile: int, overlap: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Along one axis: first and last + 1 of each tile and of its core."""
    tile = min(tile, length)
    starts = [*range(0, length - tile, max(1, tile - overlap)), length - tile] if length > tile else [0]
    cuts = [0, *((after + start + tile) // 2 for start, after in pairwise(starts)), length]
    return [((start, start + tile), (cuts[i], cuts[i + 1])) for i, start in enumerate(starts)]


def _check_tiles(given: list[Tile]) -> None:
    if not given:
        raise ImageMalformed("There are no tiles to merge.")
    first = given[0]
    for tile in given:
        here, there = tile.image, first.image
        is_alike = (here.count, here.dtype, tile.grid) == (there.count, there.dtype, first.grid)
        if not is_alike or not all(map(same_nodata, here.nodatas, there.nodatas)):
            raise ImageMalformed("The tiles differ in bands, dtype, nodata or grid.")
    if sum(tile.core.pixels for tile in given) != first.grid.window.pixels:
        raise ImageMalformed("The tiles leave pixels out, or have some twice.")


def _blended(base: NDArray[Any], given: list[Tile], like: Image) -> NDArray[Any]:
    """`base` moved towards the other tiles that show a pixel: exactly `base` where they agree with it."""
    is_complex = like.dtype.kind == "c"
    shift = np.zeros(base.shape, np.complex128 if is_complex else np.float64)
    weights = np.zeros(base.shape)
    for tile in given:
        here = (slice(None), *tile.window.slices)
        counts = _usable(tile.image) & _usable(replace(like, array=base[here], mask=None))
        weight = np.where(counts, _towards_the_middle(tile.window), 0.0)
        with np.errstate(invalid="ignore"):
            difference = tile.image.array.astype(shift.dtype) - base[here].astype(shift.dtype)
        shift[here] += np.where(counts & (weight > 0), difference, 0) * weight
        weights[here] += weight
    shift = np.divide(shift, weights, out=np.zeros_like(shift), where=weights > 0)
    if like.dtype.kind in "iub":
        return base + np.rint(shift).astype(np.int64).astype(base.dtype) if like.dtype.kind != "b" else base
    return (base + shift).astype(base.dtype)


def _usable(image: Image) -> NDArray[np.bool_]:
    """Samples that are measurements, (bands, height, width)."""
    usable = np.ones(image.shape, np.bool_) if image.mask is None else np.broadcast_to(image.mask, image.shape).copy()
    for band, samples, nodata in zip(usable, image.array, image.nodatas, strict=True):
        if nodata is not None and not math.isnan(nodata):
            np.logical_and(band, samples != samples.dtype.type(nodata), out=band)
    if image.dtype.kind in "fc":
        usable &= np.isfinite(image.array)
    return usable


def _towards_the_middle(window: PixelWindow) -> NDArray[np.float64]:
    """Weights (height, width) that fall towards the edges of a tile, never to 0."""
    along = [np.minimum(np.arange(1, size + 1), np.arange(size, 0, -1)) for size in (window.height, window.width)]
    return np.multiply.outer(*along).astype(np.float64)
