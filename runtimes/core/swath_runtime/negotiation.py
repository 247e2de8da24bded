"""Which of the media types that can be had a caller would rather have (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Sequence

from swath_runtime.http import media_type
from swath_runtime.problems import NOT_ACCEPTABLE, Problem

QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def choose(accept: str, available: Sequence[str]) -> str:
    """The available media type that the Accept header ranks highest; the first of equals, and of no header.

    Raises Problem 406, naming what is available, where none is accepted.
    """
    ranges = [_range(one) for one in accept.split(",") if one.strip()]
    if not ranges:
        return available[0]
    ranked = [(_quality(one, ranges), -index, one) for index, one in enumerate(available)]
    best = max(ranked)
    if best[0] <= 0:
        raise Problem(NOT_ACCEPTABLE, "No accepted media type can be had here.", f"Available: {', '.join(available)}.")
    return best[2]


def _range(entry: str) -> tuple[str, float]:
    quality = 1.0
    for parameter in entry.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            quality = float(value) if QVALUE.fullmatch(value := value.strip()) else 0.0
    return media_type(entry), quality


def _quality(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Quality of the most specific range that covers a media type; 0 where none does."""
    covering = {kind: 3, f"{kind.partition('/')[0]}/*": 2, "*/*": 1}
    found = [(covering[one], quality) for one, quality in ranges if one in covering]
    return max(found)[1] if found else 0.0
