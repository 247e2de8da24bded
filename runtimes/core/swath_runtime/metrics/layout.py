"""Which cell each number has: the same in every worker, for it follows from the service's paths alone."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product

from swath_runtime.metrics.families import (
    BATCH_SIZE,
    BYTES_IN,
    BYTES_OUT,
    CANCELLED,
    CAPACITY,
    CLASSES,
    IN_WORK,
    LOAD_SECONDS,
    NOWHERE,
    QUEUED,
    REASONS,
    REJECTED,
    REQUEST_SECONDS,
    REQUESTS,
    RUNNING,
    STAGE_SECONDS,
    STAGES,
    TIMEOUTS,
    Family,
)

Labels = tuple[str, ...]


class Layout:
    """First cell of each sample by family and labels; a histogram has a cell a bucket, one for +Inf, one for the sum.

    Args:
        methods: methods of each route.
    """

    def __init__(self, methods: Mapping[str, Iterable[str]]) -> None:
        self.first: dict[Family, dict[Labels, int]] = {}
        self.size = 0
        for family, labels in _samples({**methods, NOWHERE: ()}):
            self.first.setdefault(family, {})[labels] = self.size
            self.size += len(family.bounds) + 2 if family.bounds else 1


def _samples(methods: Mapping[str, Iterable[str]]) -> Iterator[tuple[Family, Labels]]:
    for route, taken in methods.items():
        for method, status in product((*taken, NOWHERE), CLASSES):
            yield REQUESTS, (route, method, status)
        yield REQUEST_SECONDS, (route,)
    yield from ((STAGE_SECONDS, (stage,)) for stage in STAGES)
    yield from ((REJECTED, (reason,)) for reason in REASONS)
    plain = (
        IN_WORK, RUNNING, QUEUED, CAPACITY, BATCH_SIZE, BYTES_IN, BYTES_OUT, TIMEOUTS, CANCELLED, LOAD_SECONDS
    )  # fmt: skip
    yield from ((family, ()) for family in plain)
