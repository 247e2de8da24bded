"""Normalised differences, as the service calls them."""

from dataclasses import replace

import numpy as np
import pytest

from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_runtime import Cancelled, InputRejected
from swath_testing.scene import make_scene


@pytest.fixture
def index(spectral_index, plain_context):
    return lambda image, **given: spectral_index.process(image, plain_context, **given)["values"]


def pixels(a: float, b: float, dtype: str = "float32", **facts) -> Image:
    """One row: near infrared a, red b."""
    array = np.array([[[a]], [[b]]], dtype)
    return Image(array, **{"band_names": ("nir", "red"), **facts})


@pytest.mark.parametrize(("a", "b", "expected"), [(0.5, 0.1, 2 / 3), (0.1, 0.5, -2 / 3), (0.3, 0.3, 0), (0.4, 0, 1)])
def test_the_formula(index, a: float, b: float, expected: float):
    assert index(pixels(a, b)).array[0, 0, 0] == pytest.approx(expected, abs=2e-7)


def test_a_sum_of_zero_is_nodata(index):
    values = index(pixels(0.2, -0.2))
    assert np.isnan(values.array).all()
    assert np.isnan(values.nodata)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint32", "int32", "float64"])
def test_integers_do_not_wrap(index, dtype: str):
    assert index(pixels(100, 120, dtype)).array[0, 0, 0] == np.float32(-20 / 220)


def test_an_offset_counts_and_a_scale_cancels(index):
    facts = {"scales": (0.0001, 0.0001), "offsets": (-0.1, -0.1)}
    assert index(pixels(6000, 2000, "uint16", **facts)).array[0, 0, 0] == pytest.approx(0.4 / 0.6, abs=1e-7)
    assert index(pixels(6000, 2000, "uint16")).array[0, 0, 0] == np.float32(0.5)


def test_nodata_of_either_band_is_nodata(index):
    image = Image(np.array([[[0, 5, 5]], [[5, 0, 4]]], np.uint16), nodata=0, band_names=("nir", "red"))
    np.testing.assert_array_equal(np.isnan(index(image).array[0, 0]), [True, True, False])


def test_the_image_s_mask_counts(index):
    image = replace(pixels(0.5, 0.1), mask=np.zeros((1, 1), bool))
    assert np.isnan(index(image).array).all()


def test_bands_are_found_by_common_name_and_by_sentinel_2_s(index):
    scene = make_scene(30, 20, ("B08", "B04"), seed=1).image
    named = replace(scene, band_names=("nir", "red"))
    np.testing.assert_array_equal(index(scene).array, index(named).array)


def test_every_named_index_runs_on_sentinel_2(index, spectral_index):
    scene = make_scene(30, 20, ("B03", "B04", "B08", "B11", "B12"), seed=1, border=False).image
    for name in spectral_index.INDICES:
        values = index(scene, index=name)
        assert values.band_names == (name,)
        assert np.abs(values.array).max() <= 1.0


def test_any_two_bands_by_name(index):
    image = Image(np.ones((2, 1, 1), np.float32) * [[[3]], [[1]]], band_names=("B8A", "B05"))
    assert index(image, bands=["B8A", "B05"]).array[0, 0, 0] == np.float32(0.5)


def test_a_missing_band_is_named(index):
    with pytest.raises(BandMissing) as caught:
        index(pixels(1, 1), index="NDSI")
    assert "green" in str(caught.value)


def test_complex_samples_are_refused(index):
    with pytest.raises(InputRejected):
        index(pixels(1, 1, "complex64"))


def test_the_result_lies_on_the_grid_of_the_image(index):
    scene = make_scene(30, 20, ("B08", "B04"), seed=1).image
    values = index(scene)
    assert (values.crs, values.transform, values.dtype) == (scene.crs, scene.transform, np.float32)


def test_a_cancelled_call_ends(spectral_index, plain_context):
    plain_context.cancel()
    with pytest.raises(Cancelled):
        spectral_index.process(pixels(1, 1), plain_context)
