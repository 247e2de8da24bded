"""Every version with every earlier one, and what follows for the whole line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from swath_registry.compatibility.comparing import Pair, compare_all
from swath_registry.compatibility.verdicts import DEFAULTS, Comparison, Limits, Status
from swath_schemas import PUBLISHED, SchemaStore


@dataclass(frozen=True)
class Step:
    """Two versions compared: `older` and `newer` are their places in the list, from 0."""

    older: int
    newer: int
    comparison: Comparison


def compare_versions(
    versions: Sequence[Any],
    *,
    examples: Sequence[Any] = (),
    store: SchemaStore = PUBLISHED,
    limits: Limits = DEFAULTS,
    workers: int | None = None,
) -> Iterator[Step]:
    """Each pair of versions, oldest first, on all cores. Raises as `compare` does."""
    places = list(combinations(range(len(versions)), 2))
    pairs = (Pair(versions[older], versions[newer], examples) for older, newer in places)
    found = compare_all(pairs, store=store, limits=limits, workers=workers)
    for (older, newer), comparison in zip(places, found, strict=True):
        yield Step(older, newer, comparison)


def worst(steps: Iterable[Step], direction: Literal["backward", "forward", "full"]) -> Status:
    """What holds for all steps: broken where one is, else undecided where one is, else proven."""
    found = {step.comparison.verdict(direction) for step in steps}
    return "broken" if "broken" in found else "undecided" if "undecided" in found else "proven"
