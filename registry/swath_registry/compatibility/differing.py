"""Where two schemas say different things, and the way into a document that leads there."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from swath_registry.compatibility.landscape import Part, Path, as_dict, as_list
from swath_registry.compatibility.subschemas import ANNOTATIONS, DEFINITIONS, HOLDS_ONE, IN_PLACE, children
from swath_registry.compatibility.texts import matching
from swath_registry.compatibility.values import key_of

_INNER = (HOLDS_ONE | IN_PLACE | DEFINITIONS | {"properties", "patternProperties", "prefixItems"}) - {
    "propertyNames",
    "dependencies",
}
_MOST_LEVELS = 12  # of a document: as deep as samples of it go with all their properties
_UNDECLARED = "x0"


@dataclass(frozen=True)
class Step:
    """One level of a way into a document.

    Args:
        chosen: `id` of each schema that stands on the way and applies to this level: the branches to take.
        key: of the property or item that leads on; None where the way ends.
    """

    chosen: frozenset[int]
    key: str | int | None = None


Route = tuple[Step, ...]


@dataclass(frozen=True)
class Difference:
    """A place in documents of which two schemas say different things.

    Args:
        route: how a document of the first schema gets there.
    """

    route: Route

    @property
    def path(self) -> Path:
        """Where it is."""
        return tuple(step.key for step in self.route if step.key is not None)


@dataclass(frozen=True)
class _Pair:
    """What both schemas say at corresponding places of theirs; None where one of them has no such place."""

    old: Part | None
    new: Part | None
    above: Route = ()
    chosen: frozenset[int] = frozenset()

    @property
    def place(self) -> Difference:
        return Difference((*self.above, Step(self.chosen)))

    def beside(self, old: Part | None, new: Part | None) -> "_Pair":
        """Another pair that applies to the same value."""
        return _Pair(old, new, self.above, self.chosen | _ids(old))

    def below(self, old: Part | None, new: Part | None, key: str | int) -> "_Pair":
        """A pair that applies to a property or an item."""
        return _Pair(old, new, (*self.above, Step(self.chosen, key)), _ids(old))


def differing(old: Part, new: Part) -> Iterator[Difference]:
    """The places of which two schemas say different things, the nearest first; the same pair of schemas once."""
    waiting = deque([_Pair(old, new)])
    seen: set[tuple[int, ...]] = set()
    while waiting:
        pair = waiting.popleft()
        key = tuple(0 if side is None else id(side.schema) for side in (pair.old, pair.new))
        if key in seen or len(pair.above) > _MOST_LEVELS:
            continue
        seen.add(key)
        if _said(pair.old) != _said(pair.new):
            yield pair.place
        if pair.old is not None and pair.new is not None:
            waiting.extend(_inner(pair, pair.old, pair.new))


def _inner(pair: _Pair, old: Part, new: Part) -> Iterator[_Pair]:
    for one, other in zip_longest(old.references, new.references):
        yield pair.beside(one, other)
    mine, theirs = (
        {(keyword, key): side.of(each) for keyword, key, each in children(side.schema)} for side in (old, new)
    )
    for keyword, key in dict.fromkeys((*mine, *theirs)):
        one, other = mine.get((keyword, key)), theirs.get((keyword, key))
        if keyword in IN_PLACE:
            yield pair.beside(one, other)
        elif (step := _step(keyword, key, old, new)) is not None:
            yield pair.below(one, other, step)


def _step(keyword: str, key: str | int | None, old: Part, new: Part) -> str | int | None:
    """The property or item to which a schema within a schema applies; None where it applies to none."""
    match keyword:
        case "properties":
            return key
        case "patternProperties":
            return matching((str(key),))
        case "additionalProperties" | "unevaluatedProperties":
            return _UNDECLARED
        case "items" | "prefixItems" if isinstance(key, int):
            return key
        case "items" | "additionalItems" | "contains" | "unevaluatedItems":
            return max(_prefix(old), _prefix(new))
        case _:
            return None


def _prefix(part: Part) -> int:
    return len(as_list(part.keywords.get("prefixItems")) or as_list(part.keywords.get("items")))


def _said(part: Part | None) -> str:
    """What a schema says itself, not by the schemas within it."""
    if part is None or isinstance(part.schema, bool):
        return "" if part is None else str(part.schema)
    return key_of({key: value for key, value in as_dict(part.schema).items() if key not in _INNER | ANNOTATIONS})


def _ids(part: Part | None) -> frozenset[int]:
    return frozenset() if part is None else frozenset({id(part.schema)})
