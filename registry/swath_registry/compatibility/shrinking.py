"""Making a witness smaller for as long as it stays one."""

import time
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, cast

from swath_registry.compatibility.landscape import Path
from swath_registry.compatibility.mutation import places, replaced, value_at
from swath_registry.compatibility.values import key_of

MOST_TRIES = 2_000
MOST_S = 0.4  # CPU seconds
_FEW = 8  # members of which pairs are left out


def shrunk(document: Any, is_witness: Callable[[Any], bool]) -> Any:
    """A smaller document, from which nothing more can be left out or simplified in one step.

    Unless that takes too long: then as far as it went.
    """
    tries = Tries(is_witness)
    improved = True
    while improved and tries.are_left:
        before = document
        for path in places(document):
            document = _shrunk_at(document, path, tries)
        improved = document is not before
    return document


class Tries:
    """Asks whether a document still is a witness, as often and as long as it may."""

    def __init__(self, is_witness: Callable[[Any], bool]) -> None:
        self._is_witness = is_witness
        self._count = 0
        self._until = time.process_time() + MOST_S

    @property
    def are_left(self) -> bool:
        """Whether it may be asked again."""
        return self._count < MOST_TRIES and time.process_time() < self._until

    def still(self, document: Any) -> bool:
        """Whether it is one; False too where it may not be asked any more."""
        self._count += 1
        return self.are_left and self._is_witness(document)


def _shrunk_at(document: Any, path: Path, tries: Tries) -> Any:
    """The document with the value at a path made smaller, again and again."""
    while True:
        try:
            value = value_at(document, path)
        except (KeyError, IndexError, TypeError):  # what led there was left out meanwhile
            return document
        options = (replaced(document, path, each) for each in _simpler(value) if _is_less(each, value))
        smaller = next((each for each in options if tries.still(each)), None)
        if smaller is None or smaller is document:
            return document
        document = smaller


def _is_less(one: Any, other: Any) -> bool:
    return isinstance(other, dict | list) or _weight(one) < _weight(other)


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
    yield from ({},) if value else ()
    if len(value) > 4:
        names = list(value)
        half = len(names) // 2
        yield from ({name: value[name] for name in some} for some in (names[:half], names[half:]))
    for name, each in value.items() if len(value) > 1 else ():
        yield {name: each}
    for name in value:
        yield {key: each for key, each in value.items() if key != name}
    for pair in combinations(list(value), 2) if len(value) <= _FEW else ():  # some come only together
        yield {key: each for key, each in value.items() if key not in pair}
    yield from (None, 0)


def _fewer_items(value: list[Any]) -> Iterator[Any]:
    yield from ([],) if value else ()
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
