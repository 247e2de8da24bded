"""What lint finds: nothing in our own registry, and in each folder of `bad/` the one thing that is wrong there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from registry.publishing import begin, write

from swath_registry import lint_algebra
from swath_registry.lint import lint
from swath_registry.lint_algebra import overlaps, unsatisfiable
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaStore, UnknownSchema

BAD = sorted(path for path in (Path(__file__).parent / "bad").iterdir() if path.is_dir())


def test_nothing_is_wrong_with_our_own_schemas() -> None:
    assert [str(finding) for finding in lint()] == []


def test_published_versions_of_ours_follow_the_rules_as_well() -> None:
    assert [str(finding) for finding in lint(published=True)] == []


@pytest.mark.parametrize("folder", BAD, ids=lambda folder: folder.name)
def test_a_bad_schema_is_caught_by_its_rule(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    found = [(each.rule, each.pointer) for each in lint(store=SchemaStore(folder))]
    assert (expected["rule"], expected["pointer"]) in found
    assert {rule for rule, _ in found} <= {expected["rule"], "examples"}


@pytest.mark.parametrize("folder", BAD, ids=lambda folder: folder.name)
def test_a_finding_names_file_line_and_rule(folder: Path) -> None:
    expected = json.loads((folder / "expected.json").read_text())
    first = next(each for each in lint(store=SchemaStore(folder)) if each.rule == expected["rule"])
    assert first.path.as_posix().endswith(expected["file"])
    assert f"{first.path}:{first.position.line}:{first.position.column}: thing@" in str(first)
    assert f"[{expected['rule']}]" in str(first)


def test_a_misspelt_keyword_is_found_at_its_line() -> None:
    folder = Path(__file__).parent / "bad" / "keyword_misspelt"
    (finding,) = lint(store=SchemaStore(folder))
    lines = finding.path.read_text().splitlines()
    assert "minimumExclusive" in lines[finding.position.line - 1]


def test_an_overlap_is_shown_by_a_document_that_matches_both() -> None:
    (finding,) = lint(store=SchemaStore(Path(__file__).parent / "bad" / "branches_overlap"))
    found = re.search(r'overlaps with branch 0 of oneOf: "(.*)" matches both', finding.message)
    assert found
    assert len(found[1]) == 5


@pytest.mark.parametrize(
    "one_of",
    [
        [{"type": "string"}, {"type": "number"}],
        [{"required": ["a"]}, {"required": ["b"]}],
        [{"type": "object", "required": ["k"], "properties": {"k": {"const": text}}} for text in "ab"],
        [{"type": "integer", "maximum": 3}, {"type": "number", "exclusiveMinimum": 3}],
        [{"type": "string", "pattern": "^a"}, {"type": "string", "pattern": "^b"}],
    ],
)
def test_branches_that_are_apart_are_no_overlap(one_of: list[Any]) -> None:
    assert list(overlaps({"properties": {"size": {"oneOf": one_of}}}, PUBLISHED)) == []


def test_what_stands_beside_one_of_tells_branches_apart() -> None:
    branches = [{"maximum": 3}, {"minimum": 5}]
    assert list(overlaps({"oneOf": branches}, PUBLISHED))
    assert list(overlaps({"type": "number", "oneOf": branches}, PUBLISHED)) == []


def test_branches_of_a_schema_that_refers_to_itself_are_compared() -> None:
    tree = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/tree"}}]}
    assert list(overlaps({"$ref": "#/$defs/tree", "$defs": {"tree": tree}}, PUBLISHED)) == []


def test_what_is_written_as_false_is_meant_so() -> None:
    assert list(unsatisfiable({"properties": {"a": False}, "additionalProperties": False}, PUBLISHED)) == []


def test_what_takes_the_algebra_too_long_is_undecided_and_no_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(lint_algebra, "CPU_S", 1)
    choices = [{"oneOf": [{"required": [f"a{index}"]}, {"required": [f"b{index}"]}]} for index in range(40)]
    begin(tmp_path)
    write(
        tmp_path,
        "1.0.0",
        lambda schema: schema.update({"additionalProperties": True, "allOf": choices, "required": []}),
    )
    found = [each for each in lint(store=SchemaStore(tmp_path)) if each.rule != "examples"]
    assert [(each.rule, each.blocks) for each in found] == [("undecided", False)]


def deep(schema: dict[str, Any]) -> None:
    for _ in range(200):
        schema["properties"] = {"a": {"type": "object", "additionalProperties": False, "description": "Deeper."}}
        schema = schema["properties"]["a"]


def test_a_schema_nested_too_deeply_is_named(tmp_path: Path) -> None:
    begin(tmp_path, "1.0.0")
    write(tmp_path, "1.1.0", deep)
    (finding,) = lint(store=SchemaStore(tmp_path))
    assert (finding.rule, finding.schema) == ("unreadable", "thing@1.1.0")


@pytest.mark.parametrize("content", ["{", "[]", '{"type": "nope"}', '{"$ref": 3}', None])
def test_a_broken_candidate_harms_nothing_that_is_published(tmp_path: Path, content: str | None) -> None:
    begin(tmp_path, "1.0.0")
    folder = write(tmp_path, "1.1.0", deep)
    if content:
        (folder / "schema.json").write_text(content)
    assert Validator("thing@1", SchemaStore(tmp_path)).is_valid({"name": "a"})


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownSchema, match="imge"):
        lint(["imge"])
