"""`swath package` as its users run it: killed in the middle, twice at once, in a folder that can't be written to.

Real builds, which share this machine's cache: SWATH_REQUIRE_ENGINE=1 turns the skips of this file into failures.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from packager.folders import folder_with

from swath_packager import store as stores
from swath_packager.archive_reading import read_config
from swath_packager.engine import Engine
from swath_packager.runtimes import known_runtimes
from swath_packager.store import user_store

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]
RUNTIME = next(iter(known_runtimes()))
SWATH = Path(sys.executable).with_name("swath")
TAG = "swath-test/killed:1"
KILLS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]


def _command(folder: Path, *options: str) -> list[str]:
    return [str(SWATH), "package", str(folder), "--runtime", RUNTIME, "--no-try", "--json", *options]


def _made(command: list[str]) -> str:
    """What a command that succeeds writes."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _kill(command: list[str], step: str, how: signal.Signals) -> None:
    """Start a command, and end it once it tells of a step."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert any(step in line for line in running.stderr), f"it never came to '{step}'"
        running.send_signal(how)
        running.communicate(timeout=60)


def _edit(folder: Path) -> None:
    path = folder / "process.py"
    path.write_text(f"{path.read_text()}# edited at {time.time_ns()}\n")


def _grow_old(folder: Path) -> None:
    long_ago = time.time() - 2 * stores.ABANDONED_S
    for path in folder.rglob("*"):
        os.utime(path, (long_ago, long_ago), follow_symlinks=False)


@pytest.fixture
def output(engine: object, tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "a.tar"


@pytest.mark.parametrize("how", KILLS)
@pytest.mark.parametrize("step", ["installing", "packing the layer algorithm", "writing"])
def test_an_archive_of_a_killed_command_is_absent_or_whole(
    tmp_path: Path, output: Path, step: str, how: signal.Signals
) -> None:
    folder = folder_with(tmp_path / "algorithm")
    _edit(folder)
    command = _command(folder, "--builder", "oci", "--output", str(output))
    _kill(command, step, how)
    if output.exists():
        assert read_config(output)["config"]["Labels"]["io.swath.describe"]
    _grow_old(output.parent)
    _made(command)
    assert {one.name for one in output.parent.iterdir()} == {"a.tar", "a.tar.cdx.json"}
    assert {one.name for one in folder.iterdir()} == {"describe.yml", "process.py", "examples"}


@pytest.mark.parametrize("how", KILLS)
def test_an_archive_that_was_there_outlives_a_killed_command(tmp_path: Path, output: Path, how: signal.Signals) -> None:
    folder = folder_with(tmp_path / "algorithm")
    command = _command(folder, "--builder", "oci", "--output", str(output))
    first = json.loads(_made(command))["digest"]
    before = output.read_bytes()
    _edit(folder)
    _kill(command, "packing the layer dependencies", how)
    if output.read_bytes() != before:  # it was quicker than the signal
        assert json.loads(_made(command))["digest"] != first


@pytest.fixture
def name(engine: Engine) -> Iterator[str]:
    yield TAG
    engine.remove_image(TAG)


@pytest.mark.parametrize("how", KILLS)
def test_a_killed_build_leaves_the_engines_name_where_it_was(
    engine: Engine, name: str, tmp_path: Path, how: signal.Signals
) -> None:
    folder = folder_with(tmp_path / "algorithm")
    command = _command(folder, "--builder", "docker", "--tag", name)
    first = json.loads(_made(command))["digest"]
    _edit(folder)
    _kill(command, "installing", how)
    assert (engine.inspect(name) or {})["Id"] == first
    second = json.loads(_made(command))["digest"]
    assert (engine.inspect(name) or {})["Id"] == second != first


def test_two_commands_at_once_into_one_place_leave_one_whole_archive(tmp_path: Path, output: Path) -> None:
    folder = folder_with(tmp_path / "algorithm")
    _edit(folder)
    command = _command(folder, "--builder", "oci", "--output", str(output))
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=240) for one in both]
    assert [one.returncode for one in both] == [0, 0], [said for _, said in told]
    (digest,) = {json.loads(made)["digest"] for made, _ in told}
    assert {one.name for one in output.parent.iterdir()} == {"a.tar", "a.tar.cdx.json"}
    assert json.loads(_made(command))["digest"] == digest


def test_two_commands_at_once_into_one_engine_leave_one_image_of_that_name(
    engine: Engine, name: str, tmp_path: Path
) -> None:
    folder = folder_with(tmp_path / "algorithm")
    _edit(folder)
    command = _command(folder, "--builder", "docker", "--tag", name)
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [one.communicate(timeout=240) for one in both]
    assert [one.returncode for one in both] == [0, 0], [said for _, said in told]
    assert (engine.inspect(name) or {})["Id"] in {json.loads(made)["digest"] for made, _ in told}


def test_an_algorithm_in_a_folder_that_cannot_be_written_to_is_packaged_and_that_is_told(
    tmp_path: Path, output: Path
) -> None:
    folder = folder_with(tmp_path / "algorithm", files={"requirements.txt": "affine\n"})
    command = _command(folder, "--builder", "oci", "--output", str(output))
    made = json.loads(_made([*_unwritable(folder), *command]))
    assert any(str(folder) in note and "can't be written" in note for note in made["notes"])
    assert any(pin.startswith("affine==") for pin in made["dependencies"])
    assert not (folder / "requirements.lock").exists()


def _unwritable(folder: Path) -> list[str]:
    """What a command is preceded by to find a folder read-only: modes alone do not hold root back."""
    if os.geteuid() != 0:
        folder.chmod(0o555)
        return []
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && exec "$@"'
    prefix = ["unshare", "--mount", "sh", "-c", script, "sh", str(folder)]
    if shutil.which("unshare") is None or subprocess.run([*prefix, "true"], check=False).returncode != 0:
        pytest.skip("no folder can be made read-only here: no unshare, or no right to mount")
    return prefix


def test_what_killed_commands_left_in_the_cache_is_swept_by_the_next(tmp_path: Path, output: Path) -> None:
    folder = folder_with(tmp_path / "algorithm")
    abandoned = Path(user_store().folder) / "work" / f"abandoned-{os.getpid()}"
    abandoned.mkdir(parents=True)
    (abandoned / "half").write_text("x")
    _grow_old(abandoned)
    os.utime(abandoned, (0, 0))
    _made(_command(folder, "--builder", "oci", "--output", str(output)))
    assert not abandoned.exists()
