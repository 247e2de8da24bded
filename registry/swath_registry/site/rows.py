"""What a schema says, as rows of a table: one for each property, those of objects within it below.

Nothing is drawn here: a type is a sequence of pieces, some of which lead somewhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from swath_registry.pointers import look_up
from swath_schemas import SchemaId, SchemaStore

_RANGES = (("minimum", "≥ {}"), ("exclusiveMinimum", "> {}"), ("maximum", "≤ {}"), ("exclusiveMaximum", "< {}"))
_COUNTS = (
    ("minItems", "maxItems", "items"),
    ("minLength", "maxLength", "characters"),
    ("minProperties", "maxProperties", "properties"),
)

Schema = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    """A part of a type's name.

    Args:
        text: as it is shown.
        schema: the version that it leads to, where it does.
        definition: the definition that it leads to, in that version or in this one; "" for none.
    """

    text: str
    schema: SchemaId | None = None
    definition: str = ""


@dataclass(frozen=True)
class Row:
    """A property.

    Args:
        name: its path from the table's object, joined by dots; `[]` stands for each item of an array.
        type: what kind of value it takes.
        unit: by UCUM; "" where it has none.
        bounds: what is allowed, in words.
        patterns: regular expressions that text must match.
        description: as the schema has it.
        is_required: whether the object must have it.
        is_deprecated: whether it should no longer be written.
    """

    name: str
    type: tuple[Piece, ...]
    unit: str
    bounds: str
    patterns: tuple[str, ...]
    description: str
    is_required: bool
    is_deprecated: bool


class Reader:
    """Reads one schema; references are looked up in a store."""

    def __init__(self, store: SchemaStore, root: Schema) -> None:
        self._store = store
        self._root = root

    def rows(self, part: Schema, prefix: str = "") -> Iterator[Row]:
        """The properties of an object schema, then what it says of other names."""
        required = cast("list[str]", part.get("required", []))
        for name, schema in cast("dict[str, Any]", part.get("properties", {})).items():
            yield from self._property(f"{prefix}{name}", schema, name in required)
        for pattern, schema in cast("dict[str, Any]", part.get("patternProperties", {})).items():
            yield self._row(f"{prefix}({pattern})", schema, False)
        others = part.get("additionalProperties")
        if isinstance(others, dict):
            yield self._row(f"{prefix}(any other)", others, False)

    def row(self, name: str, schema: Any) -> Row:
        """One row for a schema that is no object: a piece of text, a choice."""
        return self._row(name, schema, False)

    def pieces(self, schema: Any) -> tuple[Piece, ...]:
        """The type of a schema."""
        return tuple(self._pieces(schema))

    def _property(self, name: str, schema: Any, is_required: bool) -> Iterator[Row]:
        yield self._row(name, schema, is_required)
        if isinstance(schema, dict):
            inner = cast("Schema", schema)
            items = inner.get("items")
            yield from self.rows(inner, f"{name}.")
            if isinstance(items, dict):
                yield from self.rows(cast("Schema", items), f"{name}[].")

    def _row(self, name: str, schema: Any, is_required: bool) -> Row:
        if not isinstance(schema, dict):
            return Row(name, self.pieces(schema), "", "", (), "", is_required, False)
        own = cast("Schema", schema)
        known = self._resolved(own) | own
        items = known.get("items")
        each = cast("Schema", items) if isinstance(items, dict) else {}
        return Row(
            name,
            self.pieces(own),
            str(known.get("x-ogc-unit") or each.get("x-ogc-unit") or ""),
            "; ".join(part for part in (bounds(known), f"each {bounds(each)}" if bounds(each) else "") if part),
            tuple(str(part["pattern"]) for part in (known, each) if "pattern" in part),
            str(known.get("description", "")),
            is_required,
            bool(known.get("deprecated")),
        )

    def _resolved(self, schema: Schema) -> Schema:
        """What a reference leads to, without the constraints that belong in its own table."""
        if "$ref" not in schema:
            return schema
        uri, _, fragment = str(schema["$ref"]).partition("#")
        found: Any = look_up(self._store.load(uri) if uri else self._root, fragment)
        return cast("Schema", found) if isinstance(found, dict) else {}

    def _pieces(self, schema: Any) -> Iterator[Piece]:
        if not isinstance(schema, dict):
            yield Piece("nothing" if schema is False else "any value")
            return
        known = cast("Schema", schema)
        if "$ref" in known:
            yield self._reference(str(known["$ref"]))
        elif "const" in known:
            yield Piece(json.dumps(known["const"], ensure_ascii=False))
        elif any(word in known for word in ("oneOf", "anyOf")) and "properties" not in known:
            yield from self._joined(known.get("oneOf") or known.get("anyOf") or [], " or ")
        elif isinstance(known.get("prefixItems"), list):
            yield Piece("[")
            yield from self._joined(known["prefixItems"], ", ")
            yield Piece("]")
        elif isinstance(known.get("items"), dict):
            yield Piece("array of ")
            yield from self._pieces(known["items"])
        else:
            yield Piece(_plain(known))

    def _joined(self, schemas: list[Any], between: str) -> Iterator[Piece]:
        for index, schema in enumerate(schemas):
            if index:
                yield Piece(between)
            yield from self._pieces(schema)

    def _reference(self, reference: str) -> Piece:
        uri, _, fragment = reference.partition("#")
        name = fragment.rpartition("/")[2]
        if not uri:
            return Piece(name or "this type", None, name)
        schema = self._store.resolve(uri)
        return Piece(f"{schema} {name}".strip(), schema, name)


def parts(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """The schema itself, without a name, then its definitions by theirs."""
    yield "", schema
    for name, definition in cast("dict[str, Any]", schema.get("$defs", {})).items():
        if isinstance(definition, dict):
            yield name, cast("Schema", definition)
        else:
            yield name, {} if definition else {"not": {}}


def bounds(schema: Schema) -> str:
    """What a schema allows, in words: ranges, lengths, listed values, the default."""
    parts = [text.format(_number(schema[word])) for word, text in _RANGES if word in schema]
    if "multipleOf" in schema:
        parts.append(f"a multiple of {_number(schema['multipleOf'])}")
    parts += [_count(schema.get(low), schema.get(high), noun) for low, high, noun in _COUNTS]
    if schema.get("uniqueItems"):
        parts.append("no two alike")
    if "enum" in schema:
        parts.append("one of " + " ".join(json.dumps(each, ensure_ascii=False).strip('"') for each in schema["enum"]))
    if "contentEncoding" in schema:
        parts.append(f"encoded as {schema['contentEncoding']}")
    if "default" in schema:
        parts.append(f"default {json.dumps(schema['default'], ensure_ascii=False)}")
    return ", ".join(part for part in parts if part)


def _count(low: int | None, high: int | None, noun: str) -> str:
    if low is not None and low == high:
        return f"{low} {noun}"
    if low is not None and high is not None:
        return f"{low} to {high} {noun}"
    if high is not None:
        return f"at most {high} {noun}"
    if low == 1:
        return "not empty"
    return f"at least {low} {noun}" if low else ""


def _number(value: float) -> str:
    return json.dumps(value)


def _plain(schema: Schema) -> str:
    types = schema.get("type")
    if types is None:
        types = "object" if "properties" in schema else "any of the listed" if "enum" in schema else "any value"
    name = types if isinstance(types, str) else " or ".join(cast("list[str]", types))
    return f"{name} ({schema['format']})" if "format" in schema else name
