"""What is said to the prover in other words accepts the same documents."""

import random
from typing import Any

import jsonschema_rs
import pytest
from registry.compat.fuzz import Schemas, documents

from swath_registry.compatibility import compare
from swath_registry.compatibility.disjoint import with_any
from swath_registry.compatibility.dynamic import made_static
from swath_registry.compatibility.induction import Unsuited, questions
from swath_registry.compatibility.pruning import is_prunable, pruned
from swath_registry.compatibility.strengthening import Strengthening

EVERYTHING = documents()


def accepted(schema: Any, tried: list[Any]) -> list[bool]:
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    return [validator.is_valid(each) for each in tried]


@pytest.mark.parametrize("seed", range(0, 120, 10))
def test_a_rewritten_schema_accepts_the_same(seed: int) -> None:
    tried = random.Random(seed).sample(EVERYTHING, 300)  # noqa: S311
    for number in range(seed, seed + 10):
        old, new = Schemas(number).pair()
        short = pruned(old) if is_prunable(old) else old
        before = accepted(old, tried)
        assert accepted(short, tried) == before
        assert accepted(Strengthening(short, new).of(short), tried) == before


def test_dynamic_references_of_one_target_become_plain_ones() -> None:
    schema = {"$dynamicAnchor": "n", "properties": {"a": {"$dynamicRef": "#n"}, "b": {"type": "integer"}}}
    assert made_static(schema)["properties"]["a"] == {"$ref": "#"}
    two = {**schema, "$defs": {"x": {"$dynamicAnchor": "n"}}}
    assert made_static(two) is two


def test_one_of_becomes_any_of_only_where_branches_never_meet() -> None:
    schema = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    assert with_any(schema, lambda _: True) == {"anyOf": schema["oneOf"]}
    assert with_any(schema, lambda _: False) == schema


def test_recursion_below_a_negation_is_not_split_at_it() -> None:
    tree = {"$defs": {"t": {"properties": {"a": {"not": {"$ref": "#/$defs/t"}}}}}, "$ref": "#/$defs/t"}
    asked = questions(tree, tree)
    assert all(new["$defs"]["new-0"]["properties"]["a"]["not"]["$ref"] == "#/$defs/new-0" for _, new in asked)


@pytest.mark.parametrize(
    "schema",
    [
        {"$defs": {"a": {"anyOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"},
        {"properties": {"a": {"$ref": "#"}}, "unevaluatedProperties": False},
        {"$defs": {"a": {"$anchor": "x"}}, "$ref": "#x"},
    ],
)
def test_recursion_that_induction_says_nothing_of_is_left_alone(schema: Any) -> None:
    with pytest.raises(Unsuited):
        questions(schema, schema)


def test_branches_that_refer_to_the_whole_are_told_apart_by_what_they_ask_for() -> None:
    leaf = {"properties": {"kind": {"const": "leaf"}}, "required": ["kind"], "type": "object"}
    node = {"properties": {"kind": {"const": "node"}, "of": {"items": {"$ref": "#"}}}, "required": ["kind"]}
    old, new = ({"oneOf": [leaf, {**node, "type": "object", "maxProperties": most}]} for most in (2, 3))
    assert compare(old, new).bump == "minor"
