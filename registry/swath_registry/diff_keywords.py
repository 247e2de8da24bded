"""What the change of one keyword does to the documents of its schema, in words."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, cast

Kind = Literal["wider", "narrower", "other", "meaning", "annotation", "moved"]
Schema = dict[str, Any]
Local = tuple[tuple[str | int, ...], Kind, str, Any, Any]  # path below the keyword, kind, message, before, after

_ABSENT: Any = object()
_ANNOTATIONS = frozenset(
    {"title", "description", "examples", "$comment", "deprecated", "readOnly", "writeOnly"}
    | {"contentEncoding", "contentMediaType", "contentSchema"}
)
_LEAST = {
    "minimum": "must be at least {}",
    "exclusiveMinimum": "must be more than {}",
    "minLength": "must have at least {} characters",
    "minItems": "must have at least {} items",
    "minProperties": "must have at least {} properties",
    "minContains": "must contain at least {}",
}
_GREATEST = {
    "maximum": "must be at most {}",
    "exclusiveMaximum": "must be less than {}",
    "maxLength": "must have at most {} characters",
    "maxItems": "must have at most {} items",
    "maxProperties": "must have at most {} properties",
    "maxContains": "must contain at most {}",
}
_CLOSING = frozenset({"additionalProperties", "unevaluatedProperties", "unevaluatedItems", "items"})


def judged(keyword: str, old: Schema, new: Schema) -> Iterator[Local]:
    """What a keyword that may have changed does; nothing where it says the same."""
    before, after = old.get(keyword, _ABSENT), new.get(keyword, _ABSENT)
    if same(before, after):
        return
    if keyword in _BY_SCHEMA:
        yield from _BY_SCHEMA[keyword](old, new)
        return
    kind, message = _judge(keyword, before, after)
    yield (), kind, message, _shown(before), _shown(after)


def _judge(keyword: str, before: Any, after: Any) -> tuple[Kind, str]:
    if keyword in _LEAST:
        return _bound(_LEAST[keyword], before, after, sign=1)
    if keyword in _GREATEST:
        return _bound(_GREATEST[keyword], before, after, sign=-1)
    if keyword in _WORDS:
        return _WORDS[keyword](before, after)
    if keyword in _ANNOTATIONS or keyword.startswith("x-"):
        return "annotation", f"the {keyword} {_came(before, after)}"
    kind: Kind = "narrower" if before is _ABSENT else "wider" if after is _ABSENT else "other"
    return kind, f"{keyword} {_came(before, after)}"


def _came(before: Any, after: Any) -> str:
    return "is new" if before is _ABSENT else "is gone" if after is _ABSENT else "has changed"


def _shown(value: Any) -> Any:
    return None if value is _ABSENT else value


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; 1 equals 1.0, but not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        mine, theirs = cast("list[Any]", one), cast("list[Any]", other)
        return len(mine) == len(theirs) and all(map(same, mine, theirs))
    if isinstance(one, dict) and isinstance(other, dict):
        members, others = cast("Schema", one), cast("Schema", other)
        return members.keys() == others.keys() and all(same(members[name], others[name]) for name in members)
    return one == other


def _bound(words: str, before: Any, after: Any, sign: int) -> tuple[Kind, str]:
    if after is _ABSENT:
        return "wider", f"no longer {words.format(before)}"
    if before is _ABSENT:
        return "narrower", f"{words.format(after)} now"
    kind: Kind = "narrower" if sign * after > sign * before else "wider"
    return kind, f"{words.format(after)} now, was {before}"


def _type(before: Any, after: Any) -> tuple[Kind, str]:
    was, now = (None if each is _ABSENT else [each] if isinstance(each, str) else each for each in (before, after))
    message = f"is {_either(now)} now, was {_either(was)}"
    mine, theirs = _kinds(was), _kinds(now)
    if mine == theirs:
        return "annotation", "names the same types otherwise"
    return "wider" if mine < theirs else "narrower" if theirs < mine else "other", message


def _kinds(types: list[str] | None) -> set[str]:
    found = set(types or ["null", "boolean", "object", "array", "number", "string"])
    return found | {"integer"} if "number" in found else found


def _either(types: list[str] | None) -> str:
    return " or ".join(types) if types else "of any type"


def _listed(old: Schema, new: Schema) -> Iterator[Local]:
    """`enum` and `const` together, as one may become the other."""
    before, after = _values(old), _values(new)
    if before is None or after is None:
        kind: Kind = "narrower" if before is None else "wider"
        said = "takes any such value now" if after is None else f"takes only {_names(after)} now"
        yield (), kind, said, before, after
        return
    come = [each for each in after if not any(same(each, other) for other in before)]
    gone = [each for each in before if not any(same(each, other) for other in after)]
    if gone:
        yield (), "other" if come else "narrower", f"no longer takes {_names(gone)}", before, after
    if come:
        yield (), "other" if gone else "wider", f"takes {_names(come)} too", before, after


def _values(schema: Schema) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _names(values: list[Any]) -> str:
    return ", ".join(repr(each) for each in values[:8]) + (f" and {len(values) - 8} more" if len(values) > 8 else "")


def _required(old: Schema, new: Schema) -> Iterator[Local]:
    before, after = cast("list[str]", old.get("required", [])), cast("list[str]", new.get("required", []))
    for name in after:
        if name not in before:
            yield (), "narrower", f"{name} must be there now", None, name
    for name in before:
        if name not in after:
            yield (), "wider", f"{name} may be left out now", name, None


def _properties(old: Schema, new: Schema) -> Iterator[Local]:
    before, after = cast("Schema", old.get("properties", {})), cast("Schema", new.get("properties", {}))
    for name, schema in after.items():
        if name not in before:
            known, said = _elsewhere(old, name), "required" if name in new.get("required", []) else "optional"
            kind: Kind = "wider" if known is False else "narrower" if known in (True, {}) else "other"
            yield (name,), kind, f"the property {name} is new ({said})", None, schema
    for name, schema in before.items():
        if name not in after:
            known = _elsewhere(new, name)
            kind = "narrower" if known is False else "wider" if known in (True, {}) else "other"
            yield (name,), kind, f"the property {name} is gone", schema, None


def _elsewhere(schema: Schema, name: str) -> Any:
    """What a schema says of a property that it doesn't name."""
    return schema.get("additionalProperties", schema.get("unevaluatedProperties", True))


