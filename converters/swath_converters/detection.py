"""The registry type `detection`: a thing found in an image, as a GeoJSON Feature with category and confidence.

Its coordinates are degrees of longitude and latitude (RFC 7946), unless `crs` says otherwise: "pixel" is column and row
from the outer corner of the top left pixel, rows running down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from .errors import NotJson
from .json_values import to_json
from .memory import Image
from .parts import Part
from .policy import Policy

memory = "dict"
"""What algorithms annotate."""
PIXEL = "pixel"
"""`crs` of coordinates in columns and rows."""


@dataclass(frozen=True)
class Detection:
    """A thing found; `to_wire` takes it as well as a dict.

    Attributes:
        geometry: GeoJSON, in units of `crs`; or what has `__geo_interface__` (shapely).
        category: what it is, or several names for it.
        confidence: probability that it is there, 0–1.
        crs: "pixel", "EPSG:32631" or the like, x before y; None is longitude and latitude, degrees, WGS 84.
        bbox: least x, least y, greatest x, greatest y in units of `crs`; None leaves it to be found from the geometry.
        id: its name; None if it has none.
        properties: what else is known of it.
    """

    geometry: Any
    category: str | Sequence[str]
    confidence: float
    crs: str | None = PIXEL
    bbox: tuple[float, float, float, float] | None = None
    id: str | int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @classmethod
    def of_box(
        cls, box: Sequence[float], category: str | Sequence[str], confidence: float, **others: Any
    ) -> "Detection":
        """A detection with a rectangle: left, top, right, bottom in px, as detectors give them."""
        left, top, right, bottom = (float(edge) for edge in box)
        ring = [[left, top], [right, top], [right, bottom], [left, bottom], [left, top]]
        return cls({"type": "Polygon", "coordinates": [ring]}, category, confidence, **others)

    def in_world(self, image: Image) -> "Detection":
        """The same thing in longitude and latitude, by the transform of the image that it was found in.

        Raises:
            Unplaceable: the image has no CRS and transform.
        """
        if self.crs != PIXEL:
            return self
        from .ground import geometry_to_world
        from .polygons import oriented

        geometry = oriented(geometry_to_world(to_json(self.geometry), image))
        return replace(self, geometry=geometry, crs=None, bbox=None)


def from_wire(value: Any, parts: Mapping[str, Part], policy: Policy) -> dict[str, Any]:
    """The JSON object itself: an algorithm sees what was sent."""
    return value


def to_wire(value: Any, media_type: str | None = None) -> Any:
    """The detection as JSON: a `Detection`, a dict, or what has `__geo_interface__`.

    Raises:
        NotJson: a coordinate or the confidence is NaN or infinite, the confidence not 0 to 1, or a member no JSON.
    """
    return _feature(value) if isinstance(value, Detection) else to_json(value)


def _feature(found: Detection) -> dict[str, Any]:
    geometry = to_json(found.geometry, "/geometry")
    confidence = to_json(found.confidence, "/properties/confidence")
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        raise NotJson("A confidence is a number from 0 to 1.", pointer="/properties/confidence")
    category = found.category if isinstance(found.category, str) else list(found.category)
    said = dict(found.properties) | {"category": category, "confidence": confidence}
    feature: dict[str, Any] = {
        "type": "Feature",
        "geometry": geometry,
        "properties": to_json(said, "/properties"),
        "bbox": to_json(list(found.bbox), "/bbox") if found.bbox else bounds(geometry),
    }
    named = {"id": found.id, "crs": found.crs}
    return feature | {name: to_json(value, f"/{name}") for name, value in named.items() if value is not None}


def bounds(geometry: Mapping[str, Any]) -> list[float]:
    """Least x, least y, greatest x, greatest y of a GeoJSON geometry.

    Raises:
        NotJson: it has no position.
    """
    positions: list[Any] = []
    _collect(geometry, positions)
    if not positions:
        raise NotJson("A geometry without positions has no place.", pointer="/geometry")
    xs, ys = [position[0] for position in positions], [position[1] for position in positions]
    return [min(xs), min(ys), max(xs), max(ys)]


def _collect(value: Any, positions: list[Any]) -> None:
    if isinstance(value, Mapping):
        geometry = cast(Mapping[str, Any], value)
        _collect(geometry.get("geometries", geometry.get("coordinates", ())), positions)
    elif isinstance(value, list) and value:
        if isinstance(value[0], int | float):
            positions.append(value)
        else:
            for one in value:  # pyright: ignore[reportUnknownVariableType]
                _collect(one, positions)
