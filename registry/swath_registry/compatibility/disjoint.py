"""`oneOf` whose branches never meet, said as `anyOf`: the same documents, and easier to prove things about."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

from swath_registry.compatibility.landscape import as_dict, as_list
from swath_registry.compatibility.subschemas import DEFINITIONS, rewritten, walk

IsEmpty = Callable[[Any], bool]
_MOST_BRANCHES = 12
_WHOLE = "whole"


def with_any(schema: Any, is_empty: IsEmpty) -> Any:
    """A schema that accepts the same.

    Args:
        schema: its references lead to definitions (`pruning.is_prunable`).
        is_empty: whether, for certain, nothing is valid under a schema.
    """
    schema = _whole_defined(schema)
    definitions = {key: value for key, value in as_dict(schema).items() if key in DEFINITIONS}

    def change(each: dict[str, Any]) -> dict[str, Any]:
        branches = as_list(each.get("oneOf"))
        if not 1 < len(branches) <= _MOST_BRANCHES or "$ref" in each:
            return each
        pairs = ({**definitions, "allOf": list(pair)} for pair in combinations(branches, 2))
        if not all(is_empty(pair) for pair in pairs):
            return each
        rest = {key: value for key, value in each.items() if key != "oneOf"}
        if "anyOf" in rest:
            return {**rest, "allOf": [*as_list(rest.get("allOf")), {"anyOf": branches}]}
        return {**rest, "anyOf": branches}

    return rewritten(schema, change)


def _whole_defined(schema: Any) -> Any:
    """The same with the whole as a definition, where references lead to it: a part alone has another whole."""
    if not any(each.get("$ref") == "#" for each in walk(schema)):
        return schema
    place = f"#/$defs/{_WHOLE}"
    moved = rewritten(schema, lambda each: {**each, "$ref": place} if each.get("$ref") == "#" else each)
    outer = {key: value for key, value in as_dict(moved).items() if key in DEFINITIONS | {"$schema", "$id"}}
    inner = {key: value for key, value in as_dict(moved).items() if key not in outer}
    return {**outer, "$defs": {**as_dict(outer.get("$defs")), _WHOLE: inner}, "$ref": place}