def _named(keyword: str, words: str) -> Callable[[Schema, Schema], Iterator[Local]]:
    def judge(old: Schema, new: Schema) -> Iterator[Local]:
        before, after = old.get(keyword, {}), new.get(keyword, {})
        for name in after:
            if name not in before:
                yield (name,), "other", words.format(name, "is new"), None, after[name]
        for name in before:
            if name not in after:
                yield (name,), "other", words.format(name, "is gone"), before[name], None

    return judge


def _dependents(old: Schema, new: Schema) -> Iterator[Local]:
    before, after = old.get("dependentRequired", {}), new.get("dependentRequired", {})
    for name in dict.fromkeys([*after, *before]):
        was, now = before.get(name, []), after.get(name, [])
        for other in now:
            if other not in was:
                yield (name,), "narrower", f"where {name} is, {other} must be there now", None, other
        for other in was:
            if other not in now:
                yield (name,), "wider", f"where {name} is, {other} may be left out now", other, None


def _closing(keyword: str) -> Callable[[Any, Any], tuple[Kind, str]]:
    what = "items" if "tems" in keyword else "properties"
    others = f"the {what}" if keyword == "items" else f"other {what}"

    def judge(before: Any, after: Any) -> tuple[Kind, str]:
        given = after if before is _ABSENT else before
        says = "are refused" if given is False else "may be anything" if given in (True, {}) else "are described"
        if given in (True, {}):
            return "annotation", f"that {others} may be anything is {'said' if before is _ABSENT else 'no longer said'}"
        return ("narrower", f"{others} {says} now") if before is _ABSENT else ("wider", f"{others} may be anything now")

    return judge


def _multiple(before: Any, after: Any) -> tuple[Kind, str]:
    if after is _ABSENT:
        return "wider", f"no longer must be a multiple of {before}"
    if before is _ABSENT:
        return "narrower", f"must be a multiple of {after} now"
    kind: Kind = "narrower" if not after % before else "wider" if not before % after else "other"
    return kind, f"must be a multiple of {after} now, was {before}"


def _unique(before: Any, after: Any) -> tuple[Kind, str]:
    if after is True:
        return "narrower", "items must differ from each other now"
    return ("wider", "items may repeat now") if before is True else ("annotation", "uniqueItems says what is so anyway")


def _text(what: str) -> Callable[[Any, Any], tuple[Kind, str]]:
    def judge(before: Any, after: Any) -> tuple[Kind, str]:
        if after is _ABSENT:
            return "wider", f"no longer must {what} {before}"
        said = f"must {what} {after} now"
        return ("narrower", said) if before is _ABSENT else ("other", f"{said}, was {before}")

    return judge


def _unit(before: Any, after: Any) -> tuple[Kind, str]:
    if before is _ABSENT:
        return "annotation", f"the unit is said to be {after}"
    return "meaning", f"the unit is {'no longer said' if after is _ABSENT else after}, was {before}"


def _default(before: Any, after: Any) -> tuple[Kind, str]:
    if before is _ABSENT:
        return "annotation", f"left out, it is said to be {after!r}"
    return "meaning", f"left out, it {'means nothing' if after is _ABSENT else f'means {after!r}'} now, was {before!r}"


_WORDS: dict[str, Callable[[Any, Any], tuple[Kind, str]]] = {
    "type": _type,
    "multipleOf": _multiple,
    "uniqueItems": _unique,
    "pattern": _text("match"),
    "format": _text("be a"),
    "x-ogc-unit": _unit,
    "default": _default,
    **{keyword: _closing(keyword) for keyword in _CLOSING},
}
_BY_SCHEMA: dict[str, Callable[[Schema, Schema], Iterator[Local]]] = {
    "enum": _listed,
    "const": _listed,
    "required": _required,
    "properties": _properties,
    "dependentRequired": _dependents,
    "patternProperties": _named("patternProperties", "what is said of properties like {} {}"),
    "dependentSchemas": _named("dependentSchemas", "what is said where there is {} {}"),
}
