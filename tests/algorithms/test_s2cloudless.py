"""s2cloudless, as the service calls it; skipped where the package is not installed."""

from dataclasses import replace

import numpy as np
import pytest
from algorithms.conftest import ALGORITHMS, load

from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_runtime import Cancelled, InputRejected
from swath_testing.scene import make_scene

BANDS = (
    "B01",
    "B02",
    "B04",
    "B05",
    "B08",
    "B8A",
    "B09",
    "B10",
    "B11",
    "B12",
)  # as its documentation says


@pytest.fixture(scope="module")
def module():
    pytest.importorskip("s2cloudless", reason="s2cloudless is not installed in this environment")
    return load(ALGORITHMS / "s2cloudless" / "process.py")


@pytest.fixture
def detect(module, plain_context):
    process = module.Process()
    process.on_start(plain_context)
    settings = {"threshold": 0.4, "averageOver": 1, "dilationSize": 1}
    return lambda image, **given: process.process(image, plain_context, **settings | given)


@pytest.fixture(scope="module")
def scene() -> Image:
    return make_scene(40, 300, BANDS, seed=5).image


def test_bands_are_those_of_the_documentation(module):
    assert tuple(module.MODEL_BANDS) == BANDS


def test_strips_leave_no_trace(module, detect, scene):
    whole = detect(scene)["probability"].array
    module.STRIP_ROWS, kept = 7, module.STRIP_ROWS
    try:
        np.testing.assert_array_equal(detect(scene)["probability"].array, whole)
    finally:
        module.STRIP_ROWS = kept


def test_nodata_is_nodata_in_both_and_does_not_grow(detect, scene):
    found = detect(scene, threshold=0.0, dilationSize=20)
    valid = scene.is_valid
    np.testing.assert_array_equal(np.isnan(found["probability"].array[0]), ~valid)
    np.testing.assert_array_equal(found["mask"].array[0] == 255, ~valid)


def test_clouds_grow_by_the_disk_without_averaging_too(detect, scene):
    plain, grown = (detect(scene, averageOver=0, dilationSize=size)["mask"].array[0] for size in (0, 3))
    assert np.count_nonzero(grown == 1) > np.count_nonzero(plain == 1)
    assert (grown[plain == 1] == 1).all()


def test_a_mask_without_averaging_or_growing_is_the_threshold(detect, scene):
    found = detect(scene, threshold=0.7, averageOver=0, dilationSize=0)
    probability = found["probability"].array[0]
    expected = np.where(np.isnan(probability), 255, probability > 0.7)
    np.testing.assert_array_equal(found["mask"].array[0], expected)


def test_results_lie_on_the_grid_of_the_image(detect, scene):
    for result in detect(scene).values():
        assert (result.crs, result.transform, result.shape[1:]) == (scene.crs, scene.transform, scene.shape[1:])


@pytest.mark.parametrize("band", BANDS)
def test_a_missing_band_is_named(detect, scene, band: str):
    with pytest.raises(BandMissing) as caught:
        detect(scene.select([one for one in BANDS if one != band]))
    assert band in str(caught.value)


def test_integers_without_a_scale_and_complex_samples_are_refused(detect, scene):
    for image in (
        replace(scene, scales=(), offsets=()),
        replace(scene, array=scene.array.astype(np.complex64), nodata=None),
    ):
        with pytest.raises(InputRejected):
            detect(image)


def test_a_cancelled_call_ends(detect, scene, plain_context):
    plain_context.cancel()
    with pytest.raises(Cancelled):
        detect(scene)
