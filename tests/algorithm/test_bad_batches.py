"""A good folder that takes several items at once, with one mistake about that."""

# ruff: noqa: E501 - one situation a line

from pathlib import Path

import pytest
from algorithm.folders import DESCRIBE, good

from swath_algorithm.batches import fitting
from swath_algorithm.check import check

DESCRIBED = DESCRIBE.replace("resources", "batched: true\nbatch:\n  maxSize: 4\nresources")
ALONE = "def process(image: Image, threshold: float) -> dict: ...\n"
PROCESS = f"""\
from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict
import numpy as np
from swath_converters import Image
from swath_runtime import Context

class Item(TypedDict):
    image: Image
    threshold: NotRequired[float]

class Result(TypedDict):
    mask: Image
    fraction: float

{ALONE}
def process_batch(items: list[Item], context: Context) -> list[Result]: ...
"""
D, P = "describe.yml", "process.py"
MISTAKES = {
    "more_than_the_most": (D, "maxSize: 4", "maxSize: 4\n  preferredSize: 5", 11, "is larger than maxSize, 4; write at most 4"),
    "no_room_for_one": (D, "maxSize: 4", "maxSize: 4\n  dynamicMemoryPerItem: 268435457", 9, "one item needs 268435457 bytes, but there are 268435456"),
    "no_room_for_the_rest": (D, "maxSize: 4", "maxSize: 4\n  staticMemory: 268435457", 9, "one item needs 268435457 bytes"),
    "no_room_for_several": (D, "maxSize: 4", "maxSize: 4\n  staticMemory: 200000000\nexecution: {concurrency: 2}", 9, "for 2 batches at once"),
    "no_room_on_the_gpu": (D, "maxSize: 4\nresources:", "maxSize: 4\n  dynamicMemoryPerItem: 1000\nresources:\n  gpuMemory: 999", 9, "one item needs 1000 bytes, but there are 999"),
    "key_misspelt": (P, "threshold: NotRequired[float]", "treshold: NotRequired[float]", 17, "an item of process_batch() holds 'treshold', which describe.yml does not declare under input.properties; did you mean 'threshold'"),
    "key_missing": (P, "    threshold: NotRequired[float]\n", "", 16, "an item of process_batch() does not hold the input 'threshold'"),
    "key_of_another_type": (P, "threshold: NotRequired[float]", "threshold: NotRequired[str]", 17, "describe.yml says number"),
    "optional_key_needed": (D, "      default: 0.5\n", "", 17, "every item must hold it; write threshold: NotRequired[float]"),
    "result_misspelt": (P, "fraction: float\n", "fraction: float\n    clouds: float\n", 18, "a result of process_batch() gives 'clouds'"),
    "result_of_another_type": (P, "list[Result]", "list[Image]", 17, "each result of process_batch() is one image, but describe.yml declares 2 outputs"),
    "array_and_image": (P, "    image: Image\n", "    image: np.ndarray\n", 17, "'image' is a bare array for one of process() and process_batch()"),
}  # fmt: skip


def batched(parent: Path, describe: str = DESCRIBED, process: str = PROCESS) -> Path:
    folder = good(parent)
    (folder / D).write_text(describe)
    (folder / P).write_text(process)
    return folder


ALTERNATIVES = {
    "as_it_is": PROCESS,
    "without_process": PROCESS.replace(ALONE, ""),
    "of_anything": PROCESS.replace("list[Item]", "list[dict[str, Any]]").replace("list[Result]", "Any"),
    "not_annotated": PROCESS.replace(": list[Item]", "").replace(" -> list[Result]", ""),
    "of_a_dataclass": PROCESS.replace("class Item(TypedDict)", "@dataclass\nclass Item").replace(
        "NotRequired[float]", "float = 0.5"
    ),
    "of_a_partial_dict": PROCESS.replace("(TypedDict)", "(TypedDict, total=False)", 1).replace(
        "NotRequired[float]", "float"
    ),
    "with_failures": PROCESS.replace("list[Result]", "list[Result | Exception]"),
    "by_keyword_context": PROCESS.replace("items: list[Item], ", "items: list[Item], *, "),
    "as_text": PROCESS.replace("list[Item]", "'list[Item]'"),
}


@pytest.mark.parametrize("name", ALTERNATIVES)
def test_every_way_to_write_it_is_good(tmp_path: Path, name: str) -> None:
    assert check(batched(tmp_path, process=ALTERNATIVES[name])) == []


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_finding_at_its_place(tmp_path: Path, name: str) -> None:
    file, old, new, line, says = MISTAKES[name]
    text = DESCRIBED if file == D else PROCESS
    assert old in text
    text = text.replace(old, new, 1)
    process = PROCESS.replace("NotRequired[float]", "float") if name == "optional_key_needed" else PROCESS
    process = process.replace("threshold: float) ->", "threshold: float = 1) ->")
    folder = batched(tmp_path, text, process) if file == D else batched(tmp_path, process=text)
    found = check(folder)
    assert len(found) == 1, [str(one) for one in found]
    assert (found[0].path.name, found[0].line) == (file if name != "optional_key_needed" else P, line)
    assert says in str(found[0])


@pytest.mark.parametrize(
    ("static", "per_item", "concurrency", "most"),
    [(0, 0, 1, 8), (0, 100, 1, 8), (0, 200, 1, 5), (500, 100, 1, 5), (500, 600, 1, 0), (1000, 0, 1, 8), (1001, 0, 1, 0), (0, 100, 2, 5), (100, 100, 3, 2)],
)  # fmt: skip
def test_as_many_items_fit_as_memory_says(static: int, per_item: int, concurrency: int, most: int) -> None:
    batch = {"maxSize": 8, "staticMemory": static, "dynamicMemoryPerItem": per_item}
    describe = {"batch": batch, "resources": {"ram": 1000}, "execution": {"concurrency": concurrency}}
    assert fitting(describe, "cpu") == most


def test_on_a_gpu_its_own_memory_counts_where_it_is_declared() -> None:
    describe = {"batch": {"maxSize": 8, "dynamicMemoryPerItem": 100}, "resources": {"ram": 1000, "gpuMemory": 300}}
    assert (fitting(describe, "gpu"), fitting(describe, "cpu")) == (3, 8)
