"""Schemas without what can never matter: keywords about other types than a schema lets through."""

import re
from typing import Any

from swath_registry.compatibility.landscape import as_dict, as_list
from swath_registry.compatibility.subschemas import DEFINITIONS, children, rewritten, walk

KINDS = frozenset({"null", "boolean", "number", "string", "array", "object"})
_ABOUT = {
    "number": {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"},
    "string": {"minLength", "maxLength", "pattern"},
    "array": {"items", "prefixItems", "additionalItems", "unevaluatedItems", "contains", "minContains", "maxContains",
              "minItems", "maxItems", "uniqueItems"},
    "object": {"properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "propertyNames",
               "required", "minProperties", "maxProperties", "dependentRequired", "dependentSchemas"},
}  # fmt: skip
_UNIVERSAL = frozenset({"", "^", ".*", "^.*"})  # searched for, not matched whole: found in a line end too
_DEFINITION = re.compile(r"#(/(\$defs|definitions)/[^/]+)*")
# These look at the same value, so they need to say nothing of types that the schema around them refuses.
_SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else"})


def is_prunable(schema: Any) -> bool:
    """Whether every reference leads to a definition, and none into a part that may be pruned."""
    every = list(walk(schema))
    places = (each[name] for each in every for name in ("$ref", "$dynamicRef", "$recursiveRef") if name in each)
    within = any(name in each for each in every[1:] for name in ("$id", "id", "$anchor", "$dynamicAnchor"))
    return not within and all(isinstance(each, str) and _DEFINITION.fullmatch(each) for each in places)


def pruned(schema: Any, kinds: frozenset[str] = KINDS) -> Any:
    """A schema that accepts the same values of some types: keywords about other types are left out."""
    if not isinstance(schema, dict):
        return schema
    keywords = as_dict(schema)
    here = kinds & _kinds(keywords)
    barred = {name for kind, names in _ABOUT.items() if kind not in here for name in names}
    found = {key: value for key, value in keywords.items() if key not in barred}
    for keyword, key, child in children(found):
        inside = here if keyword in _SAME_VALUE else KINDS
        _put(found, keywords, keyword, key, pruned(child, inside))
    if isinstance(found.get("enum"), list):
        found["enum"] = [each for each in as_list(found["enum"]) if _kind(each) in here]
        if not found["enum"]:
            nothing: dict[str, Any] = {"not": {}}
            return nothing | {key: found[key] for key in DEFINITIONS if key in found}
    return found


def without_universal_patterns(schema: Any) -> Any:
    """The same, with `patternProperties` of one pattern that every name matches written as `additionalProperties`."""
    return rewritten(schema, _without_universal_pattern)


def _without_universal_pattern(schema: dict[str, Any]) -> dict[str, Any]:
    patterns = as_dict(schema.get("patternProperties"))
    if len(patterns) != 1 or not patterns.keys() <= _UNIVERSAL:
        return schema
    every = next(iter(patterns.values()))
    found = {key: value for key, value in schema.items() if key != "patternProperties"}
    if "properties" in schema:
        found["properties"] = {name: {"allOf": [each, every]} for name, each in as_dict(schema["properties"]).items()}
    return found | {"additionalProperties": every}


def _put(found: dict[str, Any], keywords: dict[str, Any], keyword: str, key: str | int | None, value: Any) -> None:
    if key is None:
        found[keyword] = value
        return
    if found[keyword] is keywords[keyword]:
        found[keyword] = found[keyword].copy()
    found[keyword][key] = value


def _kinds(keywords: dict[str, Any]) -> frozenset[str]:
    named = keywords.get("type")
    if named is None:
        return KINDS
    listed = [named] if isinstance(named, str) else as_list(named)
    return frozenset("number" if each == "integer" else each for each in listed)


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
