"""What JSON Schema asks of an object as a whole, and pydantic's fields can't say.

The generated models name their rules as class attributes; `Rules` checks them before the fields are read. The names
are the code generator's own. A rule of a kind that isn't here stops generation (`swath_registry.generated_text`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, ClassVar, cast

from pydantic import BaseModel, TypeAdapter, model_validator

Group = tuple[tuple[str, ...], ...]  # of each part, one name must be there

_TAIL = "__json_schema_array_tail__"
_VALUES = "__json_schema_mapping_values__"


class Rules(BaseModel):
    """Base of all generated models: checks the rules that its class names.

    Attributes:
        __json_schema_pattern_properties__: which names an object may have beside its properties, and their types.
        __json_schema_one_of_required_groups__: of each rule's groups of properties, exactly one is there.
        __json_schema_any_of_required_groups__: of each rule's groups, at least one is there.
        __json_schema_not_required_groups__: of each rule's groups, none is there.
        __json_schema_conditional_required__: groups that are there if some properties have some values, or if not.
        __json_schema_unique_items__: paths to the lists whose items differ.
        __json_schema_property_count_rule__: least and greatest number of properties.
        __dependent_required__: properties that ask for others.
    """

    __json_schema_pattern_properties__: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    __json_schema_one_of_required_groups__: ClassVar[tuple[tuple[Group, ...], ...]] = ()
    __json_schema_any_of_required_groups__: ClassVar[tuple[tuple[Group, ...], ...]] = ()
    __json_schema_not_required_groups__: ClassVar[tuple[tuple[Group, ...], ...]] = ()
    __json_schema_conditional_required__: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    __json_schema_unique_items__: ClassVar[tuple[tuple[object, ...], ...]] = ()
    __json_schema_property_count_rule__: ClassVar[tuple[int | None, int | None] | tuple[()]] = ()
    __dependent_required__: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @model_validator(mode="before")
    @classmethod
    def _check_rules(cls, data: Any) -> Any:
        for path in cls.__json_schema_unique_items__:
            for items in _reached(data, path):
                _check_unique(items)
        if not isinstance(data, Mapping):
            return data
        document = cast("Mapping[str, Any]", data)
        _check_count(document, cls.__json_schema_property_count_rule__)
        _check_groups(document, cls)
        for rule in cls.__json_schema_conditional_required__:
            _check_condition(document, rule)
        _check_dependents(document, cls.__dependent_required__)
        for rule in cls.__json_schema_pattern_properties__:
            document = _checked_names(document, rule)
        return document


KINDS = frozenset(name for name in Rules.__annotations__ if name.startswith("__json_schema_")) | {
    _TAIL,
    _VALUES,
}
"""Names of the code generator that are understood here."""


def _checked_names(document: Mapping[str, Any], rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object, the values beside its properties read as the types that the rule gives them."""
    read: dict[str, Any] = {}
    for name, value in document.items():
        types = [kind for pattern, kind in rule["pattern_properties"] if re.search(pattern, name)]
        is_declared = name in rule["declared_properties"]
        if not is_declared and any(re.search(pattern, name) for pattern in rule["rejected_patterns"]):
            raise ValueError(f"property {name!r} is not allowed")
        if not types and not is_declared:
            if rule["additional_property_type"] is None and not rule["allow_unmatched"]:
                raise ValueError(f"unexpected property {name!r}")
            types = [rule["additional_property_type"] or Any]
        for kind in types:
            found = value if kind is Any else _adapter(kind).validate_python(value)
            if not is_declared:
                read[name] = found
    return {**document, **read} if read else document


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _check_groups(document: Mapping[str, Any], rules: type[Rules]) -> None:
    for groups in rules.__json_schema_one_of_required_groups__:
        if _count(document, groups) != 1:
            raise ValueError("exactly one group of properties must be there")
    for groups in rules.__json_schema_any_of_required_groups__:
        if not _count(document, groups):
            raise ValueError("at least one group of properties must be there")
    for groups in rules.__json_schema_not_required_groups__:
        if _count(document, groups):
            raise ValueError("a group of properties must not be there")


def _count(document: Mapping[str, Any], groups: Iterable[Group]) -> int:
    return sum(all(any(name in document for name in names) for names in group) for group in groups)


def _check_condition(document: Mapping[str, Any], rule: Mapping[str, Any]) -> None:
    holds = all(
        any(name in document and _key(document[name]) in map(_key, expected) for name in names)
        for names, expected in rule["condition"]
    )
    asked: tuple[Group, ...] = rule["then_required_groups"] if holds else rule["else_required_groups"]
    if _count(document, asked) < len(asked):
        raise ValueError("properties that others ask for are missing")


def _check_dependents(document: Mapping[str, Any], asked: Mapping[str, tuple[str, ...]]) -> None:
    for name, others in asked.items():
        for other in others:
            if name in document and other not in document:
                raise ValueError(f"{name} asks for {other}")


def _check_count(document: Mapping[str, Any], rule: tuple[int | None, int | None] | tuple[()]) -> None:
    least, most = rule or (None, None)
    if least is not None and len(document) < least:
        raise ValueError(f"must have at least {least} properties")
    if most is not None and len(document) > most:
        raise ValueError(f"must have at most {most} properties")


def _reached(value: Any, path: tuple[Any, ...]) -> Iterator[Any]:
    """The values that a path leads to: names of a property, None for every item, or one of the two marks."""
    if not path:
        yield value
        return
    for member in _members(value, path[0]):
        yield from _reached(member, path[1:])


def _members(value: Any, step: Any) -> list[Any]:
    match value, step:
        case Mapping(), str():
            return list(cast("Mapping[str, Any]", value).values()) if step == _VALUES else []
        case Mapping(), tuple():
            document = cast("Mapping[str, Any]", value)
            return [document[name] for name in cast("tuple[str, ...]", step) if name in document][:1]
        case list() | tuple(), None:
            return list(cast("Iterable[Any]", value))
        case list() | tuple(), int():
            return list(cast("Iterable[Any]", value))[step : step + 1]
        case list() | tuple(), (str(mark), int(start)) if mark == _TAIL:
            return list(cast("Iterable[Any]", value))[start:]
        case _:
            return []


def _check_unique(value: Any) -> None:
    if isinstance(value, list | tuple):
        items = list(cast("Iterable[Any]", value))
        if len(set(map(_key, items))) < len(items):
            raise ValueError("must not hold the same item twice")


def _key(value: Any) -> Any:
    """Something that is equal for JSON values that are equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, Mapping):
        return ("object", frozenset((name, _key(one)) for name, one in cast("Mapping[str, Any]", value).items()))
    if isinstance(value, list | tuple):
        return ("array", tuple(map(_key, cast("Iterable[Any]", value))))
    return value
