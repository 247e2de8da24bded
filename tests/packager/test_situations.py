"""Algorithm folders, good and bad: expected.toml says what the plan holds, or which error each is refused with."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from swath_packager.errors import ProjectInvalid
from swath_packager.order import order
from swath_packager.project import read_project
from swath_packager.runtimes import known_runtimes

SITUATIONS = sorted(Path(__file__).parent.glob("situations/*/expected.toml"))
RUNTIME = next(iter(known_runtimes()))


def _told(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


GOOD = [one for one in SITUATIONS if "error" not in _told(one)]
BAD = [one for one in SITUATIONS if "error" in _told(one)]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.parent.name)
def test_a_good_folder_has_the_plan_that_it_expects(path: Path) -> None:
    told = _told(path)
    wanted = order(str(path.parent), RUNTIME, told.get("profile", "cpu"))
    assert [layer.name for layer in wanted.plan.layers] == told["layers"]
    assert [one.line for one in wanted.asked] == told.get("asked", [])


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.parent.name)
def test_a_bad_folder_is_refused_with_what_and_where_and_what_to_do(path: Path) -> None:
    told = _told(path)
    with pytest.raises(Exception) as refused:
        order(str(path.parent), RUNTIME, told.get("profile", "cpu"))
    assert told["error"] in str(refused.value)
    assert told["hint"] in refused.value.hint
    assert refused.value.exit_code == told["exit_code"]


def test_there_are_good_and_bad_ones() -> None:
    assert len(GOOD) >= 3
    assert len(BAD) >= 8


def test_what_pyproject_asks_for_stands_in_the_plan() -> None:
    folder = next(one.parent for one in GOOD if one.parent.name == "with-project")
    plan = order(str(folder), RUNTIME, "cpu").plan
    layers = {one.name: one for one in plan.layers}
    assert plan.env["OMP_NUM_THREADS"] == "2"
    assert layers["system"].contents == ("libexpat1",)
    places = {one.name for one in layers["files"].sources}
    assert places == {"usr/share/grids/egm.txt", "opt/swath/algorithm/names/egm.txt"}


def test_a_project_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.swath\n")
    with pytest.raises(ProjectInvalid, match=r"pyproject\.toml"):
        read_project(tmp_path)
