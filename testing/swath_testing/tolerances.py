"""What a tolerance says: rules by name, as tolerances.json has them for an output."""

from collections.abc import Iterator, Mapping

Tolerance = Mapping[str, float | str]
ORDER, ANY = "order", "any"
DISTANCE, DISTANCE_METRES, IOU = "distance", "distanceMetres", "iou"


def limit(tolerance: Tolerance, rule: str) -> float:
    """The number that a rule allows; 0 where it isn't given."""
    value = tolerance.get(rule, 0)
    return value if isinstance(value, int | float) else 0.0


def too_little(share: float, tolerance: Tolerance) -> Iterator[str]:
    """A difference where an intersection over union falls short of its rule."""
    if share < limit(tolerance, IOU):
        yield f"intersection over union is {share:.4f}, at least {tolerance[IOU]} expected"
