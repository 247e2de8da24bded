"""What validation says, and what it never says."""

import json
from typing import Any

import pytest
from registry.mutants import mutants

from swath_registry.errors import SchemaInvalid
from swath_registry.validation import MOST_LEVELS, MOST_VALUES, MOST_VIOLATIONS, Validator, Violation
from swath_schemas import PUBLISHED, UnknownSchema

SECRET = "correct horse battery staple"


def only(schema: Any, document: Any) -> Violation:
    (found,) = Validator(schema).violations(document)
    return found


def test_a_valid_document_has_no_violations() -> None:
    validator = Validator("image@1")
    assert validator.is_valid({"href": "scene.tif"})
    assert validator.violations({"href": "scene.tif"}) == []


def test_a_missing_property_is_named_at_the_object_that_lacks_it() -> None:
    found = only({"properties": {"a": {"required": ["href"]}}}, {"a": {}})
    assert (found.pointer, found.keyword, found.message) == ("/a", "required", "lacks 'href'")


def test_an_unknown_property_is_pointed_at_with_the_nearest_known_one() -> None:
    found = only("link@1", {"href": "x", "titel": "y"})
    assert (found.pointer, found.keyword) == ("/titel", "additionalProperties")
    assert "did you mean 'title'?" in found.message


def test_an_unknown_property_far_from_all_is_answered_with_the_known_ones() -> None:
    assert "known: " in only("batch@1", {"maxSize": 1, "zzzzzz": 1}).message


def test_a_long_property_name_is_cut() -> None:
    found = only("batch@1", {"maxSize": 1, "z" * 5000: 1})
    assert len(found.pointer) < 80
    assert len(only({"required": ["z" * 5000]}, {}).message) < 100


def test_groups_of_which_one_is_required_are_named() -> None:
    assert only("image@1", {}).message == "must have exactly one of href, data"
    assert "it has several" in only("image@1", {"href": "a", "data": "b"}).message


def test_the_nearest_form_of_several_is_explained() -> None:
    found = only("image@1", {"href": "a", "size": {"width": 0, "height": 1}})
    assert (found.pointer, found.message) == ("/size/width", "must be at least 1")


def test_the_kind_decides_which_form_is_meant() -> None:
    found = only("geometry@1", {"type": "Polygon", "coordinates": [[[0, 0]]]})
    assert (found.pointer, found.keyword) == ("/coordinates/0", "minItems")


def test_an_unknown_kind_is_answered_with_the_known_kinds() -> None:
    assert '"MultiPolygon"' in only("geometry@1", {"type": "Circle"}).message


def test_a_wrong_json_type_is_answered_with_the_types_asked_for() -> None:
    assert only("image@1", 3).message == "must be a string or an object, not an integer"


def test_violations_come_in_the_order_of_their_places() -> None:
    items = {"items": {"type": "string"}}
    assert [each.pointer for each in Validator(items).violations([1] * 12)] == [f"/{n}" for n in range(12)]


def test_a_flood_of_violations_is_cut() -> None:
    assert len(Validator({"items": {"type": "string"}}).violations([1] * 5000)) == MOST_VIOLATIONS


def test_of_a_huge_document_the_first_violation_is_told() -> None:
    found = only({"items": {"type": "string"}}, ["a", *[1] * MOST_VALUES])
    assert (found.pointer, found.keyword) == ("/1", "type")


def test_formats_are_asserted() -> None:
    assert only({"format": "date-time"}, "2026-05-01T10:00:00").keyword == "format"


def test_the_schema_pointer_names_the_registry_type() -> None:
    found = only({"properties": {"a": {"$ref": "link/1"}}}, {"a": {}})
    assert found.schema_pointer == "https://schemas.swath.example/link/1.0.0#/required"


def test_what_is_nested_too_deeply_to_be_explained_is_a_violation() -> None:
    document: dict[str, Any] = {"type": "nothing that is known"}
    for _ in range(5000):
        document = {"type": "GeometryCollection", "geometries": [document]}
    assert not Validator("geometry@1").is_valid(document)
    assert only("geometry@1", document).keyword == "depth"


def test_what_is_nested_as_deeply_as_may_be_is_explained_at_once() -> None:
    document: dict[str, Any] = {"type": "nothing that is known"}
    for _ in range(MOST_LEVELS // 2 - 1):
        document = {"type": "GeometryCollection", "geometries": [document]}
    assert only("geometry@1", document).keyword == "oneOf"


def test_what_is_no_json_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="key"):
        Validator("metadata@1").violations({1: 2})


def test_nan_is_no_number() -> None:
    assert not Validator({"type": "number"}).is_valid(float("nan"))


@pytest.mark.parametrize("schema", [{"type": "strin"}, {"pattern": "("}, {"$ref": "https://elsewhere.example/a"}])
def test_a_broken_schema_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(SchemaInvalid):
        Validator(schema)


def test_an_unknown_type_in_a_schema_is_refused() -> None:
    with pytest.raises(UnknownSchema, match="imge"):
        Validator({"$ref": "imge/1"})


@pytest.mark.parametrize("schema", list(PUBLISHED.schemas()), ids=str)
def test_messages_never_hold_values_of_the_document(schema: Any) -> None:
    validator = Validator(str(schema))
    folder = PUBLISHED.path(schema).parent / "examples" / "valid"
    for path in sorted(folder.glob("*.json")):
        for mutant in mutants(json.loads(path.read_text()), 60):
            for violation in validator.violations(_marked(mutant)):
                assert SECRET not in violation.message
                assert SECRET not in violation.schema_pointer


def _marked(value: Any) -> Any:
    """The same document with the marker in every text."""
    if isinstance(value, dict):
        return {key: _marked(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_marked(member) for member in value]
    return f"{value}{SECRET}" if isinstance(value, str) else value
