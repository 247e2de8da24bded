"""Two ways to do the same work, timed in turn."""

import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.frame.rows import Ratio

Pair = tuple[float, float]


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    bar: float | None,
    *,
    rounds: int = 15,
    warmups: int = 2,
) -> Ratio:
    """Time both in turn, ours first in every other round, `rounds` times after `warmups`."""
    for _ in range(warmups):
        ours()
        theirs()
    return ratio_of(name, alternate(lambda: time_ms(ours), lambda: time_ms(theirs), rounds), bar)


def alternate(ours: Callable[[], float], theirs: Callable[[], float], rounds: int) -> list[Pair]:
    """What each measured, round by round (ours, theirs); who goes first changes every round."""
    pairs: list[Pair] = []
    for index in range(rounds):
        if index % 2:
            one = ours()
            pairs.append((one, theirs()))
        else:
            other = theirs()
            pairs.append((ours(), other))
    return pairs


def ratio_of(name: str, pairs: Sequence[Pair], bar: float | None, unit: str = "ms") -> Ratio:
    """The medians of both, and the quartiles of the pairs' own ratios."""
    low, high = quartiles([mine / other for mine, other in pairs])
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return Ratio(name, ours, theirs, low, high, bar, unit)


def quartiles(values: Sequence[float]) -> Pair:
    """First and third quartile; of one value, that value twice."""
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def time_ms(work: Callable[[], object]) -> float:
    """How long the work takes, once, ms."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
