"""JSON and YAML documents whose every place has a line and a column.

YAML is read by the core schema of YAML 1.2, as people mean it: `no` is a word, `2024-05-01` is text. Whatever
JSON can't say is refused: duplicate keys, NaN and infinity, keys that aren't text.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import yaml

from swath_registry.errors import DocumentUnreadable
from swath_registry.json_positions import DuplicateKey, positions_in
from swath_registry.pointers import shorten

_JSON = frozenset({".json", ".geojson"})
_MOST_NODES = 100_000  # values of one YAML document with its aliases expanded (each alias may double the rest)

_PLAIN = "plain"
_TEXT = "tag:yaml.org,2002:str"
_NULL = re.compile(r"|~|null|Null|NULL")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_RADIX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_JSON = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, order=True)
class Position:
    """A place in a text; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True)
class Document:
    """A document, and where its parts stand in the file.

    Args:
        path: the file it was read from.
        value: JSON values only.
    """

    path: Path
    value: Any
    _find: Callable[[], Mapping[str, Position]] = field(repr=False)

    @cached_property
    def _positions(self) -> Mapping[str, Position]:
        return self._find()

    def position(self, pointer: str) -> Position:
        """Where a value stands (a property: where its name does); of a missing one, where its parent does."""
        while pointer and pointer not in self._positions:
            pointer = pointer.rpartition("/")[0]
        return self._positions.get(pointer, Position(1, 1))


def read_document(path: Path) -> Document:
    """A JSON (`.json`, `.geojson`) or YAML file. Raises DocumentUnreadable with line and column."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadable(str(path), "is not UTF-8 text") from error
    except OSError as error:
        raise DocumentUnreadable(str(path), error.strerror or "can't be read") from error
    return _read_json(path, text) if path.suffix.lower() in _JSON else _read_yaml(path, text)


def _read_json(path: Path, text: str) -> Document:
    def positions() -> dict[str, Position]:
        return {pointer: Position(*place) for pointer, place in positions_in(text)}

    try:
        try:
            value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_object)
        except _SaidTwice:
            value = positions()  # tells where
    except json.JSONDecodeError as error:
        raise DocumentUnreadable(str(path), f"is not JSON: {error.msg}", error.lineno, error.colno) from error
    except DuplicateKey as error:
        raise DocumentUnreadable(str(path), str(error), error.line, error.column) from error
    except (ValueError, RecursionError) as error:
        reason = "is nested too deeply" if isinstance(error, RecursionError) else f"is not JSON: {error}"
        raise DocumentUnreadable(str(path), reason) from error
    return Document(path, value, positions)


class _SaidTwice(ValueError):
    """An object has a key twice."""


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(members)
    if len(found) != len(members):
        raise _SaidTwice
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _read_yaml(path: Path, text: str) -> Document:
    builder = _Builder(path)
    try:
        node = cast("yaml.Node | None", yaml.compose(text, Loader=_Untagged))  # pyright: ignore
        value = None if node is None else builder.build(node, "")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise DocumentUnreadable(str(path), f"is not YAML: {error.problem}", line, column) from error
    except yaml.YAMLError as error:
        raise DocumentUnreadable(str(path), "is not YAML: it holds a character that text can't have") from error
    except RecursionError as error:
        raise DocumentUnreadable(str(path), "is nested too deeply") from error
    return Document(path, value, lambda: builder.positions)


class _Untagged(yaml.SafeLoader):
    """Leaves plain scalars to `_core_scalar`, because PyYAML resolves them by YAML 1.1 (`no` is False)."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _TEXT
        return "tag:yaml.org,2002:map" if kind is yaml.MappingNode else "tag:yaml.org,2002:seq"


class _Builder:
    """Turns a YAML tree into JSON values and notes where each of them stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.positions: dict[str, Position] = {}
        self._nodes = 0
        self._open: list[yaml.Node] = []  # those whose members are being built

    def build(self, node: yaml.Node, pointer: str) -> Any:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise self._refused(node, "is too large once its aliases are expanded")
        self.positions.setdefault(pointer, _start(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if any(each is node for each in self._open):
            raise self._refused(node, "has an alias to itself inside; JSON has none")
        self._open.append(node)
        try:
            if isinstance(node, yaml.MappingNode):
                return dict(self._members(node, pointer))
            return [self.build(item, f"{pointer}/{index}") for index, item in enumerate(node.value)]
        finally:
            self._open.pop()

    def _members(self, node: yaml.MappingNode, pointer: str) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._refused(key, "a key must be text")
            name = str(key.value)
            if name in seen:
                raise self._refused(key, f"has the key {shorten(name)!r} twice; first on line {seen[name]}")
            seen[name] = _start(key).line
            place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            self.positions[place] = _start(key)
            yield name, self.build(value, place)

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        if node.tag == _TEXT:
            return text
        if node.tag != _PLAIN:
            raise self._refused(node, "has a tag; JSON has none")
        if _NOT_JSON.fullmatch(text):
            raise self._refused(node, "has a number that JSON doesn't know; write null or a string")
        return _core_scalar(text)

    def _refused(self, node: yaml.Node, reason: str) -> DocumentUnreadable:
        place = _start(node)
        return DocumentUnreadable(str(self.path), reason, place.line, place.column)


def _core_scalar(text: str) -> Any:
    if _NULL.fullmatch(text):
        return None
    if _BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if _RADIX.fullmatch(text):
        return int(text, 0)
    if _INTEGER.fullmatch(text) and len(text) < 4000:  # Python refuses longer ones
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
        return float(text)
    return text


def _start(node: yaml.Node) -> Position:
    return Position(node.start_mark.line + 1, node.start_mark.column + 1)
