"""`swath registry compat`, as people and machines type it."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from swath_registry.cli import registry
from swath_registry.errors import SchemaInvalid

WIDE, NARROW = {"type": "number"}, {"type": "integer"}


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(registry, ["compat", *arguments], input=stdin)


def written(folder: Path, name: str, schema: Any) -> str:
    path = folder / name
    path.write_text(json.dumps(schema))
    return str(path)


def test_two_files_are_judged_and_the_exit_code_says_backward(tmp_path: Path) -> None:
    wide, narrow = written(tmp_path, "wide.json", WIDE), written(tmp_path, "narrow.json", NARROW)
    assert run(narrow, wide).exit_code == 0
    assert run(narrow, wide, "--direction", "full").exit_code == 1
    broken = run(wide, narrow)
    assert broken.exit_code == 1
    assert "backward [type-narrowed] at the root" in broken.stdout
    assert "0.5" in broken.stdout


def test_the_answer_as_json(tmp_path: Path) -> None:
    found = run(written(tmp_path, "a.json", WIDE), written(tmp_path, "b.json", NARROW), "--json")
    assert json.loads(found.stdout)["witness"]["document"] == 0.5


def test_two_types_are_judged_with_their_examples() -> None:
    found = json.loads(run("image@1.0.0", "image@1.0.0", "--json").stdout)
    assert (found["backward"], found["forward"]) == ("proven", "proven")


def test_every_line_is_answered_in_its_turn() -> None:
    lines = [
        json.dumps({"old": NARROW, "new": WIDE}),
        "not json",
        "",
        '{"old": {"type": "strin"}, "new": true}',
        '{"old": true}',
        '{"old": {"a": 1, "a": 2}, "new": true}',
        '{"old": {"maximum": 1e999}, "new": true}',
        json.dumps({"old": "link@1.0.0", "new": "link@1.0.0"}),
    ]
    found = run("--pairs", "-", stdin="\n".join(lines))
    answers = [json.loads(line) for line in found.stdout.splitlines()]
    assert found.exit_code == 1
    assert [each.get("backward") or each["error"]["line"] for each in answers] == ["proven", 2, 4, 5, 6, 7, "proven"]
    assert answers[2]["error"]["pointer"] == "/old/type"


def test_incompatible_pairs_are_answers_not_failures() -> None:
    assert run("--pairs", "-", stdin=json.dumps({"old": WIDE, "new": NARROW})).exit_code == 0


def test_a_wrong_schema_is_named(tmp_path: Path) -> None:
    found = run(written(tmp_path, "a.json", {"type": 3}), written(tmp_path, "b.json", True))
    assert isinstance(found.exception, SchemaInvalid)
    assert found.exception.pointer == "/type"


def test_usage_is_asked_for() -> None:
    assert run("image@1").exit_code == 2
    assert run("image@1", "image@1", "--pairs", "-").exit_code == 2
