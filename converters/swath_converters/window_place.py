"""Where a region of interest lies on an image's grid: its pixels.

Edges are divided until the pixels found no longer change, since a straight line in one CRS is a curve in another.
What of the region lies far from the image is cut off first: a projection may have no place for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import numpy as np
from affine import Affine

from .crs import crs_from_text, is_in_degrees
from .errors import ConversionError, MalformedValue
from .roi import Polygon, Roi
from .window_crs import Crossing, Points, one_arc, unbroken
from .window_grid import Grid, PixelWindow, applied

TOLERANCE_PX = 1e-4
"""A pixel of which less than this is touched does not count: coordinates are rounded on their way."""

_SETTLED_PX = 0.01
_MOST_POINTS = 1 << 17
_LATTICE = 65
_PAD = 0.02
_TURN = 360.0
_POLE = 90.0


class RoiOutside(MalformedValue):
    """A region has no pixel in common with the image."""

    hint = "Check the region's reference system and the order of its coordinates: easting or longitude comes first."


@dataclass(frozen=True)
class Placement:
    """A region on a grid.

    Attributes:
        window: the pixels to read: the region's and those of the margin, as far as the image has them.
        inner: those of the region alone.
        areas: polygons of the region in (column, row) of the image, from its upper left corner; () where the
            region is a window or a box, which has all pixels of `inner`.
    """

    window: PixelWindow
    inner: PixelWindow
    areas: tuple[tuple[Points, ...], ...] = ()


def place(roi: Roi, grid: Grid) -> Placement:
    """The pixels of a region.

    A box or polygon gives the smallest window that holds every pixel it touches; on a rotated grid, or in another
    CRS, that is more than the region itself. A box in a geographic CRS is found whichever turn its longitudes and
    the image's are counted in; where it crosses the edge of a grid that goes round the world, the window has all
    columns.

    Args:
        roi: the region.
        grid: the image's.

    Raises:
        RoiOutside: no pixel of the image is in the region; `pointer` is /window, /bbox or /polygon.
        MalformedValue: a box or polygon needs a georeferenced image; or the region's CRS is not known (/crs).
    """
    if roi.window:
        return _margined(roi, roi.window.within(grid.window), grid, "/window")
    pointer = "/bbox" if roi.bbox else "/polygon"
    if grid.crs is None or grid.transform is None:
        raise MalformedValue(
            "The image has no CRS or transform, so no place on the ground.", pointer=pointer, hint="Ask for a window."
        )
    try:
        crs = crs_from_text(roi.crs)
    except ConversionError as error:
        raise error.within("/crs") from None
    if is_in_degrees(crs) and max(map(abs, _northings(roi))) > _POLE:
        raise MalformedValue(
            "A latitude is -90 to 90 degrees.", pointer=pointer, hint="Longitude comes first, then latitude."
        )
    if grid.transform.is_degenerate:
        raise MalformedValue(
            "The image's transform puts all pixels on one line, so it has no inverse.", hint="Ask for a window."
        )
    try:
        areas = _areas(roi, grid, grid.crs, grid.transform)
    except MalformedValue as error:
        raise error if error.pointer else error.within(pointer) from None
    found = [(area, _bounds(area).within(grid.window)) for area in areas]
    windows = [window for _, window in found if window]
    inner = reduce(PixelWindow.around, windows) if windows else None
    shown = () if roi.bbox else tuple(area for area, window in found if window)
    return replace(_margined(roi, inner, grid, pointer), areas=shown)


def _northings(roi: Roi) -> list[float]:
    if roi.bbox:
        return [roi.bbox[1], roi.bbox[3]]
    return [y for polygon in roi.polygons for ring in polygon for _, y in ring]


def _margined(roi: Roi, inner: PixelWindow | None, grid: Grid, pointer: str) -> Placement:
    if inner is None:
        size = f"{grid.width} × {grid.height} px"
        raise RoiOutside(f"The region has no pixel in common with the image of {size}.", pointer=pointer)
    return Placement(inner.grown(roi.margin).within(grid.window) or inner, inner)


def _bounds(rings: Sequence[Points]) -> PixelWindow:
    """The smallest window with all pixels that the rings touch, at least one; not clipped."""
    points = np.concatenate(rings)
    low = np.floor(points.min(axis=0) + TOLERANCE_PX)
    high = np.maximum(np.ceil(points.max(axis=0) - TOLERANCE_PX), low + 1)
    (x, y), (right, bottom) = (np.clip(edge, -(2**40), 2**40).astype(int).tolist() for edge in (low, high))
    return PixelWindow(x, y, right - x, bottom - y)


def _areas(roi: Roi, grid: Grid, crs: str, transform: Affine) -> tuple[tuple[Points, ...], ...]:
    """The region's polygons in pixels, near the image."""
    way, back = Crossing(roi.crs, crs), Crossing(crs, roi.crs)
    near = _footprint(grid, transform, back)
    turns = range(-2, 3) if way.from_degrees else (0,)
    found: list[tuple[Points, ...]] = []
    for polygon in [_box(roi.bbox, way)] if roi.bbox else roi.polygons:
        for turn in turns:
            rings = [_clipped(np.array(ring, float) + np.array([turn * _TURN, 0]), near) for ring in polygon]
            if len(rings[0]):
                found.append(tuple(_settled(ring, way, transform, grid) for ring in rings if len(ring)))
    return tuple(found)


