"""From pixels to the ground and back, by an image's transform.

Pixels are (column, row) from the outer corner of the top left pixel: (0.5, 0.5) is the middle of that pixel, rows run
down. Ground is (x, y): easting before northing, longitude before latitude, whatever the authority's own axis order.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rasterio import warp  # pyright: ignore[reportUnknownVariableType]

from . import gdal
from .crs import crs_from_text, crs_of
from .errors import Unplaceable
from .memory import Image
from .window_grid import FARTHEST

LONGITUDE_LATITUDE = "OGC:CRS84"
"""WGS 84, degrees, longitude first: what GeoJSON (RFC 7946) has."""
DECIMALS = 7
"""Digits kept of a degree in geometries: 1e-7° is about 1 cm on the ground."""

_warp: Any = warp


def to_world(pixels: ArrayLike, image: Image, crs: str | None = LONGITUDE_LATITUDE) -> NDArray[np.float64]:
    """Where pixels are on the ground.

    Args:
        pixels: (n, 2), column and row; may lie between pixels and outside of the image.
        image: gives CRS and transform.
        crs: of the result, a code or WKT2; None is the image's own.

    Returns:
        float64 (n, 2), x and y in units of `crs`; degrees, longitude first, unless told otherwise.

    Raises:
        Unplaceable: the image is not georeferenced by a transform, or a point is where `crs` is not defined.
        MalformedValue: `crs` is not known.
        ImageMalformed: the image's own CRS is not known.
    """
    columns, rows = _columns(pixels)
    a, b, c, d, e, f = _transform(image)[:6]
    ground = np.column_stack([a * columns + b * rows + c, d * columns + e * rows + f])
    return ground if crs is None else _moved(ground, crs_of(image), crs_from_text(crs))


def to_pixels(ground: ArrayLike, image: Image, crs: str | None = LONGITUDE_LATITUDE) -> NDArray[np.float64]:
    """Which pixels lie at places on the ground: the inverse of `to_world`.

    Args:
        ground: (n, 2), x and y in units of `crs`; degrees, longitude first, unless told otherwise.
        image: gives CRS and transform.
        crs: of the places, a code or WKT2; None is the image's own.

    Returns:
        float64 (n, 2), column and row; may lie between pixels and outside of the image.

    Raises:
        Unplaceable, MalformedValue, ImageMalformed: as `to_world`; also where the transform has no inverse.
    """
    transform = _transform(image)
    if transform.is_degenerate:
        raise Unplaceable("The image's transform puts all pixels on one line, so it has no inverse.")
    own = np.column_stack(_columns(ground))
    x, y = (own if crs is None else _moved(own, crs_from_text(crs), crs_of(image))).T
    a, b, c, d, e, f = (~transform)[:6]
    return np.column_stack([a * x + b * y + c, d * x + e * y + f])


def geometry_to_world(
    geometry: Mapping[str, Any], image: Image, crs: str | None = LONGITUDE_LATITUDE
) -> dict[str, Any]:
    """A GeoJSON geometry of columns and rows, put on the ground, point by point; heights stay.

    Args:
        geometry: of any kind, its positions [column, row].
        image, crs: as `to_world`.

    Returns:
        The geometry without foreign members and bbox; degrees of longitude and latitude are rounded to 1e-7. Rings keep
        their order: with rows running down, those of most images turn the other way round.

    Raises:
        Unplaceable, MalformedValue, ImageMalformed: as `to_world`.
    """
    digits = DECIMALS if crs == LONGITUDE_LATITUDE else None
    return _each_point(geometry, lambda points: _rounded(to_world(points, image, crs), digits))


def geometry_to_pixels(
    geometry: Mapping[str, Any], image: Image, crs: str | None = LONGITUDE_LATITUDE
) -> dict[str, Any]:
    """A GeoJSON geometry on the ground, in columns and rows of an image: the inverse of `geometry_to_world`."""
    return _each_point(geometry, lambda points: to_pixels(points, image, crs))


def _transform(image: Image) -> Any:
    if image.transform is None or image.crs is None:
        raise Unplaceable("The image has no CRS and transform, so its pixels have no place on the ground.")
    return image.transform


def _columns(points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    array = np.asarray(points, np.float64).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def _moved(points: NDArray[np.float64], source: Any, target: Any) -> NDArray[np.float64]:
    if source == target or not len(points):
        return points
    try:
        if not (np.abs(points) <= FARTHEST).all():
            raise Unplaceable("A point lies beyond all places.")
        with gdal.sandbox():
            moved = np.column_stack(_warp.transform(source, target, points[:, 0], points[:, 1]))
    except gdal.UNREADABLE:
        moved = np.full_like(points, np.nan)
    if not np.isfinite(moved).all():
        raise Unplaceable("A point lies where the other reference system is not defined.")
    return moved


def _rounded(points: NDArray[np.float64], digits: int | None) -> NDArray[np.float64]:
    return points if digits is None else points.round(digits)


def _each_point(geometry: Mapping[str, Any], move: Callable[[ArrayLike], NDArray[np.float64]]) -> dict[str, Any]:
    if geometry.get("type") == "GeometryCollection":
        members = [_each_point(one, move) for one in geometry["geometries"]]
        return {"type": "GeometryCollection", "geometries": members}
    positions: list[Sequence[float]] = []
    _collect(geometry["coordinates"], positions)
    places = iter(move([position[:2] for position in positions]).tolist() if positions else ())
    return {"type": geometry["type"], "coordinates": _replaced(geometry["coordinates"], places)}


def _is_position(value: Sequence[Any]) -> bool:
    return bool(value) and not isinstance(value[0], list | tuple | np.ndarray)


def _collect(value: Any, positions: list[Sequence[float]]) -> None:
    if _is_position(value):
        positions.append(value)
    else:
        for one in value:
            _collect(one, positions)


def _replaced(value: Any, places: Any) -> list[Any]:
    if _is_position(value):
        return [*next(places), *(float(height) for height in cast(Sequence[Any], value)[2:])]
    return [_replaced(one, places) for one in value]
