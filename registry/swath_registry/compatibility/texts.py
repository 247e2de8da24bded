"""Texts worth trying at a place: around the lengths, in and between the patterns of both schemas."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from swath_registry.compatibility.landscape import Part
from swath_registry.compatibility.regex import Automaton, Exhausted, Unsupported, automaton, find_text

LONGEST = 4_000  # characters of a text made only to be long
_MOST_PATTERNS = 8


def texts(old: Sequence[Part], new: Sequence[Part]) -> Iterator[str]:
    """Texts that lengths and patterns suggest, those first that the new schema's patterns don't match."""
    lengths = sorted({near for part in (*old, *new) for near in _lengths(part)})
    ours, theirs = patterns(old), patterns(new)
    yield from between(ours, theirs, tuple(lengths[:12]))
    for length in lengths:
        yield "a" * length
        yield "😀" * length


def patterns(parts: Sequence[Part]) -> tuple[str, ...]:
    """The patterns of some parts."""
    found = (part.keywords.get("pattern") for part in parts)
    return tuple(islice(dict.fromkeys(each for each in found if isinstance(each, str)), _MOST_PATTERNS))


@lru_cache(4096)
def between(ours: tuple[str, ...], theirs: tuple[str, ...], lengths: tuple[int, ...] = ()) -> tuple[str, ...]:
    """Texts that all of ours match and one of theirs doesn't; that each of them matches; of each of some lengths."""
    found: list[str | None] = []
    for other in dict.fromkeys((*theirs, *ours)):
        found.append(matching(ours, (other,)) if ours else None)
        found.append(matching((), (other,)))
    found += [matching(ours, theirs), matching((*ours, *theirs)), matching(theirs, ours)]
    for pattern in dict.fromkeys((*ours, *theirs)):
        found += [matching((pattern,)), matching((pattern,), least=8)]
        for length in lengths:
            found.append(matching((pattern,), least=length, most=length))
    for length in lengths if len(ours) > 1 or (ours and theirs) else ():
        found.append(matching(ours, least=length, most=length))
        found.append(matching(ours, theirs, least=length, most=length))
    return tuple(dict.fromkeys(text for text in found if text is not None))


@lru_cache(16384)
def matching(
    wanted: tuple[str, ...], unwanted: tuple[str, ...] = (), least: int = 0, most: int | None = None
) -> str | None:
    """A shortest text that all wanted patterns match and no unwanted one; None where none was found."""
    if least > LONGEST:
        return None
    try:
        return find_text(_automata(wanted), _automata(unwanted), least=least, most=most, seconds=0.05)
    except (Exhausted, Unsupported):
        return None


def _automata(patterns: tuple[str, ...]) -> list[Automaton]:
    return [automaton(pattern) for pattern in patterns]


def _lengths(part: Part) -> Iterator[int]:
    for name in ("minLength", "maxLength"):
        bound = part.keywords.get(name)
        if isinstance(bound, int | float) and not isinstance(bound, bool) and 0 <= bound <= LONGEST:
            yield from (max(0, int(bound) - 1), int(bound), int(bound) + 1)
