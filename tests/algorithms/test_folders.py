"""Every folder under algorithms/ has small examples, and their README tells the truth."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from algorithms.conftest import ALGORITHMS

from swath_algorithm.folder import known_names
from swath_runtime.server import installed_runtimes
from swath_testing.targets import RUNTIMES

NAMES = known_names(ALGORITHMS)


@pytest.mark.parametrize("name", NAMES)
def test_an_algorithm_is_listed_in_the_readme(name):
    assert f"[{name}]({name})" in (ALGORITHMS / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_an_algorithm_are_small(name):
    assert sum(file.stat().st_size for file in (ALGORITHMS / name).glob("examples/*/*")) <= 400_000


def test_the_ten_minutes_of_the_readme_work_as_they_are_printed(tmp_path: Path) -> None:
    (tmp_path / "algorithms").mkdir()
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    said = ""
    for path, language, block in _blocks():
        if language != "sh":
            (tmp_path / path).write_text(block, "utf-8")
        elif "--on" in block and not set(RUNTIMES) <= set(installed_runtimes()):
            said += "examples passed (both runtimes are not installed here)"
        else:
            done = subprocess.run(
                ["sh", "-e", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (block, done.stdout, done.stderr)
            said += done.stdout
    assert said.count("examples passed") >= 3
    expected = json.loads((tmp_path / "algorithms/snow-cover/examples/scene/expected.json").read_text())
    assert 0 < expected["snowFraction"] < 1


def _blocks() -> Iterator[tuple[str, str, str]]:
    """(the file that the line before names, language, text) of each fenced block of "Add one in ten minutes"."""
    text = (ALGORITHMS / "README.md").read_text("utf-8")
    section = text.split("## Add one in ten minutes")[1].split("\n## ")[0]
    for before, language, block in re.findall(r"([^\n]*)\n\n```(\w+)\n(.*?)```", section, re.DOTALL):
        named = re.search(r"`(algorithms/[^`]+)`", before)
        yield named[1] if named else "", language, block
