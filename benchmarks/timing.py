"""Two ways to do the same work, timed in turn."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ratio:
    """How long ours took against theirs: medians in ms, and the interquartile range of the pairs' ratios."""

    name: str
    ours_ms: float
    theirs_ms: float
    low: float
    high: float
    bar: float

    @property
    def ratio(self) -> float:
        """Ours divided by theirs: under 1 is faster."""
        return self.ours_ms / self.theirs_ms

    def __str__(self) -> str:
        verdict = "within" if self.ratio <= self.bar else "ABOVE"
        return (
            f"{self.name:40} {self.ours_ms:8.1f} ms {self.theirs_ms:8.1f} ms   "
            f"{self.ratio:.2f} [{self.low:.2f}–{self.high:.2f}]   {verdict} {self.bar}"
        )


def compare(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    bar: float,
    *,
    rounds: int = 15,
    warmups: int = 2,
) -> Ratio:
    """Time both in turn, ours first in every other round, `rounds` times after `warmups`."""
    for _ in range(warmups):
        ours()
        theirs()
    pairs: list[tuple[float, float]] = []
    for index in range(rounds):
        first, second = (ours, theirs) if index % 2 else (theirs, ours)
        one, other = _time_ms(first), _time_ms(second)
        pairs.append((one, other) if index % 2 else (other, one))
    low, _, high = statistics.quantiles([mine / theirs_ms for mine, theirs_ms in pairs], n=4)
    return Ratio(
        name,
        statistics.median(mine for mine, _ in pairs),
        statistics.median(other for _, other in pairs),
        low,
        high,
        bar,
    )


def _time_ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
