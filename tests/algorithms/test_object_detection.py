"""Bright objects in tiles, as the service calls for them."""

import math

import numpy as np
import pytest

from swath_converters import Image
from swath_registry.validation import Validator
from swath_runtime import InputRejected


@pytest.fixture
def detect(object_detection, plain_context):
    def call(tile: Image, zoom: int = 16, **given):
        return object_detection.process(zoom, tile, plain_context, **given)["objects"]

    return call


def noise(size: int = 256, seed: int = 3, dtype: str = "float32", bands: int = 1) -> np.ndarray:
    """Even ground: normally distributed, mean 1000, deviation 20."""
    return np.random.default_rng(seed).normal(1000, 20, (bands, size, size)).astype(dtype)


def boxes(found) -> set[tuple[float, ...]]:
    return {tuple(one["bbox"]) for one in found["features"]}


def test_every_object_of_eight_deviations_is_found_and_nothing_else(detect):
    ground = noise()
    placed = {(20, 30, 22, 32), (100, 40, 110, 43), (200, 200, 212, 220), (60, 180, 61, 184)}
    for left, top, right, bottom in placed:
        ground[0, top:bottom, left:right] = 1000 + 8 * 20
    assert boxes(detect(Image(ground))) == placed


@pytest.mark.parametrize("rate", [1e-2, 1e-3])
def test_the_false_alarm_rate_is_the_one_asked_for(object_detection, rate: float):
    valid = np.ones((512, 512), bool)
    contrast = object_detection._contrast(noise(512, dtype="float64")[0], valid, 10, 1e-30)
    threshold = object_detection.NormalDist().inv_cdf(1 - rate)
    assert rate / 2 < np.count_nonzero(contrast > threshold) / contrast.size < rate * 2


def test_the_surroundings_are_the_ring_alone(object_detection):
    random = np.random.default_rng(2)
    ground, valid = random.normal(50, 5, (40, 44)), random.random((40, 44)) > 0.2
    found = object_detection._contrast(ground, valid, 3, 1e-30)
    for row, column in [(0, 0), (20, 20), (39, 43), (5, 40)]:
        far = [
            ground[y, x]
            for y in range(max(0, row - 11), min(40, row + 12))
            for x in range(max(0, column - 11), min(44, column + 12))
            if valid[y, x] and max(abs(y - row), abs(x - column)) > 3
        ]
        expected = (ground[row, column] - np.mean(far)) / np.std(far)
        assert found[row, column] == (pytest.approx(expected, rel=1e-9) if valid[row, column] else -math.inf)


def test_a_flat_tile_has_no_objects(detect):
    assert detect(Image(np.full((3, 64, 64), 90, np.uint8)))["features"] == []


def test_one_step_over_flat_ground_is_not_an_object(detect):
    tile = np.full((1, 64, 64), 90, np.uint8)
    tile[0, 30:34, 30:34] = 92
    assert detect(Image(tile))["features"] == []


def test_nodata_is_neither_object_nor_ground(detect):
    ground = noise()
    ground[0, :100] = -9999
    ground[0, 150:154, 150:154] = 1300
    assert boxes(detect(Image(ground, nodata=-9999))) == {(150, 150, 154, 154)}


def test_what_is_not_finite_is_no_measurement(detect):
    ground = noise()
    ground[0, 10:20, 10:20] = np.nan
    ground[0, 60:70, 60:70] = np.inf
    assert detect(Image(ground))["features"] == []


def test_an_object_belongs_to_the_tile_that_holds_its_centre(detect):
    ground = noise()
    ground[0, 100:104, 28:40] = 1400  # its centre, column 34, lies in a padding of 35 px, not of 34
    assert len(detect(Image(ground), padding=34)["features"]) == 1
    assert detect(Image(ground), padding=35)["features"] == []


def test_only_what_the_mask_names_is_looked_at(detect):
    ground = noise()
    ground[0, 20:24, 20:24] = ground[0, 200:204, 200:204] = 1400
    mask = np.zeros((1, 256, 256), np.uint8)
    mask[0, :128] = 255
    assert boxes(detect(Image(ground), mask=Image(mask))) == {(20, 20, 24, 24)}


def test_objects_smaller_than_asked_for_are_dropped(detect):
    ground = noise()
    ground[0, 20:22, 20:22] = 1400
    assert detect(Image(ground), minimumArea=5)["features"] == []


def test_the_answer_is_a_valid_collection_in_pixels(detect):
    ground = noise()
    ground[0, 20:24, 20:24] = 1400
    found = detect(Image(ground))
    assert Validator("featureCollection@1").violations(found) == []
    (one,) = found["features"]
    assert Validator("detection@1").violations(one) == []
    assert one["properties"]["category"] == "bright-object"
    assert 0.5 < one["properties"]["confidence"] < 1


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"padding": 128}, "/padding"),
        ({"mask": Image(np.ones((1, 8, 8), np.uint8))}, "/mask"),
        ({"tile": Image(np.ones((1, 64, 64), np.complex64))}, "/tile"),
    ],
)
def test_what_cannot_be_worked_on_is_refused_with_its_place(detect, given, pointer: str):
    with pytest.raises(InputRejected) as caught:
        detect(**({"tile": Image(noise())} | given))
    assert caught.value.pointer == pointer
