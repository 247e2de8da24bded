"""What a candidate breaks, and which number it needs."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from registry.publishing import Edit, begin, write

from swath_registry.candidates import NoCandidate, candidates
from swath_registry.cli import registry
from swath_registry.errors import SchemaInvalid
from swath_registry.reviewing import Review, review_all, review_published
from swath_schemas import PUBLISHED, SchemaStore, UnknownSchema


def widen(schema: dict[str, Any]) -> None:
    schema["properties"]["size"]["maximum"] = 10


def narrow(schema: dict[str, Any]) -> None:
    schema["properties"]["size"]["maximum"] = 8


def describe(schema: dict[str, Any]) -> None:
    schema["description"] = "Any thing."


def review(root: Path, version: str, edit: Edit, *before: str) -> Review:
    begin(root, *(before or ("1.0.0",)))
    write(root, version, edit)
    store = SchemaStore(root)
    (found,) = review_all(candidates(["thing"], store), store)
    return found


@pytest.mark.parametrize(
    ("version", "edit", "asked", "needed"),
    [("1.0.1", describe, "patch", "patch"), ("1.1.0", widen, "minor", "minor"), ("2.0.0", narrow, "major", "major")],
)
def test_a_version_with_the_right_number_may_be_published(
    tmp_path: Path, version: str, edit: Edit, asked: str, needed: str
) -> None:
    found = review(tmp_path, version, edit)
    assert (found.asked, found.needed, found.objections) == (asked, needed, ())


def test_a_larger_bump_than_needed_is_allowed(tmp_path: Path) -> None:
    found = review(tmp_path, "2.0.0", describe)
    assert (found.asked, found.needed, found.is_blocked) == ("major", "patch", False)


def test_a_minor_that_narrows_is_refused_with_a_document(tmp_path: Path) -> None:
    found = review(tmp_path, "1.1.0", narrow)
    first, bump = found.objections
    assert (first.rule, first.direction, first.pointer) == ("maximum-decreased", "backward", "/size")
    assert first.witness is not None
    assert 8 < first.witness["document"]["size"] <= 9
    assert "publish it as thing@2.0.0" in bump.message


def test_a_patch_that_widens_needs_a_minor(tmp_path: Path) -> None:
    found = review(tmp_path, "1.0.1", widen)
    assert [(each.rule, each.direction) for each in found.objections] == [
        ("maximum-decreased", "forward"),
        ("bump", ""),
    ]
    assert "publish it as thing@1.1.0" in found.objections[1].message


def test_every_published_version_of_the_major_is_compared_with(tmp_path: Path) -> None:
    begin(tmp_path, "1.0.0", "2.0.0", "2.1.0")
    write(tmp_path, "2.2.0", describe)
    store = SchemaStore(tmp_path)
    (found,) = review_all(candidates([], store), store)
    assert [str(each) for each in found.against] == ["thing@2.0.0", "thing@2.1.0"]


def test_another_unit_needs_a_major_though_no_document_breaks(tmp_path: Path) -> None:
    found = review(tmp_path, "1.1.0", lambda schema: schema["properties"]["size"].update({"x-ogc-unit": "km"}))
    assert [(each.rule, each.pointer) for each in found.objections] == [
        ("meaning-changed", "/properties/size/x-ogc-unit"),
        ("bump", "/$id"),
    ]


@pytest.mark.parametrize("version", ["1.0.2", "1.2.0", "3.0.0", "1.1.1", "2.0.1"])
def test_a_number_that_does_not_follow_is_refused(tmp_path: Path, version: str) -> None:
    found = review(tmp_path, version, describe)
    (objection,) = [each for each in found.objections if each.rule == "version-number"]
    assert "comes 1.0.1 or 1.1.0 or 2.0.0" in objection.message


def test_a_patch_of_an_older_major_may_follow(tmp_path: Path) -> None:
    assert not review(tmp_path, "1.0.1", describe, "1.0.0", "2.0.0").is_blocked


def test_a_number_before_the_newest_is_refused(tmp_path: Path) -> None:
    assert review(tmp_path, "1.0.1", describe, "1.0.0", "1.1.0").is_blocked


def test_the_first_version_is_compared_with_nothing(tmp_path: Path) -> None:
    begin(tmp_path)
    write(tmp_path, "1.0.0")
    store = SchemaStore(tmp_path)
    (found,) = review_all(candidates([], store), store)
    assert (found.asked, found.needed, found.is_blocked) == ("first", None, False)


def test_versions_before_1_are_told_of_but_blocked_by_nothing(tmp_path: Path) -> None:
    found = review(tmp_path, "0.1.1", narrow, "0.1.0")
    assert found.objections
    assert not found.is_blocked


def test_published_versions_can_be_checked_again(tmp_path: Path) -> None:
    begin(tmp_path, "1.0.0", "1.1.0", "1.2.0", "2.0.0")
    store = SchemaStore(tmp_path)
    found = list(review_published([], store))
    assert [(str(each.schema), each.is_blocked) for each in found] == [("thing@1.1.0", False), ("thing@1.2.0", False)]


def test_no_document_breaks_a_published_version_of_ours() -> None:
    found = list(review_published([], PUBLISHED))
    assert {str(each.schema) for each in found} >= {"image@1.1.0", "imageCapabilities@1.1.0"}
    assert [each for review in found for each in review.objections if each.witness] == []


def test_candidates_come_after_what_they_refer_to(tmp_path: Path) -> None:
    begin(tmp_path)
    reference = {"$ref": "https://things.example/zebra/1.0.0"}
    write(tmp_path, "1.0.0", lambda schema: schema["properties"].update({"zebra": reference}), type_="ant")
    write(tmp_path, "1.0.0", type_="zebra")
    assert [str(each) for each in candidates([], SchemaStore(tmp_path))] == ["zebra@1.0.0", "ant@1.0.0"]


def test_what_is_published_is_no_candidate(tmp_path: Path) -> None:
    store = begin(tmp_path, "1.0.0")
    for name in ("thing", "thing@1.0.0", "thing@1"):
        with pytest.raises(NoCandidate):
            candidates([name], store)
    with pytest.raises(UnknownSchema, match="thing@3"):
        candidates(["thing@3"], store)


def test_a_candidate_that_is_no_schema_is_named(tmp_path: Path) -> None:
    with pytest.raises(SchemaInvalid, match=r"thing@1\.1\.0 at /type"):
        review(tmp_path, "1.1.0", lambda schema: schema.update({"type": "nope"}))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(registry, list(arguments))


def test_the_command_as_json_and_its_exit_code(tmp_path: Path) -> None:
    begin(tmp_path, "1.0.0")
    write(tmp_path, "1.1.0", narrow)
    done = run("check", "--json", "--root", str(tmp_path))
    (told,) = json.loads(done.stdout)
    assert done.exit_code == 1
    assert (told["schema"], told["asked"], told["needed"], told["blocked"]) == ("thing@1.1.0", "minor", "major", True)
    assert told["objections"][0]["witness"]["document"]["name"]
    assert run("check", "--json", "--published", "--root", str(tmp_path)).exit_code == 0
