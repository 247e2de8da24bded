"""Algorithms without code: what model.input, tiling and output of describe.yml make of an image and a graph."""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from onnx import TensorProto, helper
from runtime.nocode_folders import FREE, call, folder, graph, probabilities

from swath_algorithm.check import check
from swath_algorithm.folder import open_algorithm
from swath_cli.main import run
from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_runtime.context import Cancelled, Context, InputRejected
from swath_runtime.errors import LoadFailed
from swath_runtime.load import Loaded
from swath_runtime.settings import Settings


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    graph(tmp_path / "model.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": FREE}, {"y": FREE})
    return tmp_path


def test_bands_scale_and_offset_arrive_in_the_graph_s_order(identity: Path):
    array = np.array([[[1]], [[2]], [[3]]], np.uint16)
    image = Image(array, band_names=("a", "b", "c"), scales=(1, 10, 100), offsets=(0, 0.5, 0))
    model = probabilities(input={"bands": ["c", "b"]})
    assert call(folder(identity, model), image).array.ravel().tolist() == [300.0, 20.5]


STEPS = [
    ([{"type": "scale", "value": 2}, {"type": "offset", "value": [1, -1]}], [3, 3]),
    ([{"type": "min-max", "minimum": 0, "maximum": [2, 4]}], [0.5, 0.5]),
    ([{"type": "z-score", "mean": [0, 1], "stddev": [1, 0.5]}], [1, 2]),
    ([{"type": "clip", "minimum": 1.25, "maximum": 1.5}], [1.25, 1.5]),
]


@pytest.mark.parametrize(("steps", "expected"), STEPS)
def test_each_kind_of_scaling_step(identity: Path, steps: list[Any], expected: list[float]):
    image = Image(np.array([[[1]], [[2]]], np.float32))
    assert (
        call(folder(identity, probabilities(input={"valueScaling": steps})), image).array.ravel().tolist() == expected
    )


def test_nodata_is_filled_for_the_graph_and_nodata_in_the_result(identity: Path, monkeypatch: pytest.MonkeyPatch):
    from swath_runtime.onnx import OnnxModel

    seen: list[Any] = []
    run = OnnxModel.run
    monkeypatch.setattr(OnnxModel, "run", lambda self, given: seen.append(given["x"]) or run(self, given))
    image = Image(np.array([[[1, -9], [np.nan, 4]]], np.float32), nodata=-9)
    result = call(folder(identity, probabilities(input={"nodata": 7})), image)
    assert seen[-1].ravel().tolist() == [1, 7, 7, 4]
    np.testing.assert_array_equal(np.isnan(result.array[0]), [[False, True], [True, False]])
    assert np.isnan(result.nodata)


def test_the_result_lies_on_the_image_s_grid(identity: Path):
    image = Image(np.ones((1, 5, 6), np.float32), crs="EPSG:32631", transform=Affine(10, 0, 5, 0, -10, 9))
    result = call(folder(identity, probabilities()), image)
    assert (result.crs, result.transform, result.shape) == (image.crs, image.transform, (1, 5, 6))


@pytest.mark.parametrize("size", [(5, 4), (16, 16), (37, 50), (64, 23)])
@pytest.mark.parametrize("overlap", [0, 3, 7])
def test_tiles_of_what_looks_at_one_pixel_give_the_whole(identity: Path, size: tuple[int, int], overlap: int):
    image = Image(np.random.default_rng(1).random((2, *size), np.float32))
    model = probabilities(tiling={"width": 16, "height": 12, "overlap": overlap})
    np.testing.assert_allclose(call(folder(identity, model), image).array, image.array, rtol=1e-6)


