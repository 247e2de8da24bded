"""Reading a regular expression as JSON Schema means it: ECMA 262 with Unicode, without what isn't regular."""

from dataclasses import dataclass
from typing import Final

Ranges = tuple[tuple[int, int], ...]
LAST: Final = 0x10FFFF


class Unsupported(ValueError):
    """An expression that isn't regular (lookaround, back references), or that this reader doesn't know."""


@dataclass(frozen=True)
class Characters:
    """One character out of ranges of code points."""

    ranges: Ranges


@dataclass(frozen=True)
class Sequence:
    """Parts one after another."""

    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Choice:
    """One of several."""

    options: tuple["Node", ...]


@dataclass(frozen=True)
class Repeat:
    """A part `least` to `most` times; without end where `most` is None."""

    part: "Node"
    least: int
    most: int | None


@dataclass(frozen=True)
class Edge:
    """The begin (`^`) or the end (`$`) of the text."""

    is_end: bool


Node = Characters | Sequence | Choice | Repeat | Edge

_DIGIT: Final[Ranges] = ((48, 57),)
_WORD: Final[Ranges] = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Final[Ranges] = (
    *((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A)),
    *((0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
)
_LINE_ENDS: Final[Ranges] = ((10, 10), (13, 13), (0x2028, 0x2029))
_CONTROLS: Final = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11}
_CLASSES: Final = {"d": _DIGIT, "w": _WORD, "s": _SPACE}


def merged(ranges: Ranges) -> Ranges:
    """The same characters as ranges in order that don't touch."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """All other characters."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in merged(ranges):
        if start < low:
            found.append((start, low - 1))
        start = high + 1
    return (*found, (start, LAST)) if start <= LAST else tuple(found)


def parse(pattern: str) -> Node:
    """The tree of an expression. Raises Unsupported."""
    reader = _Reader(pattern)
    node = reader.choice()
    if reader.rest:
        raise Unsupported(f"unexpected {reader.rest[0]!r}")
    return node


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._place = 0
        self._depth = 0

    @property
    def rest(self) -> str:
        return self._pattern[self._place :]

    def _peek(self) -> str:
        return self._pattern[self._place : self._place + 1]

    def _take(self, text: str) -> bool:
        found = self._pattern.startswith(text, self._place)
        self._place += len(text) if found else 0
        return found

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise Unsupported("ends too early")
        self._place += 1
        return character

    def choice(self) -> Node:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._repeated(self._atom()))
        return Sequence(tuple(parts))

    def _repeated(self, part: Node) -> Node:
        while (bounds := self._bounds()) is not None:
            if isinstance(part, Edge):
                raise Unsupported("repeats an edge")
            self._take("?")  # lazy or not, the texts are the same
            if self._peek() == "+":
                raise Unsupported("is possessive")
            part = Repeat(part, *bounds)
        return part

    def _bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in {"*": (0, None), "+": (1, None), "?": (0, 1)}.items():
            if self._take(sign):
                return bounds
        return self._counts() if self._peek() == "{" else None

    def _counts(self) -> tuple[int, int | None]:
        inside, closed, _ = self.rest[1:].partition("}")
        least, comma, most = inside.partition(",")
        if not closed or not least.isdecimal() or (most and not most.isdecimal()):
            raise Unsupported("has a brace that is no count")
        self._place += len(inside) + 2
        bounds = int(least), int(most) if most else None if comma else int(least)
        if bounds[1] is not None and bounds[1] < bounds[0]:
            raise Unsupported("counts backwards")
        return bounds

    def _atom(self) -> Node:
        character = self._next()
        match character:
            case "^" | "$":
                return Edge(character == "$")
            case ".":
                return Characters(complement(((10, 10),)))
            case "(":
                return self._group()
            case "[":
                return Characters(self._class())
            case "\\":
                return Characters(self._escape())
            case "*" | "+" | "?" | "{":
                raise Unsupported("repeats nothing")
            case _:
                return Characters(_one(ord(character)))

    def _group(self) -> Node:
        self._depth += 1
        if self._depth > 50:
            raise Unsupported("is nested too deeply")
        if self._take("?") and not self._take(":"):
            self._take("P")
            if not self._take("<") or not (self._peek().isalpha() or self._peek() == "_"):
                raise Unsupported("looks around, or sets flags")
            name, closed, _ = self.rest.partition(">")
            if not closed or not name.isidentifier():
                raise Unsupported("has a group without a name")
            self._place += len(name) + 1
        inside = self.choice()
        if not self._take(")"):
            raise Unsupported("has a group that doesn't end")
        self._depth -= 1
        return inside

    def _escape(self) -> Ranges:
        character = self._next()
        if character.lower() in _CLASSES:
            ranges = _CLASSES[character.lower()]
            return ranges if character.islower() else complement(ranges)
        if character in _CONTROLS:
            return _one(_CONTROLS[character])
        if character in "xu":
            return _one(self._code(2 if character == "x" else 4))
        if character.isalnum() and character.isascii():
            raise Unsupported(f"has the escape \\{character}")
        return _one(ord(character))

    def _code(self, digits: int) -> int:
        text = self.rest[:digits]
        if self._take("{"):
            text, _, _ = self.rest.partition("}")
            digits = len(text) + 1
        try:
            code = int(text, 16)
        except ValueError as error:
            raise Unsupported("has an escape without its code") from error
        if 0xD800 <= code <= 0xDFFF or code > LAST:
            raise Unsupported("has half a character")
        self._place += digits
        return code

    def _class(self) -> Ranges:
        is_inverted = self._take("^")
        ranges: list[tuple[int, int]] = []
        while not self._take("]"):
            low = self._member()
            if self._peek() == "-" and self.rest[1:2] not in {"]", ""}:
                self._place += 1
                high = self._member()
                if not _is_one(low) or not _is_one(high) or low[0][0] > high[0][0]:
                    raise Unsupported("has a range that is none")
                low = ((low[0][0], high[0][0]),)
            ranges += low
        if not ranges:
            raise Unsupported("has an empty class")
        return complement(tuple(ranges)) if is_inverted else merged(tuple(ranges))

    def _member(self) -> Ranges:
        character = self._next()
        if character == "\\":
            if self._peek() == "b":
                self._place += 1
                return _one(8)
            return self._escape()
        if character == "[" or (self.rest[:1] == character and character in "&-~"):
            raise Unsupported("has a set operation, or a bracket, within a class")
        return _one(ord(character))


def _one(code: int) -> Ranges:
    return ((code, code),)


def _is_one(ranges: Ranges) -> bool:
    return len(ranges) == 1 and ranges[0][0] == ranges[0][1]
