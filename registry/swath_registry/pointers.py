"""JSON pointers (RFC 6901): the one way in which places in documents and schemas are written."""

from collections.abc import Iterable
from typing import Any

LONGEST_NAME = 64  # characters of a property name that may appear in a message or pointer


def pointer_of(path: Iterable[str | int]) -> str:
    """The pointer to a path; `""` is the document itself. Names longer than 64 characters are cut."""
    return "".join(f"/{shorten(str(part)).replace('~', '~0').replace('/', '~1')}" for part in path)


def path_of(pointer: str) -> list[str]:
    """The names of a pointer, unescaped."""
    return [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]


def look_up(document: Any, pointer: str) -> Any:
    """The value at a pointer. Raises KeyError where there is none."""
    value = document
    for part in path_of(pointer):
        if isinstance(value, list) and part.isdigit() and int(part) < len(value):  # pyright: ignore
            value = value[int(part)]  # pyright: ignore[reportUnknownVariableType]
        elif isinstance(value, dict) and part in value:
            value = value[part]  # pyright: ignore[reportUnknownVariableType]
        else:
            raise KeyError(pointer)
    return value  # pyright: ignore[reportUnknownVariableType]


def shorten(name: str, longest: int = LONGEST_NAME) -> str:
    """A name cut to what may be shown, with an ellipsis where it was cut."""
    return name if len(name) <= longest else name[: longest - 1] + "…"
