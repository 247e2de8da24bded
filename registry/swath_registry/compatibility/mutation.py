"""Documents that differ from one in a single place, by what both schemas say of that place."""

from collections.abc import Iterator, Sequence
from itertools import chain, combinations, islice
from typing import Any, cast

from swath_registry.compatibility.landscape import Landscape, Part, Path, as_dict, as_list, in_place
from swath_registry.compatibility.sampling import Sampler, property_names
from swath_registry.compatibility.texts import between, matching, texts
from swath_registry.compatibility.values import key_of, unique, values

MOST_PLACES = 400  # of one document
MOST_ITEMS = 300
_COUNTS = ("minItems", "maxItems", "minContains", "maxContains", "minProperties", "maxProperties")


class Kept:
    """What an iterator gives, made when it is first asked for: most of a place's values are never tried."""

    def __init__(self, source: Iterator[Any]) -> None:
        self._source = source
        self._made: list[Any] = []

    def __iter__(self) -> Iterator[Any]:
        index = 0
        while True:
            if index == len(self._made):
                try:
                    self._made.append(next(self._source))
                except StopIteration:
                    return
            yield self._made[index]
            index += 1


class Mutations:
    """Makes mutants by two schemas; what it finds out about a place is kept.

    Args:
        old: the schema that mutants should stay valid under.
        new: the schema that they should break.
    """

    def __init__(self, old: Landscape, new: Landscape) -> None:
        self.old, self.new = old, new
        self._values: dict[Path, Kept] = {}
        self._differs: dict[Path, bool] = {}
        self._texts: dict[int, str] = {}

    def of(self, document: Any, *, is_changed: bool) -> Iterator[Any]:
        """The mutants of a document at the places of which the schemas say different things, or at the other places."""
        found = [path for path in places(document) if self._is_changed(path) is is_changed]
        for path in reversed(found) if is_changed else found:
            for value in self.at(value_at(document, path), path):
                yield replaced(document, path, value)

    def at(self, value: Any, path: Path) -> Iterator[Any]:
        """What may stand at a place instead of a value; of the whole document see `values`."""
        if isinstance(value, dict):
            yield from self._objects(cast("dict[str, Any]", value), path)
        if isinstance(value, list):
            yield from self._arrays(cast("list[Any]", value), path)
        if path:
            yield from self.values(path)

    def values(self, path: Path, most: int | None = None) -> Iterator[Any]:
        """Values worth trying at a place, `most` at most: those named, those beside bounds, samples of each branch."""
        if path not in self._values:
            old, new = self.old.at(path), self.new.at(path)
            self._values[path] = Kept(unique(chain(values(old, new), _samples(old, new))))
        return islice(self._values[path], most)

    def _is_changed(self, path: Path) -> bool:
        if path not in self._differs:
            old, new = ({self._text(part) for part in land.at(path)} for land in (self.old, self.new))
            self._differs[path] = old != new
        return self._differs[path]

    def _text(self, part: Part) -> str:
        if id(part.schema) not in self._texts or isinstance(part.schema, bool):
            self._texts[id(part.schema)] = key_of(part.schema)
        return self._texts[id(part.schema)]

    def _objects(self, value: dict[str, Any], path: Path) -> Iterator[Any]:
        for name in value:
            yield {key: each for key, each in value.items() if key != name}
        parts = (*self.old.at(path), *self.new.at(path))
        names = self._names(path)
        for name in names:
            if name not in value:
                for each in self.values((*path, name), 40 if self._is_changed((*path, name)) else 6):
                    yield {**value, name: each}
        for count in _sizes(parts, len(value)):
            yield from self._resized(value, names, count, path)
        yield from self._together(value, path)

    def _names(self, path: Path) -> list[str]:
        old, new = self.old.at(path), self.new.at(path)
        found = [name for part in (*new, *old) for name in declared(part)]
        ours, theirs = (tuple(name for part in side for name in _name_patterns(part)) for side in (old, new))
        found += between(ours, theirs)
        found += islice(texts(_of_names(old), _of_names(new)), 40)
        for one in dict.fromkeys((*ours, *theirs)):
            found += [text for other in dict.fromkeys((*ours, *theirs)) if (text := matching((one,), (other,)))]
        return list(dict.fromkeys([*found, *property_names((*old, *new), 1)]))[:80]

    def _resized(self, value: dict[str, Any], names: list[str], count: int, path: Path) -> Iterator[Any]:
        if count < len(value):
            yield dict(list(value.items())[:count])
            yield dict(list(value.items())[len(value) - count :])
            return
        spare = [
            name for name in dict.fromkeys([*names, *(f"x{index}" for index in range(count))]) if name not in value
        ]
        for some in (spare[: count - len(value)], spare[len(spare) - (count - len(value)) :]):
            added = {name: self._sample((*path, name)) for name in some}
            yield {**value, **added}

    def _sample(self, path: Path) -> Any:
        return Sampler("least").document(self.old.above(path)) if self.old.above(path) else 0

    def _together(self, value: dict[str, Any], path: Path) -> Iterator[Any]:
        """Two properties that some schema ties together, or one of them without the other."""
        tied = list(dict.fromkeys(name for part in self.new.at(path) for name in _tied(part)))[:12]
        for one, other in combinations(tied, 2):
            yield {**value, one: self._sample((*path, one)), other: self._sample((*path, other))}
        for one in tied:
            rest = {key: each for key, each in value.items() if key not in tied}
            yield {**rest, one: value.get(one, self._sample((*path, one)))}

    def _arrays(self, value: list[Any], path: Path) -> Iterator[Any]:
        for index in range(min(len(value), 20)):
            yield value[:index] + value[index + 1 :]
            yield [*value, value[index]]
        if len(value) > 1:
            yield value[::-1]
        parts = (*self.old.at(path), *self.new.at(path))
        pool = list(self.values((*path, len(value)), 60))
        for each in pool:
            yield [*value, each]
            yield [each, *value]
        for count in _sizes(parts, len(value)):
            yield value[:count] if count < len(value) else [*value, *self._items(path, len(value), count)]
            yield from ([each] * count for each in pool[:20])
            yield from (pool[start : start + count] for start in range(0, min(len(pool), 40), max(1, count)))

    def _items(self, path: Path, start: int, count: int) -> list[Any]:
        return [self._sample((*path, index)) for index in range(start, min(count, MOST_ITEMS))]


