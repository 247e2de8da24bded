"""Projects of four styles, taken over, pass their own tests wherever they are served, their process.py unchanged."""

import hashlib
from pathlib import Path

import pytest
from import_pesto.samples import NAMES, PROJECTS, copy_of, taken, told

from swath_algorithm.check import check
from swath_algorithm.folder import open_algorithm
from swath_algorithm.pesto.notes import TITLES
from swath_algorithm.pesto.take_over import REPORT, take_over
from swath_runtime.server import installed_runtimes
from swath_testing.run import run_cases
from swath_testing.targets import DIRECT, open_target


@pytest.mark.parametrize("where", [DIRECT, "fastapi", "flask"])
@pytest.mark.parametrize("name", NAMES)
def test_a_project_passes_its_own_tests(name: str, where: str) -> None:
    if where not in {DIRECT, *installed_runtimes()}:
        pytest.skip(f"the runtime {where} is not installed")
    algorithm = open_algorithm(taken(name).folder)
    with open_target(where, algorithm) as url:
        report = run_cases(algorithm, url, where)
    assert report.passed and len(report.results) == 2, report.summary()


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_taken_over_has_no_mistakes(name: str) -> None:
    assert check(taken(name).folder) == [] and taken(name).mistakes == ()


@pytest.mark.parametrize("name", NAMES)
def test_process_is_the_project_s_byte_for_byte(name: str) -> None:
    there = PROJECTS / name / "algorithm" / "process.py"
    assert (taken(name).folder / "process.py").read_bytes() == there.read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_each_file_of_a_project_is_taken_or_told_of(name: str) -> None:
    found = taken(name)
    kept = {_digest(one) for one in found.folder.rglob("*") if one.is_file()}
    for path in _files(PROJECTS / name):
        place = path.relative_to(PROJECTS / name).as_posix()
        is_told = any(place.startswith(one.source) for one in found.notes.every)
        assert is_told or _digest(path) in kept, place


def test_a_project_is_left_as_it_is(tmp_path: Path) -> None:
    project = copy_of("dataclasses", tmp_path)
    before = {one: _digest(one) for one in _files(project)}
    take_over(project, tmp_path / "into")
    assert {one: _digest(one) for one in _files(project)} == before


@pytest.mark.parametrize("name", NAMES)
def test_the_report_beside_it_says_all_that_was_told(name: str) -> None:
    text = (taken(name).folder / REPORT).read_text()
    assert all(title in text for title in TITLES.values())
    assert all(f"`{one.source}`" in text and " ".join(one.message.split()) in text for one in taken(name).notes.every)


def test_an_image_that_lists_images_is_one_of_the_registry() -> None:
    describe = open_algorithm(taken("mosaic").folder).describe
    tiles, places = (describe["input"]["properties"][one] for one in ("tiles", "places"))
    assert "/image/1." in tiles["items"]["$ref"]
    assert "/image/1." in places["items"]["properties"]["picture"]["$ref"]


def test_polygons_metadata_and_collections_are_the_registry_s_types() -> None:
    outputs = open_algorithm(taken("dataclasses").folder).describe["output"]["properties"]
    assert "/geometry/" in outputs["areas"]["items"]["$ref"]
    assert "/metadata/" in outputs["about"]["$ref"]
    assert "/featureCollection/" in outputs["found"]["$ref"]


def test_parameters_called_as_keywords_are_parameters() -> None:
    inputs = open_algorithm(taken("values").folder).describe["input"]
    assert {"title", "type"} <= inputs["properties"].keys() and inputs["required"] == ["title", "count"]


def test_metadata_that_the_registry_s_type_refuses_stays_a_plain_object() -> None:
    about = open_algorithm(taken("values").folder).describe["input"]["properties"]["about"]
    assert about == {"type": "object"} and told(taken("values"), "pesto/api/input_schema.json", "/about")


def test_a_list_of_more_than_ten_keeps_its_order() -> None:
    expected = (taken("dataclasses").folder / "examples" / "test_1" / "expected.json").read_text()
    places = [expected.index(f"image_list/{index}.png") for index in range(11)]
    assert places == sorted(places)


def _files(folder: Path) -> list[Path]:
    return [one for one in sorted(folder.rglob("*")) if one.is_file() and "__pycache__" not in one.parts]


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
