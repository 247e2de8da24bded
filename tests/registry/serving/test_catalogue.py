"""What is published, in which order, and what needs what."""

import jsonschema_rs
import pytest
from click.testing import CliRunner

from swath_registry.bundling import bundle
from swath_registry.catalogue import Catalogue, PublishedAltered
from swath_registry.cli import registry
from swath_registry.examples import examples
from swath_schemas import PUBLISHED, UnknownSchema

OBJECT = {"type": "object", "description": "A thing. Of a kind."}


def test_numbers_follow_the_lock_and_ordinals_the_type(registry_of):
    found = Catalogue(registry_of({"b@1.0.0": OBJECT, "a@1.1.0": OBJECT, "b@1.1.0": OBJECT, "a@1.0.1": OBJECT}))
    assert [(str(each), each.number, each.ordinal) for each in found.entries] == [
        ("b@1.0.0", 1, 1),
        ("a@1.1.0", 2, 1),
        ("b@1.1.0", 3, 2),
        ("a@1.0.1", 4, 2),
    ]


def test_versions_are_ordered_by_number_not_by_date(registry_of):
    found = Catalogue(registry_of({"a@1.10.0": OBJECT, "a@1.2.0": OBJECT}))
    assert [str(each) for each in found.versions("a")] == ["a@1.2.0", "a@1.10.0"]
    assert str(found.before(found.resolve("a@1.10.0"))) == "a@1.2.0"
    assert found.before(found.resolve("a@1.2.0")) is None


def test_a_candidate_is_not_shown(registry_of):
    root = registry_of({"a@1.0.0": OBJECT})
    candidate = root / "a" / "1.1.0" / "schema.json"
    candidate.parent.mkdir()
    candidate.write_text("{}")
    found = Catalogue(root)
    assert str(found.resolve("a@1")) == "a@1.0.0"
    with pytest.raises(UnknownSchema):
        found.resolve("a@1.1.0")


def test_an_altered_schema_is_named_and_nothing_is_shown(registry_of, tmp_path):
    root = registry_of({"a@1.0.0": OBJECT, "b@1.0.0": OBJECT})
    path = root / "b" / "1.0.0" / "schema.json"
    path.write_text(path.read_text().replace("thing", "person"))
    for arguments in (["site", "--out", str(tmp_path / "out")], ["serve", "--port", "0"]):
        done = CliRunner().invoke(registry, [*arguments, "--root", str(root)])
        assert isinstance(done.exception, PublishedAltered)
        assert done.exception.names == ("b@1.0.0",)
    assert not (tmp_path / "out").exists()


def test_a_bundle_validates_alone_what_the_registry_validates(catalogue: Catalogue):
    for entry in catalogue.entries:
        alone = jsonschema_rs.Draft202012Validator(bundle(catalogue, entry.schema), validate_formats=True, offline=True)
        valid, invalid = examples(PUBLISHED, entry.schema)
        assert all(alone.is_valid(each.document) for each in valid), entry
        assert not any(alone.is_valid(each.document) for each in invalid), entry


def test_a_definition_of_the_name_of_what_is_embedded_is_kept(registry_of):
    part = {"type": "string", "description": "A part."}
    whole = {
        "$defs": {"part@1.0.0": {"type": "integer"}},
        "properties": {"part": {"$ref": "https://schemas.example/part/1.0.0"}, "own": {"$ref": "#/$defs/part@1.0.0"}},
    }
    found = Catalogue(registry_of({"part@1.0.0": part, "whole@1.0.0": whole}))
    alone = jsonschema_rs.Draft202012Validator(bundle(found, found.resolve("whole").schema), offline=True)
    assert alone.is_valid({"part": "x", "own": 1})
    assert not alone.is_valid({"part": 1, "own": 1})


def test_users_are_the_reverse_of_references(catalogue: Catalogue):
    pairs = {(user, needed) for user, all_ in catalogue.references.items() for needed in all_}
    assert pairs == {(user, needed) for needed, all_ in catalogue.users.items() for user in all_}
    assert pairs
