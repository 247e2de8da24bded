"""Things found in images, as JSON that is valid against the registry's `detection`."""

from typing import Any

import numpy as np
import pytest
from converters.rasters import image

from swath_converters import Image, Policy
from swath_converters.detection import Detection, from_wire, to_wire
from swath_converters.errors import NotJson, Unplaceable
from swath_registry.validation import Validator

VALIDATOR = Validator("detection@1")
BOX = np.array([10, 20, 30.5, 25], np.float32)


def sent(**facts: Any) -> Any:
    said: dict[str, Any] = {"category": "ship", "confidence": np.float32(0.5), **facts}
    found = to_wire(Detection.of_box(BOX, **said))
    assert VALIDATOR.violations(found) == []
    return found


def test_a_box_of_a_detector_is_a_valid_detection_in_pixels():
    assert sent(id=3, properties={"length_m": np.float64(42)}) == {
        "type": "Feature",
        "id": 3,
        "crs": "pixel",
        "geometry": {"type": "Polygon", "coordinates": [[[10, 20], [30.5, 20], [30.5, 25], [10, 25], [10, 20]]]},
        "bbox": [10, 20, 30.5, 25],
        "properties": {"length_m": 42, "category": "ship", "confidence": 0.5},
    }


def test_several_categories_are_a_list():
    assert sent(category=("ship", "tanker"))["properties"]["category"] == ["ship", "tanker"]


def test_a_detection_is_put_on_the_ground_by_its_image():
    grid = image(crs="EPSG:4326", transform=image().transform.__class__(0.5, 0, 10, 0, -0.5, 50))
    placed = to_wire(Detection.of_box(BOX, "ship", 1).in_world(grid))
    assert VALIDATOR.violations(placed) == []
    assert "crs" not in placed
    assert placed["bbox"] == [15, 37.5, 25.25, 40]
    ring = np.array(placed["geometry"]["coordinates"][0])
    assert np.sum(ring[:-1, 0] * ring[1:, 1] - ring[1:, 0] * ring[:-1, 1]) > 0  # counterclockwise, RFC 7946 §3.1.6


def test_a_detection_in_an_image_without_a_place_stays_in_pixels():
    with pytest.raises(Unplaceable):
        Detection.of_box(BOX, "ship", 1).in_world(Image(np.zeros((1, 4, 4))))


@pytest.mark.parametrize("confidence", [float("nan"), float("inf"), -0.1, 1.1, 93, True, "high", np.float32("nan")])
def test_a_confidence_that_is_none_is_refused_with_its_place(confidence: Any):
    with pytest.raises(NotJson) as refused:
        to_wire(Detection.of_box(BOX, "ship", confidence))
    assert refused.value.pointer == "/properties/confidence"


def test_a_coordinate_that_is_nan_is_refused_with_its_place():
    with pytest.raises(NotJson) as refused:
        to_wire(Detection.of_box([0, 0, float("nan"), 1], "ship", 1))
    assert refused.value.pointer == "/geometry/coordinates/0/1/0"


def test_a_geometry_without_positions_is_refused():
    with pytest.raises(NotJson):
        to_wire(Detection({"type": "MultiPoint", "coordinates": []}, "ship", 1))


def test_a_dict_is_sent_and_received_as_it_is():
    value = {"type": "Feature", "geometry": None, "properties": {"category": "a", "confidence": np.float64(1)}}
    assert to_wire(value)["properties"] == {"category": "a", "confidence": 1}
    assert from_wire(value, {}, Policy()) is value
