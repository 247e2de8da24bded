"""Expectations are rewritten where they differ, and nowhere else."""

import json
from pathlib import Path

import pytest

from swath_cli.main import run

CASE = Path("examples") / "colours"


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "process.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (one for one in folder.rglob("*") if one.is_file() and "__pycache__" not in one.parts)
    return {str(one.relative_to(folder)): (one.read_bytes(), one.stat().st_mtime_ns) for one in files}


def test_what_differs_is_rewritten_and_passes_then(grayscale: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(grayscale, "np.rint(brightness)", "np.rint(brightness) + 1")
    before = contents(grayscale)
    assert run(["test", str(grayscale), "--update"]) == 0
    out = capsys.readouterr().out
    assert "of the pixels differ" in out
    assert "updated examples/colours/gray.tif" in out
    changed = {name for name, one in contents(grayscale).items() if before.get(name) != one}
    assert changed == {"examples/colours/gray.tif"}
    assert run(["test", str(grayscale)]) == 0


def test_what_passes_is_not_touched(grayscale: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(grayscale)
    assert run(["test", str(grayscale), "--update"]) == 0
    assert contents(grayscale) == before
    assert "nothing to update" in capsys.readouterr().out


def test_what_passes_within_its_tolerance_is_not_touched(grayscale: Path) -> None:
    change(grayscale, "np.rint(brightness)", "np.rint(brightness) + 1")
    (grayscale / CASE / "tolerances.json").write_text('{"image": {"differingPixels": 1}}')
    before = contents(grayscale)
    assert run(["test", str(grayscale), "--update"]) == 0
    assert contents(grayscale) == before


def test_an_expectation_of_nothing_is_filled(grayscale: Path) -> None:
    (grayscale / CASE / "expected.json").write_text("{}")
    (grayscale / CASE / "gray.tif").unlink()
    assert run(["test", str(grayscale), "--update"]) == 0
    given = json.loads((grayscale / CASE / "input.json").read_text())["image"]["href"]
    named = json.loads((grayscale / CASE / "expected.json").read_text())["image"]["href"]
    assert named != given
    assert run(["test", str(grayscale)]) == 0


def test_a_file_of_the_input_is_never_written(grayscale: Path) -> None:
    given = json.loads((grayscale / CASE / "input.json").read_text())["image"]["href"]
    (grayscale / CASE / "expected.json").write_text(json.dumps({"image": {"href": given}}))
    before = (grayscale / CASE / given).read_bytes()
    assert run(["test", str(grayscale), "--update"]) == 0
    assert (grayscale / CASE / given).read_bytes() == before
    assert run(["test", str(grayscale)]) == 0


def test_nothing_is_written_where_a_call_fails(grayscale: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change(grayscale, "    red, green, blue = image.array", "    red, green = image.array")
    before = contents(grayscale)
    assert run(["test", str(grayscale), "--update"]) == 1
    assert contents(grayscale) == before
    assert "nothing is updated: colours failed" in capsys.readouterr().err


def test_no_file_is_left_behind(grayscale: Path) -> None:
    change(grayscale, "np.rint(brightness)", "np.rint(brightness) + 1")
    before = set(contents(grayscale))
    run(["test", str(grayscale), "--update"])
    assert set(contents(grayscale)) == before


@pytest.mark.parametrize("more", [["--on", "direct", "--on", "direct"], ["--property", "3"]])
def test_one_place_alone_can_be_learnt_from(
    grayscale: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["test", str(grayscale), "--update", *more]) == 2
    assert "--update learns from one place" in capsys.readouterr().err
