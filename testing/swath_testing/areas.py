"""How much of the area of two collections of polygons they have in common."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np
from affine import Affine
from numpy.typing import NDArray

SIDE_PX = 2048  # of the grid that both are drawn on, over all of their extent: a share is good to about 0.001
AREAS = ("Polygon", "MultiPolygon")


def shared_area(expected: Mapping[str, Any], actual: Mapping[str, Any]) -> float:
    """Intersection over union of the polygons of two FeatureCollections, 0 to 1; 1 where neither has any.

    Points and lines have no area and don't count. Both have the same coordinates (RFC 7946: longitude, latitude).
    """
    left, right = list(_polygons(expected)), list(_polygons(actual))
    if not (left and right):
        return 0.0 if left or right else 1.0
    grid = _grid([*left, *right])
    a, b = _drawn(left, grid), _drawn(right, grid)
    either = np.count_nonzero(a | b)
    return float(np.count_nonzero(a & b) / either) if either else 1.0


def _polygons(collection: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for feature in collection.get("features", ()):
        geometry: Mapping[str, Any] = feature.get("geometry") or {}
        if geometry.get("type") in AREAS and geometry["coordinates"]:
            yield geometry


def _grid(geometries: list[Mapping[str, Any]]) -> Affine:
    points = np.array([point for one in geometries for point in _points(one["coordinates"])])
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    return Affine((right - left) / SIDE_PX or 1, 0, left, 0, (bottom - top) / SIDE_PX or -1, top)


def _points(coordinates: Any) -> Iterator[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for one in coordinates:
        yield from _points(one)


def _drawn(geometries: list[Mapping[str, Any]], grid: Affine) -> NDArray[np.uint8]:
    from rasterio.features import rasterize  # pyright: ignore[reportUnknownVariableType]

    drawn = rasterize(geometries, out_shape=(SIDE_PX, SIDE_PX), transform=grid)  # pyright: ignore[reportUnknownVariableType]
    return cast(NDArray[np.uint8], drawn)
