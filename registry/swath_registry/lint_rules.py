"""What a schema of the registry must be beyond valid JSON Schema: one function per rule.

Each takes a schema, the whole it stands in and the store, and gives back (keyword or "", what is wrong).
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any

from swath_registry.pointers import look_up
from swath_registry.schema_walk import KEYWORDS, Place
from swath_schemas import SchemaError, SchemaStore

FORMATS = frozenset({"date-time", "date", "uri-reference", "uri", "uuid", "email"})
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "x-unbounded"})
_NOT_PORTABLE = re.compile(r"\\[dDwWsSbBpP]|\(\?")
_EXTENSION = re.compile(r"x-[a-z0-9-]+")

Problems = Iterator[tuple[str, str]]
Rule = Callable[[Place, dict[str, Any], SchemaStore], Problems]


def unknown_keyword(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """Keywords are those of JSON Schema 2020-12, or begin with `x-`: a misspelt one would check nothing."""
    for keyword in place.schema:
        if keyword not in KEYWORDS and not _EXTENSION.fullmatch(keyword):
            near = get_close_matches(keyword, sorted(KEYWORDS), n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            yield keyword, f"{keyword!r} is no keyword of JSON Schema 2020-12{guess}"


def reference(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """References lead to something in the document, or to one exact version of a type."""
    target = place.schema.get("$ref")
    if not isinstance(target, str):
        return
    uri, _, fragment = target.partition("#")
    try:
        document = store.load(uri) if uri else root
        look_up(document, fragment)
    except (SchemaError, KeyError):
        yield "$ref", f"{target} leads nowhere"
        return
    if uri and store.resolve(uri).uri != uri:
        yield "$ref", f"{target} isn't pinned; write {store.resolve(uri).uri}"


def described(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """The type, each property and each definition say what they are; the type has a title."""
    if not place.path and "title" not in place.schema:
        yield "", "the type has no title"
    if (place.is_named or not place.path) and not _look(place, root, store, "description"):
        yield "", "has no description"


def unit(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """A number says its unit in `x-ogc-unit`, as a UCUM code: `m`, `deg`, `%`, `By`, `1` for a mere number."""
    if _is_number(place) and "x-ogc-unit" not in place.schema:
        yield "", "is a number without x-ogc-unit (UCUM: m, deg, %, By, s, {px}; 1 for a mere number)"


def bounds(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """A number has a least or a greatest value, or says in `x-unbounded` why it has neither."""
    if _is_number(place) and not _BOUNDS & set(place.schema):
        yield "", "is a number without bounds; give minimum or maximum, or say in x-unbounded why there are none"


def openness(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """An object says whether it may hold more than it names: `additionalProperties` is decided, not forgotten."""
    schema = place.schema
    is_object = "object" in _types(schema) or "properties" in schema
    if is_object and not place.is_condition and not {"additionalProperties", "unevaluatedProperties"} & set(schema):
        yield "", "is an object that says nothing of other properties; add additionalProperties"


def pattern(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """Patterns mean the same everywhere: anchored at both ends, without lookaround and shorthand classes."""
    text = place.schema.get("pattern")
    patterns = [("pattern", text)] if isinstance(text, str) else []
    patterns += [("patternProperties", name) for name in place.schema.get("patternProperties", {})]
    for keyword, each in patterns:
        if _NOT_PORTABLE.search(each):
            yield keyword, f"{each} holds something that not every engine knows alike (\\d, \\w, lookaround …)"
        if not each.startswith("^") or (keyword == "pattern" and not each.endswith("$")):
            yield keyword, f"{each} isn't anchored; begin with ^ and end with $"


def known_format(place: Place, root: dict[str, Any], store: SchemaStore) -> Problems:
    """Formats are asserted, so only those are used that validator and models check."""
    name = place.schema.get("format")
    if name is not None and name not in FORMATS:
        yield "format", f"{name!r} isn't one of the formats in use: {', '.join(sorted(FORMATS))}"


RULES: dict[str, Rule] = {
    "unknown-keyword": unknown_keyword,
    "reference": reference,
    "description": described,
    "unit": unit,
    "bounds": bounds,
    "openness": openness,
    "pattern": pattern,
    "format": known_format,
}


def _types(schema: dict[str, Any]) -> list[str]:
    types = schema.get("type", [])
    return [types] if isinstance(types, str) else types


def _is_number(place: Place) -> bool:
    is_fixed = "const" in place.schema or "enum" in place.schema
    return bool({"number", "integer"} & set(_types(place.schema))) and not is_fixed and not place.is_condition


def _look(place: Place, root: dict[str, Any], store: SchemaStore, keyword: str) -> bool:
    if keyword in place.schema:
        return True
    target = place.schema.get("$ref")
    if not isinstance(target, str):
        return False
    uri, _, fragment = target.partition("#")
    try:
        return keyword in look_up(store.load(uri) if uri else root, fragment)
    except (SchemaError, KeyError):
        return True  # `reference` says what is wrong
