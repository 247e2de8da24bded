"""A regular expression as a machine that reads a text character by character and may be in several states at once."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from swath_registry.compatibility.regex.syntax import (
    Characters,
    Choice,
    Edge,
    Node,
    Ranges,
    Repeat,
    Sequence,
    Unsupported,
    parse,
)

MOST_STATES = 3_000

_ALWAYS, _AT_START, _AT_END = range(3)
States = frozenset[int]
MATCHED: Final[States] = frozenset({-1})  # a match was found: whatever follows, the text matches
NONE: Final[States] = frozenset()  # no match is possible any more


@dataclass(frozen=True)
class Automaton:
    """The texts in which an expression matches somewhere, as JSON Schema's `pattern` does.

    `begin`, then `step` for each character, then `accepts`.
    """

    free: list[list[tuple[int, int]]] = field(repr=False)  # (when, to) without reading
    reading: list[list[tuple[Ranges, int]]] = field(repr=False)
    first: int
    last: int
    live: frozenset[int] = field(repr=False)  # from here the last state can be reached after the begin

    def begin(self) -> States:
        """The states before the first character."""
        return self._settled({self.first}, at_start=True)

    def step(self, states: States, code: int) -> States:
        """The states after one more character."""
        if states is MATCHED or not states:
            return states
        moved = {to for state in states for ranges, to in self.reading[state] if _holds(ranges, code)}
        return self._settled(moved | {self.first}, at_start=False)

    def accepts(self, states: States, *, is_empty: bool) -> bool:
        """Whether the text matches if it ends here; `is_empty` where it has no character."""
        if states is MATCHED:
            return True
        return self.last in self._closed(set(states), at_start=is_empty, at_end=True)

    def _settled(self, states: set[int], *, at_start: bool) -> States:
        closed = self._closed(states, at_start=at_start, at_end=False)
        if self.last in closed:
            return MATCHED
        return frozenset(state for state in closed if at_start or state in self.live) or NONE

    def _closed(self, states: set[int], *, at_start: bool, at_end: bool) -> set[int]:
        waiting = list(states)
        closed = set(states)
        while waiting:
            for when, to in self.free[waiting.pop()]:
                if to not in closed and (when == _ALWAYS or (at_start if when == _AT_START else at_end)):
                    closed.add(to)
                    waiting.append(to)
        return closed


@lru_cache(2048)
def automaton(pattern: str) -> Automaton:
    """The machine of an expression. Raises Unsupported, where it would be too large as well."""
    builder = _Builder()
    first = builder.state()
    last = builder.add(parse(pattern), first)
    return Automaton(builder.free, builder.reading, first, last, builder.live(last))


class _Builder:
    def __init__(self) -> None:
        self.free: list[list[tuple[int, int]]] = []
        self.reading: list[list[tuple[Ranges, int]]] = []

    def state(self) -> int:
        if len(self.free) >= MOST_STATES:
            raise Unsupported("needs too large a machine")
        self.free.append([])
        self.reading.append([])
        return len(self.free) - 1

    def add(self, node: Node, start: int) -> int:
        """Add what reads `node` from a state on; gives back the state after it."""
        match node:
            case Characters(ranges):
                end = self.state()
                self.reading[start].append((ranges, end))
                return end
            case Edge(is_end):
                return self._free(start, _AT_END if is_end else _AT_START)
            case Sequence(parts):
                for part in parts:
                    start = self.add(part, start)
                return start
            case Choice(options):
                end = self.state()
                for option in options:
                    self.free[self.add(option, self._free(start))].append((_ALWAYS, end))
                return end
            case Repeat():
                return self._repeat(node, start)

    def _free(self, start: int, when: int = _ALWAYS) -> int:
        end = self.state()
        self.free[start].append((when, end))
        return end

    def _repeat(self, node: Repeat, start: int) -> int:
        for _ in range(node.least):
            start = self.add(node.part, start)
        if node.most is None:
            loop = self._free(start)
            self.free[self.add(node.part, loop)].append((_ALWAYS, loop))
            return self._free(loop)
        end = self.state()
        self.free[start].append((_ALWAYS, end))
        for _ in range(node.most - node.least):
            start = self.add(node.part, start)
            self.free[start].append((_ALWAYS, end))
        return end

    def live(self, last: int) -> frozenset[int]:
        into: list[list[int]] = [[] for _ in self.free]
        for state, (free, reading) in enumerate(zip(self.free, self.reading, strict=True)):
            for when, to in free:
                if when != _AT_START:
                    into[to].append(state)
            for _, to in reading:
                into[to].append(state)
        found, waiting = {last}, [last]
        while waiting:
            new = [state for state in into[waiting.pop()] if state not in found]
            found.update(new)
            waiting += new
        return frozenset(found)


def _holds(ranges: Ranges, code: int) -> bool:
    return any(low <= code <= high for low, high in ranges)
