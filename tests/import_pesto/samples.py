"""The sample projects, taken over once, and copies of them to spoil.

`keywords`, `dataclasses`, `mosaic` (several images, lists of them, images within objects, **inputs) and `values`
(numbers, texts, truths, objects, lists) are projects as PESTO's users wrote them, made for these tests.
"""

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from swath_algorithm.pesto.notes import Note
from swath_algorithm.pesto.take_over import TakenOver, take_over

PROJECTS = Path(__file__).parent / "projects"
NAMES = ("keywords", "dataclasses", "mosaic", "values")
DESCRIPTION, REQUIREMENTS = "pesto/api/description.json", "pesto/build/requirements.json"
INPUT, OUTPUT = "pesto/api/input_schema.json", "pesto/api/output_schema.json"


@cache
def taken(name: str) -> TakenOver:
    """A sample, taken over; the same folder for all tests, which leave it as it is."""
    return take_over(PROJECTS / name, Path(mkdtemp(prefix="swath-pesto-")))


def copy_of(name: str, into: Path) -> Path:
    """A copy of a sample to change."""
    return Path(shutil.copytree(PROJECTS / name, into / "project", ignore=shutil.ignore_patterns("__pycache__")))


def edit(project: Path, file: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a JSON file of a project in place."""
    path = project / file
    document: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    change(document)
    path.write_text(json.dumps(document))


def told(taken_over: TakenOver, source: str, pointer: str = "") -> list[Note]:
    """The notes of one place."""
    return [one for one in taken_over.notes.every if one.source == source and one.pointer.startswith(pointer)]
