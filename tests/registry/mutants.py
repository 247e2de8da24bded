"""Documents made from valid ones by a small change or two: most are invalid, and some are not."""

import copy
import json
import random
from collections.abc import Iterator
from itertools import chain
from typing import Any

_REPLACEMENTS: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 0.5, 1.0, 100, 1e22, 2**53, "", "a", "A b", "1", "nan", "12\n", "1.0.0",
    "2024-02-30T00:00:00Z", "2024-01-01T00:00:00Z", "image/png", "EPSG:4326", "a" * 300, [], {}, [1], ["a"],
    [1, 2, 3, 4], {"a": 1}, {"href": "x"}, [[0, 0], [1, 1]],
)  # fmt: skip


def mutants(document: Any, count: int, seed: int = 0) -> Iterator[Any]:
    """At most `count` different documents, one change away from `document`, then two; always the same ones."""
    dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
    every = list(_all(document))
    dice.shuffle(every)
    seen: set[str] = set()
    for mutant in chain(every, _further(every, dice, count)):
        text = json.dumps(mutant, sort_keys=True)
        if text not in seen:
            seen.add(text)
            yield mutant
        if len(seen) >= count:
            return


def _further(mutants_so_far: list[Any], dice: random.Random, count: int) -> Iterator[Any]:
    """Mutants of mutants: one change of each that is drawn, `count` draws at most."""
    for _ in range(count):
        drawn = dice.choice(mutants_so_far)
        path = dice.choice(list(_paths(drawn, ())))
        yield _with(drawn, path, dice.choice((*_REPLACEMENTS, *_near(_at(drawn, path)))))


def _all(document: Any) -> Iterator[Any]:
    for path in _paths(document, ()):
        here = _at(document, path)
        for value in (*_REPLACEMENTS, *_near(here)):
            yield _with(document, path, value)
        if path:
            yield _without(document, path)


def _near(value: Any) -> Iterator[Any]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        yield from (value + 1, value - 1, -value, float(value), str(value), value * 1000)
    if isinstance(value, str):
        yield from (value.upper(), value + " ", value[:-1], value + "\n", value * 2)
    if isinstance(value, list):
        yield from ([*value, *value[:1]], value[:-1], value[::-1])
    if isinstance(value, dict):
        yield from ({**value, "unknown": 1}, {**value, "x-note": [1]}, {**value, "x": None})


def _paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _paths(member, (*path, key))


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _with(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    _at(changed, path[:-1])[path[-1]] = value
    return changed


def _without(document: Any, path: tuple[str | int, ...]) -> Any:
    changed = copy.deepcopy(document)
    del _at(changed, path[:-1])[path[-1]]
    return changed
