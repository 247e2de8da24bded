"""PESTO's tests, `test_*/{input,output}/KEY.EXT`, as examples."""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_algorithm.cases import EXAMPLES, EXPECTED, INPUT, TOLERANCES
from swath_algorithm.findings import Finding
from swath_algorithm.pesto.notes import Notes
from swath_algorithm.pesto.project import TESTS
from swath_algorithm.pesto.values import Leaf, Tree, leaves, plain, read_tree, wire

LOSSY = (".jpg", ".jpeg")
FLOAT_REL = 1e-6  # another numpy or processor rounds the last digits of float32 (24 bits: 6e-8) otherwise
JPEG_ABS, JPEG_PIXELS = 8, 0.05  # what JPEG of usual quality does to values of 8 bits
MEDIA_TYPES = {".png": "image/png", ".tif": "image/tiff", ".tiff": "image/tiff"}


@dataclass(frozen=True)
class Test:
    """One test: its values by name; `expected` is None where it has no output."""

    __test__ = False  # its name begins as pytest's classes do
    folder: Path
    inputs: Mapping[str, Tree]
    expected: Mapping[str, Tree] | None


def read_tests(project: Path, notes: Notes, mistakes: list[Finding]) -> list[Test]:
    """The tests of a project, by name."""
    found: list[Test] = []
    for path in sorted((project / TESTS).iterdir()) if (project / TESTS).is_dir() else ():
        place = path.relative_to(project).as_posix()
        if path.is_dir() and path.name.startswith("test_"):
            inputs = _values(path / "input", mistakes)
            if inputs is None:
                notes.decided(place, "", "there is no folder input: the example is sent nothing")
            found.append(Test(path, inputs or {}, _values(path / "output", mistakes)))
            notes.mapped(place, "", f"examples/{path.name}")
        elif path.name.startswith("expected_describe"):
            notes.lost(place, "", "describe.yml is the truth itself: nothing is left to compare")
        else:
            notes.lost(place, "", "not taken: no test_* of PESTO's")
    if not found:
        notes.lost(TESTS, "", "there is no test: swath test fails until examples/ has a case")
    return found


def values_of(tests: Iterable[Test], part: str, name: str) -> list[Any]:
    """What the tests have for an input or output, with a text in the place of each image."""
    trees = ((one.inputs if part == "input" else one.expected or {}).get(name) for one in tests)
    return [plain(one) for one in trees if one is not None]


def media_type_of(tests: Iterable[Test], name: str) -> str | None:
    """Media type of the images that the tests expect of an output; None where they have none, or of several kinds."""
    trees = [one.expected[name] for one in tests if one.expected and name in one.expected]
    suffixes = {leaf.path.suffix.lower() for tree in trees for leaf in leaves(tree) if leaf.kind == "image"}
    found = {MEDIA_TYPES.get(one, "image/png") for one in suffixes}
    return found.pop() if len(found) == 1 else None


def write_examples(tests: Iterable[Test], folder: Path, describe: Mapping[str, Any], notes: Notes) -> None:
    """Write `examples/` of an algorithm folder."""
    for test in tests:
        inputs = _known(test, "input", test.inputs, describe, notes)
        expected = None if test.expected is None else _known(test, "output", test.expected, describe, notes)
        every = [one for tree in (*inputs.values(), *(expected or {}).values()) for one in leaves(tree)]
        unusable = [one for one in every if one.kind == "path"]
        if unusable:
            message = "its value was the path of a file on the caller's machine: this test was not taken"
            notes.lost(_place(unusable[0].path, test), "", message)
            continue
        case = folder / EXAMPLES / test.folder.name
        case.mkdir(parents=True)
        _write(case / INPUT, {name: wire(tree, test.folder) for name, tree in inputs.items()})
        if expected is not None:
            _write(case / EXPECTED, {name: wire(tree, test.folder) for name, tree in expected.items()})
            _write_tolerances(test, case, expected, notes)
        for leaf in every:
            if leaf.kind != "plain":
                _copy(leaf, test, case)


def _values(folder: Path, mistakes: list[Finding]) -> dict[str, Tree] | None:
    if not folder.is_dir():
        return None
    inside = [one for one in sorted(folder.iterdir()) if not one.name.startswith(".")]
    return {one.stem: read_tree(one, mistakes) for one in inside}


def _known(
    test: Test, part: str, given: Mapping[str, Tree], describe: Mapping[str, Any], notes: Notes
) -> dict[str, Tree]:
    """The values that the description has a name for; PESTO took no notice of others."""
    declared = describe[part]["properties"]
    for name, tree in given.items():
        source = f"{TESTS}/{test.folder.name}/{part}/{name}"
        if name not in declared:
            notes.decided(source, "", f"is no {part} of the schema: left out of the example")
        elif isinstance(tree, list) and len(tree) > 1 and part == "output":
            notes.decided(source, "", "is compared in this order, and must be as long; PESTO did neither")
    return {name: tree for name, tree in given.items() if name in declared}


def _write_tolerances(test: Test, case: Path, expected: Mapping[str, Tree], notes: Notes) -> None:
    tolerances: dict[str, dict[str, float]] = {}
    for name, tree in expected.items():
        source = f"{TESTS}/{test.folder.name}/output/{name}"
        if any(one.kind == "image" and one.path.suffix.lower() in LOSSY for one in leaves(tree)):
            tolerances[name] = {"abs": JPEG_ABS, "differingPixels": JPEG_PIXELS}
            message = (
                f"JPEG keeps no exact pixels: {1 - JPEG_PIXELS:.0%} of them within {JPEG_ABS}; better expect a PNG"
            )
            notes.decided(source, "", message)
        elif _has_float(plain(tree)):
            tolerances[name] = {"rel": FLOAT_REL}
            notes.decided(source, "", f"numbers may differ by {FLOAT_REL:g} of themselves; PESTO compared them exactly")
    if tolerances:
        _write(case / TOLERANCES, tolerances)


def _has_float(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(_has_float(one) for one in (value.values() if isinstance(value, dict) else value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return isinstance(value, float)


def _copy(leaf: Leaf, test: Test, case: Path) -> None:
    to = case / leaf.path.relative_to(test.folder)
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(leaf.path, to)


def _place(path: Path, test: Test) -> str:
    return f"{TESTS}/{test.folder.name}/{path.relative_to(test.folder).as_posix()}"


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
