"""What changed between two versions of a schema, place by place, in words.

A change is judged where it stands: it lets more documents through there (`wider`), fewer (`narrower`), or others
(`other`); it changes what a document means (`meaning`: a unit, a default) or only what is said of it (`annotation`);
or the same is written elsewhere (`moved`). Whether the versions are compatible as a whole, `compatibility` proves.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, cast

from swath_registry.diff_branches import matched
from swath_registry.diff_keywords import Kind, judged, same
from swath_registry.diff_references import Definitions, reference_name
from swath_registry.pointers import pointer_of
from swath_registry.schema_walk import MANY, NAMED, ONE

Schema = dict[str, Any]
Path = tuple[str | int, ...]

_MARKS: dict[Kind, str] = {"wider": "+", "narrower": "-", "other": "~", "meaning": "!", "annotation": ".", "moved": ">"}
_DECIDING = frozenset({"wider", "narrower", "other", "meaning"})
# Below these, a schema that accepts more may make the whole accept less.
_CONDITIONS = frozenset({"if", "then", "else", "not", "contains", "dependentSchemas", "oneOf"})
_PASSED_OVER = frozenset({"$id", "$schema", "$defs", "$ref"})


@dataclass(frozen=True)
class Change:
    """One thing that changed.

    Args:
        pointer: RFC 6901 pointer into the new schema; into the old one for what is gone.
        kind: what it does to documents: see the module.
        message: in words.
        before: what stood there; None where nothing did.
        after: what stands there now; None where nothing does.
    """

    pointer: str
    kind: Kind
    message: str
    before: Any = None
    after: Any = None

    @property
    def matters(self) -> bool:
        """Whether it may change which documents are accepted, or what they mean."""
        return self.kind in _DECIDING

    @property
    def mark(self) -> str:
        """The kind as one character: `+ - ~ ! . >`."""
        return _MARKS[self.kind]

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self)


def changes(old: Any, new: Any) -> tuple[Change, ...]:
    """What changed from one JSON Schema to another, in the order in which it stands in the new one.

    A definition is compared once, wherever it is referred to from; one that is renamed, or written out in its place,
    has moved. A reference to another type is a change by itself: compare those types to see more.
    """
    differ = _Differ(Definitions(old), Definitions(new))
    found = [*differ.compare(old, new, ()), *differ.definitions()]
    return tuple({(each.pointer, each.kind, each.message): each for each in found}.values())


class _Differ:
    """Two schemas side by side; remembers which parts of them it has compared."""

    def __init__(self, old: Definitions, new: Definitions) -> None:
        self.old = old
        self.new = new
        self._compared: set[tuple[str, str]] = set()

    def compare(self, old: Any, new: Any, path: Path) -> Iterator[Change]:
        """What changed from a schema to the one that stands in its place."""
        if isinstance(old, bool) or isinstance(new, bool):
            yield from _with_boolean(old, new, path)
        elif isinstance(old, dict) and isinstance(new, dict) and not same(old, new):
            yield from self._referring(cast("Schema", old), cast("Schema", new), path)

    def definitions(self) -> Iterator[Change]:
        """What changed in definitions of the same name, and which came or went, if nothing else told of it."""
        for name in self.new.names:
            if name in self.old.names:
                yield from self._definition(name, name, ("$defs", name))
        before = {old for old, _ in self._compared}
        after = {new for _, new in self._compared}
        for name in self.new.names:
            if name not in after:
                yield Change(pointer_of(("$defs", name)), "moved", f"the definition {name} is new")
        for name in self.old.names:
            if name not in before:
                yield Change(pointer_of(("$defs", name)), "moved", f"the definition {name} is gone")

    def _definition(self, old: str, new: str, path: Path) -> Iterator[Change]:
        if not self._enter(old, new):
            return
        if old != new:
            is_renamed = old not in self.new.names and new not in self.old.names
            said = f"the definition {old} is called {new} now" if is_renamed else f"is {new} now, was {old}"
            yield Change(pointer_of((*path, "$ref")), "moved", said, old, new)
        yield from self.compare(self.old.get(old), self.new.get(new), ("$defs", new))

    def _enter(self, old: str, new: str) -> bool:
        is_first = (old, new) not in self._compared
        self._compared.add((old, new))
        return is_first

    def _referring(self, old: Schema, new: Schema, path: Path) -> Iterator[Change]:
        mine, theirs, here = self.old.own(old), self.new.own(new), f"#{pointer_of(path)}"
        if mine and theirs:
            yield from self._definition(mine, theirs, path)
            yield from self._keywords(old, new, path)
        elif mine and "$ref" not in new and self._enter(mine, here):
            yield Change(pointer_of(path), "moved", f"what the definition {mine} said is written here now")
            yield from self._keywords(self.old.get(mine) | old, new, path)
        elif theirs and "$ref" not in old and self._enter(here, theirs):
            yield Change(pointer_of((*path, "$ref")), "moved", f"what stood here is the definition {theirs} now")
            yield from self._keywords(old, self.new.get(theirs) | new, ("$defs", theirs))
        elif old.get("$ref") != new.get("$ref"):
            was, now = reference_name(old.get("$ref")), reference_name(new.get("$ref"))
            said = f"is {now} now, was {was}"
            yield Change(pointer_of((*path, "$ref")), "other", said, old.get("$ref"), new.get("$ref"))
        else:
            yield from self._keywords(old, new, path)

    def _keywords(self, old: Schema, new: Schema, path: Path) -> Iterator[Change]:
        for keyword in dict.fromkeys([*new, *old]):
            if keyword in _PASSED_OVER:
                continue
            for change in self._keyword(keyword, old, new, path):
                is_unsure = keyword in _CONDITIONS and change.pointer != pointer_of((*path, keyword))
                if is_unsure and change.kind in {"wider", "narrower"}:
                    yield Change(change.pointer, "other", change.message, change.before, change.after)
                else:
                    yield change

    def _keyword(self, keyword: str, old: Schema, new: Schema, path: Path) -> Iterator[Change]:
        if keyword in ONE and keyword in old and keyword in new:
            yield from self.compare(old[keyword], new[keyword], (*path, keyword))
            return
        if keyword in MANY:
            yield from self._branches(keyword, old, new, path)
            return
        if keyword in NAMED:
            before: Schema = old.get(keyword, {})
            for name in [name for name in new.get(keyword, {}) if name in before]:
                yield from self.compare(before[name], new[keyword][name], (*path, keyword, name))
        for below, kind, message, before, after in judged(keyword, old, new):
            yield Change(pointer_of((*path, keyword, *below)), kind, message, before, after)

    def _branches(self, keyword: str, old: Schema, new: Schema, path: Path) -> Iterator[Change]:
        before, after = cast("list[Any]", old.get(keyword, [])), cast("list[Any]", new.get(keyword, []))
        pairs = matched(before, after, in_order=keyword == "prefixItems")
        for index, other in pairs:
            yield from self.compare(before[index], after[other], (*path, keyword, other))
        come = [index for index in range(len(after)) if index not in {other for _, other in pairs}]
        gone = [index for index in range(len(before)) if index not in {one for one, _ in pairs}]
        grows = keyword in {"anyOf", "oneOf"} and bool(before and after)
        for index in come:
            kind: Kind = "other" if keyword == "prefixItems" else "wider" if grows else "narrower"
            yield Change(pointer_of((*path, keyword, index)), kind, "this branch is new", None, after[index])
        for index in gone:
            kind = "other" if keyword == "prefixItems" else "narrower" if grows else "wider"
            yield Change(pointer_of((*path, keyword, index)), kind, "this branch is gone", before[index], None)


def _with_boolean(old: Any, new: Any, path: Path) -> Iterator[Change]:
    was, now = _said(old), _said(new)
    if was != now:
        kind: Kind = "narrower" if was == "anything" or now == "nothing" else "wider"
        yield Change(pointer_of(path), kind, f"takes {now} now, took {was}", old, new)


def _said(schema: Any) -> str:
    if schema is True or schema == {}:
        return "anything"
    return "nothing" if schema is False else "what is described here"
