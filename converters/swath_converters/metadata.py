"""The registry type `metadata`: a JSON object of free content."""

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
    """The object as JSON: a dict, a dataclass or a pydantic model.

    Raises:
        NotJson: it holds NaN, an infinity, bytes, or an object of another class.
    """
    return to_json(value)
