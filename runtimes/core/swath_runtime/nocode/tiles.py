"""An image in overlapping tiles, and the results of the tiles blended into one.

Tiles go row by row; as soon as no further tile reaches a strip of rows it is finished and handed on, so that memory
holds one row of tiles and not the whole picture of classes.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Window = tuple[slice, slice]
Run = Callable[[Window], NDArray[np.float32]]
"""Gives the result of a window, float32 (classes, rows, columns)."""


@dataclass(frozen=True)
class Tiling:
    """Tiles of one size over an image.

    Args:
        height, width: of a tile, px.
        overlap: rows and columns that neighbours share at least, px.
    """

    height: int
    width: int
    overlap: int

    def rows(self, height: int) -> list[int]:
        """First row of each row of tiles."""
        return _starts(height, self.height, self.overlap)

    def columns(self, width: int) -> list[int]:
        """First column of each column of tiles."""
        return _starts(width, self.width, self.overlap)


def blended(
    tiling: Tiling, height: int, width: int, run: Run
) -> Generator[tuple[slice, NDArray[np.float32]], None, None]:
    """Strips of rows with the blended result, from the top: (rows, float32 (classes, rows, width)).

    Where tiles overlap each counts by its distance from its own edge, so that nothing jumps at a seam. A tile is cut at
    the image's edge: `run` gets the window that lies inside.
    """
    weights = np.outer(_ramp(tiling.height, tiling.overlap), _ramp(tiling.width, tiling.overlap)).astype(np.float32)
    starts = tiling.rows(height)
    total: NDArray[np.float32] | None = None
    shares = np.zeros((tiling.height, width), np.float32)
    for index, top in enumerate(starts):
        bottom = min(top + tiling.height, height)
        for left in tiling.columns(width):
            right = min(left + tiling.width, width)
            result = run((slice(top, bottom), slice(left, right)))
            weight = weights[: bottom - top, : right - left]
            if total is None:
                total = np.zeros((result.shape[0], tiling.height, width), np.float32)
            total[:, : bottom - top, left:right] += result * weight
            shares[: bottom - top, left:right] += weight
        if total is None:
            return
        done = (starts[index + 1] if index + 1 < len(starts) else bottom) - top
        yield slice(top, top + done), total[:, :done] / shares[:done]
        total, shares = _moved(total, done), _moved(shares, done)


def _starts(size: int, tile: int, overlap: int) -> list[int]:
    """First pixel of each tile along one axis; the last ends with the image and may overlap more."""
    if size <= tile:
        return [0]
    return [*range(0, size - tile, tile - overlap), size - tile]


def _ramp(tile: int, overlap: int) -> NDArray[np.float64]:
    """Weights along one axis: 1 inside, falling to the edges over the overlap, never 0."""
    from_edge = np.minimum(np.arange(1, tile + 1), np.arange(tile, 0, -1))
    return np.minimum(from_edge, overlap + 1) / (overlap + 1)


def _moved(array: NDArray[np.float32], rows: int) -> NDArray[np.float32]:
    """The array with its first rows (the axis before the last) taken out and empty ones added below."""
    moved = np.zeros_like(array)
    moved[..., : array.shape[-2] - rows, :] = array[..., rows:, :]
    return moved
