"""What a schema of the registry must be beyond valid JSON Schema: one function per rule.

Each takes a schema, the whole it stands in and the store, and gives back (keyword or "", what is wrong).
"""

import re
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Any
from urllib.parse import unquote

from swath_registry.pointers import look_up
from swath_registry.schema_walk import KEYWORDS, Place
from swath_schemas import SchemaError, SchemaStore

FORMATS = frozenset({"date-time", "date", "uri-reference", "uri", "uuid", "email"})
_BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "x-unbounded"})
# Shorthand classes, properties, back references and lookaround: known by some engines, or meant otherwise.
_NOT_PORTABLE = re.compile(r"\\(?:[dDwWsSbBpPkuxAzZ]|[1-9])|\(\?(?!:)|\[\[|&&|[*+?}][+]")
_ESCAPE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]", re.DOTALL)
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
    """References lead to something in the document, or to one exact version of a type; `$id` is the root's alone."""
    if place.path and "$id" in place.schema:
        yield "$id", "only the whole schema has an $id; references would be read from here otherwise"
    for keyword in ("$dynamicRef", "$dynamicAnchor", "$anchor"):
        if keyword in place.schema:
            yield keyword, f"{keyword} isn't used in this registry; refer by JSON pointer (#/$defs/…)"
    target = place.schema.get("$ref")
    if not isinstance(target, str):
        return
    uri, _, fragment = target.partition("#")
    try:
        found = store.resolve(uri) if uri else None
        look_up(store.load(found) if found else root, _pointer(fragment))
    except (SchemaError, KeyError):
        yield "$ref", f"{target} leads nowhere"
        return
    if found and found.uri != uri:
        yield "$ref", f"{target} isn't pinned; write {found.uri}"


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
        elif not _compiles(each):
            yield keyword, f"{each} is no regular expression for Python's engine"
        if not _is_anchored(each, at_end=keyword == "pattern"):
            yield keyword, f"{each} isn't anchored; begin with ^ and end with $, around all alternatives"


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


def _pointer(fragment: str) -> str:
    """The JSON pointer of a fragment. Raises KeyError where it is an anchor."""
    if fragment and not fragment.startswith("/"):
        raise KeyError(fragment)
    return unquote(fragment)


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _is_anchored(text: str, *, at_end: bool) -> bool:
    """Whether it says where a match begins, and ends: `^a|b$` does neither, nor does a dollar that is escaped."""
    plain = _ESCAPE.sub("_", text)
    depth = 0
    for sign in plain:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            return False
    return plain.startswith("^") and (plain.endswith("$") or not at_end)


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
