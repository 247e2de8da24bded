"""Every folder under algorithms/ has small examples, and their README tells the truth."""

import re
import shutil
from pathlib import Path

import pytest
from algorithms.conftest import ALGORITHMS

from swath_algorithm.folder import known_names
from swath_cli.main import run

NAMES = known_names(ALGORITHMS)


@pytest.mark.parametrize("name", NAMES)
def test_an_algorithm_is_listed_in_the_readme(name):
    assert f"[{name}]({name})" in (ALGORITHMS / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_an_algorithm_are_small(name):
    assert sum(file.stat().st_size for file in (ALGORITHMS / name).glob("examples/*/*")) <= 400_000


def test_the_commands_of_the_readme_work(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ALGORITHMS / "grayscale", tmp_path / "algorithms" / "grayscale")
    blocks = re.findall(r"```sh\n(.*?)```", (ALGORITHMS / "README.md").read_text("utf-8"), re.DOTALL)
    commands = [line.split("#")[0].split() for block in blocks for line in block.splitlines()]
    assert len(commands) == 5
    for swath, *arguments in commands:
        assert swath == "swath"
        assert run(arguments) == 0, arguments
    assert (tmp_path / "result" / "image.tif").is_file()
