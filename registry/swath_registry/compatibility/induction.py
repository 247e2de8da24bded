"""Schemas that refer to themselves, split into questions that the prover can answer one by one.

Say X and Y are definitions of the old and the new schema, and G is what Y says, with Y itself inside. If X ⊆ G[X in Y's
place], then X ⊆ Y: by induction over how deeply documents are nested, as long as G only asks more of a document where
less is accepted below it (so no `not`, `if` or `oneOf` on the way to the reference), and a reference leads back to
itself through a part of the document only. All pairs of definitions that meet are shown together.
"""

from collections.abc import Iterator
from typing import Any

from swath_registry.compatibility.landscape import as_dict
from swath_registry.compatibility.strengthening import without_annotations
from swath_registry.compatibility.subschemas import DEFINITIONS, IN_PLACE, children, rewritten, walk
from swath_registry.compatibility.values import key_of
from swath_registry.pointers import look_up

Question = tuple[Any, Any]
_MOST_PAIRS = 60
# Less accepted below may mean more accepted here.
_TURNS = frozenset({"not", "if", "oneOf"})
# What these refuse depends on what a reference beside them looked at, not on what it accepts alone.
_EVALUATED = ("unevaluatedProperties", "unevaluatedItems")
_ELSEWHERE = ("$id", "id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef", "$recursiveAnchor")
_IGNORED = DEFINITIONS | {"$schema", "$id", "id"}


class Unsuited(Exception):
    """The schemas refer in a way that this doesn't split."""


def questions(old: Any, new: Any) -> list[Question]:
    """Pairs of schemas: if each second one accepts all that the first accepts, so does `new` of `old`.

    Raises Unsuited.
    """
    sides = _Side(old, "old"), _Side(new, "new")
    for side in sides:
        side.check()
    if not sides[1].references or any(name in each for each in walk(new) for name in _EVALUATED):
        raise Unsuited
    sides[1].names |= {each: sides[0].key(each) for each in _same(*sides)}
    definitions = {**sides[0].definitions(), **sides[1].definitions()}
    pairs = [("#", "#")]
    found: list[Question] = []
    for one, other in pairs:  # grows
        met = _meeting(sides[0].target(one), sides[1].target(other), sides[0].references)
        keys = {place: sides[0].key(pair[0]) for place, pair in met.items()}
        asked = sides[0].body(one, {}), sides[1].body(other, keys)
        found.append((_document(asked[0], definitions), _document(asked[1], definitions)))
        pairs += [pair for pair in dict.fromkeys(met.values()) if pair not in pairs]
        if len(pairs) > _MOST_PAIRS:
            raise Unsuited
    return found


def _document(body: Any, definitions: dict[str, Any]) -> Any:
    return {**as_dict(body), "$defs": definitions} if isinstance(body, dict) else body


class _Side:
    def __init__(self, schema: Any, name: str) -> None:
        self._schema = schema
        found = (each["$ref"] for each in walk(schema) if isinstance(each.get("$ref"), str))
        self.references: list[str] = list(dict.fromkeys(found))
        self.names = {each: f"{name}-{index}" for index, each in enumerate(self.references)}

    def check(self) -> None:
        """Raises Unsuited where a reference isn't a pointer within, or leads back to itself at the same place."""
        for each in walk(self._schema):
            if any(name in each for name in _ELSEWHERE if each is not self._schema or name not in {"$id", "id"}):
                raise Unsuited
        if any(not each.startswith("#") or (each != "#" and not each.startswith("#/")) for each in self.references):
            raise Unsuited
        for reference in self.references:
            self._ends(reference, ())

    def _ends(self, reference: str, above: tuple[str, ...]) -> None:
        if reference in above or len(above) > 40:
            raise Unsuited
        for inner in _in_place_references(self.target(reference)):
            self._ends(inner, (*above, reference))

    def target(self, reference: str) -> Any:
        """What a reference leads to."""
        if "%" in reference:
            raise Unsuited
        try:
            return look_up(self._schema, reference[1:])
        except KeyError as error:
            raise Unsuited from error

    def definitions(self) -> dict[str, Any]:
        """What every reference leads to, under names that differ from those of the other side."""
        return {self.key(each): self._renamed(self.target(each), {}) for each in self.references}

    def body(self, reference: str, met: dict[int, str]) -> Any:
        """What a reference leads to, with other definitions in the places of some of its references."""
        return self._renamed(self.target(reference), met)

    def key(self, reference: str) -> str:
        """The name under which what a reference leads to is among the definitions."""
        return self.names[reference]

    def _renamed(self, schema: Any, met: dict[int, str]) -> Any:
        places = iter(list(_positions(schema)))

        def change(inner: dict[str, Any]) -> dict[str, Any]:
            original = next(places)
            found = {key: value for key, value in inner.items() if key not in _IGNORED}
            if isinstance(found.get("$ref"), str):
                found["$ref"] = f"#/$defs/{met.get(id(original)) or self.key(found['$ref'])}"
            return found

        return rewritten(schema, change)


def _same(old: _Side, new: _Side) -> set[str]:
    """References of both sides that lead to the same, as do those within it: they need no second name."""
    found = {each for each in old.references if each in new.references}
    targets = {each: (old.target(each), new.target(each)) for each in found}
    found = {
        each
        for each in found
        if key_of(without_annotations(targets[each][0])) == key_of(without_annotations(targets[each][1]))
    }
    while different := {
        each for each in found if any(inner.get("$ref", each) not in found for inner in walk(targets[each][0]))
    }:
        found -= different
    return found


def _positions(schema: Any) -> Iterator[dict[str, Any]]:
    """Each schema within, in the order in which `rewritten` changes them."""
    if isinstance(schema, dict):
        for _, _, child in children(as_dict(schema)):
            yield from _positions(child)
        yield as_dict(schema)


def _in_place_references(schema: Any) -> Iterator[str]:
    reference = as_dict(schema).get("$ref")
    if isinstance(reference, str):
        yield reference
    for keyword, _, child in children(schema):
        if keyword in IN_PLACE:
            yield from _in_place_references(child)


def _meeting(old: Any, new: Any, known: list[str]) -> dict[int, tuple[str, str]]:
    """References of new, with the one of old at the same place or of the same name.

    Only where less accepted by the reference is less accepted by the whole.
    """
    found: dict[int, tuple[str, str]] = {}
    waiting = [(as_dict(old), as_dict(new))]
    while waiting:
        one, other = waiting.pop()
        mine, theirs = one.get("$ref"), other.get("$ref")
        if isinstance(theirs, str) and (isinstance(mine, str) or theirs in known):
            found[id(other)] = (mine if isinstance(mine, str) else theirs, theirs)
        inner = {(keyword, key): child for keyword, key, child in children(one)}
        for keyword, key, child in children(other):
            is_counted = keyword == "contains" and "maxContains" in other
            if keyword not in _TURNS | DEFINITIONS and not is_counted and isinstance(child, dict):
                waiting.append((as_dict(inner.get((keyword, key))), as_dict(child)))
    return found
