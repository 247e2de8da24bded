"""How `compare` and its like behave: drafts, limits, explanations, what is wrong with a schema."""

import dataclasses
import json
from typing import Any

import pytest
from registry.compat.corpus import breaks
from registry.compat.fuzz import Schemas, check, documents

from swath_registry.compatibility import Comparison, Limits, Pair, Verdict, compare, compare_all, compare_each
from swath_registry.compatibility.judging import judge
from swath_registry.compatibility.operands import Operand
from swath_registry.compatibility.process import Died, Process
from swath_registry.compatibility.prover import Effort, Proof
from swath_registry.errors import SchemaInvalid
from swath_schemas import UnknownSchema

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
BAND = {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}, "gsd": {"type": "number"}}}


def wider(old: Any, new: Any) -> Comparison:
    found = compare(old, new)
    assert (found.backward.status, found.forward.status) == ("proven", "broken")
    return found


def test_a_witness_is_the_smallest_document_that_breaks() -> None:
    old = {**BAND, "required": ["name"]}
    found = compare(old, {**BAND, "required": ["name", "gsd"]}, examples=[{"name": "red", "more": [1, 2]}])
    assert found.backward.witness is not None
    assert found.backward.witness.document == {"name": "a"}


def test_a_witness_says_where_and_by_which_keyword_and_rule_it_is_refused() -> None:
    new = {**BAND, "properties": {**BAND["properties"], "gsd": {"type": "number", "maximum": 10}}}
    witness = compare(BAND, new).backward.witness
    assert witness is not None
    assert (witness.pointer, witness.keyword, witness.rule) == ("/gsd", "maximum", "maximum-added")


def test_a_branch_that_refuses_is_explained_by_what_is_wrong_in_it() -> None:
    old, new = ({"oneOf": [{"type": "string"}, {**BAND, "maxProperties": most}]} for most in (2, 1))
    witness = compare(old, new).backward.witness
    assert witness is not None
    assert witness.keyword == "maxProperties"


NAMED, NUMBERED = ({"type": "object", "required": [name]} for name in ("name", "number"))


@pytest.mark.parametrize(
    ("old", "new", "explained"),
    [
        ({"oneOf": [NAMED, NUMBERED]}, {"oneOf": [NAMED]}, ("", "oneOf", "one-of-branch-removed")),
        ({"anyOf": [NAMED, NUMBERED]}, {"anyOf": [NAMED]}, ("", "anyOf", "any-of-branch-removed")),
        (
            {"properties": {"a": {"oneOf": [{"type": "integer"}]}}},
            {"properties": {"a": {"oneOf": [{"type": "integer"}, {"type": "number"}]}}},
            ("/a", "oneOf", "one-of-overlap"),
        ),
        ({"type": "object"}, {"oneOf": [NAMED, NUMBERED]}, ("", "oneOf", "one-of-added")),
    ],
)
def test_a_choice_that_lost_a_branch_or_fits_twice_is_explained_as_such(
    old: Any, new: Any, explained: tuple[str, str, str]
) -> None:
    witness = compare(old, new).backward.witness
    assert witness is not None
    assert (witness.pointer, witness.keyword, witness.rule) == explained


@pytest.mark.parametrize(
    ("old", "new", "bump"),
    [
        ({"type": "integer"}, {"type": "integer", "title": "Whole"}, "patch"),
        ({"type": "integer"}, {"type": "number"}, "minor"),
        ({"type": "number"}, {"type": "integer"}, "major"),
        ({"type": "string", "pattern": "^(?=a)ab$"}, {"const": "ab"}, None),
    ],
)
def test_the_bump_follows_from_both_directions(old: Any, new: Any, bump: str | None) -> None:
    assert compare(old, new).bump == bump


def test_full_is_the_worse_of_both_directions() -> None:
    found = compare({"type": "integer"}, {"type": "number"})
    assert (found.verdict("backward"), found.verdict("full")) == ("proven", "broken")


