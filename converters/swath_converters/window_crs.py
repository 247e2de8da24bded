"""Points from one reference system to another, longitudes without a jump."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from rasterio import warp  # pyright: ignore[reportUnknownVariableType]

from . import gdal
from .crs import crs_from_text
from .window_grid import FARTHEST

Points = NDArray[np.float64]
"""(n, 2): x, y; easting or longitude first, northing or latitude second."""

_warp: Any = warp
_TURN = 360.0


class Crossing:
    """The way from one CRS to another.

    Longitudes that come out differ from those that go in by less than half a turn where both are geographic, so
    that a grid from 170° to 190° stays one piece.

    Raises:
        MalformedValue: one of the two is no CRS that is known here.
    """

    def __init__(self, source: str, target: str) -> None:
        self._source, self._target = crs_from_text(source), crs_from_text(target)
        self.is_linear = source == target or bool(self._source == self._target)
        self.from_degrees = bool(self._source.is_geographic)
        self.to_degrees = bool(self._target.is_geographic)

    def __call__(self, points: Points) -> Points:
        """The points in the other CRS, NaN where they have no place in it."""
        if self.is_linear:
            return points
        asked = points.copy()
        if self.from_degrees:  # PROJ refuses longitudes of more than one turn
            asked[:, 0] -= _TURN * np.round(points[:, 0] / _TURN)
        asked[(np.abs(asked) > FARTHEST).any(axis=1)] = np.nan
        is_placed = np.isfinite(asked).all(axis=1)
        moved = np.full(asked.shape, np.nan)
        if is_placed.any():
            moved[is_placed] = self._moved(asked[is_placed])
        if self.from_degrees and self.to_degrees:
            moved[:, 0] += _TURN * np.round((points[:, 0] - moved[:, 0]) / _TURN)
        moved[~np.isfinite(moved).all(axis=1)] = np.nan
        return moved

    def _moved(self, points: Points) -> Points:
        """NaN for points that have no place. One of them makes PROJ refuse all: they are sought by halving."""
        try:
            with gdal.sandbox():
                columns = _warp.transform(self._source, self._target, points[:, 0].tolist(), points[:, 1].tolist())
            return np.array(columns[:2], float).T
        except gdal.UNREADABLE:
            half = len(points) // 2
            if not half:
                return np.full(points.shape, np.nan)
            return np.concatenate([self._moved(points[:half]), self._moved(points[half:])])


def unbroken(longitudes: Points, near: float) -> Points:
    """Longitudes along a line without jumps, moved by whole turns so that their mean is next to `near`."""
    line: NDArray[np.float64] = cast(Any, np).unwrap(longitudes, period=_TURN)
    return line + _TURN * round((near - float(line.mean())) / _TURN)


def one_arc(longitudes: Points) -> Points:
    """Longitudes counted from where the widest gap between them ends: an image across the antimeridian is narrow."""
    ordered = np.sort(longitudes % _TURN)
    gaps = np.diff(ordered, append=ordered[0] + _TURN)
    start = ordered[(int(np.argmax(gaps)) + 1) % len(ordered)]
    return (longitudes - start) % _TURN + start
