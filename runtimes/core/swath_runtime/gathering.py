"""Which of the calls that wait go to the algorithm together: nothing here has a thread, a lock or a clock."""

from collections import deque
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Generic, Protocol, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from swath_algorithm.batches import fitting
from swath_converters import Image

MEMORY = 8  # batches


@dataclass(frozen=True)
class Limits:
    """When a batch is made, and of how many.

    Attributes:
        most: items of one batch, at least 1.
        preferred: items from which on nobody waits for more, 1 to `most`.
        delay_s: how long the first item waits for others, seconds.
    """

    most: int = 1
    preferred: int = 1
    delay_s: float = 0.0


ALONE = Limits()


class Waits(Protocol):
    """What can wait: when it came, by a clock that only goes forward, and what it must have in common with others."""

    @property
    def arrived_s(self) -> float: ...  # noqa: D102 - said above
    @property
    def likeness(self) -> Hashable: ...  # noqa: D102 - said above


One = TypeVar("One", bound=Waits)


class Waiting(Generic[One]):
    """Those that wait, the first to come the first to go, and each batch of the like only.

    Of several batches that could go, that of whoever came first does: nobody starves behind others of another kind.
    Nobody waits for more than were there, waiting or running, at the end of any of the last MEMORY batches: a lone
    caller is not kept waiting for others who never come.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._groups: dict[Hashable, deque[One]] = {}
        self._count = self._running = 0
        self._were_there: deque[float] = deque([inf] * MEMORY, maxlen=MEMORY)
        self._expected = inf

    def __len__(self) -> int:
        return self._count

    def add(self, one: One) -> bool:
        """Let one more wait; whether that makes a batch that may go, or begins one that will be due."""
        group = self._groups.setdefault(one.likeness, deque())
        group.append(one)
        self._count += 1
        return len(group) in {1, self._limits.preferred} or self._are_all_there()

    def remove(self, one: One) -> bool:
        """Let one wait no more; False if it no longer did."""
        group = self._groups.get(one.likeness)
        if not group or one not in group:
            return False
        group.remove(one)
        self._left(one.likeness, 1)
        return True

    def take(self, now_s: float) -> list[One]:
        """The next batch, in the order they came; empty while none may go yet."""
        ready = [one for one in self._groups.values() if self._is_ready(one, now_s)]
        if not ready:
            return []
        group = min(ready, key=_first_came)
        taken = [group.popleft() for _ in range(min(len(group), self._limits.most))]
        self._left(taken[0].likeness, len(taken))
        self._running += len(taken)
        return taken

    def ended(self, count: int) -> None:
        """Say that a batch of so many has ended."""
        self._were_there.append(self._count + self._running)
        self._expected = max(self._were_there)
        self._running -= count

    def all(self) -> list[One]:
        """All of them, who then wait no more."""
        everyone = [one for group in self._groups.values() for one in group]
        self._groups.clear()
        self._count = 0
        return everyone

    def due_s(self) -> float | None:
        """When the next batch may go, if nobody else comes; None where nobody waits."""
        if not self._groups:
            return None
        first_s = min(map(_first_came, self._groups.values()))
        return first_s + self._limits.delay_s

    def _is_ready(self, group: deque[One], now_s: float) -> bool:
        is_due = now_s >= group[0].arrived_s + self._limits.delay_s
        return is_due or len(group) >= self._limits.preferred or self._are_all_there()

    def _are_all_there(self) -> bool:
        return self._count + self._running >= self._expected

    def _left(self, likeness: Hashable, count: int) -> None:
        self._count -= count
        if not self._groups[likeness]:
            del self._groups[likeness]


def limits_of(describe: Mapping[str, Any], profile: str) -> Limits:
    """Limits of a completed description, by `batch` and by how many items fit into memory: one does in any case."""
    if not describe["batched"]:
        return ALONE
    batch: Mapping[str, Any] = describe["batch"]
    most = max(fitting(describe, profile), 1)
    return Limits(most, min(batch.get("preferredSize", most), most), batch.get("maxDelaySeconds", 0.0))


def likeness_of(inputs: Mapping[str, Any], alike: Collection[str]) -> Hashable:
    """What the images among the inputs of one call must have in common with those of another to go together.

    `alike` is `batch.homogeneous`: of size, bands, dataType, crs. Of a bare array only size, dtype and count are known.
    """
    return tuple((name, _facts(value, alike)) for name, value in sorted(inputs.items())) if alike else None


def _facts(value: Any, alike: Collection[str]) -> Hashable:
    if isinstance(value, list | tuple):
        return tuple(_facts(one, alike) for one in cast(Sequence[Any], value))
    if isinstance(value, Image):
        facts = {"bands": (value.count, value.band_names), "crs": value.crs}
    elif isinstance(value, np.ndarray):
        facts = {"bands": cast(NDArray[Any], value).shape[:-2]}
    else:
        return None
    array = value.array if isinstance(value, Image) else cast(NDArray[Any], value)
    facts |= {"size": array.shape[-2:], "dataType": array.dtype.str}
    return tuple(facts.get(name) for name in sorted(alike))


def _first_came(group: deque[Any]) -> float:
    return group[0].arrived_s