def test_a_witness_overrides_a_prover_that_says_yes() -> None:
    def wrong(old: Operand, new: Operand, effort: Effort = "thorough") -> Proof:
        return Proof("yes", "I say so")

    found = judge({"type": "number"}, {"type": "integer"}, [], Limits(), wrong)
    assert found.backward.status == "broken"
    assert "prover-disagreement" in {each.rule for each in found.findings}


def test_a_process_that_died_is_replaced_and_the_prover_is_not_asked_again() -> None:
    process = Process()
    request = {"old": {"type": "integer"}, "new": {"type": "number"}, "examples": [], "unproven": "not asked"}
    request["limits"] = dataclasses.asdict(Limits())
    with pytest.raises(Died, match="took too long"):
        process.ask(request, wall_s=0)
    answer = process.ask(request, wall_s=30)["comparison"]
    process.close()
    assert (answer["backward"]["status"], answer["backward"]["reason"]) == ("undecided", "not asked")
    assert answer["forward"]["status"] == "broken"


def test_memory_is_limited() -> None:
    process, limits = Process(), dataclasses.asdict(Limits(memory_bytes=200 << 20))
    large = [f"{number:0300}" for number in range(100_000)]
    request = {"old": {"enum": large}, "new": {"enum": large[1:]}, "examples": [], "unproven": "", "limits": limits}
    with pytest.raises(Died, match="memory"):
        process.ask(request, wall_s=60)
    process.close()


def test_what_takes_too_long_is_undecided() -> None:
    found = compare({"pattern": "^(?=a)b"}, {"pattern": "^(?=a)bc"}, limits=Limits(prover_s=-2, search_s=-1))
    assert found.backward.status == "undecided"


def test_a_change_of_documentation_alone_proves_itself_even_where_the_prover_is_not_asked() -> None:
    old = {"$dynamicAnchor": "a", "properties": {"b": {"$dynamicRef": "#a"}}}
    found = compare(old, {**old, "description": "more"})
    assert found.bump == "patch"


def test_dynamic_references_of_several_targets_are_not_left_to_the_prover() -> None:
    old = {"$dynamicAnchor": "a", "type": "object", "properties": {"b": {"$dynamicRef": "#a"}}}
    old["$defs"] = {"other": {"$id": "https://example.org/other", "$dynamicAnchor": "a"}}
    found = compare(old, {**old, "properties": {"b": {"$dynamicRef": "#a"}, "c": True}})
    assert "$dynamic" in found.backward.reason


def test_a_dynamic_reference_with_one_target_is_a_reference() -> None:
    old, new = (
        {"$dynamicAnchor": "a", "type": "object", "properties": {"b": {"$dynamicRef": "#a"}, "c": {"type": kind}}}
        for kind in ("integer", "number")
    )
    wider(old, new)


def test_each_schema_is_judged_by_its_own_draft() -> None:
    sibling = {"definitions": {"a": {"type": "string"}}, "$ref": "#/definitions/a", "maxLength": 1}
    assert compare({"$schema": DRAFT_7, **sibling}, {"$schema": DRAFT_7, "type": "string"}).bump == "patch"
    assert compare(sibling, {"type": "string"}).bump == "minor"


def test_arrays_of_items_without_a_draft_are_read_as_draft_7_and_said_to_be() -> None:
    found = wider({"items": [{"type": "string"}]}, {"items": [{"type": ["string", "null"]}]})
    assert "draft-assumed" in {each.rule for each in found.findings}


def test_a_dialect_that_nobody_knows_is_refused() -> None:
    with pytest.raises(SchemaInvalid, match="dialect") as caught:
        compare({}, {"$schema": "https://json-schema.org/draft-03/schema"})
    assert (caught.value.name, caught.value.pointer) == ("new", "/$schema")


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "strin"}, "/type"),
        ([], ""),
        ({"$ref": "#/$defs/none"}, ""),
        ({"properties": {"a": 3}}, "/properties/a"),
    ],
)
def test_a_wrong_schema_is_named_with_its_place(schema: Any, pointer: str) -> None:
    with pytest.raises(SchemaInvalid) as caught:
        compare(True, schema)
    assert (caught.value.name, caught.value.pointer) == ("new", pointer)


