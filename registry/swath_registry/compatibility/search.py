"""Looking for a witness: a document that one schema accepts and the other refuses."""

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from swath_registry.compatibility.landscape import Landscape, in_place
from swath_registry.compatibility.mutation import Mutations
from swath_registry.compatibility.operands import Operand
from swath_registry.compatibility.repair import repaired
from swath_registry.compatibility.sampling import Sampler
from swath_registry.compatibility.values import TYPE_SAMPLES, key_of, unique

CROSS_CHECKS = 600  # documents tried although the prover says yes
_BASES = 14


@dataclass
class Budget:
    """What a search may still take; `spend` says whether there is any left."""

    documents: int
    until: float

    def spend(self) -> bool:
        """Take one document out of it."""
        self.documents -= 1
        return self.documents >= 0 and (self.documents % 16 != 0 or time.monotonic() < self.until)


class Search:
    """The search of one direction.

    Args:
        old: what a witness is valid under.
        new: what it isn't valid under.
        lands: both, with their references resolved.
        examples: documents to begin with.
        difference: a schema of what only `old` accepts, where the prover could write one.
    """

    def __init__(
        self,
        old: Operand,
        new: Operand,
        lands: tuple[Landscape, Landscape],
        examples: Sequence[Any] = (),
        difference: Any = None,
    ) -> None:
        self._old, self._new = old, new
        self._land, self._other = lands
        self._examples = examples
        self._difference = difference

    def is_witness(self, document: Any) -> bool:
        """Whether a document breaks the promise."""
        return self._old.accepts(document) and not self._new.accepts(document)

    def find(self, budget: Budget) -> Any:
        """A witness, wrapped in a list; [] where none was found within the budget."""
        for document in self._candidates():
            if not budget.spend():
                break
            if self.is_witness(document):
                return [document]
        return []

    def _candidates(self) -> Iterator[Any]:
        yield from self._examples
        yield from TYPE_SAMPLES
        yield from self._differences()
        bases = self._bases()
        yield from bases
        mutations = Mutations(self._land, self._other)
        yield from mutations.values(())
        for base in bases:
            yield from mutations.of(base)
        yield from self._joint(mutations)
        yield from self._random(mutations, bases)

    def _differences(self) -> Iterator[Any]:
        if self._difference is None:
            return
        land = Landscape(self._difference)
        for style in ("least", "most"):
            yield Sampler(style).document([land.root])
        for seed in range(24):
            yield Sampler("any", seed).document([land.root])

    def _bases(self) -> list[Any]:
        """Documents that are valid under the old schema, of as many shapes as may be."""
        drafts = [*self._examples, *TYPE_SAMPLES, Sampler("least").document([self._land.root])]
        drafts += [Sampler("most", seed).document([self._land.root]) for seed in range(4)]
        drafts += [Sampler("any", seed).document([self._land.root]) for seed in range(10)]
        found = [draft for draft in unique(drafts) if self._old.accepts(draft)]
        if len(found) < _BASES:
            wrong = [draft for draft in unique(drafts) if not self._old.accepts(draft)]
            made = [repaired(draft, self._old, self._land, seed) for seed, draft in enumerate(wrong)]
            found += [each for each in made if each is not None]
        ordered = sorted(unique(found), key=lambda each: -len(key_of(each)))
        return ordered[:_BASES]

    def _joint(self, mutations: Mutations) -> Iterator[Any]:
        """Documents that the old schema and one part of the new one both ask for."""
        for part in in_place([self._other.root])[:24]:
            for seed in range(6):
                draft = Sampler("any", seed).document([self._land.root, part])
                yield draft
                made = repaired(draft, self._old, self._land, seed)
                if made is not None:
                    yield made
                    yield from mutations.of(made)

    def _random(self, mutations: Mutations, bases: Sequence[Any]) -> Iterator[Any]:
        chance = random.Random(7)  # noqa: S311 - repeatable, not secret
        seed = 100
        while True:
            seed += 1
            draft = Sampler("any", seed).document([self._land.root])
            base = draft if self._old.accepts(draft) else repaired(draft, self._old, self._land, seed)
            if base is None and not bases:
                yield draft
                continue
            base = chance.choice(bases) if base is None else base
            yield base
            first = list(mutations.of(base))
            for once in chance.sample(first, min(len(first), 12)):
                made = once if self._old.accepts(once) else repaired(once, self._old, self._land, seed, 6)
                if made is not None:
                    yield made
                    second = list(mutations.of(made))
                    yield from chance.sample(second, min(len(second), 60))
