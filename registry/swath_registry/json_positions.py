"""Where each value of a JSON text stands.

Only for texts that `json.loads` has accepted: the scanner follows structure and checks nothing but keys.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Iterator

from swath_registry.pointers import shorten

_NEXT = re.compile(r"[ \t\r\n,:]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_SCALAR = re.compile(r'[^\s,\]}"]+')

Place = tuple[int, int]  # line, column; both from 1


class DuplicateKey(ValueError):
    """An object says the same thing twice."""

    def __init__(self, key: str, line: int, column: int) -> None:
        self.line = line
        self.column = column
        super().__init__(f"has the key {shorten(key)!r} twice")


def positions_in(text: str) -> Iterator[tuple[str, Place]]:
    """Each JSON pointer with its place: of a property its key's, of an item or the document its value's.

    Raises:
        DuplicateKey: an object has a key twice.
    """
    lines = [0, *(found.end() for found in re.finditer("\n", text))]
    stack: list[_Container] = []
    index = _skip(text, 0)
    yield "", _place(lines, index)
    index = _enter(text, index, "", stack)
    while stack:
        index = _skip(text, index)
        top = stack[-1]
        if text[index] in "]}":
            stack.pop()
            index += 1
            continue
        place = _place(lines, index)
        pointer, index = top.member(text, index, place)
        yield pointer, place
        index = _enter(text, _skip(text, index), pointer, stack)


class _Container:
    """An open array or object: what its next member is called."""

    def __init__(self, pointer: str, is_object: bool) -> None:
        self.pointer = pointer
        self.is_object = is_object
        self.count = 0
        self.keys: set[str] = set()

    def member(self, text: str, index: int, place: Place) -> tuple[str, int]:
        if not self.is_object:
            self.count += 1
            return f"{self.pointer}/{self.count - 1}", index
        end = _after_string(text, index)
        key = str(json.loads(text[index:end]))
        if key in self.keys:
            raise DuplicateKey(key, *place)
        self.keys.add(key)
        return f"{self.pointer}/{key.replace('~', '~0').replace('/', '~1')}", end


def _enter(text: str, index: int, pointer: str, stack: list[_Container]) -> int:
    if text[index] in "[{":
        stack.append(_Container(pointer, text[index] == "{"))
        return index + 1
    if text[index] == '"':
        return _after_string(text, index)
    found = _SCALAR.match(text, index)
    return found.end() if found else index + 1


def _after_string(text: str, index: int) -> int:
    found = _STRING.match(text, index)
    return found.end() if found else index + 1


def _skip(text: str, index: int) -> int:
    found = _NEXT.match(text, index)
    return found.end() if found else index


def _place(lines: list[int], index: int) -> Place:
    line = bisect_right(lines, index)
    return line, index - lines[line - 1] + 1
