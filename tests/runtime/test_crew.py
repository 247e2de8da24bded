"""What the workers of one server know of each other, and what is left of it."""

import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from swath_runtime.crew import Crew, crew_of
from swath_runtime.errors import NoRoom

JOINED = """
import sys
from pathlib import Path
from swath_runtime.crew import {made}
{joined}
print("there", flush=True)
sys.stdin.read()
"""
WORKER = JOINED.format(made="Crew", joined="crew = Crew(Path(sys.argv[1]), 2); crew.join()")
SERVER = JOINED.format(made="crew_of", joined="crew = crew_of(2); crew.__enter__()")


@pytest.fixture(autouse=True)
def tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@contextmanager
def other(code: str, *arguments: str, **environ: str) -> Generator[subprocess.Popen[str]]:
    """Another process that has come as far as it should; killed at the end."""
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "there\n"
        yield process
        process.kill()


def test_one_worker_is_a_whole_crew_without_a_folder(tmp: Path) -> None:
    with crew_of(1) as crew:
        assert crew.is_whole
        assert list(tmp.iterdir()) == []


def test_a_crew_is_whole_while_each_of_it_lives(tmp: Path) -> None:
    with crew_of(2) as crew:
        assert crew.folder is not None
        crew.join()
        assert not crew.is_whole
        with other(WORKER, str(crew.folder)):
            assert crew.is_whole
        assert not crew.is_whole


def test_one_that_leaves_is_missing(tmp: Path) -> None:
    crew = Crew(tmp, 1)
    crew.join()
    assert crew.is_whole
    crew.leave()
    assert not crew.is_whole


def test_the_folder_goes_with_the_server(tmp: Path) -> None:
    with crew_of(2) as crew:
        assert crew.folder is not None
        assert crew.folder.parent == tmp
    assert list(tmp.iterdir()) == []


def test_what_a_killed_server_left_is_removed_by_the_next(tmp: Path) -> None:
    with other(SERVER, TMPDIR=str(tmp)):
        (left,) = tmp.iterdir()
        with crew_of(2):
            assert left.exists()
    assert left.exists()
    with crew_of(2):
        assert not left.exists()


def test_a_folder_that_is_just_being_made_stays(tmp: Path) -> None:
    young = tmp / "swath-run-young"
    young.mkdir()
    with crew_of(2):
        assert young.exists()


def test_no_room_for_the_folder_is_said_with_what_to_do(tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp / "nowhere"))
    with pytest.raises(NoRoom, match="nowhere") as raised, crew_of(2):
        pass
    assert raised.value.exit_code == 3
    assert "SWATH_WORKERS=1" in raised.value.hint
