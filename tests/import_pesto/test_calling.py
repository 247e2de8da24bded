"""How a Process is called: as PESTO did where it was written for it, and with a dataclass of all inputs anywhere."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from import_pesto.samples import taken

from swath_algorithm.check import check
from swath_algorithm.folder import open_algorithm
from swath_converters import Image
from swath_converters.image import to_wire
from swath_runtime.errors import LoadFailed
from swath_runtime.service import Service
from swath_runtime.settings import Settings

DESCRIBE = """\
name: probe
title: Probe
version: 1.0.0
family: test
description: Tells what it was handed.
organization: Swath
email: tests@swath.example
resources: {cpu: 1, ram: 1000000}
input:
  type: object
  properties:
    image: {$ref: image/1}
    images: {type: array, items: {$ref: image/1}}
    level: {type: number}
    steps: {type: number}
output:
  type: object
  properties:
    handed: {type: string}
    result: {$ref: image/1}
"""
TELLS = """\
class Process:
    def process(self, image, images, level, steps=3):
        kinds = [type(one).__name__ for one in (image, *(images or []))]
        return {"handed": f"{kinds} {images is None} {level} {steps}", "result": image}
"""
FOLDS = """\
from dataclasses import dataclass, field

import numpy as np

from swath_runtime import Context


@dataclass
class Inputs:
    image: np.ndarray
    level: float | None = None
    steps: float = 3
    images: list = field(default_factory=list)


def process(inputs: Inputs, context: Context):
    return {"handed": f"{type(inputs.image).__name__} {inputs.level} {inputs.steps} {context.profile}"}
"""
IMAGE = to_wire(Image(np.zeros((1, 2, 3), np.uint8), crs="EPSG:32631"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "describe.yml").write_text(DESCRIBE)
    return tmp_path


def called(folder: Path, document: dict[str, Any]) -> tuple[str, dict[str, Image]]:
    service = Service(open_algorithm(folder), Settings(algorithm=folder))
    service.start()
    try:
        outcome = service.call(document, {})
    finally:
        service.stop()
    return outcome.document["handed"], outcome.images


@pytest.fixture
def for_pesto(folder: Path) -> Path:
    (folder / "process.py").write_text(TELLS)
    (folder / "algorithm").mkdir()
    (folder / "algorithm" / "__init__.py").touch()
    return folder


def test_what_is_absent_is_none_unless_the_signature_has_a_default(for_pesto: Path) -> None:
    assert called(for_pesto, {"image": IMAGE})[0] == "['ndarray'] True None 3"


def test_images_are_bare_arrays_in_lists_too(for_pesto: Path) -> None:
    assert called(for_pesto, {"image": IMAGE, "images": [IMAGE]})[0] == "['ndarray', 'ndarray'] False None 3"


def test_a_result_carries_no_georeferencing_as_there(for_pesto: Path) -> None:
    assert called(for_pesto, {"image": IMAGE})[1]["/result"].crs is None


def test_without_the_package_it_is_called_as_any_other(for_pesto: Path) -> None:
    (for_pesto / "algorithm" / "__init__.py").unlink()
    assert "has no default" in str(check(for_pesto))


def test_annotations_of_one_taken_over_are_not_heeded(for_pesto: Path) -> None:
    (for_pesto / "process.py").write_text(TELLS.replace("level,", "level: dict,").replace("steps):", "steps) -> str:"))
    assert check(for_pesto) == []


def test_its_parameters_are_compared_by_name(for_pesto: Path) -> None:
    (for_pesto / "process.py").write_text(TELLS.replace("level", "levels"))
    assert "did you mean 'level'" in str(check(for_pesto)[0])


def test_all_inputs_come_as_one_dataclass_where_that_is_annotated(folder: Path) -> None:
    with_required = DESCRIBE.replace("output:", "  required: [image]\noutput:")
    (folder / "describe.yml").write_text(with_required)
    (folder / "process.py").write_text(FOLDS)
    assert check(folder) == []
    assert called(folder, {"image": IMAGE, "level": 2})[0] == "ndarray 2 3 cpu"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("level: float", "levle: float", "did you mean 'level'"),
        ("steps: float = 3", "steps: str = '3'", "'steps' is annotated str, but describe.yml says number"),
        ("    image: np.ndarray\n", "", "no parameter for the input 'image'"),
        ("level: float | None = None\n    steps: float = 3", "level: float\n    steps: float = 3", "has no default"),
    ],
)
def test_a_dataclass_of_inputs_is_compared_with_the_description(folder: Path, old: str, new: str, message: str) -> None:
    (folder / "describe.yml").write_text(DESCRIBE.replace("output:", "  required: [image]\noutput:"))
    assert old in FOLDS
    (folder / "process.py").write_text(FOLDS.replace(old, new))
    assert any(message in str(one) for one in check(folder))


def test_the_dataclass_is_found_in_another_file_of_the_folder(folder: Path) -> None:
    (folder / "describe.yml").write_text(DESCRIBE.replace("output:", "  required: [image]\noutput:"))
    head, _, tail = FOLDS.partition("def process")
    (folder / "inputs_of_probe.py").write_text(head)
    for imports, name in (
        ("from inputs_of_probe import Inputs", "Inputs"),
        ("import inputs_of_probe", "inputs_of_probe.Inputs"),
        ("from inputs_of_probe import Inputs as Those", "Those"),
    ):
        text = f"from swath_runtime import Context\n{imports}\n\n\ndef process{tail}".replace(": Inputs", f": {name}")
        (folder / "process.py").write_text(text)
        assert check(folder) == [], imports
    assert called(folder, {"image": IMAGE})[0] == "ndarray None 3 cpu"


def test_two_projects_in_one_process_do_not_see_each_other_s_modules() -> None:
    for name in ("dataclasses", "keywords", "dataclasses"):
        folder = taken(name).folder
        Service(open_algorithm(folder), Settings(algorithm=folder)).start()
        found = {Path(str(sys.modules[one].__file__)) for one in sys.modules if one.startswith("algorithm.")}
        assert found and all(one.is_relative_to(folder) for one in found)
    assert sum(Path(one).name in {"gain", "level-mask"} for one in sys.path) == 1


def test_a_process_that_its_package_imports_is_run_once(for_pesto: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (for_pesto / "algorithm" / "__init__.py").write_text("from .process import Process\n")
    (for_pesto / "process.py").write_text(f"print('imported')\n{TELLS}")
    assert called(for_pesto, {"image": IMAGE})[0] == "['ndarray'] True None 3"
    assert capsys.readouterr().out == "imported\n"


def test_an_annotation_that_turns_out_to_be_no_dataclass_says_so(folder: Path) -> None:
    (folder / "describe.yml").write_text(DESCRIBE.replace("output:", "  required: [image]\noutput:"))
    (folder / "process.py").write_text(FOLDS.replace("def process", "Inputs = int\n\n\ndef process"))
    service = Service(open_algorithm(folder), Settings(algorithm=folder))
    with pytest.raises(LoadFailed, match="is no dataclass"):
        service.start()
