"""Outlines of a mask as GeoJSON (RFC 7946)."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio import features, warp  # pyright: ignore[reportUnknownVariableType]

from . import gdal
from .crs import crs_of
from .errors import ImageMalformed, Unplaceable
from .ground import DECIMALS, LONGITUDE_LATITUDE, to_world
from .memory import Image

_features: Any = features
_warp: Any = warp
_POLE = 90.0


def outlines(mask: NDArray[Any], image: Image, *, value: float = 1) -> dict[str, Any]:
    """The areas of a mask that have one value, as polygons along the pixels' edges.

    Pixels that touch at a side belong together, those that touch at a corner do not.

    Args:
        mask: (height, width), any dtype; on the grid of `image`.
        image: gives CRS and transform.
        value: the value to outline.

    Returns:
        A FeatureCollection, one Feature for each area, its `properties` {"value": value}. Exterior rings run
        counterclockwise, holes clockwise. Where the image is georeferenced: longitude, latitude in degrees,
        WGS 84 (OGC:CRS84), rounded to 1e-7; an area across the antimeridian may be a MultiPolygon, cut there.
        Otherwise: column, row in pixels from the upper left corner.

    Raises:
        ImageMalformed: the mask is not on the image's grid, or the image's CRS is not known.
        Unplaceable: a part of the image has no longitude and latitude.

    Source: RFC 7946 §3.1.6 (rings), §4 (reference system), §11.2 (precision).
    """
    if mask.shape != image.array.shape[1:]:
        raise ImageMalformed(f"A mask of shape {mask.shape} is not on a grid of {image.array.shape[1:]}.")
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"value": value}, "geometry": oriented(geometry)}
            for geometry in _geometries(np.equal(mask, value), image)
        ],
    }


def _geometries(chosen: NDArray[np.bool_], image: Image) -> list[dict[str, Any]]:
    transform = image.transform if image.is_georeferenced else None
    with gdal.sandbox():
        found = _features.shapes(
            chosen.view(np.uint8), mask=chosen, transform=transform or Affine.identity(), connectivity=4
        )
        geometries = [geometry for geometry, _ in found]
        if transform is None or not geometries:
            return geometries
        _check_places(image)
        try:
            return _warp.transform_geom(crs_of(image), LONGITUDE_LATITUDE, geometries, precision=DECIMALS)
        except gdal.UNREADABLE:
            raise Unplaceable("A part of the image lies where longitude and latitude are not defined.") from None


def _check_places(image: Image) -> None:
    """Raise Unplaceable where a corner is on no place of the earth, which GDAL would hand on as it is."""
    corners = [(column, row) for column in (0, image.width) for row in (0, image.height)]
    latitudes = to_world(corners, image)[:, 1]
    if np.abs(latitudes).max() > _POLE + np.ptp(latitudes) / image.height:  # a pixel's middle may be a pole
        raise Unplaceable("A part of the image lies beyond a pole.")


def oriented(geometry: dict[str, Any]) -> dict[str, Any]:
    """The geometry with its rings in the order that RFC 7946 §3.1.6 asks for; one without rings as it is."""
    if geometry["type"] == "MultiPolygon":
        rings: Any = [_polygon(polygon) for polygon in geometry["coordinates"]]
    elif geometry["type"] == "Polygon":
        rings = _polygon(geometry["coordinates"])
    else:
        return geometry
    return {"type": geometry["type"], "coordinates": rings}


def _polygon(rings: Iterable[Any]) -> list[list[list[float]]]:
    return [_ring(ring, is_exterior=index == 0) for index, ring in enumerate(rings)]


def _ring(points: Iterable[Iterable[float]], *, is_exterior: bool) -> list[list[float]]:
    ring = [[float(number) for number in point] for point in points]
    is_counterclockwise = _doubled_area(ring) > 0
    return ring if is_counterclockwise == is_exterior else ring[::-1]


def _doubled_area(ring: list[list[float]]) -> float:
    """Twice the signed area: positive where the ring runs counterclockwise, x to the right and y up."""
    x0, y0 = ring[0]
    return sum((ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in pairwise(ring))
