"""What is read from process.py, without running it."""

from pathlib import Path

import pytest

from swath_algorithm.signature import Signature, read_signature

HEAD = """\
import numpy as np
from typing import Annotated, Optional, Union
from numpy.typing import NDArray
from swath_converters import Image, Image as Scene
raise SystemExit("this file must not be run")
Mask = NDArray[np.uint8]
Plane = Mask
Circle: type = "Circle"
"""


def signature(folder: Path, text: str) -> Signature:
    path = folder / "process.py"
    path.write_text(HEAD + text, encoding="utf-8")
    read = read_signature(path)
    assert isinstance(read, Signature), read
    return read


@pytest.mark.parametrize(
    ("annotation", "kind", "is_bare"),
    [
        ("Image", "image", False),
        ("'Image'", "image", False),
        ("Scene", "image", False),
        ("swath_converters.Image", "image", False),
        ("Image | None", "image", False),
        ("None | Image", "image", False),
        ("Optional[Image]", "image", False),
        ("Union[Image, None]", "image", False),
        ("'Image | None'", "image", False),
        ("Annotated[Image, 'reflectance']", "image", False),
        ("Optional['Annotated[np.ndarray, 1]']", "image", True),
        ("np.ndarray", "image", True),
        ("NDArray[np.float32]", "image", True),
        ("np.ndarray[tuple[int, int], np.dtype[np.uint8]] | None", "image", True),
        ("Mask", "image", True),
        ("Plane", "image", True),
        ("float", "number", False),
        ("Annotated[float, 'metres']", "number", False),
        ("int", "integer", False),
        ("str", "string", False),
        ("bool", "boolean", False),
        ("dict[str, float]", "object", False),
        ("list[Image]", "array", False),
        ("Context", "context", False),
        ("int | str", "any", False),
        ("Union[int, str]", "any", False),
        ("Circle", "any", False),
        ("Whatever[1]", "any", False),
        ("'not [ python'", "any", False),
        ("lambda: 1", "any", False),
    ],
)
def test_an_annotation_says_what_a_parameter_holds(tmp_path: Path, annotation: str, kind: str, is_bare: bool) -> None:
    (parameter,) = signature(tmp_path, f"def process(x: {annotation}): ...\n").parameters
    assert (parameter.kind, parameter.is_bare_array) == (kind, is_bare)


def test_a_parameter_without_annotation_holds_anything(tmp_path: Path) -> None:
    (parameter,) = signature(tmp_path, "def process(x): ...\n").parameters
    assert (parameter.kind, parameter.annotation) == ("any", "")


def test_defaults_and_keyword_only_parameters_are_read(tmp_path: Path) -> None:
    read = signature(tmp_path, "def process(a, b=1, *, c, d=None, **rest): ...\n")
    assert [(one.name, one.has_default) for one in read.parameters] == [
        ("a", False), ("b", True), ("c", False), ("d", True),
    ]  # fmt: skip
    assert read.takes_any
    assert read.owner is None


@pytest.mark.parametrize(
    "method",
    [
        "def process(self, image)",
        "@staticmethod\n    def process(image)",
        "@classmethod\n    def process(cls, image)",
        "@timed\n    def process(self, image)",
    ],
)
def test_a_method_is_read_without_what_it_is_bound_to(tmp_path: Path, method: str) -> None:
    read = signature(tmp_path, f"class Process:\n    {method}: ...\n")
    assert [one.name for one in read.parameters] == ["image"]
    assert read.owner == "Process"


def test_the_last_definition_counts_as_it_does_for_python(tmp_path: Path) -> None:
    read = signature(tmp_path, "class Process: ...\nclass Process:\n    def process(self, a): ...\n")
    assert read.line == len(HEAD.splitlines()) + 3
    read = signature(tmp_path, "def process(a): ...\ndef process(b): ...\n")
    assert [one.name for one in read.parameters] == ["b"]


def test_what_a_base_class_of_the_file_defines_is_inherited(tmp_path: Path) -> None:
    text = "class Base:\n    def process(self, a): ...\n    def on_stop(self): ...\n\n"
    text += "class Middle(Base): ...\n\nclass Process(Middle):\n    def on_start(self, context): ...\n"
    read = signature(tmp_path, text)
    assert (read.owner, [one.name for one in read.parameters], read.hooks) == (
        "Process",
        ["a"],
        ("on_start", "on_stop"),
    )


def test_classes_that_inherit_from_each_other_end(tmp_path: Path) -> None:
    path = tmp_path / "process.py"
    path.write_text("class A(Process): ...\nclass Process(A): ...\n")
    assert isinstance(read_signature(path), list)


def test_contexts_are_known_by_their_annotation(tmp_path: Path) -> None:
    read = signature(tmp_path, "def process(image, work: 'swath_runtime.Context | None' = None): ...\n")
    assert read.context_names == ("work",)


@pytest.mark.parametrize("base", ["TypedDict", "NamedTuple", "object"])
def test_the_outputs_are_those_of_the_class_that_is_returned(tmp_path: Path, base: str) -> None:
    text = f"class Result({base}):\n    mask: Mask\n    share: float\n\ndef process(a) -> 'Result': ...\n"
    assert signature(tmp_path, text).returns == {"mask": "image", "share": "number"}


def test_a_yield_within_an_inner_function_is_no_yield_of_process(tmp_path: Path) -> None:
    text = "def process(a):\n    def parts():\n        yield 1\n    return {'b': [x for x in parts()]}\n"
    assert signature(tmp_path, text).parameters


def test_source_in_another_declared_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "process.py"
    path.write_bytes("# -*- coding: latin-1 -*-\ndef process(größe): ...\n".encode("latin-1"))
    read = read_signature(path)
    assert isinstance(read, Signature)
    assert [one.name for one in read.parameters] == ["größe"]


def test_source_that_is_nested_too_deeply_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "process.py"
    path.write_text("x = " + "-" * 100_000 + "1\n")
    assert "not valid Python" in str(read_signature(path)[0])  # pyright: ignore
