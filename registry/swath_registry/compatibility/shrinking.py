"""Making a witness smaller for as long as it stays one."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, cast

from swath_registry.compatibility.mutation import places, replaced, value_at
from swath_registry.compatibility.values import key_of

MOST_TRIES = 1_500


def shrunk(document: Any, is_witness: Callable[[Any], bool]) -> Any:
    """A smallest document of those that leaving out and simplifying, step by step, lead to."""
    left = MOST_TRIES
    improved = True
    while improved and left > 0:
        improved = False
        for smaller in _smaller(document):
            left -= 1
            if is_witness(smaller):
                document, improved = smaller, True
                break
            if left <= 0:
                break
    return document


def _smaller(document: Any) -> Iterator[Any]:
    for path in places(document):
        value = value_at(document, path)
        for simpler in _simpler(value):
            if _weight(simpler) < _weight(value):
                yield replaced(document, path, simpler)


def _simpler(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            yield from _fewer_members(cast("dict[str, Any]", value))
        case list():
            yield from _fewer_items(cast("list[Any]", value))
        case str():
            yield from ("", "a", value[: len(value) // 2], value[1:], value[:-1], "a" * len(value))
        case bool() | None:
            yield from (None, False)
        case _:
            yield from (None, 0, 1, -1, int(value), value / 2 if isinstance(value, float) else value // 2)


def _fewer_members(value: dict[str, Any]) -> Iterator[Any]:
    yield {}
    if len(value) > 4:
        names = list(value)
        half = len(names) // 2
        yield from ({name: value[name] for name in some} for some in (names[:half], names[half:]))
    for name, each in value.items():
        yield {name: each}
    for name in value:
        yield {key: each for key, each in value.items() if key != name}
    for pair in combinations(list(value)[:16], 2):  # some come only together
        yield {key: each for key, each in value.items() if key not in pair}
    yield from (None, 0)


def _fewer_items(value: list[Any]) -> Iterator[Any]:
    yield []
    if len(value) > 4:
        half = len(value) // 2
        yield from (value[:half], value[half:])
    for index in range(min(len(value), 50)):
        yield value[:index] + value[index + 1 :]
    yield from (None, 0)


_ORDER = {type(None): 0, bool: 1, int: 2, float: 3, str: 4, list: 5, dict: 6}


def _weight(value: Any) -> tuple[int, int, Any]:
    """Smaller for what a reader takes in more easily: short first, then simple."""
    text = key_of(value)
    size = 0 if value is None or isinstance(value, bool | int | float) else len(text)
    return size, _ORDER[type(value)], (len(text), text.startswith("-"), text)
