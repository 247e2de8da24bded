"""A schema with its references resolved, and which parts of it speak of which place in a document."""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any, cast
from urllib.parse import unquote, urljoin

import jsonschema_rs

from swath_registry.pointers import look_up

Path = tuple[str | int, ...]

# Applied to the same value as the schema that they stand in.
IN_PLACE_ONE = ("if", "then", "else", "not")
IN_PLACE_MANY = ("allOf", "anyOf", "oneOf")
_DATA = frozenset({"const", "enum", "default", "examples", "example"})
MOST_PARTS = 400  # of one place: a schema that refers to itself in many ways has no end


class Part:
    """A schema within a landscape, which gives the same part for it each time.

    Attributes:
        land: the landscape.
        schema: the schema, as it stands there.
        keywords: its keywords; none of a boolean schema.
    """

    def __init__(self, land: "Landscape", schema: Any) -> None:
        self.land, self.schema = land, schema
        self.keywords = as_dict(schema)

    def of(self, schema: Any) -> "Part":
        """Another schema of the same landscape."""
        return self.land.part(schema)

    @cached_property
    def references(self) -> tuple["Part", ...]:
        """What it refers to."""
        named = (self.keywords.get(keyword) for keyword in ("$ref", "$dynamicRef", "$recursiveRef"))
        targets = (self.land.target(self, each) for each in named if isinstance(each, str))
        return tuple(each for each in targets if each is not None)

    @cached_property
    def beside(self) -> tuple["Part", ...]:
        """What applies to the same value: what it refers to, its branches and its conditions."""
        keywords = self.keywords
        schemas = [keywords[name] for name in IN_PLACE_ONE if name in keywords]
        schemas += [each for name in IN_PLACE_MANY for each in as_list(keywords.get(name))]
        for name in ("dependentSchemas", "dependencies"):
            schemas += [each for each in as_dict(keywords.get(name)).values() if not isinstance(each, list)]
        return (*self.references, *map(self.of, schemas))


class Landscape:
    """A schema and all that it refers to within itself."""

    def __init__(self, schema: Any) -> None:
        self._parts: dict[int, Part] = {}
        self.root = self.part(schema)
        self._bases: dict[int, str] = {}
        self._targets: dict[str, Any] = {"": schema}
        self._index(schema, "")
        self._at: dict[Path, tuple[Part, ...]] = {}

    def part(self, schema: Any) -> Part:
        """A schema as a part of this landscape; the same schema gives the same part, which keeps it alive."""
        found = self._parts.get(id(schema))
        if found is None:
            found = self._parts[id(schema)] = Part(self, schema)
        return found

    def _index(self, schema: Any, base: str) -> None:
        if isinstance(schema, list):
            for each in cast("list[Any]", schema):
                self._index(each, base)
        if not isinstance(schema, dict):
            return
        members = cast("dict[str, Any]", schema)
        identity = members.get("$id", members.get("id"))
        if isinstance(identity, str) and not identity.startswith("#"):
            base = urljoin(base, identity).rstrip("#")
            self._targets[base] = schema
        anchors = (members.get("$anchor"), members.get("$dynamicAnchor"))
        names = [each for each in anchors if isinstance(each, str)]
        names += [identity[1:]] if isinstance(identity, str) and identity.startswith("#") else []
        self._targets |= {f"{base}#{name}": schema for name in names}
        self._bases[id(members)] = base
        for key, value in members.items():
            if key not in _DATA:
                self._index(value, base)

    def target(self, part: Part, reference: str) -> Part | None:
        """What a reference in a part leads to; None where that isn't within this schema."""
        base, _, fragment = urljoin(self._bases.get(id(part.schema), ""), reference).partition("#")
        fragment = unquote(fragment)
        if fragment and not fragment.startswith("/"):
            found = self._targets.get(f"{base}#{fragment}")
            return None if found is None else self.part(found)
        if base not in self._targets:
            return None
        try:
            return self.part(look_up(self._targets[base], fragment))
        except KeyError:
            return None

    def at(self, path: Path) -> tuple[Part, ...]:
        """Every part that may speak of a place, whatever sign or condition it stands under."""
        if path not in self._at:
            self._at[path] = tuple(in_place(self.above(path)))
        return self._at[path]

    def above(self, path: Path) -> list[Part]:
        """The parts that are applied to a place from outside: as `properties` does to a property."""
        if not path:
            return [self.root]
        return [child for part in self.at(path[:-1]) for child in below(part, path[-1])]


def in_place(parts: Iterable[Part]) -> list[Part]:
    """Parts, and all that applies to the same value through references, branches and conditions."""
    found: dict[int, Part] = {}
    waiting = list(parts)
    while waiting and len(found) < MOST_PARTS:
        part = waiting.pop(0)
        if id(part.schema) not in found or isinstance(part.schema, bool):
            found[id(part.schema)] = part
            waiting += part.beside
    return list(found.values())


def below(part: Part, key: str | int) -> list[Part]:
    """The parts that a part applies to a property or item."""
    return _of_item(part, key) if isinstance(key, int) else _of_property(part, key)


def _of_item(part: Part, index: int) -> list[Part]:
    keywords = part.keywords
    items = keywords.get("items")
    prefix = as_list(keywords.get("prefixItems")) or as_list(items)
    rest = keywords.get("additionalItems") if isinstance(items, list) else items
    found = [prefix[index]] if index < len(prefix) else [] if rest is None else [rest]
    found += [keywords[name] for name in ("contains", "unevaluatedItems") if name in keywords]
    return [part.of(each) for each in found]


def _of_property(part: Part, name: str) -> list[Part]:
    keywords = part.keywords
    declared = as_dict(keywords.get("properties"))
    found = [declared[name]] if name in declared else []
    found += [each for pattern, each in as_dict(keywords.get("patternProperties")).items() if matches(pattern, name)]
    if not found and "additionalProperties" in keywords:
        found.append(keywords["additionalProperties"])
    if "unevaluatedProperties" in keywords:
        found.append(keywords["unevaluatedProperties"])
    return [part.of(each) for each in found]


@lru_cache(4096)
def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches a text somewhere, as the validator says; True where it can't say."""
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid(text)
    except (ValueError, jsonschema_rs.ValidationError):
        return True


def as_dict(value: Any) -> dict[str, Any]:
    """The value, if it is an object, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """The value, if it is an array, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []
