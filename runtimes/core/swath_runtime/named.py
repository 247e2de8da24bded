"""The names of what an algorithm gave back. Light on purpose: its own process imports it."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from swath_converters import Image


def by_name(result: Any) -> dict[str, Any] | None:
    """A mapping's, dataclass's or named tuple's members; None where a result has no names."""
    if isinstance(result, Image):
        return None
    if isinstance(result, Mapping):
        return {str(name): value for name, value in cast(Mapping[Any, Any], result).items()}
    if is_dataclass(result) and not isinstance(result, type):
        return {one.name: getattr(result, one.name) for one in fields(result)}
    return cast(Any, result)._asdict() if isinstance(result, tuple) and hasattr(cast(Any, result), "_asdict") else None