def _box(bbox: tuple[float, float, float, float], way: Crossing) -> Polygon:
    west, south, east, north = bbox
    if west > east and not way.from_degrees:
        raise MalformedValue("The bbox's west is east of its east: it is west, south, east, north.", pointer="/bbox")
    east += _TURN if west > east else 0
    return (((west, south), (east, south), (east, north), (west, north), (west, south)),)


def _footprint(grid: Grid, transform: Affine, back: Crossing) -> tuple[Points, Points]:
    """Corners (lowest, highest) of what holds the whole image in the region's CRS, and somewhat more."""
    columns, rows = np.meshgrid(np.linspace(0, grid.width, _LATTICE), np.linspace(0, grid.height, _LATTICE))
    points = back(applied(transform, np.column_stack([columns.ravel(), rows.ravel()])))
    points = points[np.isfinite(points[:, 0])]
    if not len(points):
        return np.full(2, -np.inf), np.full(2, np.inf)
    if back.to_degrees and not back.from_degrees:
        points[:, 0] = one_arc(points[:, 0])
    low, high = points.min(axis=0), points.max(axis=0)
    pad = (high - low) * _PAD
    return low - pad, high + pad


def _clipped(ring: Points, corners: tuple[Points, Points]) -> Points:
    """The part of a closed ring inside a box, closed; empty where there is none (Sutherland and Hodgman, 1974)."""
    for axis in (0, 1):
        for sign, limit in ((1, corners[0][axis]), (-1, -corners[1][axis])):
            if not len(ring):
                return ring
            ring = _cut(ring, sign * ring[:, axis] - limit)
    return ring


def _cut(ring: Points, depth: Points) -> Points:
    """What of the ring has a depth of 0 or more."""
    if (depth >= 0).all():
        return ring
    kept: list[Points] = []
    for (one, here), (other, there) in pairwise(zip(ring, depth, strict=True)):
        if here >= 0:
            kept.append(one)
        if (here >= 0) != (there >= 0):
            kept.append(one + (other - one) * (here / (here - there)))
    return np.array([*kept, kept[0]]) if kept else np.empty((0, 2))


def _settled(ring: Points, way: Crossing, transform: Affine, grid: Grid) -> Points:
    """The ring in pixels, its edges divided until its extent stays where it is."""
    pieces = 1 if way.is_linear else 16
    before = _in_pixels(ring, pieces, way, transform, grid)
    while not way.is_linear and len(ring) * pieces * 2 <= _MOST_POINTS:
        pieces *= 2
        after = _in_pixels(ring, pieces, way, transform, grid)
        if _moved_px(before, after) < _SETTLED_PX:
            return after
        before = after
    return before


def _moved_px(one: Points, other: Points) -> float:
    lows, highs = one.min(axis=0) - other.min(axis=0), one.max(axis=0) - other.max(axis=0)
    return float(np.abs([lows, highs]).max())


def _in_pixels(ring: Points, pieces: int, way: Crossing, transform: Affine, grid: Grid) -> Points:
    parts = np.arange(pieces)[:, None] / pieces
    steps = np.diff(ring, axis=0)
    divided = np.concatenate([(ring[:-1, None] + steps[:, None] * parts).reshape(-1, 2), ring[-1:]])
    points = way(divided)
    if np.isnan(points).any():
        raise MalformedValue(
            "A part of the region has no place in the image's reference system.", hint="Ask for less, or for a window."
        )
    if way.to_degrees and not way.from_degrees:
        points = _on_the_globe(points, ring, way, transform, grid)
    return applied(~transform, points)


def _on_the_globe(points: Points, ring: Points, way: Crossing, transform: Affine, grid: Grid) -> Points:
    """A ring whose longitudes do not jump; one round a pole goes there and back along the edges of the map."""
    middle = applied(transform, np.array([[grid.width / 2, grid.height / 2]]))[0, 0]
    points = np.column_stack([unbroken(points[:, 0], middle), points[:, 1]])
    if abs(points[-1, 0] - points[0, 0]) < _TURN / 2:
        return points
    inside = way(ring[:-1].mean(axis=0, keepdims=True))
    pole = np.copysign(90.0, points[:, 1].mean() if np.isnan(inside).any() else inside[0, 1])
    points[:, 0] += middle - (points[0, 0] + points[-1, 0]) / 2
    corners = [(points[-1, 0], pole), (points[0, 0], pole), (points[0, 0], points[0, 1])]
    return np.concatenate([points, np.array(corners)])
