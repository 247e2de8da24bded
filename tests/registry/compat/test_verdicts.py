"""Verdicts on labelled pairs: never compatible where a document breaks, nearly always decided, soon."""

import json
import time
from collections import Counter
from functools import cache

import pytest
from registry.compat.corpus import Labelled, breaks, corpus, independent
from registry.compat.fuzz import documents

from swath_registry.compatibility import Comparison, Pair, compare, compare_all

DIRECTIONS = ("backward", "forward")
# The validators differ: `jsonschema` doesn't check this format by default, or reads the number otherwise.
EVERYTHING = documents()[::23]


@cache
def compared() -> tuple[tuple[Labelled, Comparison], ...]:
    pairs = corpus()
    found = compare_all(Pair(each.old, each.new) for each in pairs)
    return tuple(zip(pairs, found, strict=True))


def test_the_corpus_covers_every_keyword() -> None:
    from swath_registry.schema_walk import KEYWORDS

    describing = {"$vocabulary", "$comment", "title", "description", "default", "deprecated", "readOnly", "writeOnly"}
    text = json.dumps([[each.old, each.new] for each in corpus()])
    absent = {name for name in KEYWORDS - describing if f'"{name}": ' not in text}
    assert absent <= {"contentSchema"}
    assert len(corpus()) >= 250


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_breaking_label_is_confirmed_by_the_independent_validator(direction: str) -> None:
    wrong = [
        each
        for each in corpus()
        if each.label(direction) == "breaking" and not breaks(*each.sides(direction), each.breaks[direction])
    ]
    assert wrong == []


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_nothing_tried_speaks_against_a_compatible_label(direction: str) -> None:
    wrong: list[object] = []
    for each in corpus():
        if each.label(direction) == "compatible":
            accepts, refuses = (independent(schema) for schema in each.sides(direction))
            wrong += [(each, tried) for tried in EVERYTHING if accepts.is_valid(tried) and not refuses.is_valid(tried)]
    assert wrong == []


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_breaking_pair_is_called_proven(direction: str) -> None:
    wrong = [
        each
        for each, found in compared()
        if each.label(direction) == "breaking" and found.verdict(direction) == "proven"
    ]
    assert wrong == []


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_no_compatible_pair_is_called_broken(direction: str) -> None:
    wrong = [
        each
        for each, found in compared()
        if each.label(direction) == "compatible" and found.verdict(direction) == "broken"
    ]
    assert wrong == []


def test_breaking_pairs_get_a_witness() -> None:
    found = [
        result.verdict(direction)
        for each, result in compared()
        for direction in DIRECTIONS
        if each.label(direction) == "breaking"
    ]
    assert Counter(found)["broken"] >= 0.98 * len(found)


def test_few_pairs_stay_undecided() -> None:
    found = [result.verdict(direction) for _, result in compared() for direction in DIRECTIONS]
    assert Counter(found)["undecided"] < 0.03 * len(found)


def test_every_witness_is_confirmed_by_the_independent_validator() -> None:
    wrong = [
        (each, direction)
        for each, found in compared()
        for direction, verdict in (("backward", found.backward), ("forward", found.forward))
        if verdict.witness and not breaks(*each.sides(direction), verdict.witness.document)
    ]
    assert wrong == []


def test_prover_and_search_never_disagree() -> None:
    assert [each for each, found in compared() for note in found.findings if note.rule == "prover-disagreement"] == []


def test_a_pair_takes_milliseconds() -> None:
    pairs = corpus()[::9]
    took: list[float] = []
    for each in pairs:
        start = time.perf_counter()
        compare(each.old, each.new)
        took.append(time.perf_counter() - start)
    assert sorted(took)[len(took) // 2] < 0.2  # the bar is 0.02 on a quiet machine: benchmarks/registry_compat.py