def test_where_tiles_overlap_the_result_goes_over_from_one_to_the_other(tmp_path: Path):
    """A graph that gives each tile's mean: seams would show as steps."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["m"], axes=[2, 3], keepdims=1),
        helper.make_node("Mul", ["x", "zero"], ["z"]),
        helper.make_node("Add", ["z", "m"], ["y"]),
    ]
    zero = helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0])
    graph(tmp_path / "model.onnx", nodes, {"x": FREE}, {"y": FREE}, [zero])
    ramp = np.broadcast_to(np.arange(48, dtype=np.float32), (1, 8, 48))
    stepped, smooth = (
        call(folder(tmp_path, probabilities(tiling={"width": 16, "height": 8, "overlap": overlap})), Image(ramp.copy()))
        for overlap in (0, 7)
    )
    assert np.abs(np.diff(stepped.array[0, 0])).max() == 16
    assert np.abs(np.diff(smooth.array[0, 0])).max() < 3


def test_a_graph_of_fixed_size_is_given_tiles_of_it(tmp_path: Path):
    side = (1, 1, 8, 8)
    graph(tmp_path / "model.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": side}, {"y": side})
    image = Image(np.random.default_rng(2).random((1, 13, 5), np.float32))
    np.testing.assert_array_equal(call(folder(tmp_path, probabilities()), image).array, image.array)


def test_axes_in_another_order(tmp_path: Path):
    order = ("n", "h", "w", "c")
    graph(tmp_path / "model.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": order}, {"y": order})
    said = ["batch", "height", "width", "bands"]
    model = {"input": {"dimOrder": said}, "output": {"postProcessing": "probabilities", "dimOrder": said}}
    image = Image(np.random.default_rng(3).random((3, 4, 5), np.float32))
    np.testing.assert_array_equal(call(folder(tmp_path, model), image).array, image.array)


CLASSES = [{"name": "water", "value": 4, "color": "0000FF"}, {"name": "land", "value": 9, "color": "00FF00"}]


def test_argmax_gives_class_values_names_and_colours(identity: Path):
    image = Image(np.array([[[0.2, 0.7, np.nan]], [[0.8, 0.3, 0.1]]], np.float32))
    model = {"input": {}, "output": {"postProcessing": "argmax", "classes": CLASSES}}
    result = call(folder(identity, model), image)
    assert result.array.ravel().tolist() == [9, 4, 255]
    assert (result.dtype, result.nodata) == (np.uint8, 255)
    assert result.color_map[4] == (0, 0, 255, 255)


def test_probabilities_have_the_classes_names(identity: Path):
    model = {"input": {}, "output": {"postProcessing": "probabilities", "classes": CLASSES, "activation": "softmax"}}
    result = call(folder(identity, model), Image(np.array([[[1.0]], [[3.0]]], np.float32)))
    assert result.band_names == ("water", "land")
    np.testing.assert_allclose(result.array.ravel(), [1 / (1 + np.e**2), 1 / (1 + np.e**-2)], rtol=1e-6)


def test_sigmoid_and_a_threshold(identity: Path):
    model = {"input": {}, "output": {"postProcessing": "threshold", "activation": "sigmoid", "threshold": 0.5}}
    result = call(folder(identity, model), Image(np.array([[[-1e9, -0.1, 0.0, 0.1, 1e9]]], np.float32)))
    assert result.array.ravel().tolist() == [0, 0, 1, 1, 1]


def test_the_threshold_may_be_an_input(identity: Path):
    model = {"input": {}, "output": {"postProcessing": "threshold", "thresholdInput": "least"}}
    number = {"type": "number", "default": 0.5, "description": "Least probability."}
    path = folder(identity, model, least=number)
    assert call(path, Image(np.array([[[0.3, 0.9]]], np.float32)), least=0.2).array.ravel().tolist() == [1, 1]


def test_a_missing_band_is_named(identity: Path):
    with pytest.raises(BandMissing) as caught:
        call(folder(identity, probabilities(input={"bands": ["nir"]})), Image(np.ones((1, 2, 2)), band_names=("red",)))
    assert caught.value.pointer == "/image"


def test_complex_samples_are_refused(identity: Path):
    with pytest.raises(InputRejected):
        call(folder(identity, probabilities()), Image(np.ones((1, 2, 2), np.complex64)))


def test_a_cancelled_call_ends_between_tiles(identity: Path):
    context = Context("cpu", logging.getLogger("test"))
    context.cancel()
    with pytest.raises(Cancelled):
        call(folder(identity, probabilities()), Image(np.ones((1, 2, 2), np.float32)), context)


def test_progress_ends_at_one(identity: Path):
    told: list[float] = []
    context = Context("cpu", logging.getLogger("test"), None, lambda fraction, _: told.append(fraction))
    model = probabilities(tiling={"width": 4, "height": 4})
    call(folder(identity, model), Image(np.ones((1, 8, 12), np.float32)), context)
    assert told == pytest.approx([index / 6 for index in range(1, 7)])


def test_another_graph_than_was_checked_is_not_served(identity: Path):
    path = folder(identity, {"input": {"bands": ["a", "b"]}, "output": {"postProcessing": "probabilities"}})
    algorithm = open_algorithm(path)
    graph(
        path / "model.onnx",
        [helper.make_node("Identity", ["x"], ["y"])],
        {"x": (1, 3, "h", "w")},
        {"y": (1, 3, "h", "w")},
    )
    with pytest.raises(LoadFailed) as caught:
        Loaded(algorithm, Settings(algorithm=path))
    assert "the graph takes 3 bands, not 2" in str(caught.value)


MISTAKES = {
    "a band too many": ({"input": {"bands": ["a", "b"]}}, "the graph takes 1 bands, not 2"),
    "another data type": ({"input": {"dataType": "uint8"}}, "the graph's input is float32, not uint8"),
    "no such input of the graph": ({"input": {"name": "picture"}}, "the graph has no input 'picture'"),
    "no such output of the graph": (
        {"output": {"postProcessing": "argmax", "name": "z"}},
        "the graph has no output 'z'",
    ),
    "no such image": ({"input": {"image": "scene"}}, "'scene' is no image among the inputs"),
    "no such output": ({"output": {"postProcessing": "argmax", "output": "mask"}}, "there is no output 'mask'"),
    "too many classes": (
        {"output": {"postProcessing": "argmax", "classes": CLASSES}},
        "the graph gives 1 classes, not 2",
    ),
    "tiles of another size": ({"tiling": {"width": 16, "height": 8}}, "the graph's width is fixed to 8"),
    "tiles that hide each other": ({"tiling": {"width": 8, "height": 8, "overlap": 8}}, "tiles overlap by as much"),
    "a deviation of nothing": (
        {"input": {"valueScaling": [{"type": "z-score", "mean": 0, "stddev": 0}]}},
        "divides by nothing",
    ),
    "an empty range": ({"input": {"valueScaling": [{"type": "min-max", "minimum": 1, "maximum": 1}]}}, "are the same"),
    "no such number": ({"output": {"postProcessing": "threshold", "thresholdInput": "t"}}, "'t' is no number"),
    "a picture that is no image": (
        {"output": {"postProcessing": "boxes", "classes": CLASSES, "boxes": {}}},
        "boxes gives something else",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_does_not_fit_is_found_by_the_check_at_its_place(tmp_path: Path, name: str):
    changed, message = MISTAKES[name]
    side = (1, 1, 8, 8)
    graph(tmp_path / "model.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": side}, {"y": side})
    found = check(folder(tmp_path, {"input": {}, "output": {"postProcessing": "argmax"}} | changed))
    assert len(found) == 1, found
    assert message in found[0].message
    assert found[0].line > 1


@pytest.mark.parametrize("name", MISTAKES)
def test_the_examples_of_a_folder_with_a_mistake_are_not_run(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
):
    changed, message = MISTAKES[name]
    side = (1, 1, 8, 8)
    graph(tmp_path / "model.onnx", [helper.make_node("Identity", ["x"], ["y"])], {"x": side}, {"y": side})
    folder(tmp_path, {"input": {}, "output": {"postProcessing": "argmax"}} | changed)
    assert run(["test", str(tmp_path)]) == 1
    shown = capsys.readouterr()
    assert message in shown.err
    assert not shown.out


def test_code_beside_a_graph_that_needs_none_is_a_mistake(identity: Path):
    (identity / "process.py").write_text("def process(image):\n    return {}\n")
    assert "process.py is there as well" in check(folder(identity, probabilities()))[0].message


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08\x08", bytes(range(256)), b"\x3a\xff\xff\xff\xff\x0f"])
def test_what_is_no_graph_is_found_by_the_check(tmp_path: Path, content: bytes):
    (tmp_path / "model.onnx").write_bytes(content)
    assert "can't be read as ONNX" in check(folder(tmp_path, probabilities()))[0].message
