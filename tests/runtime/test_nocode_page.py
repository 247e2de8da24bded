"""Every example of docs/no-code-onnx.md is right, and runs on a graph as the line above it says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from onnx import helper, numpy_helper
from runtime.nocode_folders import IMAGE, call, folder, graph

from swath_algorithm.check import check
from swath_converters import Image
from swath_registry.validation import Validator
from swath_schemas import load

pytest.importorskip("onnxruntime")
PAGE = (Path(__file__).parents[2] / "docs" / "no-code-onnx.md").read_text("utf-8")
EXAMPLES = re.findall(r"<!-- graph: (.*?) -> (.*?) -->\n```yaml\n(.*?)```", PAGE, re.DOTALL)
COLLECTION = {"$ref": "featureCollection/1", "description": "Found."}
BANDS = ("B02", "B03", "B04")
LEAST = {"type": "number", "default": 0.5, "description": "Least probability."}


def _tensors(text: str) -> dict[str, list[Any]]:
    """Name and sides of each tensor of a line."""
    found = re.findall(r"(\w+) (?:float32 )?\[([^\]]*)\]", text)
    return {
        name: [int(side) if side.strip().isdigit() else side.strip() for side in sides.split(",")]
        for name, sides in found
    }


def _write(path: Path, inputs: dict[str, list[Any]], outputs: dict[str, list[Any]]) -> None:
    """A graph of those sides: the input as it is, its first band alone, or boxes that are always the same."""
    (given, shape), (result, wanted) = next(iter(inputs.items())), next(iter(outputs.items()))
    if shape == wanted:
        return graph(path, [helper.make_node("Identity", [given], [result])], inputs, outputs)
    if wanted[1] == 1:
        weights = numpy_helper.from_array(np.eye(1, shape[1], dtype=np.float32).reshape(1, -1, 1, 1), "w")
        return graph(path, [helper.make_node("Conv", [given, "w"], [result])], inputs, outputs, [weights])
    random = np.random.default_rng(1)
    arrays = {
        name: np.zeros(sides, np.int64) if name == "labels" else random.uniform(1, 9, sides).astype(np.float32)
        for name, sides in outputs.items()
    }
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(one)) for name, one in arrays.items()
    ]
    return graph(path, nodes, inputs, outputs)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_an_example_of_the_page_is_without_mistakes_and_runs(tmp_path: Path, number: int) -> None:
    given, result, text = EXAMPLES[number]
    _write(tmp_path / "model.onnx", _tensors(given), _tensors(result))
    model = yaml.safe_load(text)["model"]
    del model["sha256"]  # `folder` writes the graph's own
    is_boxes = model["output"]["postProcessing"] == "boxes"
    more = {"least": LEAST} if "thresholdInput" in model["output"] else {}
    made = folder(tmp_path, model, COLLECTION if is_boxes else IMAGE, **more)
    assert check(made) == []
    count = 2 if "dimOrder" in model["output"] else 3
    image = Image(np.random.default_rng(2).random((count, 70, 50)).astype(np.float32), band_names=BANDS[:count])
    found = call(made, image, **({"least": 0.5} if more else {}))
    if is_boxes:
        assert Validator("featureCollection@1").violations(found) == []
        assert found["features"]
    else:
        assert found.shape[1:] == (70, 50)
        assert found.dtype == (np.float32 if model["output"]["postProcessing"] == "probabilities" else np.uint8)


def test_every_block_of_the_page_is_an_example_that_is_run() -> None:
    assert len(EXAMPLES) == PAGE.count("```yaml") >= 8


PARTS = ("modelInput", "tiling", "modelOutput", "modelClass", "modelBoxes")


@pytest.mark.parametrize("part", PARTS)
def test_every_field_stands_in_an_example_of_the_page(part: str) -> None:
    text = "".join(block for _, _, block in EXAMPLES)
    fields = load("describe@1")["$defs"][part]["properties"]
    assert [one for one in fields if not re.search(rf"\b{one}:", text)] == []


def test_every_kind_of_scaling_and_of_post_processing_stands_on_the_page() -> None:
    defs = load("describe@1")["$defs"]
    steps = [one["properties"]["type"]["const"] for one in defs["scalingStep"]["oneOf"]]
    kinds = defs["modelOutput"]["properties"]["postProcessing"]["enum"]
    text = "".join(block for _, _, block in EXAMPLES)
    assert [one for one in (*steps, *kinds) if not re.search(rf"\b{one}\b", text)] == []
