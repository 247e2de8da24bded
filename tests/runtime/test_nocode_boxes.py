"""Detections of algorithms without code."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from onnx import helper, numpy_helper
from runtime.nocode_folders import FREE, call, folder, graph

from swath_algorithm.check import check
from swath_converters import Image
from swath_registry.validation import Validator
from swath_runtime.nocode.boxes import Boxes, distinct

CLASSES = [{"name": "ship"}, {"name": "plane"}]
COLLECTION = {"$ref": "featureCollection/1", "description": "Found."}
LIST = {"type": "array", "items": {"$ref": "detection/1"}, "description": "Found."}
EDGES = [[2, 3, 6, 9], [2, 3, 6, 8], [10, 10, 12, 11], [0, 0, 4, 4]]
SCORES = [0.9, 0.8, 0.7, 0.2]
LABELS = [0, 0, 1, 1]
TILE = Image(np.zeros((1, 16, 20), np.float32))


def constant_graph(path: Path, **outputs: Any) -> None:
    """A graph that gives the same whatever it sees."""
    arrays = {name: np.array(one, np.int64 if name == "labels" else np.float32) for name, one in outputs.items()}
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(one)) for name, one in arrays.items()
    ]
    graph(path, nodes, {"x": FREE}, {name: one.shape for name, one in arrays.items()})


def boxes(**said: Any) -> dict[str, Any]:
    output = {"postProcessing": "boxes", "classes": CLASSES, "boxes": said}
    return {"input": {}, "output": output}


@pytest.fixture
def separate(tmp_path: Path) -> Path:
    """Boxes, scores and labels apart."""
    constant_graph(tmp_path / "model.onnx", boxes=[EDGES], scores=[SCORES], labels=[LABELS])
    return tmp_path


def test_boxes_scores_and_labels_become_detections(separate: Path):
    found = call(folder(separate, boxes(scores="scores", labels="labels"), COLLECTION), TILE)["features"]
    assert [one["bbox"] for one in found] == [[2, 3, 6, 9], [10, 10, 12, 11]]
    assert [one["properties"]["category"] for one in found] == ["ship", "plane"]
    assert found[0]["properties"]["confidence"] == pytest.approx(0.9)
    assert found[0]["crs"] == "pixel"
    assert Validator("detection@1").violations(found[0]) == []


@pytest.mark.parametrize(("overlap", "count"), [(0.99, 3), (0.5, 2)])
def test_of_two_that_overlap_the_weaker_is_dropped(separate: Path, overlap: float, count: int):
    model = boxes(scores="scores", labels="labels", maximumOverlap=overlap)
    assert len(call(folder(separate, model, COLLECTION), TILE)["features"]) == count


def test_the_threshold_may_be_an_input(separate: Path):
    model = boxes(scores="scores", labels="labels")
    model["output"]["thresholdInput"] = "least"
    path = folder(separate, model, COLLECTION, least={"type": "number", "description": "Least score."})
    assert len(call(path, TILE, least=0.85)["features"]) == 1
    assert len(call(path, TILE, least=0.1)["features"]) == 3


def test_scores_of_every_class_choose_the_class(tmp_path: Path):
    constant_graph(tmp_path / "model.onnx", boxes=[EDGES[:1]], scores=[[[0.3, 0.6]]])
    (one,) = call(folder(tmp_path, boxes(scores="scores"), COLLECTION), TILE)["features"]
    assert (one["properties"]["category"], one["properties"]["confidence"]) == ("plane", pytest.approx(0.6))


def test_boxes_and_scores_in_one_output_centre_and_size_as_shares(tmp_path: Path):
    column = [0.5, 0.25, 0.2, 0.5, 0.1, 0.8]  # centre, size, two scores
    constant_graph(tmp_path / "model.onnx", all=np.array(column)[None, :, None])
    model = boxes(format="cxcywh", coordinates="normalized")
    (one,) = call(folder(tmp_path, model, COLLECTION), TILE)["features"]
    assert one["bbox"] == pytest.approx([8, 0, 12, 8], abs=1e-5)
    assert one["properties"]["category"] == "plane"


def test_each_tile_s_boxes_are_moved_to_its_place_and_twins_of_the_overlap_dropped(tmp_path: Path):
    constant_graph(tmp_path / "model.onnx", boxes=[[[1, 1, 3, 3]]], scores=[[0.9]], labels=[[0]])
    model = boxes(scores="scores", labels="labels") | {"tiling": {"width": 8, "height": 16, "overlap": 2}}
    found = call(folder(tmp_path, model, COLLECTION), TILE)["features"]
    assert sorted(one["bbox"][0] for one in found) == [1, 7, 13]


def test_a_list_of_detections_stays_in_pixels_and_a_collection_goes_to_the_world(separate: Path):
    placed = Image(TILE.array, crs="EPSG:32631", transform=Affine(10, 0, 600000, 0, -10, 4900000))
    model = boxes(scores="scores", labels="labels")
    assert call(folder(separate, model, LIST), placed)[0]["bbox"] == [2, 3, 6, 9]
    first = call(folder(separate, model, COLLECTION), placed)["features"][0]
    assert "crs" not in first
    assert first["bbox"][0] == pytest.approx(4.25, abs=0.01)


def test_what_is_no_box_is_left_out(tmp_path: Path):
    edges = [[5, 5, 5, 9], [6, 6, 2, 2], [np.nan, 0, 1, 1], [-5, -5, 100, 100]]
    constant_graph(tmp_path / "model.onnx", boxes=[edges], scores=[[0.9] * 4], labels=[[0] * 4])
    found = call(folder(tmp_path, boxes(scores="scores", labels="labels"), COLLECTION), TILE)["features"]
    assert [one["bbox"] for one in found] == [[0, 0, 20, 16]]


def test_nothing_found_is_an_empty_collection(tmp_path: Path):
    constant_graph(tmp_path / "model.onnx", boxes=np.zeros((1, 0, 4)), scores=np.zeros((1, 0)), labels=np.zeros((1, 0)))
    assert call(folder(tmp_path, boxes(scores="scores", labels="labels"), COLLECTION), TILE)["features"] == []


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"scores": "score"}, "the graph has no output 'score'"),
        ({"scores": "scores", "labels": "class"}, "the graph has no output 'class'"),
        ({}, "the graph has several outputs"),
    ],
)
def test_outputs_that_the_graph_lacks_are_found_by_the_check(separate: Path, said: dict[str, str], message: str):
    assert message in check(folder(separate, boxes(**said), COLLECTION))[0].message


def test_the_strongest_come_first_and_classes_do_not_disturb_each_other():
    edges = np.array([[0, 0, 4, 4], [0, 0, 4, 4], [0, 0, 4, 4]], np.float64)
    kept = distinct(Boxes(edges, np.array([0.5, 0.9, 0.7]), np.array([0, 1, 0])), 0.1, 0.5)
    assert kept.scores.tolist() == [0.9, 0.7]
