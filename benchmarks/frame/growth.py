"""How fast a cost grows: the exponent of the power of the size that fits it best."""

from collections.abc import Sequence
from math import log


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of the least-squares line through (log size, log cost): 0 constant, 1 linear, 2 quadratic.

    Args:
        sizes: positive; at least two that differ.
        costs: positive, one for each size.

    Raises:
        ValueError: fewer than two different sizes, or something that has no logarithm.
    """
    if len(set(sizes)) < 2:
        raise ValueError("growth needs two sizes that differ")
    x, y = [log(size) for size in sizes], [log(cost) for cost in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    above = sum((one - mean_x) * (other - mean_y) for one, other in zip(x, y, strict=True))
    return above / sum((one - mean_x) ** 2 for one in x)
