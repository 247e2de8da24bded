"""Two numbers added."""

from typing import Any


def process(a: float, b: float, label: str) -> dict[str, Any]:
    """The total, and the label that was given."""
    return {"total": a + b, "label": label}
