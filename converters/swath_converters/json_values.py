"""What an algorithm returns -> what JSON can hold, nothing changed silently."""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from datetime import date
from enum import Enum
from typing import Any, cast

import numpy as np

from .errors import NotJson

_NUMBER_HINT = "Leave the member out, use null where the schema allows it, or replace the value."


def to_json(value: Any, pointer: str = "") -> Any:
    """The value made of dict, list, str, int, float, bool and None alone.

    Args:
        value: any nesting of those, tuples, numpy scalars and arrays (as nested lists, the first axis
            outermost), enums, dates, dataclasses and pydantic models (as objects, by alias), and what has
            `__geo_interface__`.
        pointer: where the value stands (RFC 6901), for the error.

    Raises:
        NotJson: it holds NaN or an infinity, bytes, a key that is no text, or an object of another class.
    """
    match value:
        case None | bool() | str() | int():
            result = _plain(value)
        case float():
            result = _finite(float(value), pointer)
        case Mapping():
            result = _object(cast(Mapping[Any, Any], value), pointer)
        case list() | tuple():
            result = _array(cast(Iterable[Any], value), pointer)
        case np.ndarray():
            result = _ndarray(cast("np.ndarray[Any, Any]", value), pointer)
        case np.generic():
            result = to_json(_numpy_scalar(value, pointer), pointer)
        case _:
            result = _of_class(value, pointer)
    return result


def escape(name: str) -> str:
    """A member's name as a JSON pointer's token."""
    return name.replace("~", "~0").replace("/", "~1")


def _plain(value: Any) -> Any:
    """The value without its subclass: an IntEnum is an int, a StrEnum a str."""
    for kind in (bool, int, str):
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)
    return value


def _finite(number: float, pointer: str) -> float:
    if math.isfinite(number):
        return number
    raise NotJson(f"JSON has no number for {number}.", pointer=pointer, hint=_NUMBER_HINT)


def _object(members: Mapping[Any, Any], pointer: str) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, member in members.items():
        if not isinstance(name, str):
            kind = type(name).__name__
            raise NotJson(f"A member's name is of class {kind}; JSON has only texts.", pointer=pointer)
        result[name] = to_json(member, f"{pointer}/{escape(name)}")
    return result


def _array(items: Iterable[Any], pointer: str) -> list[Any]:
    return [to_json(item, f"{pointer}/{index}") for index, item in enumerate(items)]


def _ndarray(array: "np.ndarray[Any, Any]", pointer: str) -> Any:
    if array.dtype.kind not in "biufU":
        return to_json(_numpy_scalar(array, pointer), pointer)
    if array.dtype.kind == "f":
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            at = tuple(int(index) for index in bad[0])
            _finite(float(array[at]), pointer + "".join(f"/{index}" for index in at))
    return array.tolist()


def _numpy_scalar(value: Any, pointer: str) -> Any:
    if value.dtype.kind not in "biufUO":
        raise NotJson(
            f"JSON has no {value.dtype} values.",
            pointer=pointer,
            hint="Give real numbers: the parts of a complex number apart, a time as RFC 3339 text.",
        )
    return value.tolist()


def _of_class(value: Any, pointer: str) -> Any:
    if isinstance(value, Enum):
        return to_json(value.value, pointer)
    if isinstance(value, date):  # and datetime
        return value.isoformat()
    fields: dict[str, Any] | None = getattr(cast(Any, type(value)), "model_fields", None)
    if fields is not None:
        return to_json(_model_members(value, fields), pointer)
    if hasattr(value, "__geo_interface__"):
        return to_json(value.__geo_interface__, pointer)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        members = {member.name: getattr(value, member.name) for member in dataclasses.fields(value)}
        return to_json(members, pointer)
    raise NotJson(
        f"A value of class {type(value).__name__} is not JSON.",
        pointer=pointer,
        hint="Return numbers, texts, lists, dicts, numpy values, dataclasses or pydantic models.",
    )


def _model_members(model: Any, fields: Mapping[str, Any]) -> Any:
    """A pydantic model's members by their names on the wire; an optional one that was never set is absent.

    Not `model_dump`: it would drop NaN's pointer, and either every default or the nulls that were meant.
    """
    if "root" in fields and len(fields) == 1:
        return model.root
    members: dict[str, Any] = {
        field.serialization_alias or field.alias or name: getattr(model, name)
        for name, field in fields.items()
        if name in model.model_fields_set or getattr(model, name) is not None
    }
    extra: dict[str, Any] = model.model_extra or {}
    return members | extra
