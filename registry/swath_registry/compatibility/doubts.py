"""What in a schema makes a proof about it doubtful: the prover might read it otherwise than the validator does."""

from collections.abc import Iterator
from typing import Any, cast

_DATA = frozenset({"const", "enum", "default", "examples"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"})
# Their meaning depends on where the reference was followed from, or on a vocabulary that only a validator holds.
_KEYWORDS = {
    "$dynamicRef": "its target depends on the way to it",
    "$dynamicAnchor": "its target depends on the way to it",
    "$recursiveRef": "its target depends on the way to it",
    "$recursiveAnchor": "its target depends on the way to it",
    "$vocabulary": "it changes what keywords mean",
}
_LARGEST = 2**53  # beyond, a number with a point or exponent may be rounded on the way; whole ones are exact


def doubt(schema: Any) -> str:
    """Why a proof about a schema isn't relied on; "" where nothing speaks against it."""
    named = cast("dict[str, Any]", schema).get("$schema") if isinstance(schema, dict) else None
    return next(_doubts(schema, named), "")


def _doubts(schema: Any, draft: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in cast("list[Any]", schema):
            yield from _doubts(each, draft)
    if not isinstance(schema, dict):
        return
    for keyword, value in cast("dict[str, Any]", schema).items():
        if keyword in _KEYWORDS:
            yield f"{keyword} is not left to the prover: {_KEYWORDS[keyword]}"
        if keyword == "$schema" and value != draft:
            yield "a schema within names a draft of its own"
        if keyword in _DATA:
            yield from _large(value)
        elif isinstance(value, float) and abs(value) > _LARGEST:
            yield f"{keyword} has a fraction beyond 2^53"
        elif keyword in _NAMED and isinstance(value, dict):
            for each in cast("dict[str, Any]", value).values():
                yield from _doubts(each, draft)
        else:
            yield from _doubts(value, draft)


def _large(value: Any) -> Iterator[str]:
    members = cast("dict[str, Any]", value).values() if isinstance(value, dict) else value
    if isinstance(members, float) and abs(members) > _LARGEST:
        yield "a constant holds a fraction beyond 2^53"
    elif not isinstance(members, str | bool | int | float | None):
        for each in cast("list[Any]", members):
            yield from _large(each)
