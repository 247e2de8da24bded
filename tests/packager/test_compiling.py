"""Byte code is the same however it was made."""

import shutil
import sys
from pathlib import Path

import pytest
from packager.folders import folder_with

from swath_packager.compiling import compile_tree


def _compiled(folder: Path) -> dict[str, bytes]:
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in folder.rglob("*.pyc")}


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """The same interpreter under another path, so that it is started for the work."""
    (tmp_path / "python").symlink_to(sys.executable)
    return tmp_path / "python"


def test_a_few_modules_give_the_bytes_that_a_process_of_its_own_gives(tmp_path: Path, elsewhere: Path) -> None:
    one = folder_with(
        tmp_path / "one", files={"odd.py": 'import re\n"\\d"\nassert re\n', "template.py": "{{ no }} python"}
    )
    other = shutil.copytree(one, tmp_path / "other")
    compile_tree(one, "/opt/swath/algorithm", Path(sys.executable))
    compile_tree(other, "/opt/swath/algorithm", elsewhere)
    made = _compiled(one)
    assert {Path(name).name.partition(".")[0] for name in made} == {"process", "odd"}
    assert made == _compiled(other)
    assert b"/opt/swath/algorithm/process.py" in next(code for name, code in made.items() if "process" in name)
