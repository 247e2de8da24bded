"""Algorithms without code that take several images at once: tiles are stacked, and results are those of each alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from clients.core import CoreClient
from contract.conftest import base64_of, tiff
from contract.forms import image_of
from onnx import TensorProto, helper
from runtime.nocode_folders import FREE, call, call_batch, folder, graph, probabilities

from swath_algorithm.check import check
from swath_algorithm.folder import open_algorithm
from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_runtime.context import InputRejected
from swath_runtime.nocode.process import GraphMismatch

BATCH = {"maxSize": 4}
TILING = {"width": 16, "height": 12, "overlap": 4}


@pytest.fixture
def doubling(tmp_path: Path) -> Path:
    two = helper.make_tensor("two", TensorProto.FLOAT, [1], [2.0])
    graph(tmp_path / "model.onnx", [helper.make_node("Mul", ["x", "two"], ["y"])], {"x": FREE}, {"y": FREE}, [two])
    return tmp_path


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Shapes of what the graph is given."""
    from swath_runtime.onnx import OnnxModel

    seen: list[tuple[int, ...]] = []
    run = OnnxModel.run
    monkeypatch.setattr(OnnxModel, "run", lambda self, given: seen.append(given["x"].shape) or run(self, given))
    return seen


def scene(height: int, width: int, seed: int = 1, count: int = 1) -> Image:
    return Image(np.random.default_rng(seed).random((count, height, width), np.float32))


def test_images_of_one_size_are_one_run_of_the_graph(doubling: Path, runs: list[Any]):
    images = [scene(8, 9, seed) for seed in range(3)]
    results = call_batch(folder(doubling, probabilities(), batch=BATCH), [{"image": one} for one in images])
    assert runs == [(3, 1, 8, 9)]
    for image, result in zip(images, results, strict=True):
        np.testing.assert_array_equal(result.array, image.array * 2)


def test_no_run_has_more_than_the_most(doubling: Path, runs: list[Any]):
    call_batch(folder(doubling, probabilities(), batch=BATCH), [{"image": scene(8, 9)} for _ in range(6)])
    assert [one[0] for one in runs] == [4, 2]


def test_no_more_fit_than_memory_says(doubling: Path, runs: list[Any]):
    batch = {"maxSize": 4, "dynamicMemoryPerItem": 100_000_000}  # of 268,435,456 bytes
    call_batch(folder(doubling, probabilities(), batch=batch), [{"image": scene(8, 9)} for _ in range(4)])
    assert [one[0] for one in runs] == [2, 2]


def test_images_of_several_sizes_come_back_in_their_order(doubling: Path, runs: list[Any]):
    sizes = [(8, 9), (5, 5), (8, 9), (9, 8), (5, 5)]
    images = [scene(*size, seed) for seed, size in enumerate(sizes)]
    results = call_batch(folder(doubling, probabilities(), batch=BATCH), [{"image": one} for one in images])
    assert sorted(runs) == [(1, 1, 9, 8), (2, 1, 5, 5), (2, 1, 8, 9)]
    for image, result in zip(images, results, strict=True):
        np.testing.assert_array_equal(result.array, image.array * 2)


def test_tiles_of_one_image_are_stacked_too(doubling: Path, runs: list[Any]):
    image = scene(37, 50)
    path = folder(doubling, probabilities(tiling=TILING), batch=BATCH)
    np.testing.assert_allclose(call(path, image).array, image.array * 2, rtol=1e-6)
    assert sum(one[0] for one in runs) == 20
    assert [one[0] for one in runs] == [4] * 5
    assert {one[1:] for one in runs} == {(1, 12, 16)}


def test_tiles_of_several_images_share_runs(doubling: Path, runs: list[Any]):
    images = [scene(12, 40, 1), scene(5, 5, 2), scene(30, 16, 3)]
    path = folder(doubling, probabilities(tiling=TILING), batch=BATCH)
    for image, result in zip(images, call_batch(path, [{"image": one} for one in images]), strict=True):
        np.testing.assert_allclose(result.array, image.array * 2, rtol=1e-6)
    assert [one[0] for one in runs] == [4, 4]


def test_without_batches_each_tile_is_a_run_of_its_own(doubling: Path, runs: list[Any]):
    call(folder(doubling, probabilities(tiling=TILING)), scene(24, 30))
    assert {one[0] for one in runs} == {1}


def test_an_image_that_can_not_be_taken_fails_alone(doubling: Path):
    path = folder(doubling, probabilities(input={"bands": ["nir"]}), batch=BATCH)
    good = Image(np.ones((1, 2, 2), np.float32), band_names=("nir",))
    bad = [Image(np.ones((1, 2, 2), np.complex64)), Image(np.ones((1, 2, 2)), band_names=("red",))]
    first, second, third, fourth = call_batch(path, [{"image": one} for one in (good, *bad, good)])
    assert (type(second), type(third)) == (InputRejected, BandMissing)
    np.testing.assert_array_equal(first.array, fourth.array)


