"""What lint finds: nothing in our own registry, and in each folder of `bad/` the one thing that is wrong there."""

import json
import shutil
from pathlib import Path

import pytest

from swath_registry.lint import lint
from swath_registry.lock import digest, freeze, locked
from swath_schemas import PUBLISHED, SchemaStore, UnknownSchema

BAD = sorted(path for path in (Path(__file__).parent / "bad").iterdir() if path.is_dir())


def test_nothing_is_wrong_with_our_own_schemas() -> None:
    assert [str(finding) for finding in lint()] == []


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


def test_a_changed_published_schema_is_named_with_its_file(tmp_path: Path) -> None:
    root = tmp_path / "schemas"
    shutil.copytree(PUBLISHED.root, root)
    path = root / "link" / "1.0.0" / "schema.json"
    path.write_text(path.read_text().replace("Language of the target", "Language of the Target"))
    (finding,) = lint(store=SchemaStore(root))
    assert finding.rule == "published"
    assert finding.path == path
    assert "link@1.0.0 is published and has been changed" in str(finding)


def test_a_new_layout_of_a_published_schema_is_no_change(tmp_path: Path) -> None:
    root = tmp_path / "schemas"
    shutil.copytree(PUBLISHED.root, root)
    path = root / "link" / "1.0.0" / "schema.json"
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=True))
    assert lint(store=SchemaStore(root)) == []


def test_every_version_of_ours_is_locked() -> None:
    assert locked(PUBLISHED) == {str(schema): digest(PUBLISHED.load(schema)) for schema in PUBLISHED.schemas()}


def test_freezing_adds_new_versions_and_leaves_published_ones(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parent / "bad" / "published_and_changed", tmp_path / "schemas")
    store = SchemaStore(tmp_path / "schemas")
    newer = store.root / "thing" / "1.1.0"
    shutil.copytree(store.root / "thing" / "1.0.0", newer)
    before = locked(store)["thing@1.0.0"]
    assert freeze(store) == ["thing@1.1.0"]
    assert locked(store)["thing@1.0.0"] == before
    assert freeze(store) == []


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownSchema, match="imge"):
        lint(["imge"])


def test_canonical_digests_ignore_the_order_of_keys_and_the_spelling_of_numbers() -> None:
    assert digest({"b": 1.0, "a": "é"}) == digest({"a": "é", "b": 1})
