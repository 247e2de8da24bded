"""Comparing schemas: milliseconds a pair, and seconds for a thousand versions, against what is promised.

`theirs` is the promise: 20 ms a pair (median), 30 s for 1,000 versions on two cores.
"""

import copy
import json
import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from swath_registry.compatibility import Pair, compare, compare_all
from swath_registry.examples import examples
from swath_schemas import PUBLISHED

PAIRS = Path(__file__).parent.parent / "tests" / "registry" / "compat" / "pairs.jsonl"
PAIR_MS, THOUSAND_S, VERSIONS = 20.0, 30.0, 1000


def run(plan: Plan) -> list[Ratio]:
    """The ratios of this benchmark."""
    compare(True, False)
    return [_pairs(), _versions()]


def _pairs() -> Ratio:
    took: list[float] = []
    for line in PAIRS.read_text(encoding="utf-8").splitlines():
        pair = json.loads(line)
        start = time.perf_counter()
        compare(pair["old"], pair["new"])
        took.append((time.perf_counter() - start) * 1e3)
    low, median, high = statistics.quantiles(took, n=4)
    return Ratio(f"a pair, both directions ({len(took)})", median, PAIR_MS, low / PAIR_MS, high / PAIR_MS, bar=1.0)


def _versions() -> Ratio:
    start = time.perf_counter()
    found = list(compare_all(_successions(), workers=2))
    took_ms = (time.perf_counter() - start) * 1e3
    ratio = took_ms / (THOUSAND_S * 1e3)
    return Ratio(f"{len(found)} versions of our types, re-checked", took_ms, THOUSAND_S * 1e3, ratio, ratio, bar=1.0)


def _successions() -> Iterator[Pair]:
    """Each of 1,000 versions with the one before it: our types, edited step by step."""
    chance = random.Random(1)  # noqa: S311 - repeatable, not secret
    types = list(PUBLISHED.schemas())
    current = {str(each): PUBLISHED.load(each) for each in types}
    documents = {str(each): [one.document for one in examples(PUBLISHED, each)[0]] for each in types}
    for number in range(VERSIONS):
        name = str(types[number % len(types)])
        old, new = current[name], copy.deepcopy(current[name])
        _edit(new, chance, number)
        current[name] = new
        yield Pair(old, new, documents[name])


def _edit(schema: Any, chance: random.Random, number: int) -> None:
    """A change as people make them: a property more, a bound moved, a description, a word in an enum."""
    places = list(_objects(schema))
    place = chance.choice(places)
    match number % 4:
        case 0:
            place["properties"][f"added{number}"] = {"type": "string", "description": "more", "maxLength": 99}
        case 1:
            place["properties"][chance.choice(list(place["properties"]))] = {"type": "number", "minimum": number}
        case 2:
            schema["description"] = f"edited {number}"
        case _:
            place["required"] = list(place.get("required", []))[:-1]


def _objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for each in schema:
            yield from _objects(each)
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and schema["properties"]:
            yield schema
        for each in schema.values():
            yield from _objects(each)
