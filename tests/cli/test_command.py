"""The one command: what it says of itself, how it ends, and what it must not load."""

import os
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest
from conftest import FAKES, ROOT

from swath_cli import main

COMMANDS = {one.name: one for one in entry_points(group="swath.commands")}
HEAVY = ("numpy", "rasterio", "docker", "fastapi", "flask", "onnxruntime", "pydantic", "jsonschema_rs")
GRAYSCALE = ROOT / "algorithms" / "grayscale"


def paths() -> list[tuple[str, ...]]:
    """Every command as it is typed, those of groups too."""
    found: list[tuple[str, ...]] = []
    for name, entry in sorted(COMMANDS.items()):
        command = entry.load()
        inner = command.list_commands(click.Context(command)) if isinstance(command, click.Group) else []
        found += [(name, one) for one in inner] or [(name,)]
    return found


def swath(*arguments: str, cwd: Path, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "swath_cli", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=os.environ | (environment or {}), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("path", paths(), ids=" ".join)
def test_help_has_examples_anywhere(
    path: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main.run([*path, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "Examples:" in shown or "Example:" in shown
    assert f"swath {' '.join(path)}" in shown.partition("Example")[2]


def test_every_command_of_the_contract_is_there() -> None:
    assert {"new", "check", "run", "serve", "test", "package", "describe", "registry", "sample"} <= COMMANDS.keys()


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, swath_cli.main as main\n"
        f"for arguments in (['--help'], *([name, '--help'] for name in {sorted(COMMANDS)!r})):\n"
        "    assert main.run(arguments) == 0\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "loaded: []"


def test_help_names_every_command_and_the_exit_codes(tmp_path: Path) -> None:
    shown = swath("--help", cwd=tmp_path)
    assert shown.returncode == 0
    assert all(name in shown.stdout for name in COMMANDS)
    assert "Exit codes: 0 done, 1" in shown.stdout


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("swath ")


def test_nothing_asked_shows_help_and_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([]) == 2
    assert "Commands:" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chekc"], "No such command 'chekc'. Did you mean 'check'?"),
        (["zzz"], "No such command 'zzz'."),
        (["check", "--jsn"], "--json"),
        (["serve"], "Missing argument 'ALGORITHM'"),
        (["serve", "grayscale", "--port", "0"], "--port"),
        (["check", "no-such"], "no algorithm 'no-such'"),
        (["run", "./no/such"], "no algorithm './no/such'"),
        (["run", str(GRAYSCALE), "--input", "image"], "write NAME=VALUE or NAME=FILE"),
        (["run", str(GRAYSCALE), "--input", "imge=1"], "its inputs: image"),
        (["run", str(GRAYSCALE), "--input", "image=gone.tif"], "there is no file gone.tif"),
        (["run", str(GRAYSCALE), "--input", "image=a/b", "--input", "image=c"], "there is no file a/b"),
    ],
)
def test_a_mistake_of_use_ends_with_2_and_says_what_to_write(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(arguments) == 2
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Traceback" not in shown.err
    assert not shown.out


@pytest.mark.parametrize("command", ["run", "serve"])
def test_a_profile_that_is_not_declared_is_refused_before_anything_starts(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([command, str(GRAYSCALE), "--profile", "tpu"]) == 3
    assert "the profile 'tpu' can't be used here: grayscale declares cpu, gpu" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", str(GRAYSCALE)], "400 the input: lacks 'image'"),
        (["run", str(FAKES / "too_slow"), "--input", "seconds=soon"], "400 /seconds: must be a number, not a string"),
        (["run", str(FAKES / "always_fails")], "process.py:"),
        (["run", str(FAKES / "wrong_type")], "500 The algorithm's output /"),
    ],
)
def test_a_call_that_fails_ends_with_1_and_says_why(
    arguments: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run([*arguments, "--out", str(tmp_path / "result")]) == 1
    shown = capsys.readouterr()
    assert says in shown.err
    assert "Traceback" not in shown.err
    assert not (tmp_path / "result").exists()


def test_a_folder_with_mistakes_stops_every_command_at_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(GRAYSCALE, tmp_path / "grayscale"))
    path = folder / "describe.yml"
    path.write_text(path.read_text().replace("$ref: image/1", "$ref: imagee/1", 1))
    line = next(number for number, text in enumerate(path.read_text().splitlines(), 1) if "imagee" in text)
    for arguments in (["check"], ["serve"], ["run"], ["test"], ["package", "--plan"], ["describe"]):
        assert main.run([arguments[0], str(folder), *arguments[1:]]) == 1, arguments
        shown = capsys.readouterr()
        assert f"{path}:{line}:7: 'imagee' is no type of this registry; did you mean image/1?" in shown.out + shown.err


def test_what_can_not_be_written_ends_with_3_and_its_path(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert main.run(["new", "x", "--into", str(tmp_path / "file" / "below")]) == 3
    assert f"{tmp_path}/file" in capsys.readouterr().err


def test_an_unknown_runtime_ends_with_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["serve", str(GRAYSCALE), "--runtime", "django"]) == 3
    assert "the runtime 'django' is not installed" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_gets_no_trace(tmp_path: Path) -> None:
    (tmp_path / "algorithms").mkdir()
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "swath_cli", "check", str(GRAYSCALE)],
        stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == ""


def test_an_interrupt_is_said_and_ends_with_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("swath_algorithm.check.check", interrupted)
    assert main.run(["check", str(GRAYSCALE)]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_mistake_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("swath_algorithm.check.check", broken)
    with pytest.raises(ZeroDivisionError):
        main.run(["check", str(GRAYSCALE)])


def test_names_are_found_on_the_shelf_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(GRAYSCALE, tmp_path / "algorithms" / "grayscale")
    below = tmp_path / "Wölken und mehr" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert main.run(["check", "grayscale"]) == 0
    assert main.run(["check"]) == 0
    assert main.run(["check", "grey"]) == 2
    assert "known here: grayscale" in capsys.readouterr().err


def test_a_folder_on_the_shelf_without_a_description_is_not_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(GRAYSCALE, tmp_path / "algorithms" / "grayscale"))
    (folder / "describe.yml").rename(folder / "describe.yaml")
    monkeypatch.chdir(tmp_path)
    assert main.run(["check"]) == 1
    assert "grayscale/describe.yml: there is no describe.yml" in capsys.readouterr().out


def test_a_folder_of_letters_and_spaces_works_from_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(GRAYSCALE, tmp_path / "graue Wölken 雲")
    monkeypatch.chdir(tmp_path)
    for command in ("check", "test"):
        assert main.run([command, "./graue Wölken 雲"]) == 0
    scene = GRAYSCALE / "examples" / "colours" / "image.tif"
    shutil.copy(scene, tmp_path / "my scène.tif")
    assert main.run(["run", "./graue Wölken 雲", "--input", "image=my scène.tif", "--out", "ein Ergebnis"]) == 0
    assert (tmp_path / "ein Ergebnis" / "image.tif").is_file()


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_folder_that_can_only_be_read_is_enough(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(GRAYSCALE, tmp_path / "grayscale", ignore=shutil.ignore_patterns("__pycache__")))
    before = sorted(folder.rglob("*"))
    for one in (folder, *before):
        one.chmod(0o555 if one.is_dir() else 0o444)
    try:
        assert main.run([command, str(folder)]) == 0
    finally:
        for one in (folder, *before):
            one.chmod(0o755)
