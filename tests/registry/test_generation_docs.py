"""What docs/generation.md shows is what happens."""

import json
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from swath_cli.main import run as run_swath
from swath_registry.validation import Validator

TEXT = (Path(__file__).parents[2] / "docs" / "generation.md").read_text(encoding="utf-8")
SCENES = [{"href": "scene.tif"}, {"href": "scene.tif", "overviews": [2, 4]}]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_python_shown_runs() -> None:
    names = {"document": {"href": "scene.tif"}}
    assert len(blocks("python")) == 2
    for block in blocks("python"):
        exec(block, names)  # noqa: S102 - our own text


def test_the_commands_shown_say_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (shown,) = blocks("console")
    steps = [step.splitlines() for step in shown.split("$ ")[1:]]
    assert len(steps) == 3
    for (command, *expected), scene in zip(steps, (SCENES[0], SCENES[1], SCENES[1]), strict=True):
        Path("scene.json").write_text(json.dumps(scene))
        code = run_swath(shlex.split(command)[1:])
        said = capfd.readouterr()
        assert (code == 1) == (expected[:1] != [] and expected[0].startswith("error: "))
        assert said.err.splitlines()[:1] == expected[:1]
    assert Validator("image@1.0.0").is_valid(json.loads(Path("old.json").read_text()))


def test_the_command_says_what_would_be_lost_to_machines(tmp_path: Path) -> None:
    from swath_registry.cli import registry

    path = tmp_path / "scene.json"
    path.write_text(json.dumps(SCENES[1]))
    done = CliRunner().invoke(registry, ["convert", "image@1.1.0", "image@1.0.0", str(path), "--json"])
    assert done.exit_code == 1
    answer = json.loads(done.stdout)
    assert (answer["document"], [each["pointer"] for each in answer["lost"]]) == (None, ["/overviews"])


def test_the_command_reads_yaml_and_says_where_a_document_is_wrong(tmp_path: Path) -> None:
    from swath_registry.cli import registry

    path = tmp_path / "scene.yml"
    path.write_text("href: scene.tif\noverviews: 2\n")
    error = CliRunner().invoke(registry, ["convert", "image@1.1.0", "image@1.0.0", str(path)]).exception
    assert "/overviews must be an array" in str(error)
