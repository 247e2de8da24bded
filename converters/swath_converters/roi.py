"""The registry type `roi`: the part of an image that is asked for.

A window of pixels, or a box or an area on the ground in any reference system; `window_place.place` finds its pixels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from .errors import MalformedValue
from .json_values import to_json
from .parts import Part
from .policy import Policy
from .window_grid import PixelWindow

__all__ = ["Roi", "from_wire", "memory", "parse_roi", "to_wire"]

memory = "dict"
"""What algorithms annotate; `parse_roi` makes a `Roi` of it."""

CRS84 = "OGC:CRS84"
"""Longitude, latitude in degrees, WGS 84: the reference system where none is named."""

Ring = tuple[tuple[float, float], ...]
Polygon = tuple[Ring, ...]


@dataclass(frozen=True)
class Roi:
    """A region of an image: exactly one of `window`, `bbox` and `polygons`.

    Attributes:
        window: pixels of the image.
        bbox: west, south, east, north in `crs`, easting before northing; in a geographic CRS west exceeds east
            where the antimeridian is crossed.
        polygons: areas, each an outer ring and its holes, of (x, y) in `crs`; rings are closed.
        crs: of `bbox` and `polygons`: an authority's code or WKT2.
        margin: px of the image to read around the region, clipped at the image's edge.
    """

    window: PixelWindow | None = None
    bbox: tuple[float, float, float, float] | None = None
    polygons: tuple[Polygon, ...] = ()
    crs: str = CRS84
    margin: int = 0

    def __post_init__(self) -> None:
        if (self.window is not None) + (self.bbox is not None) + bool(self.polygons) != 1:
            raise MalformedValue("A region is exactly one of window, bbox and polygon.")
        if self.margin < 0:
            raise MalformedValue("A margin is 0 px or more.", pointer="/margin")
        if self.window and min(self.window.x, self.window.y, self.window.width - 1, self.window.height - 1) < 0:
            raise MalformedValue("A window begins at 0 or later and has at least one pixel.", pointer="/window")
        if self.bbox and not all(map(math.isfinite, self.bbox)):
            raise MalformedValue("A bbox is four finite numbers.", pointer="/bbox")
        if self.bbox and self.bbox[1] > self.bbox[3]:
            raise MalformedValue(
                "The bbox's south is north of its north: it is west, south, east, north.", pointer="/bbox"
            )


def parse_roi(value: Mapping[str, Any]) -> Roi:
    """The region that a JSON value of type `roi` means.

    Raises:
        MalformedValue: it is none; `pointer` says where.
    """
    given = [name for name in ("window", "bbox", "polygon") if name in value]
    if len(given) != 1:
        raise MalformedValue("A region is exactly one of window, bbox and polygon.")
    crs, margin = value.get("crs", CRS84), value.get("margin", 0)
    try:
        match given[0]:
            case "window":
                return Roi(PixelWindow(*(int(value["window"][name]) for name in _WINDOW)), margin=margin)
            case "bbox":
                west, south, east, north = (float(edge) for edge in value["bbox"])
                return Roi(bbox=(west, south, east, north), crs=crs, margin=margin)
            case _:
                return Roi(polygons=_polygons(value["polygon"]), crs=crs, margin=margin)
    except (KeyError, TypeError, ValueError):
        raise MalformedValue(f"The {given[0]} is none.", pointer=f"/{given[0]}") from None


def from_wire(value: Any, parts: Mapping[str, Part], policy: Policy) -> dict[str, Any]:
    """The JSON object itself: an algorithm sees what was sent."""
    return value


def to_wire(value: Any, media_type: str | None = None) -> Any:
    """The region as JSON.

    Raises:
        NotJson: a coordinate is NaN or infinite, or a member is no JSON value.
    """
    return to_json(value)


_WINDOW = ("x", "y", "width", "height")


def _polygons(geometry: Mapping[str, Any]) -> tuple[Polygon, ...]:
    """The areas of a GeoJSON Polygon or MultiPolygon; heights are left out."""
    coordinates = cast("Sequence[Any]", geometry["coordinates"])
    areas = {"Polygon": [coordinates], "MultiPolygon": coordinates}[str(geometry["type"])]
    polygons = tuple(tuple(_ring(ring) for ring in area) for area in areas)
    if not polygons or not all(polygons):
        raise ValueError
    return polygons


def _ring(points: Sequence[Sequence[Any]]) -> Ring:
    ring = tuple((float(point[0]), float(point[1])) for point in points)
    if len(ring) < 4 or ring[0] != ring[-1] or not all(math.isfinite(number) for point in ring for number in point):
        raise ValueError
    return ring
