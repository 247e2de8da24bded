"""Looking for the shortest text that some expressions match and others don't."""

import time
from collections.abc import Sequence
from itertools import pairwise

from swath_registry.compatibility.regex.automaton import NONE, Automaton, States
from swath_registry.compatibility.regex.syntax import LAST

_NICE = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -_.:/"
MOST_STEPS = 60_000


class Exhausted(Exception):
    """Neither a text was found nor the certainty that there is none, within the steps allowed."""


def find_text(
    wanted: Sequence[Automaton],
    unwanted: Sequence[Automaton] = (),
    *,
    least: int = 0,
    most: int | None = None,
    steps: int = MOST_STEPS,
    seconds: float = 0.3,
) -> str | None:
    """The shortest text of `least` to `most` characters that all wanted match and no unwanted does.

    None where there is none, for certain. Raises Exhausted.
    """
    machines = (*wanted, *unwanted)
    alphabet = _alphabet(machines)
    begin = tuple(machine.begin() for machine in machines)
    level: dict[tuple[States, ...], str] = {begin: ""}
    seen: set[tuple[States, ...]] = set()
    length, left, until = 0, steps, time.process_time() + seconds
    while level:
        if length >= least:
            for states, text in level.items():
                if _is_found(states, wanted, unwanted, is_empty=not text):
                    return text
        if most is not None and length >= most:
            return None
        following: dict[tuple[States, ...], str] = {}
        for states, text in level.items():
            left -= len(alphabet) * len(machines)
            if left < 0 or time.process_time() > until:
                raise Exhausted
            for code in alphabet:
                after = _after(machines, states, code, len(wanted))
                if after is not None and after not in following and after not in seen:
                    following[after] = text + chr(code)
        length += 1
        if length >= least:  # before, the same states may be met again with more characters to come
            seen.update(following)
        level = following
    return None


def _after(
    machines: Sequence[Automaton], states: tuple[States, ...], code: int, wanted: int
) -> tuple[States, ...] | None:
    found: list[States] = []
    for index, (machine, state) in enumerate(zip(machines, states, strict=True)):
        after = machine.step(state, code)
        if index < wanted and after is NONE:
            return None
        if index >= wanted and -1 in after:
            return None
        found.append(after)
    return tuple(found)


def _is_found(
    states: tuple[States, ...], wanted: Sequence[Automaton], unwanted: Sequence[Automaton], *, is_empty: bool
) -> bool:
    count = len(wanted)
    return all(
        machine.accepts(state, is_empty=is_empty) for machine, state in zip(wanted, states[:count], strict=True)
    ) and not any(
        machine.accepts(state, is_empty=is_empty) for machine, state in zip(unwanted, states[count:], strict=True)
    )


def _cuts(machines: Sequence[Automaton]) -> list[int]:
    """Where the machines may begin to treat characters otherwise, with 0 and the number after the last."""
    edges = {0, LAST + 1, 0xD800, 0xE000}
    for machine in machines:
        for reading in machine.reading:
            for ranges, _ in reading:
                for low, high in ranges:
                    edges |= {low, high + 1}
    return sorted(edges)


def _alphabet(machines: Sequence[Automaton]) -> list[int]:
    """One character of every set of characters that no machine tells apart, readable ones first."""
    nice = sorted(ord(character) for character in _NICE)
    cuts = _cuts(machines)
    found = [_representative(low, high - 1, nice) for low, high in pairwise(cuts) if low != 0xD800]
    return sorted(found, key=_readability)


def _representative(low: int, high: int, nice: list[int]) -> int:
    return min((code for code in nice if low <= code <= high), key=_readability, default=max(low, min(high, 0x21)))


def _readability(code: int) -> tuple[int, int]:
    place = _NICE.find(chr(code))
    return (0, place) if place >= 0 else (1, code)


def every_text(
    wanted: Sequence[Automaton],
    unwanted: Sequence[Automaton] = (),
    *,
    least: int = 0,
    most: int | None = None,
    count: int = 64,
) -> list[str] | None:
    """All texts that all wanted match and no unwanted does, if they are at most `count`; else None."""
    machines = (*wanted, *unwanted)
    cuts = _cuts(machines)
    level = [("", tuple(machine.begin() for machine in machines))]
    found: list[str] = []
    for length in range(count + 1 if most is None else min(most, count) + 1):
        found += [
            text for text, states in level if length >= least and _is_found(states, wanted, unwanted, is_empty=not text)
        ]
        following: list[tuple[str, tuple[States, ...]]] = []
        for text, states in level if most is None or length < most else []:
            for low, high in pairwise(cuts):
                after = None if low == 0xD800 else _after(machines, states, low, len(wanted))
                if after is not None:
                    if high - low > count:
                        return None
                    following += [(text + chr(code), after) for code in range(low, high)]
            if len(following) > 4 * count:
                return None
        level = following
        if len(found) > count:
            return None
        if not level:
            return found
    return None
