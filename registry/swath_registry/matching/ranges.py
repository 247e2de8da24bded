"""Ranges of numbers and times, asked of a value of which sometimes only the limits are known."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from swath_registry.matching.truth import Truth

Interval = tuple[Any, Any]
"""Least and greatest value that a thing may have; the same twice where it is known."""

_BOUNDS = ("min", "minExclusive", "max", "maxExclusive")


def judge_range(wanted: Mapping[str, Any], interval: Interval) -> tuple[Truth, str]:
    """Whether a value within the interval lies in the range, and the name of the bound that decided ("" where all do).

    A bound that the whole interval keeps holds; one that none of it keeps fails.
    """
    worst, decider = Truth.HOLDS, ""
    for bound in _BOUNDS:
        if bound in wanted:
            truth = _judge_bound(bound, wanted[bound], interval)
            if truth < worst:
                worst, decider = truth, f"/{bound}"
    return worst, decider


def _judge_bound(bound: str, limit: Any, interval: Interval) -> Truth:
    low, high = interval
    match bound:
        case "min":
            always, never = low >= limit, high < limit
        case "minExclusive":
            always, never = low > limit, high <= limit
        case "max":
            always, never = high <= limit, low > limit
        case _:
            always, never = high < limit, low >= limit
    return Truth.HOLDS if always else Truth.FAILS if never else Truth.UNKNOWN


def least_in(wanted: Mapping[str, Any]) -> float:
    """The least number of a range, 0 where nothing bounds it from below; just above an exclusive bound."""
    above = wanted.get("minExclusive")
    return max(wanted.get("min", 0), 0 if above is None else math.nextafter(above, math.inf))


def least_count(wanted: Mapping[str, int]) -> int:
    """The least whole number of a range."""
    return max(wanted.get("min", 0), wanted.get("minExclusive", -1) + 1)


def greatest_count(wanted: Mapping[str, int]) -> int | None:
    """The greatest whole number of a range, None where nothing bounds it from above."""
    tops = [wanted[name] - (name == "maxExclusive") for name in ("max", "maxExclusive") if name in wanted]
    return min(tops, default=None)


def moment(text: Any) -> datetime | None:
    """The time that an RFC 3339 text means; None where it is none. A leap second counts as the second before it."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text.upper().replace(":60", ":59", 1) if ":60" in text else text.upper())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