def test_axes_in_another_order(tmp_path: Path):
    order = ("h", "w", "c", "n")
    graph(tmp_path / "model.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": order}, {"y": order})
    said = ["height", "width", "bands", "batch"]
    model = {"input": {"dimOrder": said}, "output": {"postProcessing": "probabilities", "dimOrder": said}}
    images = [scene(4, 5, seed, 3) for seed in range(3)]
    results = call_batch(folder(tmp_path, model, batch=BATCH), [{"image": one} for one in images])
    for image, result in zip(images, results, strict=True):
        np.testing.assert_array_equal(result.array, image.array)


def test_each_item_has_its_own_threshold(doubling: Path):
    model = {"input": {}, "output": {"postProcessing": "threshold", "thresholdInput": "least"}}
    number = {"type": "number", "default": 0.5, "description": "Least probability."}
    path, image = folder(doubling, model, batch=BATCH, least=number), Image(np.array([[[0.1, 0.4]]], np.float32))
    found = call_batch(path, [{"image": image, "least": least} for least in (0.1, 0.5, 0.9)])
    assert [one.array.ravel().tolist() for one in found] == [[1, 1], [0, 1], [0, 0]]


def test_boxes_of_each_image_are_its_own(tmp_path: Path):
    """A graph that gives one box for each image: its mean says where."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[1, 2, 3], keepdims=1),
        helper.make_node("Reshape", ["m", "shape"], ["one"]),
        helper.make_node("Mul", ["one", "edges"], ["boxes"]),
        helper.make_node("Div", ["one", "one"], ["ones"]),
        helper.make_node("Squeeze", ["ones", "last"], ["scores"]),
    ]
    constants = [
        helper.make_tensor("shape", TensorProto.INT64, [3], [-1, 1, 1]),
        helper.make_tensor("edges", TensorProto.FLOAT, [1, 1, 4], [0.0, 0.0, 1.0, 1.0]),
        helper.make_tensor("last", TensorProto.INT64, [1], [2]),
    ]
    shapes = {"boxes": ("n", 1, 4), "scores": ("n", 1)}
    graph(tmp_path / "model.onnx", nodes, {"x": FREE}, shapes, constants)
    boxes = {"name": "boxes", "postProcessing": "boxes", "classes": [{"name": "it"}], "boxes": {"scores": "scores"}}
    described = {"$ref": "featureCollection/1", "description": "What was found."}
    path = folder(tmp_path, {"input": {}, "output": boxes}, described, batch=BATCH)
    images = [Image(np.full((1, 8, 8), value, np.float32)) for value in (2, 5, 3)]
    found = call_batch(path, [{"image": one} for one in images])
    assert [one["features"][0]["bbox"][2] for one in found] == [2, 5, 3]


def test_a_graph_that_mixes_images_up_is_told(tmp_path: Path):
    """One that gives the first of a batch alone, by what only its run shows."""
    first = helper.make_tensor("first", TensorProto.BOOL, [1], [True])
    nodes = [helper.make_node("Compress", ["x", "first"], ["y"], axis=0)]
    graph(tmp_path / "model.onnx", nodes, {"x": FREE}, {"y": ("m", "c", "h", "w")}, [first])
    path = folder(tmp_path, probabilities(), batch=BATCH)
    with pytest.raises(GraphMismatch, match="for 2 tiles at once"):
        call_batch(path, [{"image": scene(4, 4)}] * 2)


FIXED = {
    "input": ({"x": (1, "c", "h", "w")}, {"y": (1, "c", "h", "w")}, "the graph takes one image at once"),
    "output": ({"x": FREE}, {"y": (1, "c", "h", "w")}, "the graph's output is of one image"),
}


@pytest.mark.parametrize("name", FIXED)
def test_a_graph_of_one_image_is_found_by_the_check(tmp_path: Path, name: str):
    inputs, outputs, message = FIXED[name]
    graph(tmp_path / "model.onnx", [helper.make_node("Identity", ["x"], ["y"])], inputs, outputs)
    assert check(folder(tmp_path, probabilities())) == []
    found = check(folder(tmp_path, probabilities(), batch=BATCH))
    assert [one.message for one in found if message in one.message], [str(one) for one in found]
    line = (tmp_path / "describe.yml").read_text().splitlines()[found[0].line - 1]
    assert line.startswith("batched:")


def test_a_service_of_it_gives_each_caller_its_own_picture(doubling: Path):
    images = [scene(8, 9, seed) for seed in range(6)]
    path = folder(doubling, probabilities(), batch=BATCH)
    with CoreClient(open_algorithm(path)) as client:
        answers = post_items(client, [{"image": base64_of(tiff(one))} for one in images])
    for image, answer in zip(images, answers, strict=True):
        np.testing.assert_array_equal(image_of(answer["output"]["result"]).array, image.array * 2)


def post_items(client: CoreClient, items: list[Any]) -> list[Any]:
    body = json.dumps({"items": items}).encode()
    return (
        client.send("POST", "/api/v1/process/batch", body, {"Content-Type": "application/json"})
        .expect(200)
        .json["items"]
    )
