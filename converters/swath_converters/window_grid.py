"""Rectangles of pixels, and the grid that they are cut from."""

from dataclasses import dataclass

import numpy as np
from affine import Affine
from numpy.typing import NDArray

FARTHEST = 1e12
"""The largest coordinate that is taken for a place, in units of any CRS: the time that PROJ takes to bring a longitude
back to one turn grows with it, without end."""


@dataclass(frozen=True)
class PixelWindow:
    """A rectangle of whole pixels: first column `x` and row `y`, counted from 0 at the top left, and its size."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The column after the last one."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The row after the last one."""
        return self.y + self.height

    @property
    def pixels(self) -> int:
        """Columns × rows."""
        return self.width * self.height

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns, to index an array (…, height, width)."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def grown(self, margin: int) -> "PixelWindow":
        """The window with `margin` px more at each side; may begin before 0."""
        return PixelWindow(self.x - margin, self.y - margin, self.width + 2 * margin, self.height + 2 * margin)

    def within(self, other: "PixelWindow") -> "PixelWindow | None":
        """What both have in common, None where that is nothing."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return PixelWindow(x, y, right - x, bottom - y) if right > x and bottom > y else None

    def around(self, other: "PixelWindow") -> "PixelWindow":
        """The smallest window that holds both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return PixelWindow(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def relative_to(self, other: "PixelWindow") -> "PixelWindow":
        """The same pixels, counted from the top left of `other`."""
        return PixelWindow(self.x - other.x, self.y - other.y, self.width, self.height)


@dataclass(frozen=True)
class Grid:
    """Where an image's pixels are: its size, and its CRS and transform where they are known.

    Attributes:
        width, height: px.
        crs: an authority's code or WKT2.
        transform: (column, row) of a pixel's upper left corner -> (x, y) in `crs`; may be rotated.
    """

    width: int
    height: int
    crs: str | None = None
    transform: Affine | None = None

    @property
    def window(self) -> PixelWindow:
        """All pixels of it."""
        return PixelWindow(0, 0, self.width, self.height)


def moved(transform: Affine, window: PixelWindow, width: int, height: int) -> Affine:
    """The transform of a window that is shown in width × height px, from that of the image it is cut from."""
    return scaled(transform, window.width / width, window.height / height, window.x, window.y)


def scaled(transform: Affine, across: float, down: float, x: float = 0, y: float = 0) -> Affine:
    """The transform of pixels across × down as large, the first of which begins at (column x, row y)."""
    a, b, _, d, e, _ = tuple(transform)[:6]
    left, top = located(transform, x, y)
    return Affine(a * across, b * down, left, d * across, e * down, top)


def located(transform: Affine, column: float, row: float) -> tuple[float, float]:
    """Where a pixel's upper left corner is."""
    a, b, c, d, e, f = tuple(transform)[:6]
    return a * column + b * row + c, d * column + e * row + f


def is_bounded(transform: Affine, width: int, height: int) -> bool:
    """Whether every pixel of an image lies within `FARTHEST` of its reference system's origin."""
    corners = [located(transform, column, row) for column in (0, width) for row in (0, height)]
    return all(abs(value) <= FARTHEST for corner in corners for value in corner)  # NaN is not


def applied(transform: Affine, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where many are: (n, 2) columns and rows -> (n, 2) x and y."""
    a, b, c, d, e, f = tuple(transform)[:6]
    return points @ np.array([[a, d], [b, e]]) + (c, f)
