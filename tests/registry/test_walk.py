"""The walk through publishing in the registry's README, run as it is printed, its output compared."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = ROOT / "registry" / "README.md"

_MARK = "-- end of command --"


def recorded() -> list[tuple[str, str]]:
    """Each command of the walk with the output printed below it."""
    blocks = re.findall(r"```sh-session\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    steps = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks), re.MULTILINE)
    return [(command, output) for command, output in steps]


def walked(folder: Path) -> list[tuple[str, str]]:
    """The same, run in one shell in a folder in which `registry` is this one."""
    (folder / "registry").symlink_to(ROOT / "registry")
    script = "".join(f"{command}\necho '{_MARK}'\n" for command, _ in recorded())
    done = subprocess.run(
        ["bash"],
        input=script,
        cwd=folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=170,
        check=False,
    )
    outputs = done.stdout.split(f"{_MARK}\n")
    return [(command, output) for (command, _), output in zip(recorded(), outputs, strict=False)]


def test_the_walk_happens_as_it_is_printed(tmp_path: Path) -> None:
    pytest.importorskip("datamodel_code_generator", reason="the code generator (extra `generate`) is not installed")
    assert walked(tmp_path) == recorded()


def test_the_walk_publishes_refuses_and_misnumbers() -> None:
    printed = "".join(output for _, output in recorded())
    assert "published resources@1.1.0 as number" in printed
    assert "publish it as resources@1.2.0" in printed
    assert "publish it as resources@2.0.0" in printed
    assert printed.count("nothing was changed") == 2
