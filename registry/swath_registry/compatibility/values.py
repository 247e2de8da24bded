"""Values worth trying at a place: what the schemas that speak of it name, and what lies just beside their bounds."""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from swath_registry.compatibility.formats import NEAR_MISSES, SAMPLES
from swath_registry.compatibility.landscape import Part, as_list
from swath_registry.compatibility.texts import texts

TYPE_SAMPLES: tuple[Any, ...] = (None, False, True, 0, 1, -1, 0.5, 1.5, "", "a", [], {}, [0], ["a"], {"a": 0})
MOST_CONSTANTS = 60
LONGEST = 4_000  # characters of a text made only to be long
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def key_of(value: Any) -> str:
    """A text that two values share only where they are the same JSON (`1`, `1.0` and `true` are not)."""
    return json.dumps(value, sort_keys=True)


def unique(values: Iterable[Any]) -> Iterator[Any]:
    """Values without repetition, in their order."""
    seen: set[str] = set()
    for value in values:
        key = key_of(value)
        if key not in seen:
            seen.add(key)
            yield value


def values(old: Sequence[Part], new: Sequence[Part]) -> list[Any]:
    """Scalars (and whole constants) worth trying where these parts of both schemas apply."""
    return list(unique(_values(old, new)))


def _values(old: Sequence[Part], new: Sequence[Part]) -> Iterator[Any]:
    yield from constants(old, new)
    parts = (*old, *new)
    yield from numbers(parts)
    yield from texts(old, new)
    for name in {each.keywords["format"] for each in parts if isinstance(each.keywords.get("format"), str)}:
        yield from (*SAMPLES.get(name, ()), *NEAR_MISSES)
    yield from TYPE_SAMPLES


def constants(old: Sequence[Part], new: Sequence[Part]) -> list[Any]:
    """What `const`, `enum`, `examples` and `default` name; first what one schema names and the other doesn't."""
    ours, theirs = ({key_of(value): value for value in _named(parts)} for parts in (old, new))
    alone = [value for key, value in ours.items() if key not in theirs]
    added = [value for key, value in theirs.items() if key not in ours]
    both = [value for key, value in ours.items() if key in theirs]
    return alone[:MOST_CONSTANTS] + added[:MOST_CONSTANTS] + both[:10]


def _named(parts: Sequence[Part]) -> Iterator[Any]:
    for part in parts:
        keywords = part.keywords
        yield from (keywords[name] for name in ("const", "default") if name in keywords)
        yield from (value for name in ("enum", "examples") for value in as_list(keywords.get(name)))


def numbers(parts: Sequence[Part]) -> Iterator[Any]:
    """Bounds, a little and much beside them, and multiples near them."""
    bounds = [each for part in parts for name in _BOUNDS if (each := _number(part.keywords.get(name))) is not None]
    steps = [each for part in parts if (each := _number(part.keywords.get("multipleOf"))) is not None]
    for bound in dict.fromkeys(bounds):
        yield from (bound, bound - 1, bound + 1, bound - 0.5, bound + 0.5, bound - 0.001, bound + 0.001)
        yield from (math.floor(bound), math.ceil(bound))
        yield from (bound * 2, bound - 1000, bound + 1000)
    for step in dict.fromkeys(steps):
        yield from (step, 2 * step, 3 * step, -step, step / 2, step + 1, step * 7)
        for bound in bounds:
            count = math.floor(bound / step)
            yield from (count * step, (count + 1) * step, (count - 1) * step)
    if len(set(steps)) > 1:
        product = math.prod(dict.fromkeys(steps))
        yield from (product, 2 * product)


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e300:
        return None
    return value
