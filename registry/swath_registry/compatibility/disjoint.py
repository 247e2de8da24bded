"""`oneOf` whose branches never meet, said as `anyOf`: the same documents, and easier to prove things about."""

from collections.abc import Callable
from itertools import combinations
from typing import Any

from swath_registry.compatibility.landscape import as_dict, as_list
from swath_registry.compatibility.subschemas import rewritten
from swath_registry.pointers import look_up

IsEmpty = Callable[[Any], bool]
_MOST_BRANCHES = 12
_MOST_STEPS = 8
_KEPT = ("type", "const", "enum")


def with_any(schema: Any, is_empty: IsEmpty) -> Any:
    """A schema that accepts the same.

    Args:
        schema: its references are pointers within it (`pruning.is_prunable`).
        is_empty: whether, for certain, nothing is valid under a schema.
    """

    def change(each: dict[str, Any]) -> dict[str, Any]:
        branches = as_list(each.get("oneOf"))
        if not 1 < len(branches) <= _MOST_BRANCHES or "$ref" in each:
            return each
        outlines = [_outline(branch, schema) for branch in branches]
        if not all(is_empty({"allOf": list(pair)}) for pair in combinations(outlines, 2)):
            return each
        rest = {key: value for key, value in each.items() if key != "oneOf"}
        if "anyOf" in rest:
            return {**rest, "allOf": [*as_list(rest.get("allOf")), {"anyOf": branches}]}
        return {**rest, "anyOf": branches}

    return rewritten(schema, change)


def _outline(branch: Any, whole: Any) -> Any:
    """Some of what a branch asks for, without references: it accepts all that the branch accepts, and more."""
    for _ in range(_MOST_STEPS):
        reference = as_dict(branch).get("$ref")
        if not isinstance(reference, str):
            break
        try:
            branch = look_up(whole, reference[1:])
        except KeyError:
            return True
    else:
        return True
    if not isinstance(branch, dict):
        return branch
    keywords = as_dict(branch)
    named = {name: _kept(as_dict(each)) for name, each in as_dict(keywords.get("properties")).items()}
    found = {**_kept(keywords), "properties": named}
    return {**found, "required": keywords["required"]} if "required" in keywords else found


def _kept(keywords: dict[str, Any]) -> dict[str, Any]:
    return {} if "$ref" in keywords else {name: keywords[name] for name in _KEPT if name in keywords}
