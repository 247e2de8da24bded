"""Which of the media types that can be had a caller would rather have (RFC 9110, section 12.5.1)."""

import re
from collections.abc import Callable, Sequence

from swath_runtime.http import media_type
from swath_runtime.problems import NOT_ACCEPTABLE, Problem

QVALUE = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")


def choose(accept: str, available: Sequence[str], can_be_named: Callable[[str], bool] = lambda _: False) -> str:
    """The media type that the Accept header ranks highest; the first of equals, and of no header.

    Args:
        accept: the header.
        available: what can be had, the best first, each without parameters.
        can_be_named: whether a media type can be had by those who name it whole: with parameters, or one that loses
            something, which no wildcard may choose.

    Raises Problem 406, naming what is available, where none is accepted.
    """
    ranges = [_range(one, can_be_named) for one in accept.split(",") if one.strip()]
    if not ranges:
        return available[0]
    named = [text for text, _ in ranges if text not in available and can_be_named(text)]
    ranked = [(_quality(one, ranges), -index, one) for index, one in enumerate((*available, *named))]
    best = max(ranked)
    if best[0] <= 0:
        raise Problem(NOT_ACCEPTABLE, "No accepted media type can be had here.", f"Available: {', '.join(available)}.")
    return best[2]


def _range(entry: str, can_be_named: Callable[[str], bool]) -> tuple[str, float]:
    """A range and its quality; parameters stay where they mean something, as `type/subtype; name=value`."""
    quality, parameters = 1.0, [media_type(entry)]
    for parameter in entry.split(";")[1:]:
        name, _, value = (part.strip().lower() for part in parameter.partition("="))
        if name == "q":
            quality = float(value) if QVALUE.fullmatch(value) else 0.0
        else:
            parameters.append(f"{name}={value}")
    kept = parameters if can_be_named(parameters[0]) else parameters[:1]
    return "; ".join(kept), quality


def _quality(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Quality of the most specific range that covers a media type; 0 where none does."""
    covering = {kind: 3, f"{kind.partition('/')[0]}/*": 2, "*/*": 1}
    found = [(covering[one], quality) for one, quality in ranges if one in covering]
    return max(found)[1] if found else 0.0
