"""What changed between two schemas, in words; and what the change does to documents."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from swath_registry.cli import registry
from swath_registry.diff import changes
from swath_registry.pointers import look_up
from swath_registry.schema_walk import Place, walk
from swath_schemas import load, types

NUMBER = {"type": "number", "minimum": 0}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(registry, ["diff", *arguments])


def told(old: Any, new: Any) -> list[tuple[str, str, str]]:
    return [(each.pointer, each.kind, each.message) for each in changes(old, new)]


KEYWORDS: list[tuple[Any, Any, str, str, str]] = [
    ({"maximum": 1}, {"maximum": 2}, "/maximum", "wider", "must be at most 2 now, was 1"),
    ({"minimum": 1}, {"minimum": 2}, "/minimum", "narrower", "must be at least 2 now, was 1"),
    ({"maxLength": 1}, {}, "/maxLength", "wider", "no longer must have at most 1 characters"),
    ({}, {"minItems": 1}, "/minItems", "narrower", "must have at least 1 items now"),
    ({"type": "string"}, {"type": ["string", "null"]}, "/type", "wider", "is string or null now, was string"),
    ({"type": "number"}, {"type": "integer"}, "/type", "narrower", "is integer now, was number"),
    ({"type": "string"}, {"type": "integer"}, "/type", "other", "is integer now, was string"),
    ({"enum": ["a"]}, {"enum": ["a", "b"]}, "/enum", "wider", "takes 'b' too"),
    ({"enum": ["a", "b"]}, {"const": "a"}, "/const", "narrower", "no longer takes 'b'"),
    ({"const": 1}, {"const": True}, "/const", "other", "no longer takes 1"),
    ({}, {"required": ["a"]}, "/required", "narrower", "a must be there now"),
    ({"required": ["a"]}, {}, "/required", "wider", "a may be left out now"),
    ({}, {"pattern": "^a$"}, "/pattern", "narrower", "must match ^a$ now"),
    ({"format": "uri"}, {"format": "email"}, "/format", "other", "must be a email now, was uri"),
    ({"multipleOf": 2}, {"multipleOf": 4}, "/multipleOf", "narrower", "must be a multiple of 4 now, was 2"),
    ({}, {"uniqueItems": True}, "/uniqueItems", "narrower", "items must differ from each other now"),
    ({}, {"additionalProperties": False}, "/additionalProperties", "narrower", "other properties are refused now"),
    ({"additionalProperties": False}, {}, "/additionalProperties", "wider", "other properties may be anything now"),
    ({"items": True}, {"items": False}, "/items", "narrower", "takes nothing now, took anything"),
    ({"x-ogc-unit": "m"}, {"x-ogc-unit": "km"}, "/x-ogc-unit", "meaning", "the unit is km, was m"),
    ({"default": 1}, {"default": 2}, "/default", "meaning", "left out, it means 2 now, was 1"),
    ({}, {"default": 2}, "/default", "annotation", "left out, it is said to be 2"),
    ({"title": "A"}, {"title": "B"}, "/title", "annotation", "the title has changed"),
    ({}, {"x-note": 1}, "/x-note", "annotation", "the x-note is new"),
    ({"anyOf": [NUMBER]}, {"anyOf": [{}, NUMBER]}, "/anyOf/0", "wider", "this branch is new"),
    ({"allOf": [NUMBER]}, {"allOf": [NUMBER, {"maximum": 3}]}, "/allOf/1", "narrower", "this branch is new"),
    ({"not": {"maximum": 1}}, {"not": {"maximum": 2}}, "/not/maximum", "other", "must be at most 2 now, was 1"),
    ({"dependentRequired": {"a": ["b"]}}, {}, "/dependentRequired/a", "wider", "where a is, b may be left out now"),
]


@pytest.mark.parametrize(("old", "new", "pointer", "kind", "message"), KEYWORDS, ids=lambda each: str(each)[:40])
def test_a_changed_keyword_is_told(old: Any, new: Any, pointer: str, kind: str, message: str) -> None:
    assert (pointer, kind, message) in told(old, new)


@pytest.mark.parametrize(
    ("others", "kind"),
    [({"additionalProperties": False}, "wider"), ({}, "narrower"), ({"additionalProperties": NUMBER}, "other")],
)
def test_a_new_property_widens_a_closed_object_and_narrows_an_open_one(others: dict[str, Any], kind: str) -> None:
    new = {"properties": {"a": NUMBER}, **others}
    assert told(others, new) == [("/properties/a", kind, "the property a is new (optional)")]


def test_nothing_is_told_of_a_schema_and_itself() -> None:
    assert all(changes(load(name), load(name)) == () for name in types())


SAYS_NOTHING = {"title", "description", "examples", "$id", "$schema", "$defs", "x-unbounded", "x-ogc-unit", "default"}


@pytest.mark.parametrize("name", types())
def test_a_deciding_keyword_that_goes_or_comes_is_never_missed(name: str) -> None:
    old = load(name)
    places = list(walk(Place(old, ())))
    for place in places[:: max(1, len(places) // 12)]:
        for keyword in set(place.schema) - SAYS_NOTHING:
            if place.schema[keyword] is True:
                continue  # as if it weren't there
            new = copy.deepcopy(old)
            target: Any = look_up(new, place.pointer)
            del target[keyword]
            assert any(each.matters for each in changes(old, new)), (place.pointer, keyword)
            assert any(each.matters for each in changes(new, old)), (place.pointer, keyword)


def test_branches_in_another_order_are_no_change() -> None:
    one, other = {"title": "A", "type": "string"}, {"title": "B", "type": "number"}
    assert changes({"oneOf": [one, other]}, {"oneOf": [other, one]}) == ()


def test_a_changed_branch_is_found_by_its_title() -> None:
    one, other = {"title": "A", "maximum": 1}, {"title": "B", "maximum": 1}
    new = {"oneOf": [{"title": "B", "maximum": 2}, one]}
    assert [each[0] for each in told({"oneOf": [one, other]}, new)] == ["/oneOf/0/maximum"]


def test_a_definition_is_compared_once_where_it_is_defined() -> None:
    def schema(most: int) -> dict[str, Any]:
        uses = {name: {"$ref": "#/$defs/size"} for name in ("a", "b")}
        return {"properties": uses, "$defs": {"size": {"maximum": most}}}

    assert told(schema(1), schema(2)) == [("/$defs/size/maximum", "wider", "must be at most 2 now, was 1")]


def test_a_renamed_definition_has_moved_and_nothing_more() -> None:
    old = {"items": {"$ref": "#/$defs/size"}, "$defs": {"size": NUMBER}}
    new = {"items": {"$ref": "#/$defs/extent"}, "$defs": {"extent": NUMBER}}
    assert told(old, new) == [("/items/$ref", "moved", "the definition size is called extent now")]


def test_a_definition_written_out_in_its_place_has_moved() -> None:
    old = {"items": {"$ref": "#/$defs/size"}, "$defs": {"size": NUMBER}}
    assert {kind for _, kind, _ in told(old, {"items": NUMBER})} == {"moved"}
    assert {kind for _, kind, _ in told({"items": NUMBER}, old)} == {"moved"}


def test_a_recursive_definition_comes_to_an_end() -> None:
    def schema(most: int) -> dict[str, Any]:
        return {"$ref": "#/$defs/tree", "$defs": {"tree": {"maxItems": most, "items": {"$ref": "#/$defs/tree"}}}}

    assert [each[0] for each in told(schema(1), schema(2))] == ["/$defs/tree/maxItems"]


def test_a_reference_to_another_version_is_named() -> None:
    old, new = ({"$ref": f"https://schemas.swath.example/link/1.{minor}.0"} for minor in (0, 1))
    assert told(old, new) == [("/$ref", "other", "is link@1.1.0 now, was link@1.0.0")]


def test_the_same_change_told_the_other_way_round() -> None:
    old, new = {"maximum": 1, "required": ["a"]}, {"maximum": 2}
    assert {kind for _, kind, _ in told(old, new)} == {"wider"}
    assert {kind for _, kind, _ in told(new, old)} == {"narrower"}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps({"title": "A", "maximum": 1}))
    new.write_text(json.dumps({"title": "B", "maximum": 2}))
    return old, new


def test_the_command_prints_a_line_for_each_change_and_fails(files: tuple[Path, Path]) -> None:
    done = run(*map(str, files))
    assert done.exit_code == 1
    assert done.stdout == ". /title  the title has changed\n+ /maximum  must be at most 2 now, was 1\n"


def test_the_command_as_json(files: tuple[Path, Path]) -> None:
    told = json.loads(run("--json", *map(str, files)).stdout)
    assert told["differs"] is True
    assert told["changes"][1] == {
        "pointer": "/maximum",
        "kind": "wider",
        "message": "must be at most 2 now, was 1",
        "before": 1,
        "after": 2,
    }


def test_another_description_alone_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"title": "A"}')
    (tmp_path / "new.yml").write_text("title: B")
    done = run(str(tmp_path / "old.json"), str(tmp_path / "new.yml"))
    assert (done.exit_code, done.stdout) == (0, ". /title  the title has changed\n")
