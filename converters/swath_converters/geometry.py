"""The registry type `geometry`: a GeoJSON geometry (RFC 7946), longitude before latitude, degrees, WGS 84."""

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
    """The geometry as JSON: a dict, or what has `__geo_interface__` (shapely).

    Raises:
        NotJson: a coordinate is NaN or infinite, or a member is no JSON value.
    """
    return to_json(value)