def places(document: Any) -> list[Path]:
    """The paths of a document, the shortest first."""
    found: list[Path] = []
    level: list[tuple[Path, Any]] = [((), document)]
    while level and len(found) < MOST_PLACES:
        found += [path for path, _ in level]
        level = [((*path, key), each) for path, value in level for key, each in _members(value)]
    return found[:MOST_PLACES]


def _members(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return list(cast("dict[str | int, Any]", value).items())
    return list(enumerate(cast("list[Any]", value)[:10])) if isinstance(value, list) else []


def value_at(document: Any, path: Path) -> Any:
    """The value at a path. Raises KeyError, IndexError or TypeError where there is none."""
    for key in path:
        if isinstance(document, str):
            raise TypeError("a text has no members")
        document = document[key]
    return document


def replaced(document: Any, path: Path, value: Any) -> Any:
    """A document with another value at a path; the rest is shared with the first."""
    if not path:
        return value
    changed = document.copy()
    changed[path[0]] = replaced(document[path[0]], path[1:], value)
    return changed


def declared(part: Part) -> Iterator[str]:
    """Names of properties that a part speaks of."""
    keywords = part.keywords
    yield from as_dict(keywords.get("properties"))
    yield from (each for each in as_list(keywords.get("required")) if isinstance(each, str))
    for name in ("dependentRequired", "dependentSchemas", "dependencies"):
        for key, needed in as_dict(keywords.get(name)).items():
            yield from (key, *(each for each in as_list(needed) if isinstance(each, str)))


def _name_patterns(part: Part) -> Iterator[str]:
    yield from as_dict(part.keywords.get("patternProperties"))
    pattern = as_dict(part.keywords.get("propertyNames")).get("pattern")
    if isinstance(pattern, str):
        yield pattern


def _of_names(parts: Sequence[Part]) -> list[Part]:
    return in_place(part.of(part.keywords["propertyNames"]) for part in parts if "propertyNames" in part.keywords)


def _tied(part: Part) -> Iterator[str]:
    for name in ("dependentRequired", "dependentSchemas", "dependencies", "if", "not", "oneOf", "anyOf"):
        if name in part.keywords:
            yield from declared(part)
            return
    yield from (each for each in as_list(part.keywords.get("required")) if isinstance(each, str))


def _sizes(parts: Sequence[Part], size: int) -> list[int]:
    found = [part.keywords.get(name) for part in parts for name in _COUNTS]
    found += [len(as_list(part.keywords.get("prefixItems"))) for part in parts]
    found += [len(as_list(part.keywords.get("items"))) for part in parts]
    bounds = [int(each) for each in found if isinstance(each, int | float) and not isinstance(each, bool)]
    near = {bound + step for bound in bounds for step in (-1, 0, 1)} | {0, size + 1, size + 2}
    return sorted(each for each in near if 0 <= each <= MOST_ITEMS and each != size)


def _samples(old: Sequence[Part], new: Sequence[Part]) -> Iterator[Any]:
    for part in (*new[:10], *old[:8]):
        for style in ("least", "most"):
            yield Sampler(style).document([part])
    for part in new[:8]:
        for mine in old[:3]:
            yield Sampler("any", 1).document([mine, part])
        for keyword in ("oneOf", "anyOf"):
            branches = [part.of(each) for each in as_list(part.keywords.get(keyword))]
            for one, other in list(combinations(branches, 2))[:30]:
                yield Sampler("least").document([*old[:1], one, other])
                yield Sampler("most").document([one, other])