def test_registry_types_are_compared_by_name_and_within_schemas() -> None:
    assert compare("link@1.0.0", "link@1.0.0").bump == "patch"
    wider({"items": {"$ref": "link/1.0"}}, {"items": {"anyOf": [{"$ref": "link/1.0"}, {"type": "null"}]}})
    with pytest.raises(UnknownSchema):
        compare({"$ref": "link/99"}, True)


def test_references_into_parts_of_registry_types_are_followed() -> None:
    box = {"$ref": "geometry/1.0.0#/$defs/bbox"}
    wider(box, {"anyOf": [box, {"type": "null"}]})


def test_many_pairs_are_answered_in_order_and_wrong_ones_stop_nothing() -> None:
    pairs = [Pair({"minimum": 1}, {"minimum": number}) for number in range(4)]
    found = list(compare_each([*pairs[:2], Pair({"type": 7}, True), *pairs[2:]], workers=2))
    assert [each.backward.status for each in found if isinstance(each, Comparison)] == ["proven"] * 2 + ["broken"] * 2
    assert isinstance(found[2], SchemaInvalid)
    with pytest.raises(SchemaInvalid):
        list(compare_all([Pair({"type": 7}, True)]))


def test_formats_are_asserted_as_the_validator_does() -> None:
    assert compare({"type": "string"}, {"type": "string", "format": "date"}).backward.status == "broken"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"pattern": "^(a+)+$"}, {"pattern": "^(a+)+b$"}),
        ({"pattern": "^(([a-z]{1,20}){1,20}){1,20}$"}, {"pattern": "^[a-z]*$"}),
        ({"pattern": "(a|b)*a(a|b){18}$"}, {"pattern": "(a|b)*b(a|b){17}$"}),
        ({"enum": list(range(5000))}, {"enum": list(range(4999))}),
        (
            {"allOf": [{"anyOf": [{"const": n}, {"type": "string"}]} for n in range(14)]},
            {"type": "string", "minLength": 1},
        ),
    ],
)
def test_pathological_schemas_are_answered_within_the_limits(old: Any, new: Any) -> None:
    found = compare(old, new, limits=Limits(prover_s=1, search_s=0.3))
    for accepts, refuses, verdict in ((old, new, found.backward), (new, old, found.forward)):
        assert isinstance(verdict, Verdict)
        if verdict.witness and "pattern" not in old:
            assert breaks(accepts, refuses, verdict.witness.document)


def test_schemas_nested_too_deeply_are_named() -> None:
    deep: Any = {}
    for _ in range(3000):
        deep = {"items": deep}
    with pytest.raises(SchemaInvalid, match=r"deep|ecursion"):
        compare(deep, True)


@pytest.mark.parametrize("seed", range(3))
def test_random_pairs_are_judged_as_brute_force_judges_them(seed: int) -> None:
    universe, words = documents()[::3], list[str]()
    for number in range(20):
        old, new = Schemas(seed * 1000 + number).pair()
        words += [word for word, _ in check(old, new, universe, Limits(search_s=0.1))]
    assert not {"UNSOUND", "FALSE"} & set(words)
    assert len(words) >= 40


def test_the_answer_is_json_with_status_witness_and_findings() -> None:
    answer = json.loads(json.dumps(compare({"type": "number"}, {"type": "integer"}).as_json()))
    assert (answer["backward"], answer["forward"], answer["bump"]) == ("broken", "proven", "major")
    assert answer["witness"] == {
        **{"direction": "backward", "document": 0.5, "pointer": "", "keyword": "type"},
        **{"rule": "type-narrowed", "schema_pointer": "#/type"},
    }
    assert answer["findings"][0]["rule"] == "type-narrowed"
