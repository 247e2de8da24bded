"""Bright objects by a two-parameter constant false alarm rate (CFAR); README.md says how, and by whom."""

import math
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.areas import Area, areas
from swath_converters.detection import Detection, to_wire
from swath_runtime import Context, InputRejected

CATEGORY = "bright-object"
METRES_AT_ZOOM_0 = 156543.03392804097  # a pixel of 256 px tiles at the equator: 2π · 6378137 m / 256 (EPSG:3857)
LEAST_RING = 8  # px: width of the ring around the guard, at least
LEAST_GROUND = 64  # pixels in the ring, of which mean and deviation are taken; with fewer, a pixel is not judged


def process(
    zoom: int,
    tile: Image,
    context: Context,
    tileFormat: str | None = None,
    mask: Image | None = None,
    padding: int = 0,
    objectSize: float = 60.0,
    falseAlarmRate: float = 1e-6,
    minimumArea: int = 4,
) -> dict[str, Any]:
    """Objects that stand out of their surroundings.

    Args:
        zoom: level in the Web Mercator pyramid, 1–20.
        tile: (bands, height, width), any real dtype; the mean of the first three bands is the brightness.
        context: told how far it is.
        tileFormat: what the client says the tile is; the tile itself has been read already.
        mask: (1, height, width), not 0 where to look.
        padding: px on each side that belong to the neighbours.
        objectSize: length of the largest object, m.
        falseAlarmRate: share of pixels of normally distributed ground above the threshold, 0–0.1.
        minimumArea: least pixels of an object.

    Returns:
        objects: GeoJSON FeatureCollection of bounding boxes in px, (0, 0) the outer corner of the top left pixel.

    Raises:
        InputRejected: complex samples, a mask of another size, or padding that leaves nothing of the tile.
        Cancelled: the call was given up.
    """
    looked_at = _looked_at(tile, mask, padding)
    brightness = _brightness(tile)
    guard = max(1, math.ceil(objectSize / (METRES_AT_ZOOM_0 / 2**zoom)))
    context.progress(0.1, "surroundings")
    contrast = _contrast(brightness, tile.is_valid, guard, _quantum(tile))
    context.check_cancelled()
    threshold = NormalDist().inv_cdf(1 - falseAlarmRate)
    context.progress(0.7, "objects")
    found = [
        _feature(one, float(contrast[one.rows, one.columns].max()), threshold)
        for one in areas((contrast > threshold) & looked_at)
        if one.size >= minimumArea and _is_inside(one, brightness.shape, padding)
    ]
    return {"objects": {"type": "FeatureCollection", "features": found}}


def _looked_at(tile: Image, mask: Image | None, padding: int) -> NDArray[np.bool_]:
    if tile.dtype.kind == "c":
        raise InputRejected(f"The tile holds {tile.dtype}; brightness is a real number.", "/tile")
    if 2 * padding >= min(tile.height, tile.width):
        raise InputRejected(
            f"Padding of {padding} px leaves nothing of a tile of {tile.width} × {tile.height} px.", "/padding"
        )
    if mask is None:
        return np.ones((tile.height, tile.width), np.bool_)
    if (mask.height, mask.width) != (tile.height, tile.width):
        raise InputRejected(
            f"The mask has {mask.width} × {mask.height} px, the tile {tile.width} × {tile.height}.", "/mask"
        )
    return mask.array[0] != 0


def _brightness(tile: Image) -> NDArray[np.float64]:
    """Mean of the first three bands, float64 (height, width); 0 where it is no measurement."""
    brightness = tile.array[:3].mean(axis=0, dtype=np.float64)
    return np.where(tile.is_valid & np.isfinite(brightness), brightness, 0.0)


def _quantum(tile: Image) -> float:
    """The least deviation that ground can have: one step of an integer sample, next to nothing of a real one."""
    return 1.0 if tile.dtype.kind in "iub" else float(np.finfo(np.float32).tiny)


def _contrast(
    brightness: NDArray[np.float64], valid: NDArray[np.bool_], guard: int, quantum: float
) -> NDArray[np.float64]:
    """(value - mean) / deviation of the ring around each pixel, float64 (height, width); -inf where not judged.

    The ring is what lies within `guard + ring` px but not within `guard` px (in rows and columns), so that an object no
    longer than the guard never counts as its own surroundings. At the edges the ring is what is left of it.
    """
    valid = valid & np.isfinite(brightness)
    outer = guard + max(LEAST_RING, guard // 2)
    level = float(np.median(brightness[valid])) if valid.any() else 0.0
    centred = np.where(valid, brightness - level, 0.0)  # squares of small numbers: nothing is lost in their difference
    count, total, squares = (_ring(layer, guard, outer) for layer in (valid.astype(np.float64), centred, centred**2))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / count
        deviation = np.sqrt(np.maximum(squares / count - mean**2, quantum**2))
        contrast = (centred - mean) / deviation
    return np.where(valid & (count >= LEAST_GROUND), contrast, -np.inf)


def _ring(layer: NDArray[np.float64], inner: int, outer: int) -> NDArray[np.float64]:
    return _box(layer, outer) - _box(layer, inner)


def _box(layer: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Sum over the square of `2 reach + 1` px around each pixel, by an integral image; outside counts as 0."""
    height, width = layer.shape
    sums = np.zeros((height + 1, width + 1))
    np.cumsum(np.cumsum(layer, axis=0), axis=1, out=sums[1:, 1:])
    rows_at: NDArray[np.int64] = np.arange(height)
    columns_at: NDArray[np.int64] = np.arange(width)
    top, bottom = np.clip(rows_at - reach, 0, None), np.clip(rows_at + reach + 1, None, height)
    left, right = np.clip(columns_at - reach, 0, None), np.clip(columns_at + reach + 1, None, width)
    rows = sums[bottom] - sums[top]
    return rows[:, right] - rows[:, left]


def _is_inside(area: Area, shape: tuple[int, ...], padding: int) -> bool:
    """Whether its centre of mass lies in this tile and not in its padding."""
    row, column = area.rows.mean() + 0.5, area.columns.mean() + 0.5
    return bool(padding <= row < shape[0] - padding and padding <= column < shape[1] - padding)


def _feature(area: Area, peak: float, threshold: float) -> Any:
    confidence = 1.0 - threshold / peak if math.isfinite(peak) else 1.0
    return to_wire(Detection.of_box(area.box, CATEGORY, confidence, properties={"areaPixels": area.size}))
