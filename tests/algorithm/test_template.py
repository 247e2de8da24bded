"""`swath new`: a folder that is right from the first moment, or none at all."""

import io
import json
import runpy
import shutil
from pathlib import Path

import numpy as np
import pytest

from swath_algorithm.cli import TEMPLATES
from swath_algorithm.folder import open_algorithm
from swath_algorithm.template import KINDS, write_template
from swath_algorithm.template import TEMPLATES as FOLDERS
from swath_cli.main import run
from swath_converters import Image


def test_a_new_folder_passes_its_checks_and_its_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["new", "cloud-shadow"]) == 0
    folder = tmp_path / "cloud-shadow"
    assert str(folder) in capsys.readouterr().out
    assert run(["check", "./cloud-shadow"]) == 0
    assert run(["test", "./cloud-shadow"]) == 0
    assert "1 of 1 examples passed" in capsys.readouterr().out


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_template_passes_its_checks_and_its_examples(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "onnx":
        pytest.importorskip("onnxruntime")
    assert run(["new", "cloud-shadow", "--template", kind, "--into", str(tmp_path)]) == 0
    folder = tmp_path / "cloud-shadow"
    assert run(["check", str(folder)]) == 0
    assert run(["test", str(folder)]) == 0
    assert "examples passed" in capsys.readouterr().out
    described = open_algorithm(folder).describe
    assert (described["name"], described["title"]) == ("cloud-shadow", "Cloud shadow")


@pytest.mark.parametrize("kind", [one for one in TEMPLATES if one != "onnx"])
def test_a_template_s_code_says_what_it_takes_and_gives(tmp_path: Path, kind: str) -> None:
    code = (write_template("x", tmp_path, "Swath", "a@swath.example", kind) / "process.py").read_text("utf-8")
    for word in ("Args:", "Returns:"):
        assert word in code


def test_the_batched_template_gives_several_what_it_gives_each() -> None:
    process_batch = runpy.run_path(str(FOLDERS / "batched" / "process.py"))["process_batch"]
    random = np.random.default_rng(1)
    images = [Image(random.integers(0, 9, (3, 6, 7)).astype(dtype), nodata=0) for dtype in ("uint8", "float32", "c8")]
    images.append(Image(np.zeros((1, 6, 7), np.uint8), nodata=0))
    items = [{"image": image, "threshold": threshold} for image, threshold in zip(images, (1, 1e6, 1, 0), strict=True)]
    alone = [process_batch([one])[0] for one in items]
    assert [repr(one) for one in process_batch(items)] == [repr(one) for one in alone]
    assert (alone[0]["isSharp"], alone[1]["isSharp"], type(alone[2]).__name__) == (True, False, "InputRejected")
    assert alone[3] == {"sharpness": 0.0, "isSharp": True}


def test_the_templates_of_the_command_are_those_that_there_are() -> None:
    assert tuple(TEMPLATES) == KINDS
    assert {one.name for one in FOLDERS.iterdir()} == set(KINDS)


def test_models_and_examples_of_the_templates_are_what_their_source_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnx")
    made = tmp_path / "templates"
    shutil.copytree(FOLDERS, made, ignore=shutil.ignore_patterns("__pycache__"))
    source = runpy.run_path(str(Path(__file__).parents[2] / "runtimes" / "core" / "make_templates.py"))
    monkeypatch.setitem(source["main"].__globals__, "TEMPLATES", made)
    source["main"]()
    kept = {str(one.relative_to(made)) for one in made.rglob("*") if one.is_file()}
    differing = [one for one in sorted(kept) if (made / one).read_bytes() != (FOLDERS / one).read_bytes()]
    assert differing == []


class Terminal(io.StringIO):
    """A stream that says that somebody sits at it."""

    def isatty(self) -> bool:
        return True


def test_somebody_at_a_terminal_is_asked_what_no_option_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("change\n\nteam@swath.example\n"))
    monkeypatch.setattr("sys.stdout", shown := Terminal())
    assert run(["new", "x", "--into", str(tmp_path)]) == 0
    describe = open_algorithm(tmp_path / "x").describe
    assert (describe["family"], describe["email"]) == ("change", "team@swath.example")
    assert describe["organization"] == "Example organization"
    assert shown.getvalue().count("[") >= 3


def test_where_nobody_sits_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run(["new", "x", "--into", str(tmp_path)]) == 0
    assert "E-mail" not in capsys.readouterr().out


def test_an_unknown_template_names_those_that_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "x", "--template", "stacked", "--into", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert all(one in said for one in KINDS)
    assert list(tmp_path.iterdir()) == []


def test_a_new_folder_goes_onto_the_shelf_at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "algorithms" / "deep" / "er"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert run(["new", "cloud-shadow"]) == 0
    assert run(["check", "cloud-shadow"]) == 0
    assert (tmp_path / "algorithms" / "cloud-shadow" / "describe.yml").is_file()


def test_names_of_people_are_written_as_they_are(tmp_path: Path) -> None:
    name = 'Ünïversité "Ouest": 雲 😀 \\ #1'
    assert run(["new", "x", "--into", str(tmp_path), "--organization", name, "--email", "a@swath.example"]) == 0
    describe = open_algorithm(tmp_path / "x").describe
    assert (describe["organization"], describe["email"]) == (name, "a@swath.example")


@pytest.mark.parametrize("name", ["Cloud", "cloud_shadow", "1st", "a--b", "-a", "a-", "..", "a/b", "", "ä", "a" * 64])
def test_a_name_that_can_not_be_used_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "--into", str(tmp_path), "--", name]) == 2
    assert "lower-case letters, digits and single hyphens" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fact", [("--email", "somebody"), ("--organization", "")])
def test_a_fact_that_the_description_could_not_hold_is_refused(
    tmp_path: Path, fact: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["new", "x", "--into", str(tmp_path), *fact]) == 2
    assert fact[0] in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "x" / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    assert run(["new", "x", "--into", str(tmp_path)]) == 1
    assert "exists already; nothing was written" in capsys.readouterr().err
    assert [one.name for one in kept.parent.iterdir()] == ["kept.txt"]


def test_findings_are_json_lines_for_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["new", "x", "--into", str(tmp_path)])
    (tmp_path / "x" / "process.py").write_text("")
    capsys.readouterr()
    assert run(["check", str(tmp_path / "x"), "--json"]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    finding = json.loads(line)
    assert finding["path"] == str(tmp_path / "x" / "process.py")
    assert (finding["line"], finding["column"]) == (1, 1)
    assert "no `process` is defined" in finding["message"]
