"""What is known of a filter: it holds, it fails, or the image doesn't say (Kleene's strong three-valued logic)."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Any, NamedTuple


class Truth(IntEnum):
    """Ordered, so that "all of" is the least and "one of" the greatest."""

    FAILS = 0
    UNKNOWN = 1
    HOLDS = 2


class Finding(NamedTuple):
    """What one filter finds.

    Attributes:
        truth: whether it holds.
        expected: what the capabilities ask, as JSON.
        actual: what the image says, as JSON; None where it says nothing.
        capability: pointer to what decided, below the filter: `/max`; "" is the filter as a whole.
        image: pointer to what was looked at in the image, whether it is there or not.
    """

    truth: Truth
    expected: Any
    actual: Any
    capability: str
    image: str


def all_of(truths: Iterable[Truth]) -> Truth:
    """The least; an empty conjunction holds."""
    return min(truths, default=Truth.HOLDS)


def one_of(truths: Iterable[Truth]) -> Truth:
    """The greatest; an empty disjunction fails."""
    return max(truths, default=Truth.FAILS)


def held(condition: bool) -> Truth:
    """A condition of which everything is known."""
    return Truth.HOLDS if condition else Truth.FAILS
