"""What is said to the prover in other words accepts the same documents."""

import json
import random
from typing import Any

import jsonschema_rs
import pytest
from jsonschema_rs import canonical
from registry.compat.fuzz import Schemas, documents

from swath_registry.compatibility import compare
from swath_registry.compatibility.disjoint import with_any
from swath_registry.compatibility.dynamic import made_static
from swath_registry.compatibility.induction import Unsuited, questions
from swath_registry.compatibility.modern import modernised
from swath_registry.compatibility.operands import operand
from swath_registry.compatibility.pruning import is_prunable, pruned, without_universal_patterns
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


def test_branches_that_may_meet_stay_together() -> None:
    small, whole, text = {"type": "number", "maximum": 3}, {"type": "integer"}, {"type": "string"}
    assert with_any({"oneOf": [small, text, whole]}, _is_empty) == {"anyOf": [{"oneOf": [small, whole]}, text]}


def test_branches_are_told_apart_by_what_their_parts_refer_to() -> None:
    kinds = {"line": {"items": {"type": "number"}}, "ring": {"items": {"$ref": "#/$defs/line"}}}
    defs = {name: {"type": "array", "minItems": 1, **each} for name, each in kinds.items()}
    branches = [
        {"properties": {"at": {"$ref": f"#/$defs/{name}"}}, "required": ["at"], "type": "object"} for name in defs
    ]
    assert with_any({"oneOf": branches, "$defs": defs}, _is_empty) == {"anyOf": branches, "$defs": defs}


def test_what_refers_to_itself_in_many_ways_is_told_of_to_a_limit():
    node = {"type": "object", "properties": {f"p{index}": {"$ref": "#/$defs/n"} for index in range(40)}}
    asked: list[str] = []
    schema = {"oneOf": [{"$ref": "#/$defs/n"}, {"type": "array"}], "$defs": {"n": node}}
    with_any(schema, lambda each: bool(asked.append(json.dumps(each))))
    assert len(asked[0]) < 20_000


@pytest.mark.parametrize("seed", range(0, 120, 10))
def test_branches_put_in_groups_accept_the_same(seed: int) -> None:
    tried = random.Random(seed).sample(EVERYTHING, 300)  # noqa: S311
    for number in range(seed, seed + 10):
        chance = Schemas(number)
        schema = {"oneOf": [chance.schema() for _ in range(3)]}
        assert accepted(with_any(schema, _is_empty), tried) == accepted(schema, tried)


def _is_empty(schema: Any) -> bool:
    try:
        found = jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft202012, validate_formats=True)
    except ValueError:
        return False
    return found.satisfiability() == canonical.Satisfiability.NO


def test_recursion_below_a_negation_is_not_split_at_it() -> None:
    tree = {"$defs": {"t": {"properties": {"a": {"not": {"$ref": "#/$defs/t"}}}}}, "$ref": "#/$defs/t"}
    grown = {**tree, "$defs": {"t": {**tree["$defs"]["t"], "maxProperties": 3}}}
    asked = questions(tree, grown)
    assert all(new["$defs"]["new-0"]["properties"]["a"]["not"]["$ref"] == "#/$defs/new-0" for _, new in asked)


def test_definitions_that_say_the_same_are_said_once() -> None:
    tree = {"$defs": {"t": {"properties": {"a": {"$ref": "#/$defs/u"}}}, "u": {"type": "string"}}, "$ref": "#/$defs/t"}
    grown = {**tree, "$defs": {**tree["$defs"], "t": {**tree["$defs"]["t"], "maxProperties": 3}}}
    for _, new in questions(tree, grown):
        assert "new-1" not in new["$defs"]
        assert new["$defs"]["new-0"]["properties"]["a"]["$ref"] == "#/$defs/old-1"


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


DRAFT_7 = "http://json-schema.org/draft-07/schema#"
OLDER: list[dict[str, Any]] = [
    {"items": [{"type": "string"}, {"type": "integer"}], "additionalItems": {"type": "null"}},
    {"items": [{"type": "string"}]},
    {"items": {"type": "integer"}, "additionalItems": False},
    {"additionalItems": False},
    {"definitions": {"s": {"type": "string"}}, "properties": {"a": {"$ref": "#/definitions/s", "minLength": 2}}},
    {"$ref": "#/definitions/s", "type": "null", "definitions": {"s": {"type": ["string", "object"]}}},
    {"dependencies": {"a": ["b"], "b": {"minProperties": 3}}, "if": {"required": ["a"]}, "then": {"maxProperties": 2}},
    {"type": "integer", "format": "date"},
]


@pytest.mark.parametrize("schema", OLDER)
def test_a_schema_of_draft_7_accepts_the_same_in_2020_12(schema: dict[str, Any]) -> None:
    side = operand({"$schema": DRAFT_7, **schema}, "old")
    modern = modernised(side)
    assert modern is not None
    assert accepted(modern.schema, EVERYTHING) == [side.accepts(each) for each in EVERYTHING]


@pytest.mark.parametrize(
    "schema",
    [
        {"$schema": DRAFT_7, "type": "string", "contentEncoding": "base64"},
        {"$schema": DRAFT_7, "unevaluatedProperties": False},
        {"$schema": DRAFT_7, "format": "uuid"},
        {"$schema": DRAFT_7, "items": [{"type": "string"}], "properties": {"a": {"$ref": "#/items/0"}}},
        {"$schema": "http://json-schema.org/draft-04/schema#", "type": "integer"},
        {"$schema": "https://json-schema.org/draft/2019-09/schema", "unevaluatedItems": False},
    ],
)
def test_what_drafts_may_read_differently_is_not_carried_over(schema: dict[str, Any]) -> None:
    assert modernised(operand(schema, "old")) is None


@pytest.mark.parametrize("pattern", ["", "^", ".*", "^.*"])
def test_a_pattern_of_every_name_is_what_is_asked_of_all(pattern: str) -> None:
    schema = {
        "properties": {"a": {"type": "string"}},
        "patternProperties": {pattern: {"maxLength": 1, "maximum": 1}},
        "additionalProperties": False,
    }
    said = without_universal_patterns(schema)
    assert "patternProperties" not in said
    assert accepted(said, EVERYTHING) == accepted(schema, EVERYTHING)


def test_a_pattern_that_misses_some_names_stays() -> None:
    schema = {"patternProperties": {"^.*$": {"type": "string"}}}  # not a name that holds a line end
    assert without_universal_patterns(schema) == schema
