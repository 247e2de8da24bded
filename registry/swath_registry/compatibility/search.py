"""Looking for a witness: a document that one schema accepts and the other refuses."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from swath_registry.compatibility.differing import differing
from swath_registry.compatibility.landscape import Landscape, in_place
from swath_registry.compatibility.mutation import Mutations, replaced, value_at
from swath_registry.compatibility.operands import Operand
from swath_registry.compatibility.repair import MOST_REPAIRS, repaired
from swath_registry.compatibility.sampling import Sampler, Style
from swath_registry.compatibility.values import TYPE_SAMPLES, key_of, unique

# Documents and CPU seconds: even where the prover says yes; near what differs, before the prover is asked to write down
# what breaks; where it did; where it can't, before it is asked in other words, which takes some tenths of a second.
CROSS_CHECK = (1_000, 0.015)
NEAR_SEARCH = (3_000, 0.1)
FIRST_SEARCH = (6_000, 0.3)
SHORT_SEARCH = (3_000, 0.06)
_NEAR_STYLES: list[tuple[Style, int]] = [("least", 0), ("least", 1), ("any", 0), ("most", 0)]
_MOST_PLACES, _MOST_AT_A_PLACE = 24, 80  # where more differs there is nothing near: the far search sees to it
_STYLES: list[tuple[Style, int]] = [("least", 0), ("most", 0), *(("any", seed) for seed in range(9)), ("most", 1)]
_SMALL = 3_000  # characters of a schema: of a larger one a whole document takes milliseconds to make
_END: Any = object()
_REPAIR = 12  # documents that could be tried in the time that one repair takes


@dataclass
class Budget:
    """What a search may still take: documents, and CPU seconds (`until` is by `time.process_time`)."""

    documents: int
    until: float

    @classmethod
    def of(cls, documents: int, seconds: float) -> "Budget":
        """So much from now on."""
        return cls(documents, time.process_time() + seconds)

    def spend(self, documents: int = 1) -> bool:
        """Take documents out of it; False where none is left."""
        self.documents -= documents
        return self.documents >= 0 and time.process_time() < self.until


class Search:
    """The search of one direction.

    Args:
        old: what a witness is valid under.
        new: what it isn't valid under.
        lands: both, with their references resolved.
        examples: documents to begin with.
    """

    def __init__(
        self,
        old: Operand,
        new: Operand,
        lands: tuple[Landscape, Landscape],
        examples: Sequence[Any] = (),
    ) -> None:
        self._old, self._new = old, new
        self._land, self._other = lands
        self._examples = examples
        self._mutations = Mutations(*lands)
        self._budget = Budget(0, 0.0)
        self._near, self._far = self._near_candidates(), self._candidates()
        self._differences: Sequence[Any] = ()

    def is_witness(self, document: Any) -> bool:
        """Whether a document breaks the promise."""
        return self._old.accepts(document) and not self._new.accepts(document)

    def learn(self, difference: Any) -> None:
        """Go on with documents of a schema of what only the old schema accepts; None where there is none."""
        if difference is not None:
            root = [Landscape(difference).root]
            styles: list[tuple[Style, int]] = [("least", 0), ("most", 0), *(("any", seed) for seed in range(10))]
            self._differences = [Sampler(style, seed).document(root) for style, seed in styles]
            self._near = chain(self._differences, self._near)

    def find_near(self, budget: Budget) -> list[Any]:
        """A witness among the examples and near what the schemas say differently: as `find`."""
        return self._first(self._near, budget)

    def find(self, budget: Budget) -> list[Any]:
        """A witness, wrapped in a list; [] where none was found within the budget. Goes on where it stopped before."""
        return self._first(chain(self._near, self._far), budget)

    def _first(self, candidates: Iterator[Any], budget: Budget) -> list[Any]:
        self._budget = budget
        while budget.spend():
            document = next(candidates, _END)
            if document is _END:
                break
            if self.is_witness(document):
                return [document]
        return []

    def _repaired(self, document: Any, seed: int, most: int = MOST_REPAIRS) -> Any:
        """A document that the old schema accepts, near one given; None where there is none, or no budget."""
        if not self._budget.spend(_REPAIR):
            return None
        return repaired(document, self._old, self._land, seed, most)

    def _near_candidates(self) -> Iterator[Any]:
        yield from self._examples
        yield from TYPE_SAMPLES
        places = list(islice(differing(self._land.root, self._other.root), _MOST_PLACES))
        for style, seed in _NEAR_STYLES:
            for place in places:
                draft = Sampler(style, seed).document([self._land.root], route=place.route)
                base = draft if self._old.accepts(draft) else self._repaired(draft, seed)
                yield base
                try:
                    value = value_at(base, place.path)
                except (KeyError, IndexError, TypeError):  # no document gets there, or the repair took it away
                    continue
                for other in islice(self._mutations.at(value, place.path), _MOST_AT_A_PLACE):
                    yield replaced(base, place.path, other)

    def _candidates(self) -> Iterator[Any]:
        mutations = self._mutations
        is_small = len(key_of(self._land.root.schema)) < _SMALL
        yield from mutations.values(()) if is_small else ()
        bases: list[Any] = []
        for base in unique(self._bases()):
            bases.append(base)
            yield base
            yield from mutations.of(base, is_changed=True)
        yield from () if is_small else mutations.values(())
        for base in bases:
            yield from mutations.of(base, is_changed=False)
        yield from self._joint(mutations)
        yield from self._random(mutations, bases)

    def _bases(self) -> Iterator[Any]:
        """Documents that are valid under the old schema, of as many shapes as may be."""
        yield from (each for each in self._examples if self._old.accepts(each))
        yield from (each for each in TYPE_SAMPLES if self._old.accepts(each))
        yield from (each for each in self._differences if self._old.accepts(each))
        for style, seed in _STYLES:
            draft = Sampler(style, seed).document([self._land.root])
            if self._old.accepts(draft):
                yield draft
            elif (made := self._repaired(draft, seed)) is not None:
                yield made

    def _joint(self, mutations: Mutations) -> Iterator[Any]:
        """Documents that the old schema and one part of the new one both ask for."""
        for part in in_place([self._other.root])[:24]:
            for seed in range(6):
                draft = Sampler("any", seed).document([self._land.root, part])
                yield draft
                made = self._repaired(draft, seed)
                if made is not None:
                    yield made
                    yield from mutations.of(made, is_changed=True)

    def _random(self, mutations: Mutations, bases: Sequence[Any]) -> Iterator[Any]:
        chance = random.Random(7)  # noqa: S311 - repeatable, not secret
        seed = 100
        while self._budget.spend(_REPAIR):
            seed += 1
            draft = Sampler("any", seed).document([self._land.root])
            base = draft if self._old.accepts(draft) else self._repaired(draft, seed)
            if base is None and not bases:
                yield draft
                continue
            base = chance.choice(bases) if base is None else base
            yield base
            first = list(mutations.of(base, is_changed=True)) or list(mutations.of(base, is_changed=False))
            for once in chance.sample(first, min(len(first), 12)):
                made = once if self._old.accepts(once) else self._repaired(once, seed, 6)
                if made is not None:
                    yield made
                    second = list(mutations.of(made, is_changed=True))
                    yield from chance.sample(second, min(len(second), 60))
