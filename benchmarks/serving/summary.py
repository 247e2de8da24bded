"""What was found of every server in one case: a table, and the figures of ours that have a bar."""

from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.frame.rows import Figure, Row, Sheet
from benchmarks.load.facts import Facts, a_second, cpu_ms, percentile_ms
from benchmarks.load.process import MB
from benchmarks.load.sides import Side
from benchmarks.serving.bars import BYTES_A_PIXEL_BYTE, HEALTH_MEDIAN_MS, HEALTH_WORST_MS, READY_S
from benchmarks.serving.cases import Case
from benchmarks.serving.contenders import OURS

COLUMNS = (
    *("server", "ready s", "p50 ms", "p95 ms", "p99 ms", "CPU ms", "req/s", "req/s 8", "p99 8", "req/s 64", "p99 64"),
    *("CPU ms 8", "idle MB", "first +MB", "peak MB", "kept +MB", "health p50", "health max"),
)


class Summary:
    """The facts of each server, pair by pair; one that was in several pairs has them all."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._facts: dict[str, list[Facts]] = {}

    def add(self, *sides: Side) -> None:
        """Keep what was found of both sides of a pair."""
        for side in sides:
            self._facts.setdefault(side.name, []).append(side.facts)

    def rows(self) -> Iterator[Row]:
        """Figures of ours, then everybody's table; nothing where no pair was measured."""
        for name in OURS:
            if name in self._facts:
                yield from self._promised(name, self._facts[name])
        if self._facts:
            yield Sheet(self._case.title, COLUMNS, [self._line(*item) for item in self._facts.items()])

    def _promised(self, name: str, facts: Sequence[Facts]) -> Iterator[Row]:
        title = f"{self._case.name}: {name}"
        yield Figure(f"{title}, ready after start", median(one.ready_s for one in facts), "s", READY_S)
        health = [one.health for one in facts if one.health]
        if health:
            yield Figure(f"{title}, /health, 3 in work", median(h.median_ms for h in health), "ms", HEALTH_MEDIAN_MS)
            yield Figure(f"{title}, /health at worst", max(h.worst_ms for h in health), "ms", HEALTH_WORST_MS)
        bar = BYTES_A_PIXEL_BYTE.get(self._case.name)
        if bar:
            above_mb = median(one.first_peak_mb - one.idle_mb for one in facts)
            yield Figure(f"{title}, peak above idle / pixels", above_mb * MB / self._case.pixel_bytes, "B/B", bar)

    def _line(self, name: str, facts: Sequence[Facts]) -> list[str | float | None]:
        health = [one.health for one in facts if one.health]
        is_server = any(one.ready_s for one in facts)
        return [
            name,
            _median([one.ready_s for one in facts if is_server]),
            *(percentile_ms(facts, 1, percent) for percent in (50, 95, 99)),
            cpu_ms(facts, 1),
            *(a_second(facts, 1), a_second(facts, 8), percentile_ms(facts, 8, 99)),
            *(a_second(facts, 64), percentile_ms(facts, 64, 99), cpu_ms(facts, 8)),
            _median([one.idle_mb for one in facts if is_server]),
            _median([one.first_peak_mb - one.idle_mb for one in facts if is_server]),
            max((one.peak_mb for one in facts), default=None) if is_server else None,
            _median([one.kept_mb for one in facts if one.kept_mb is not None]),
            _median([one.median_ms for one in health]),
            max((one.worst_ms for one in health), default=None),
        ]


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None
