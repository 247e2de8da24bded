"""Objects held together property by property: for every kind of name that patterns tell apart, what may stand there."""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any, cast

from swath_registry.compatibility.landscape import as_dict, as_list, matches
from swath_registry.compatibility.regex import Exhausted, Unsupported, automaton, find_text
from swath_registry.compatibility.subschemas import DEFINITIONS, walk

Covers = Callable[[Any, Any], bool]
_SPOKEN_OF = DEFINITIONS | {"type", "properties", "patternProperties", "additionalProperties", "required"}
_MOST_PATTERNS = 5  # 32 kinds of name
_DEEPEST = 6


def covers_by_names(old: Any, new: Any, covers: Covers, depth: int = 0) -> bool:
    """Whether one schema of objects certainly accepts all that another accepts.

    Args:
        old: a schema without annotations, whose references lead to definitions, as `pruning.is_prunable` says.
        new: likewise.
        covers: says of two schemas, which have the definitions of these, whether the second accepts all of the first.
        depth: how many objects were entered.
    """
    if depth > _DEEPEST or not (_is_plain(old) and _is_plain(new)):
        return False
    if len({*as_dict(old.get("patternProperties")), *as_dict(new.get("patternProperties"))}) > _MOST_PATTERNS:
        return False
    if not set(as_list(new.get("required"))) <= set(as_list(old.get("required"))):
        return False

    def holds(mine: list[Any], theirs: list[Any]) -> bool:
        one, other = _whole(mine, old), _whole(theirs, new)
        return covers(one, other) or covers_by_names(one, other, covers, depth + 1)

    kinds = _kinds_of_names(old, new)
    return all(holds(_of(old, name, some), _of(new, name, some)) for name, some in kinds)


def _is_plain(schema: Any) -> bool:
    keywords = as_dict(schema)
    if keywords.get("type") != "object" or not keywords.keys() <= _SPOKEN_OF:
        return False
    return not any(each.get("$ref") == "#" for each in walk(keywords))


def _kinds_of_names(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[str | None, tuple[str, ...]]]:
    """Each declared name with the patterns that match it; and each set of patterns that other names may match alone.

    More than there are, where that isn't certain.
    """
    patterns = list(dict.fromkeys((*as_dict(old.get("patternProperties")), *as_dict(new.get("patternProperties")))))
    for name in dict.fromkeys((*as_dict(old.get("properties")), *as_dict(new.get("properties")))):
        yield name, tuple(each for each in patterns if matches(each, name))
    for count in range(len(patterns) + 1):
        for some in combinations(patterns, count):
            if not _has_none(some, [each for each in patterns if each not in some]):
                yield None, some


def _has_none(wanted: Sequence[str], unwanted: Sequence[str]) -> bool:
    try:
        found = find_text([automaton(each) for each in wanted], [automaton(each) for each in unwanted], seconds=0.03)
    except (Exhausted, Unsupported):
        return False
    return found is None


def _of(schema: dict[str, Any], name: str | None, some: Sequence[str]) -> list[Any]:
    """What a schema asks of a property of this name, or of one that isn't declared, that matches these patterns."""
    declared, patterned = as_dict(schema.get("properties")), as_dict(schema.get("patternProperties"))
    found = [declared[name]] if name in declared else []
    found += [patterned[each] for each in some if each in patterned]
    return found or [schema.get("additionalProperties", True)]


def _whole(parts: list[Any], root: dict[str, Any]) -> Any:
    """What several schemas ask for together, with the definitions that they refer to."""
    if any(part is False for part in parts):
        return False
    parts = [part for part in parts if part is not True]
    if not parts:
        return True
    kept = {key: root[key] for key in DEFINITIONS if key in root}
    if len(parts) == 1 and isinstance(parts[0], dict) and not parts[0].keys() & DEFINITIONS:
        return {**cast("dict[str, Any]", parts[0]), **kept}
    return {"allOf": parts, **kept}
