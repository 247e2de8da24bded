"""Changes between tiles, as the service calls for them."""

from dataclasses import replace

import numpy as np
import pytest

from swath_converters import Image
from swath_registry.validation import Validator
from swath_runtime import InputRejected

CHANGE = (slice(40, 52), slice(60, 80))


@pytest.fixture
def detect(change_detection, plain_context):
    def call(before: Image, after: Image, **given):
        return change_detection.process(15, before, after, plain_context, **given)["changes"]

    return call


def takes(bands: int = 3, size: int = 128, seed: int = 1, noise: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Two takes of the same ground, float64: the second 1.3 times as bright, with noise of its own."""
    random = np.random.default_rng(seed)
    ground = random.normal(500, 60, (bands, size, size))
    first, second = (ground * gain + random.normal(0, noise, ground.shape) for gain in (1.0, 1.3))
    return first, second


def boxes(found) -> set[tuple[float, ...]]:
    return {tuple(one["bbox"]) for one in found["features"]}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("dtype", ["uint16", "float32", "uint8"])
def test_unchanged_ground_in_another_light_has_no_changes(detect, seed: int, dtype: str):
    scale = 0.25 if dtype == "uint8" else 1.0
    before, after = ((one * scale).round().clip(0, 1e4).astype(dtype) for one in takes(seed=seed))
    assert detect(Image(before), Image(after))["features"] == []


@pytest.mark.parametrize("bands", [1, 3, 8])
@pytest.mark.parametrize(("step", "became"), [(80, "brighter"), (-80, "darker")])
def test_a_change_is_found_with_its_outline_and_direction(detect, bands: int, step: float, became: str):
    before, after = takes(bands)
    after[:, CHANGE[0], CHANGE[1]] += step
    (one,) = detect(Image(before), Image(after))["features"]
    assert one["bbox"] == [60, 40, 80, 52]
    assert one["properties"]["category"] == ["change", became]
    assert one["properties"]["areaPixels"] == 240


def test_identical_tiles_have_no_changes(detect):
    before, _ = takes()
    assert detect(Image(before), Image(before))["features"] == []


def test_otsu_parts_two_classes_where_they_part(change_detection):
    random = np.random.default_rng(0)
    values = np.abs(np.concatenate([random.normal(2, 0.5, 5000), random.normal(20, 1, 400)]))
    assert np.count_nonzero(values > change_detection.otsu(values)) == 400


@pytest.mark.parametrize("values", [[], [0.0, 0.0], [3.0]])
def test_otsu_of_what_has_no_classes_is_still_a_number(change_detection, values: list[float]):
    assert change_detection.otsu(np.array(values)) >= 0


def test_nodata_of_either_tile_is_not_looked_at(detect):
    before, after = takes()
    after[:, CHANGE[0], CHANGE[1]] += 400
    hidden = before.copy()
    hidden[:, CHANGE[0], CHANGE[1]] = -1
    assert detect(Image(hidden, nodata=-1.0), Image(after))["features"] == []
    masked = replace(Image(after), mask=_outside())
    assert detect(Image(before), masked)["features"] == []


def _outside() -> np.ndarray:
    outside = np.ones((128, 128), bool)
    outside[CHANGE] = False
    return outside


def test_only_what_the_mask_names_is_looked_at(detect):
    before, after = takes()
    after[:, CHANGE[0], CHANGE[1]] += 400
    assert detect(Image(before), Image(after), mask=Image(_outside()[None].astype(np.uint8)))["features"] == []


def test_a_change_belongs_to_the_tile_that_holds_its_centre(detect):
    before, after = takes()
    after[:, CHANGE[0], CHANGE[1]] += 400  # its centre, row 46, lies in a padding of 47 px, not of 46
    assert len(detect(Image(before), Image(after), padding=46)["features"]) == 1
    assert detect(Image(before), Image(after), padding=47)["features"] == []


def test_the_answer_is_a_valid_collection_in_pixels(detect):
    before, after = takes()
    after[:, CHANGE[0], CHANGE[1]] += 400
    found = detect(Image(before), Image(after))
    assert Validator("featureCollection@1").violations(found) == []
    assert Validator("detection@1").violations(found["features"][0]) == []


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"after": Image(np.ones((3, 9, 9)))}, "/tile2"),
        ({"after": Image(np.ones((1, 128, 128)))}, "/tile2"),
        ({"padding": 64}, "/padding"),
        ({"mask": Image(np.ones((1, 8, 8), np.uint8))}, "/mask"),
        ({"before": Image(np.ones((3, 128, 128), np.complex64))}, "/tile1"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_its_place(detect, given, pointer: str):
    before, after = takes()
    with pytest.raises(InputRejected) as caught:
        detect(**({"before": Image(before), "after": Image(after)} | given))
    assert caught.value.pointer == pointer
