"""`oneOf` whose branches never meet, said as `anyOf`: the same documents, and easier to prove things about."""

from collections import deque
from collections.abc import Callable
from itertools import combinations
from typing import Any

from swath_registry.compatibility.landscape import as_dict, as_list
from swath_registry.compatibility.subschemas import rewritten
from swath_registry.pointers import look_up

IsEmpty = Callable[[Any], bool]
_MOST_BRANCHES = 12
_MOST_STEPS = 8
_MOST_PARTS = 120  # of an outline: what refers to itself in many ways has no end
_KEPT = ("type", "const", "enum", "required", "minItems", "maxItems")


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
        groups = _groups([_outline(branch, schema) for branch in branches], is_empty)
        if len(groups) == 1:
            return each
        options = [
            branches[group[0]] if len(group) == 1 else {"oneOf": [branches[i] for i in group]} for group in groups
        ]
        rest = {key: value for key, value in each.items() if key != "oneOf"}
        if "anyOf" in rest:
            return {**rest, "allOf": [*as_list(rest.get("allOf")), {"anyOf": options}]}
        return {**rest, "anyOf": options}

    return rewritten(schema, change)


def _groups(outlines: list[Any], is_empty: IsEmpty) -> list[list[int]]:
    """The indexes of branches, in groups: those of two groups never accept the same document."""
    group_of = list(range(len(outlines)))
    for one, other in combinations(range(len(outlines)), 2):
        if group_of[one] != group_of[other] and not is_empty({"allOf": [outlines[one], outlines[other]]}):
            left, right = sorted((group_of[one], group_of[other]))
            group_of = [left if each == right else each for each in group_of]
    return [[index for index, each in enumerate(group_of) if each == group] for group in dict.fromkeys(group_of)]


def _outline(branch: Any, whole: Any) -> Any:
    """Some of what a branch asks for, the nearest first, without references: it accepts all that the branch does."""
    found: list[Any] = [True]
    waiting: deque[tuple[Any, Any, Any]] = deque([(branch, found, 0)])
    for _ in range(_MOST_PARTS):
        if not waiting:
            break
        schema, holder, key = waiting.popleft()
        holder[key] = target = _target(schema, whole)
        if not isinstance(target, dict):
            continue
        keywords = as_dict(target)
        named, told = as_dict(keywords.get("properties")), dict[str, Any]()
        part = holder[key] = {name: keywords[name] for name in _KEPT if name in keywords} | {"properties": told}
        waiting.extend((each, told, name) for name, each in named.items())
        if isinstance(keywords.get("items"), dict) and "prefixItems" not in keywords:
            waiting.append((keywords["items"], part, "items"))
    return found[0]


def _target(schema: Any, whole: Any) -> Any:
    """What the references of a schema lead to, one after the other; True (anything) where that isn't told."""
    for _ in range(_MOST_STEPS):
        reference = as_dict(schema).get("$ref")
        if not isinstance(reference, str):
            return schema
        try:
            schema = look_up(whole, reference[1:])
        except KeyError:
            break
    return True
