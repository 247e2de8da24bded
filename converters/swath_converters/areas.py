"""Connected areas of a mask: numbered, or one by one with their pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio import features  # pyright: ignore[reportUnknownVariableType]

from . import gdal
from .memory import Image
from .polygons import outlines

_features: Any = features


@dataclass(frozen=True, eq=False)
class Area:
    """One connected area.

    Attributes:
        rows: row of each of its pixels, int64 (n,), in reading order.
        columns: column of each of its pixels, int64 (n,).
    """

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Number of pixels."""
        return self.rows.size

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the pixels' outer edges, px."""
        left, right = int(self.columns.min()), int(self.columns.max()) + 1
        return left, int(self.rows[0]), right, int(self.rows[-1]) + 1

    def outline(self) -> dict[str, Any]:
        """Its outline along pixel edges as a GeoJSON Polygon: columns and rows in pixels.

        Of an area that hangs together at corners alone a MultiPolygon, so that no ring touches itself.
        """
        left, top, right, bottom = self.box
        mask = np.zeros((bottom - top, right - left), np.uint8)
        mask[self.rows - top, self.columns - left] = 1
        found = [one["geometry"]["coordinates"] for one in outlines(mask, Image(mask[None]))["features"]]
        moved = [[[[x + left, y + top] for x, y in ring] for ring in polygon] for polygon in found]
        if len(moved) == 1:
            return {"type": "Polygon", "coordinates": moved[0]}
        return {"type": "MultiPolygon", "coordinates": moved}


def areas(mask: NDArray[Any], *, connectivity: int = 8) -> list[Area]:
    """The connected areas of a mask, in the order of their first pixels; see `label`."""
    labels = label(mask, connectivity=connectivity)
    order = np.argsort(labels, axis=None, kind="stable")
    counts = np.bincount(labels.ravel())
    pieces = np.split(order, np.cumsum(counts)[:-1])[1:]
    return [Area(*(np.asarray(one, np.int64) for one in np.divmod(piece, labels.shape[1]))) for piece in pieces]


def label(mask: NDArray[Any], *, connectivity: int = 8) -> NDArray[np.int32]:
    """The connected areas of a mask, each with a number of its own.

    Args:
        mask: (height, width); whatever is not 0 belongs to an area.
        connectivity: 4, where pixels that touch at a side belong together; 8, where those that touch at a corner do.

    Returns:
        int32 (height, width): 0 outside, 1, 2, … within the areas, in the order of their topmost rows.

    Raises:
        ValueError: a mask that is not (height, width), or another connectivity.

    Source: GDALPolygonize and GDALRasterize, on pixel edges, so that nothing is rounded.
    """
    if mask.ndim != 2 or connectivity not in {4, 8}:
        raise ValueError("a mask is (height, width), its areas connected by 4 or 8 neighbours")
    chosen = np.ascontiguousarray(mask, bool)
    with gdal.sandbox():
        shapes = _features.shapes(chosen.view(np.uint8), mask=chosen, connectivity=connectivity)
        numbered = [(geometry, number) for number, (geometry, _) in enumerate(shapes, 1)]
        if not numbered:
            return np.zeros(chosen.shape, np.int32)
        labels: NDArray[np.int32] = _features.rasterize(
            numbered, out_shape=chosen.shape, transform=Affine.identity(), dtype=np.int32
        )
    return _in_order(labels)


def _in_order(labels: NDArray[np.int32]) -> NDArray[np.int32]:
    """The same areas, numbered by their first pixel in reading order."""
    numbers, first = np.unique(labels, return_index=True)
    named = numbers > 0
    order = np.zeros(int(numbers[-1]) + 1, np.int32)
    order[numbers[named][np.argsort(first[named])]] = np.arange(1, np.count_nonzero(named) + 1)
    return order[labels]
