"""`swath registry`, as people type it."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from registry.publishing import begin, write

from swath_registry.cli import registry
from swath_registry.generation import Drifted
from swath_registry.opening import NoRegistry
from swath_schemas import UnknownSchema, types

ROOT = Path(__file__).parents[2]
BAD = Path(__file__).parent / "bad"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(registry, list(arguments))


def test_list_names_every_type_and_version() -> None:
    done = run("list")
    assert done.exit_code == 0
    assert all(re.search(rf"^{name} +1\.0\.0", done.stdout, re.MULTILINE) for name in types())


def test_list_as_json() -> None:
    found = json.loads(run("list", "--json").stdout)
    assert [each["type"] for each in found] == list(types())
    assert found[0]["versions"] == ["1.0.0"]


def test_show_tells_type_unit_and_bounds() -> None:
    lines = run("show", "image@1").stdout.splitlines()
    assert any(re.search(r"gsd +number +m +> 0, ≤ 1000000 +Ground sample distance", line) for line in lines)
    assert any(re.search(r"name\* +string", line) for line in lines)


def test_show_as_json_is_the_schema() -> None:
    assert json.loads(run("show", "link", "--json").stdout)["$id"].endswith("/link/1.0.0")


@pytest.mark.parametrize("name", types())
def test_every_type_can_be_shown(name: str) -> None:
    assert run("show", name).exit_code == 0


def test_validate_says_nothing_of_valid_files(tmp_path: Path) -> None:
    path = tmp_path / "scene.json"
    path.write_text('{"href": "scene.tif"}')
    done = run("validate", "image@1", str(path))
    assert (done.exit_code, done.stdout) == (0, "")


def test_validate_tells_file_line_column_pointer_and_keyword(tmp_path: Path) -> None:
    path = tmp_path / "scene.yml"
    path.write_text("href: scene.tif\nsize:\n  width: 0\n  height: 1\n")
    done = run("validate", "image@1", str(path))
    assert done.exit_code == 1
    assert done.stdout == f"{path}:3:3: /size/width minimum must be at least 1\n"


def test_validate_goes_on_after_an_unreadable_file(tmp_path: Path) -> None:
    wrong, right = tmp_path / "a.json", tmp_path / "b.json"
    wrong.write_text("{")
    right.write_text('"scene.tif"')
    done = run("validate", "image@1", str(wrong), str(right))
    assert done.exit_code == 1
    assert done.stdout.startswith(f"{wrong}:1:2: ")
    assert "1 of 2 valid" in done.stderr


def test_validate_as_json(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"maxSize": 0}')
    (found,) = json.loads(run("validate", "batch", "--json", str(path)).stdout)
    assert (found["line"], found["pointer"], found["keyword"]) == (1, "/maxSize", "minimum")


def test_validate_against_an_unknown_type_names_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("1")
    assert isinstance(run("validate", "imge", str(tmp_path / "a.json")).exception, UnknownSchema)


def test_lint_of_our_own_registry_is_clean() -> None:
    assert run("lint").exit_code == 0


def test_lint_prints_each_finding_and_fails() -> None:
    done = run("lint", "--root", str(BAD / "keyword_misspelt"))
    assert done.exit_code == 1
    assert "thing@1.0.0 /properties/size/minimumExclusive [unknown-keyword]" in done.stdout
    assert "did you mean 'exclusiveMinimum'?" in done.stdout or "no keyword" in done.stdout


def test_lint_as_json() -> None:
    found = json.loads(run("lint", "--json", "--root", str(BAD / "keyword_misspelt")).stdout)
    assert [(each["rule"], each["line"], each["column"]) for each in found] == [("unknown-keyword", 21, 7)]


def test_a_folder_without_a_registry_is_named(tmp_path: Path) -> None:
    for command in (["list"], ["lint"], ["check"], ["publish", "image"], ["diff", "image", "image"]):
        done = run(*command, "--root", str(tmp_path))
        assert isinstance(done.exception, NoRegistry)
        assert "registry.json" in done.exception.hint


def test_a_registry_without_base_uri_is_named(tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_text("{}")
    assert "base_uri" in str(run("lint", "--root", str(tmp_path)).exception)


def test_list_tells_candidates_from_published_versions(tmp_path: Path) -> None:
    begin(tmp_path, "1.0.0")
    write(tmp_path, "1.1.0")
    assert "thing  1.0.0, 1.1.0 (candidate)  A thing" in run("list", "--root", str(tmp_path)).stdout
    (told,) = json.loads(run("list", "--json", "--root", str(tmp_path)).stdout)
    assert (told["versions"], told["candidates"]) == (["1.0.0"], ["1.1.0"])


def test_a_file_is_validated_against_a_candidate(tmp_path: Path) -> None:
    begin(tmp_path, "1.0.0")
    write(tmp_path, "1.1.0", lambda schema: schema["properties"]["size"].update({"maximum": 10}))
    (tmp_path / "a.json").write_text('{"name": "a", "size": 10}')
    arguments = ("--root", str(tmp_path), str(tmp_path / "a.json"))
    assert run("validate", "thing@1.1.0", *arguments).exit_code == 0
    assert run("validate", "thing@1", *arguments).exit_code == 1


def test_generate_check_names_what_has_drifted(monkeypatch: pytest.MonkeyPatch) -> None:
    from swath_registry import generation

    path = ROOT / "registry" / "swath_types" / "image" / "v1_0_0.py"
    monkeypatch.setattr(generation, "generated_files", lambda *_, **__: {path: "# another text\n"})
    error = run("generate", "--check").exception
    assert isinstance(error, Drifted)
    assert str(path) in str(error)
    assert "swath registry generate" in error.hint


@pytest.mark.parametrize("command", sorted(registry.list_commands(click.Context(registry))))
def test_help_shows_examples(command: str) -> None:
    assert f"swath registry {command}" in run(command, "--help").stdout


def _commands(path: Path) -> list[str]:
    """The `swath registry` lines in the console blocks of a page."""
    blocks = re.findall(r"```console\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ swath registry")]


README = _commands(ROOT / "registry" / "README.md")


@pytest.mark.parametrize("line", README)
def test_commands_in_the_readme_work(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if "generate" in line:
        pytest.importorskip("datamodel_code_generator", reason="the code generator (extra `generate`) is not installed")
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(registry, shlex.split(line)[2:])
    assert done.exit_code == 0, done.output


def test_the_readme_has_commands() -> None:
    assert len(README) >= 5
    assert isinstance(registry, click.Group)
