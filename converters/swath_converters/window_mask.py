"""Which pixels of a window an area covers."""

import math
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio import features  # pyright: ignore[reportUnknownVariableType]

from . import gdal
from .window_grid import PixelWindow
from .window_place import Placement, RoiOutside

_features: Any = features
Mask = NDArray[np.bool_]


def area_mask(placement: Placement, margin: int, shape: tuple[int, int], mask: Mask | None) -> Mask | None:
    """Where a window shows the region or its margin, and the file's own mask holds.

    Args:
        placement: the region.
        margin: px of the whole image around each pixel that the region touches.
        shape: rows and columns in which the window is shown.
        mask: the file's, of that shape, or None.

    Returns:
        bool `shape`, True = valid; `mask` itself where the region has no polygon.

    Raises:
        RoiOutside: the polygon touches no pixel, though its box does.
    """
    if not placement.areas:
        return mask
    window = placement.window
    touched = _touched(placement, shape)
    if not touched.any():
        raise RoiOutside("The polygon has no pixel in common with the image.", pointer="/polygon")
    covered = grown(touched, math.ceil(margin * shape[0] / window.height), math.ceil(margin * shape[1] / window.width))
    return covered if mask is None else covered & mask


def grown(mask: Mask, rows: int, columns: int) -> Mask:
    """The mask with what is within so many rows and columns of a True."""
    for axis, reach in ((0, rows), (1, columns)):
        if reach:
            mask = _spread(mask, axis, reach)
    return mask


def _spread(mask: Mask, axis: int, reach: int) -> Mask:
    """True where one of the neighbours up to `reach` away along the axis is: by differences of running sums."""
    length = mask.shape[axis]
    sums = np.cumsum(mask, axis=axis, dtype=np.int32)
    places = np.arange(length, dtype=np.int64)
    first = places - reach - 1
    after = np.take(sums, np.minimum(places + reach, length - 1), axis=axis)
    before = np.take(sums, np.maximum(first, 0), axis=axis)
    shape = (-1, 1) if axis == 0 else (1, -1)
    return after - np.where((first >= 0).reshape(shape), before, 0) > 0


def _touched(placement: Placement, shape: tuple[int, int]) -> Mask:
    """Pixels of the window as it is shown that an area touches, be it at an edge."""
    window = placement.window
    scale = Affine.scale(window.width / shape[1], window.height / shape[0])
    areas = [{"type": "Polygon", "coordinates": [_inside(ring, window) for ring in area]} for area in placement.areas]
    with gdal.sandbox():
        burnt = _features.rasterize(areas, out_shape=shape, transform=scale, all_touched=True, dtype="uint8")
    return burnt.view(np.bool_)


def _inside(ring: NDArray[np.float64], window: PixelWindow) -> list[list[float]]:
    return (ring - (window.x, window.y)).tolist()
