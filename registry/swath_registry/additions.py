"""What a version of a type knows that the one before doesn't: properties, by their places in documents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from swath_registry.pointers import look_up, pointer_of
from swath_schemas import SchemaId, SchemaStore

_END = re.compile(r"[.:;] ")  # of what a description says first
_COMBINED = ("oneOf", "anyOf", "allOf", "prefixItems")
_EACH = ("items", "additionalProperties")


@dataclass(frozen=True)
class Addition:
    """A property that only the newer version knows.

    Args:
        pattern: RFC 6901 pointer into documents, in which `*` stands for any item or name.
        description: what it says, in a few words.
        has_default: whether leaving it out means the same as `default`.
        default: that value.
    """

    pattern: str
    description: str
    has_default: bool = False
    default: Any = None


def additions(older: SchemaId, newer: SchemaId, store: SchemaStore) -> list[Addition]:
    """What the newer version knows beyond the older one, in the order of the newer schema; each place once."""
    before, after = (_Side(each.uri, "", store.load(each), store) for each in (older, newer))
    return list({each.pattern: each for each in _added(before, after, "", frozenset())}.values())


@dataclass(frozen=True)
class _Side:
    """A schema at a place of a registry type: `document` is that type's URI."""

    document: str
    place: str
    schema: dict[str, Any]
    store: SchemaStore

    @property
    def key(self) -> str:
        """The same for the same schema, however it was reached."""
        return f"{self.document}#{self.place}"

    def below(self, *path: str | int) -> "_Side | None":
        """A schema within this one, its reference followed; None where there is none that says anything."""
        schema: Any = self.schema
        for name in path:
            schema = schema.get(name) if isinstance(name, str) else schema[name]  # pyright: ignore
        if not isinstance(schema, dict):
            return None
        found = cast("dict[str, Any]", schema)
        if "$ref" not in found:
            return _Side(self.document, self.place + pointer_of(path), found, self.store)
        uri, _, fragment = str(found["$ref"]).partition("#")
        document = self.store.resolve(uri).uri if uri else self.document
        return _Side(document, fragment, look_up(self.store.load(document), fragment), self.store)


def _added(older: _Side, newer: _Side, place: str, seen: frozenset[tuple[str, str]]) -> Iterator[Addition]:
    pair = (older.key, newer.key)
    if older.key == newer.key or pair in seen:
        return
    known: dict[str, Any] = older.schema.get("properties", {})
    for name, schema in newer.schema.get("properties", {}).items():
        at = place + pointer_of([name])
        found = newer.below("properties", name)
        if name in known:
            yield from _below(older.below("properties", name), found, at, seen | {pair})
        elif found is not None:
            yield _addition(at, schema, found.schema)
    for path, at in _deeper(older.schema, newer.schema, place):
        yield from _below(older.below(*path), newer.below(*path), at, seen | {pair})


def _deeper(older: dict[str, Any], newer: dict[str, Any], place: str) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Paths to schemas that both have beside properties, and where in documents these stand."""
    yield from (((keyword,), f"{place}/*") for keyword in _EACH if keyword in older and keyword in newer)
    for keyword in _COMBINED:
        at = f"{place}/*" if keyword == "prefixItems" else place
        common = min(len(each.get(keyword, ())) for each in (older, newer))
        yield from (((keyword, index), at) for index in range(common))


def _below(
    older: _Side | None, newer: _Side | None, place: str, seen: frozenset[tuple[str, str]]
) -> Iterator[Addition]:
    if older is not None and newer is not None:
        yield from _added(older, newer, place, seen)


def _addition(place: str, schema: dict[str, Any], target: dict[str, Any]) -> Addition:
    described = str(schema.get("description") or target.get("description", ""))
    said = schema if "default" in schema else target
    return Addition(place, _END.split(described, maxsplit=1)[0].rstrip("."), "default" in said, said.get("default"))
