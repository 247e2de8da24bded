"""A project that can't be taken over is refused with one clear message, and nothing is written."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from import_pesto.samples import DESCRIPTION, INPUT, copy_of

from swath_algorithm.errors import AlgorithmError, FolderExists
from swath_algorithm.pesto.errors import PlaceInside, ProfileUnknown, ProjectNotFound, ProjectUnusable
from swath_algorithm.pesto.take_over import take_over
from swath_cli.main import run

PROCESS = "algorithm/process.py"
TEST = "pesto/tests/resources/test_bright"
SPOILED: dict[str, tuple[str, str | None, str]] = {
    "no process.py": (PROCESS, None, "process.py: there is no such file"),
    "no description": (DESCRIPTION, None, "description.json: there is no such file"),
    "no input schema": (INPUT, None, "input_schema.json: there is no such file"),
    "no JSON": (DESCRIPTION, '{\n  "name": oh\n}', "description.json:2:"),
    "JSON cut short": (INPUT, '{"image": {', "input_schema.json:1:"),
    "an empty file": (DESCRIPTION, "", "description.json"),
    "a list": (DESCRIPTION, "[]", "description.json:1:1: must be a JSON object"),
    "a bad build file": ("pesto/build/requirements.json", "{'a': 1}", "requirements.json:1:"),
    "a bad profile": ("pesto/api/description.gpu.json", "{", "description.gpu.json:1:"),
    "no Python": (PROCESS, "class Process(:\n", "process.py:1:"),
    "no class": (PROCESS, "def process(image):\n    return image\n", "process stands in no class"),
    "another class": (PROCESS, "class Algorithm:\n    def process(self): ...\n", "is called Algorithm"),
    "a class without process": (PROCESS, "class Process:\n    pass\n", "has no method process"),
    "a class from elsewhere": (PROCESS, "from algorithm.x import Process\n", "imported or assigned here"),
    "a float that is none": (f"{TEST}/output/share.float", "many", "share.float: holds no number"),
    "a float without end": (f"{TEST}/output/share.float", "inf", "share.float: holds no number"),
    "an integer that is none": (f"{TEST}/input/level.int", "1.5", "level.int: holds no integer"),
    "a test's bad JSON": (f"{TEST}/input/level.json", "{", "level.json:1:"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_what_is_wrong_is_named_with_its_file(case: str, tmp_path: Path) -> None:
    file, content, message = SPOILED[case]
    project = copy_of("keywords", tmp_path)
    (project / file).unlink(missing_ok=True)
    if content is not None:
        (project / file).write_text(content)
    with pytest.raises(ProjectUnusable) as refused:
        take_over(project, tmp_path / "into")
    assert message in str(refused.value) and refused.value.hint and len(refused.value.findings) == 1
    assert not (tmp_path / "into").exists()


def test_a_text_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    (project / TEST / "input" / "name.string").write_bytes(b"\xff")
    with pytest.raises(ProjectUnusable, match=r"name\.string: is not UTF-8"):
        take_over(project, tmp_path / "into")


def test_all_that_is_missing_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ProjectUnusable) as refused:
        take_over(tmp_path, tmp_path.parent / "into")
    assert len(refused.value.findings) == 4 and "algorithm/process.py" in refused.value.hint


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectNotFound, match="nowhere"):
        take_over(tmp_path / "nowhere", tmp_path / "into")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    (tmp_path / "into" / "level-mask").mkdir(parents=True)
    with pytest.raises(FolderExists):
        take_over(project, tmp_path / "into")
    assert [one.name for one in (tmp_path / "into").iterdir()] == ["level-mask"]
    assert list((tmp_path / "into" / "level-mask").iterdir()) == []


def test_nothing_is_written_into_the_project(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    with pytest.raises(PlaceInside):
        take_over(project, project / "swath")


def test_an_unknown_profile_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(ProfileUnknown) as refused:
        take_over(copy_of("dataclasses", tmp_path), tmp_path / "into", ["gpus"])
    assert refused.value.hint == "its profiles: gpu, stateful" and refused.value.exit_code == 2


def _inherit(project: Path) -> None:
    (project / PROCESS).write_text(
        "from pesto.ws.service.process import ProcessService as P\n\n"
        "class Process:\n    def process(self, image, mask, level, inverted):\n"
        "        return P\n"
    )


def _odd_schema(project: Path) -> None:
    (project / INPUT).write_text(json.dumps({"image": {"$ref": "#/definitions/Image"}, "level": {"type": "numbr"}}))


MENDABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "another parameter": (
        _inherit,
        "process() takes 'inverted', which describe.yml does not declare",
    ),
    "a schema that is none": (_odd_schema, "/input/properties/level/type"),
}


@pytest.mark.parametrize("case", MENDABLE)
def test_what_must_be_mended_by_hand_is_told_and_gives_exit_code_1(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, message = MENDABLE[case]
    project = copy_of("keywords", tmp_path)
    spoil(project)
    assert run(["import-pesto", str(project), "--into", str(tmp_path / "into")]) == 1
    assert message in capsys.readouterr().out
    assert message in (tmp_path / "into" / "level-mask" / "import-report.md").read_text()


def test_each_refusal_tells_what_to_do_next(tmp_path: Path) -> None:
    refusals = (ProjectUnusable(tmp_path, []), ProjectNotFound(tmp_path), ProfileUnknown("x", []))
    for error in (*refusals, PlaceInside(tmp_path, tmp_path)):
        assert isinstance(error, AlgorithmError) and error.hint and error.exit_code in {1, 2}
