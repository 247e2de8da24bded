"""Counts what a worker answers, and reads what all workers counted."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from swath_runtime.crew import Crew
from swath_runtime.metrics.cells import Cells
from swath_runtime.metrics.families import (
    BATCH_SIZE,
    BYTES_IN,
    BYTES_OUT,
    CANCELLED,
    CAPACITY,
    CLASSES,
    IN_WORK,
    JOBS,
    LOAD_SECONDS,
    NOWHERE,
    QUEUED,
    REJECTED,
    REQUEST_SECONDS,
    REQUESTS,
    RUNNING,
    SECONDS,
    SIZES,
    STAGE_SECONDS,
    TIMEOUTS,
    Family,
)
from swath_runtime.metrics.layout import Labels, Layout


@dataclass(frozen=True)
class Distribution:
    """Samples of a histogram: how many in each bucket, the last without bound, and their sum."""

    counts: tuple[int, ...]
    sum: float


Value = float | Distribution


@dataclass(frozen=True)
class Answered:
    """One request that was answered.

    Attributes:
        route: its path as the service has it, placeholders and all; empty where there is none.
        method: its method.
        status: of the answer.
        problem: name of the problem it ended with, or "".
        took_ms: time of each stage.
        total_ms: from its head to its answer.
        received, sent: bytes of the bodies.
    """

    route: str
    method: str
    status: int
    problem: str
    took_ms: Mapping[str, float]
    total_ms: float
    received: int
    sent: int


class Meter:
    """The Observer of a service: `answered` counts a request, `read` gives what all workers counted.

    Args:
        methods: methods of each route.
        crew: the workers.
        capacity: calls that this worker lets in at once.
    """

    def __init__(self, methods: Mapping[str, Iterable[str]], crew: Crew, capacity: int) -> None:
        self._layout = Layout(methods)
        self._cells = Cells(self._layout.size, crew)
        first = self._layout.first
        self._requests, self._seconds = first[REQUESTS], first[REQUEST_SECONDS]
        self._stages, self._rejected = first[STAGE_SECONDS], first[REJECTED]
        self._ended = {"timeout": first[TIMEOUTS][()], "caller-gone": first[CANCELLED][()]} | {
            {"busy": "busy", "loading": "not-ready", "draining": "stopping"}[reason]: cell
            for (reason,), cell in self._rejected.items()
        }
        self._bytes_in, self._bytes_out = first[BYTES_IN][()], first[BYTES_OUT][()]
        self._batches = first[BATCH_SIZE][()]
        self._gauges = {one: first[one][()] for one in (IN_WORK, RUNNING, QUEUED, LOAD_SECONDS)}
        self._cells.own[first[CAPACITY][()]] = capacity
        self._jobs: Callable[[], Mapping[str, int]] | None = None

    def share(self) -> None:
        """Let the other workers read on from here; called once, in the worker itself."""
        self._cells.share()

    def answered(self, one: Answered) -> None:
        """Count a request."""
        route = (one.route or NOWHERE,)
        status = CLASSES[one.status // 100 - 1]
        cell = self._requests.get((*route, one.method, status)) or self._requests[(*route, NOWHERE, status)]
        with self._cells.lock:
            own = self._cells.own
            own[cell] += 1
            _observe(own, self._seconds[route], SECONDS, one.total_ms / 1000)
            for stage, took_ms in tuple(one.took_ms.items()):
                if (first := self._stages.get((stage,))) is not None:
                    _observe(own, first, SECONDS, took_ms / 1000)
            own[self._bytes_in] += one.received
            own[self._bytes_out] += one.sent
            if (ended := self._ended.get(one.problem)) is not None:
                own[ended] += 1

    def in_work(self, change: int) -> None:
        """Requests came or were answered."""
        with self._cells.lock:
            self._cells.own[self._gauges[IN_WORK]] += change

    def batch(self, size: int) -> None:
        """Calls were handed to the algorithm together."""
        with self._cells.lock:
            _observe(self._cells.own, self._batches, SIZES, size)

    def loads(self, running: int, queued: int) -> None:
        """So many calls are in the algorithm's hands now, and so many wait for it."""
        with self._cells.lock:
            self._cells.own[self._gauges[RUNNING]] = running
            self._cells.own[self._gauges[QUEUED]] = queued

    def loaded(self, seconds: float) -> None:
        """The algorithm and its model have been loaded."""
        with self._cells.lock:
            self._cells.own[self._gauges[LOAD_SECONDS]] = seconds

    def jobs(self, count: Callable[[], Mapping[str, int]]) -> None:
        """`count` tells how many jobs are kept now, by state."""
        self._jobs = count

    def work_done(self, aside: Collection[str]) -> float | None:
        """Requests answered here, those to the paths `aside` left out, and calls begun; None while calls are in work.

        Whether calls are is what `loads` last told.
        """
        own = self._cells.own
        if own[self._gauges[RUNNING]] or own[self._gauges[QUEUED]]:
            return None
        answered = sum(own[cell] for (route, *_), cell in self._requests.items() if route not in aside)
        return answered + own[self._batches + len(SIZES) + 1]

    def read(self) -> Iterator[tuple[Family, dict[Labels, Value]]]:
        """Each family with its samples, summed over the workers; of those that ended only what is counted up."""
        workers = list(self._cells.all())
        for family, firsts in self._layout.first.items():
            counted = [cells for cells, lives in workers if lives or family.kind != "gauge"]
            found = {labels: _value(family, first, counted) for labels, first in firsts.items()}
            yield family, {labels: value for labels, value in found.items() if not family.labels or _is_any(value)}
        if self._jobs:
            yield JOBS, {(state,): count for state, count in self._jobs().items()}


def _observe(own: "memoryview[float]", first: int, bounds: tuple[float, ...], value: float) -> None:
    own[first + bisect_left(bounds, value)] += 1
    own[first + len(bounds) + 1] += value


def _value(family: Family, first: int, workers: Sequence[Sequence[float]]) -> Value:
    if not family.bounds:
        return (max if family is LOAD_SECONDS else sum)(cells[first] for cells in workers)
    last = first + len(family.bounds) + 1
    counts = tuple(int(sum(cells[one] for cells in workers)) for one in range(first, last))
    return Distribution(counts, sum(cells[last] for cells in workers))


def _is_any(value: Value) -> bool:
    return any(value.counts) if isinstance(value, Distribution) else bool(value)
