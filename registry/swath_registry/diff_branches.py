"""Which branch of an `allOf`, `anyOf` or `oneOf` became which, however they are ordered."""

from collections.abc import Callable
from typing import Any, cast

from swath_registry.diff_references import reference_name

Pairs = list[tuple[int, int]]


def matched(before: list[Any], after: list[Any], *, in_order: bool = False) -> Pairs:
    """The index of each branch with that of what it became: the same, or of the same sign, or in its place.

    Args:
        before: the branches of the old schema.
        after: those of the new one.
        in_order: whether their places are what tells them apart (`prefixItems`).
    """
    if in_order:
        return [(index, index) for index in range(min(len(before), len(after)))]
    pairs: Pairs = []
    for sign in (_itself, _sign):
        pairs += _by(sign, before, after, pairs)
    rest, others = _free(len(before), [one for one, _ in pairs]), _free(len(after), [other for _, other in pairs])
    return pairs + list(zip(rest, others, strict=True)) if len(rest) == len(others) else pairs


def _by(sign: Callable[[Any], Any], before: list[Any], after: list[Any], known: Pairs) -> Pairs:
    others = _free(len(after), [other for _, other in known])
    found: Pairs = []
    for index in _free(len(before), [one for one, _ in known]):
        wanted = sign(before[index])
        fitting = next((other for other in others if wanted and sign(after[other]) == wanted), None)
        if fitting is not None:
            others.remove(fitting)
            found.append((index, fitting))
    return found


def _free(count: int, taken: list[int]) -> list[int]:
    return [index for index in range(count) if index not in taken]


def _itself(branch: Any) -> Any:
    return (branch,)


def _sign(branch: Any) -> Any:
    """What a branch is known by though it has changed: title, the type it refers to, constants, JSON type."""
    if not isinstance(branch, dict):
        return None
    members = cast("dict[str, Any]", branch)
    if "title" in members:
        return members["title"]
    if "$ref" in members:
        return reference_name(members["$ref"]).partition("@")[0]
    properties = cast("dict[str, Any]", members.get("properties", {}))
    objects = {name: cast("dict[str, Any]", each) for name, each in properties.items() if isinstance(each, dict)}
    constants = [(name, each["const"]) for name, each in objects.items() if "const" in each]
    return constants or members.get("type")
