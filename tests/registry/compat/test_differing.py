"""What differs between two schemas is found, and documents are made that reach it."""

import copy
from typing import Any

import pytest

from swath_registry.compatibility.differing import Difference, differing
from swath_registry.compatibility.landscape import Landscape
from swath_registry.compatibility.mutation import value_at
from swath_registry.compatibility.operands import operand, self_contained
from swath_registry.compatibility.sampling import Sampler
from swath_registry.compatibility.search import Budget, Search
from swath_registry.pointers import look_up
from swath_schemas import PUBLISHED

LEAF = {"type": "integer"}


def places(old: Any, new: Any) -> list[Difference]:
    return list(differing(Landscape(old).root, Landscape(new).root))


@pytest.mark.parametrize(
    ("within", "path"),
    [
        (lambda leaf: leaf, ()),
        (lambda leaf: {"properties": {"a": leaf}}, ("a",)),
        (lambda leaf: {"properties": {"a": {"$ref": "#/$defs/b"}}, "$defs": {"b": leaf}}, ("a",)),
        (lambda leaf: {"oneOf": [{"type": "string"}, {"properties": {"a": {"items": leaf}}}]}, ("a", 0)),
        (lambda leaf: {"prefixItems": [True, leaf]}, (1,)),
        (lambda leaf: {"prefixItems": [True], "items": leaf}, (1,)),
        (lambda leaf: {"patternProperties": {"^ab$": leaf}}, ("ab",)),
        (lambda leaf: {"additionalProperties": leaf}, ("x0",)),
        (lambda leaf: {"if": {"required": ["a"]}, "then": {"properties": {"a": leaf}}}, ("a",)),
        (lambda leaf: {"$dynamicAnchor": "n", "properties": {"a": {"$dynamicRef": "#n"}, "b": leaf}}, ("b",)),
    ],
)
def test_the_place_that_differs_is_found_and_reached(within: Any, path: tuple[str | int, ...]) -> None:
    old, new = within(LEAF), within({**LEAF, "maximum": 3})
    land = Landscape(old)
    found = list(differing(land.root, Landscape(new).root))
    assert [place.path for place in found] == [path]
    assert value_at(Sampler("least").document([land.root], route=found[0].route), path) is not None


def test_what_only_one_of_them_says_is_a_difference() -> None:
    old, new = {"properties": {"a": LEAF}}, {"properties": {"b": LEAF}, "anyOf": [{"required": ["b"]}]}
    assert {place.path for place in places(old, new)} == {(), ("a",), ("b",)}


def test_words_for_people_are_no_difference() -> None:
    assert (
        places(
            {"properties": {"a": LEAF}},
            {"title": "T", "$comment": "c", "properties": {"a": {**LEAF, "description": "d"}}},
        )
        == []
    )


def test_schemas_that_refer_to_themselves_end() -> None:
    tree = {"properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}, "value": LEAF}}
    other = copy.deepcopy(tree)
    other["properties"]["value"]["minimum"] = 1
    assert [place.path for place in places(tree, other)] == [("value",)]


@pytest.mark.parametrize(
    ("place", "change", "breaks"),
    [
        ("/$defs/tiling/properties/height", {"type": "number", "minimum": 277}, {"backward", "forward"}),
        ("/$defs/tiling", {"required": ["width"]}, {"forward"}),
        ("/$defs/execution/properties/timeoutSeconds", {"minimum": 969}, {"backward"}),
        ("/$defs/scalingStep/oneOf/1/properties", {"added": {"type": "string"}}, {"forward"}),
    ],
)
def test_a_witness_deep_in_a_large_schema_is_near(place: str, change: Any, breaks: set[str]) -> None:
    old = self_contained("describe@1.3.0", PUBLISHED)
    new = copy.deepcopy(old)
    look_up(new, place).update(change)
    found = {
        name
        for name, one, other in (("backward", old, new), ("forward", new, old))
        if Search(operand(one, "old"), operand(other, "new"), (Landscape(one), Landscape(other))).find_near(
            Budget.of(1_000, 60.0)
        )
    }
    assert found == breaks
