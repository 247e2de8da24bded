"""The registry type `featureCollection`: GeoJSON features (RFC 7946), longitude before latitude, WGS 84."""

from collections.abc import Mapping
from typing import Any

from .json_values import to_json
from .parts import Part
from .policy import Policy

memory = "dict"
"""What algorithms annotate."""


def from_wire(value: Any, parts: Mapping[str, Part], policy: Policy) -> dict[str, Any]:
    """The JSON object itself: an algorithm sees what was sent."""
    return value


def to_wire(value: Any, media_type: str | None = None) -> Any:
    """The collection as JSON: a dict whose geometries may have `__geo_interface__` (shapely).

    Raises:
        NotJson: a coordinate is NaN or infinite, or a property is no JSON value.
    """
    return to_json(value)
