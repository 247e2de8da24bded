"""What a violation says: what was expected, and never a value of the document.

A property's name may be named, since that is what must be added or taken away; it is cut at 64 characters.
"""

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, cast

import jsonschema_rs

from swath_registry.pointers import shorten

_MOST_OPTIONS = 24
_LONGEST_VALUE = 120

_LIMITS = {
    "minimum": "must be at least {}",
    "maximum": "must be at most {}",
    "exclusiveMinimum": "must be more than {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} character(s)",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} item(s)",
    "maxItems": "must have at most {} item(s)",
    "minProperties": "must have at least {} property(ies)",
    "maxProperties": "must have at most {} property(ies)",
    "pattern": "must match the pattern {}",
}
_PLAIN = {
    "uniqueItems": "must not hold the same item twice",
    "contains": "must hold an item of the kind that is asked for",
    "minContains": "must hold more items of the kind that is asked for",
    "maxContains": "must hold fewer items of the kind that is asked for",
    "items": "must not have an item at this place",
    "additionalProperties": "is not a known property",
    "false": "must not be there",
    "not": "must not be of this form",
}
_FORMATS = {
    "date-time": "a date and time with zone (RFC 3339, like 2024-05-01T10:00:00Z)",
    "date": "a date (like 2024-05-01)",
    "uuid": "a UUID",
    "email": "an e-mail address",
    "uri": "an absolute URI",
    "uri-reference": "a URI or a relative reference",
    "regex": "a regular expression",
}
_ARTICLES = {"null": "null", "array": "an array", "object": "an object", "integer": "an integer"}


def explain(error: jsonschema_rs.ValidationError, keyword: str, schema: Any) -> Iterator[tuple[str | None, str]]:
    """What one error says, as (property at fault or None for the value itself, message)."""
    facts = error.kind.as_dict()
    kinds = jsonschema_rs.ValidationErrorKind
    match error.kind:
        case kinds.Required(property=name):
            yield None, f"lacks {shorten(name)!r}"
        case kinds.AdditionalProperties() | kinds.UnevaluatedProperties():
            for name in facts["unexpected"]:
                yield name, _unknown(name, schema)
        case kinds.PropertyNames(error=inner):
            for _, message in explain(inner, inner.kind.name, schema):
                yield None, f"has a property whose name {message}"
        case kinds.Type(types=types):
            yield None, _types_asked(types, error.instance) + _unit(schema)
        case kinds.AnyOf() | kinds.OneOfNotValid() | kinds.OneOfMultipleValid():
            yield None, _alternatives(error, keyword, schema)
        case kinds.Enum(options=options):
            yield None, f"must be one of {_options(options)}"
        case kinds.Constant(expected_value=value):
            yield None, f"must be {_value(value)}"
        case kinds.Format(format=name):
            yield None, f"must be {_FORMATS.get(name, f'of the format {name}')}"
        case _:
            yield None, _limit(keyword, facts)


def _unit(schema: Any) -> str:
    """The unit in which a number is asked for, as UCUM writes it: what whoever wrote `2 GB` needs to know."""
    unit = _mapping(schema).get("x-ogc-unit")
    return f" (unit: {unit})" if unit else ""


def _limit(keyword: str, facts: dict[str, Any]) -> str:
    if keyword in _LIMITS and facts:
        return _LIMITS[keyword].format(_value(next(iter(facts.values()))).strip('"'))
    return _PLAIN.get(keyword, f"breaks {keyword}")


def _unknown(name: str, schema: Any) -> str:
    known = sorted(_mapping(_mapping(schema).get("properties")))
    near = get_close_matches(name, known, n=1)
    if near:
        return f"is not a known property; did you mean {near[0]!r}?"
    return f"is not a known property; known: {', '.join(known)}" if known else "is not a known property"


def _alternatives(error: jsonschema_rs.ValidationError, keyword: str, schema: Any) -> str:
    branches = [_mapping(branch) for branch in cast("list[Any]", _mapping(schema).get(keyword, []))]
    groups = [
        " and ".join(branch["required"])
        for branch in branches
        if set(branch) <= {"required", "title"} and "required" in branch
    ]
    several = isinstance(error.kind, jsonschema_rs.ValidationErrorKind.OneOfMultipleValid)
    if groups and len(groups) == len(branches):
        asked = "exactly one" if keyword == "oneOf" else "at least one"
        return f"must have {asked} of {', '.join(groups)}{'; it has several' if several else ''}"
    if several:
        return "fits several of the forms that exclude each other"
    types = dict.fromkeys(name for branch in error.kind.context for name in _asked_types(branch, error))  # pyright: ignore
    if types:
        return _types_asked(types, error.instance)
    kinds = [_value(value) for branch in error.kind.context for value in _asked_kind(branch, error)]  # pyright: ignore
    if kinds:
        return f"fits none of the forms that are allowed: their kind is {_either(kinds)}"
    titles = [str(branch["title"]) for branch in branches if "title" in branch]
    return f"fits none of the forms that are allowed{': ' + ', '.join(titles) if titles else ''}"


def _types_asked(types: Iterable[str], value: Any) -> str:
    return f"must be {_either([_ARTICLES.get(name, f'a {name}') for name in types])}, not {_type_of(value)}"


def _asked_types(branch: list[jsonschema_rs.ValidationError], outer: jsonschema_rs.ValidationError) -> Iterator[str]:
    for error in branch:
        if error.instance_path == outer.instance_path:
            if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Type):
                yield from error.kind.types
            for inner in getattr(error.kind, "context", []):
                yield from _asked_types(inner, outer)


def _asked_kind(branch: list[jsonschema_rs.ValidationError], outer: jsonschema_rs.ValidationError) -> Iterator[Any]:
    """The `const` that a branch asks of a property directly below: what tells it from the others."""
    for error in branch:
        is_below = len(error.instance_path) == len(outer.instance_path) + 1
        if is_below and isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Constant):
            yield error.kind.expected_value


def _mapping(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _options(options: list[Any]) -> str:
    shown = ", ".join(_value(option) for option in options[:_MOST_OPTIONS])
    return shown if len(options) <= _MOST_OPTIONS else f"{shown} and {len(options) - _MOST_OPTIONS} more"


def _value(value: Any) -> str:
    return shorten(json.dumps(value, ensure_ascii=False, default=str), _LONGEST_VALUE)


def _either(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _type_of(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case str():
            return "a string"
        case dict():
            return "an object"
        case list() | tuple():
            return "an array"
        case _:
            return "a number"
