"""What an algorithm can do with an `Image`."""

import numpy as np
import pytest
from converters.rasters import UTM, image

from swath_converters import Image
from swath_converters.control import GroundControlPoint
from swath_converters.errors import BandMissing, ImageMalformed


def test_asarray_makes_no_copy():
    sent = image()
    assert np.asarray(sent) is sent.array


def test_asarray_converts_when_asked():
    assert np.asarray(image(), np.float32).dtype == np.float32


def test_a_band_is_found_by_name_without_a_copy():
    sent = image()
    assert np.shares_memory(sent.band("B02"), sent.array)
    np.testing.assert_array_equal(sent.band("B02"), sent.array[1])


def test_a_missing_band_is_named_with_those_that_are_there():
    with pytest.raises(BandMissing, match=r"'B8A'.*B01, B02, B03") as missing:
        image().band("B8A")
    assert missing.value.known == ("B01", "B02", "B03")


def test_a_missing_band_of_an_image_without_names_says_so():
    with pytest.raises(BandMissing, match="unnamed"):
        Image(np.zeros((2, 2, 2))).band("B8A")


def test_select_takes_scales_and_offsets_along():
    sent = image(bands=4)
    chosen = sent.select(["B04", "B01"])
    np.testing.assert_array_equal(chosen.array, sent.array[[3, 0]])
    assert chosen.band_names == ("B04", "B01")
    assert chosen.scales == (sent.scales[3], sent.scales[0])
    assert chosen.offsets == (sent.offsets[3], sent.offsets[0])
    assert (chosen.crs, chosen.transform, chosen.nodata) == (sent.crs, sent.transform, sent.nodata)


def test_select_of_all_bands_in_order_makes_no_copy():
    sent = image()
    assert sent.select(["B01", "B02", "B03"]).array is sent.array


def test_physical_values_are_scaled_and_nan_where_nodata():
    array = np.array([[[0, 1000]], [[2000, 3000]]], np.uint16)
    sent = Image(array, nodata=0, scales=(1e-4, 2e-4), offsets=(-0.1, 0))
    physical = sent.physical()
    assert physical.dtype == np.float32
    np.testing.assert_allclose(physical, [[[np.nan, 0]], [[0.4, 0.6]]], atol=1e-7)  # float32 rounding
    np.testing.assert_array_equal(array[0], [[0, 1000]])


def test_physical_values_are_computed_in_double_precision_and_rounded_once():
    numbers = np.arange(10_001, dtype=np.uint16)[None, None]
    physical = Image(numbers, scales=(1e-4,), offsets=(-0.1,)).physical()
    exact = [round((number - 1000) / 10_000, 4) for number in range(10_001)]
    np.testing.assert_array_equal(physical[0, 0], np.array(exact, np.float32))


def test_physical_values_of_complex_samples_are_refused():
    with pytest.raises(ImageMalformed, match="complex64"):
        image("complex64").physical()


@pytest.mark.parametrize(
    ("dtype", "nodata", "expected"),
    [
        ("uint16", 0, [[False, False, True]]),
        ("float32", float("nan"), [[True, True, True]]),
        ("float32", 0.0, [[False, False, True]]),
        ("int16", None, [[True, True, True]]),
    ],
)
def test_a_pixel_is_valid_where_no_band_is_nodata(dtype: str, nodata: float | None, expected: list[list[bool]]):
    array = np.array([[[0, 1, 2]], [[3, 0, 4]]], dtype)
    np.testing.assert_array_equal(Image(array, nodata=nodata).is_valid, expected)


def test_nan_is_not_valid_where_nodata_is_nan():
    array = np.array([[[np.nan, 1]], [[2, 3]]])
    np.testing.assert_array_equal(Image(array, nodata=float("nan")).is_valid, [[False, True]])


def test_a_result_like_an_image_is_on_its_grid():
    sent = image()
    mask = sent.like(np.ones((sent.height, sent.width), np.uint8), nodata=255, band_names=["cloud"])
    assert mask.shape == (1, sent.height, sent.width)
    assert (mask.crs, mask.transform, mask.nodata, mask.band_names) == ("EPSG:32631", UTM, 255, ("cloud",))
    assert (mask.scales, mask.offsets, dict(mask.tags)) == ((), (), {})


def test_a_result_of_another_size_is_not_like_the_image():
    with pytest.raises(ImageMalformed, match="height 21 and width 34"):
        image().like(np.zeros((34, 21)))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"band_names": ("a",)}, "1 band_names for 3 bands"),
        ({"scales": (1.0, 1.0)}, "2 scales for 3 bands"),
        ({"nodata": -1}, "No uint16 sample can be -1"),
        ({"nodata": 0.5}, "No uint16 sample"),
        ({"nodata": float("nan")}, "No uint16 sample"),
    ],
)
def test_facts_that_do_not_fit_the_samples_are_refused(facts: dict[str, object], message: str):
    with pytest.raises(ImageMalformed, match=message):
        image(**facts)


@pytest.mark.parametrize("shape", [(4, 4), (1, 2, 3, 4), (0, 4, 4), (1, 4, 0)])
def test_an_array_that_is_no_raster_is_refused(shape: tuple[int, ...]):
    with pytest.raises(ImageMalformed, match="bands, height, width"):
        Image(np.zeros(shape))


def test_an_image_is_georeferenced_by_crs_and_transform_together():
    assert image().is_georeferenced
    assert not image(crs=None).is_georeferenced
    assert not image(transform=None).is_georeferenced


def test_an_image_stands_for_its_array_in_numpy():
    sent = image("float32")
    np.testing.assert_array_equal(np.sqrt(np.abs(sent)), np.sqrt(np.abs(sent.array)))
    np.testing.assert_array_equal(sent.array - sent, np.zeros(sent.shape))
    assert np.shares_memory(sent[0, 5:9], sent.array)
    assert len(sent) == sent.count
    assert np.mean(sent) == np.mean(sent.array)


def test_nodata_may_differ_between_bands():
    array = np.array([[[0, 1, 2]], [[1, 5, 9]]], np.uint8)
    sent = Image(array, nodata=(0, 9), scales=(2, 1))
    np.testing.assert_array_equal(sent.is_valid, [[False, True, False]])
    np.testing.assert_array_equal(sent.physical(), [[[np.nan, 2, 4]], [[1, 5, np.nan]]])
    assert sent.nodatas == (0, 9)


@pytest.mark.parametrize("same", [(7, 7), (np.uint8(7), 7.0)])
def test_nodata_that_is_the_same_in_every_band_is_one_value(same: tuple[float, float]):
    assert Image(np.zeros((2, 1, 1), np.uint8), nodata=same).nodata == 7
    both_nan = (float("nan"), np.float32("nan"))
    assert np.isnan(Image(np.zeros((2, 1, 1), np.float32), nodata=both_nan).nodata)  # pyright: ignore[reportArgumentType]


def test_the_mask_says_what_is_valid():
    mask = np.array([[0, 255, 1]], np.uint8)
    sent = Image(np.array([[[1, 2, 0]]], np.uint8), nodata=0, mask=mask)
    np.testing.assert_array_equal(sent.is_valid, [[False, True, False]])
    np.testing.assert_array_equal(sent.physical(), [[[np.nan, 2, np.nan]]])


def test_select_takes_what_is_said_of_the_bands_and_of_the_grid_along():
    sent = image(nodata=(1, 2, 3), units=("a", "b", None), mask=np.ones((21, 34), bool))
    chosen = sent.select(["B03", "B01"])
    assert (chosen.nodata, chosen.units, chosen.tags) == ((3, 1), (None, "a"), sent.tags)
    assert chosen.mask is sent.mask


def test_a_result_like_an_image_has_its_control_points_and_its_own_mask():
    points = (GroundControlPoint(0, 0, 2, 48, id="a"),)
    sent = image(transform=None, gcps=points, gcp_crs="EPSG:4326", mask=np.ones((21, 34), bool))
    result = sent.like(np.zeros((21, 34), np.uint8), color_map={1: (255, 0, 0, 255)})
    assert (result.gcps, result.gcp_crs, result.mask) == (points, "EPSG:4326", None)
    assert result.color_map == {1: (255, 0, 0, 255)}
    assert sent.like(np.zeros((21, 34)), mask=sent.mask).mask is sent.mask


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"nodata": (1, 2)}, "2 nodata values for 3 bands"),
        ({"nodata": (1, 2, -1)}, "No uint16 sample can be -1"),
        ({"mask": np.ones((2, 2), bool)}, "not on a grid"),
        ({"gcps": (GroundControlPoint(0, 0, 1, 1),)}, "not both"),
        ({"color_map": {1: (0, 0, 0, 255)}}, "one band"),
        ({"units": ("K",)}, "1 units for 3 bands"),
    ],
)
def test_facts_that_do_not_fit_together_are_refused(facts: dict[str, object], message: str):
    with pytest.raises(ImageMalformed, match=message):
        image(**facts)


@pytest.mark.parametrize("colors", [{256: (0, 0, 0, 0)}, {-1: (0, 0, 0, 0)}, {1: (0, 0, 0)}, {1: (0, 0, 0, 256)}])
def test_colours_that_are_none_are_refused(colors: dict[int, tuple[int, ...]]):
    with pytest.raises(ImageMalformed):
        Image(np.zeros((1, 2, 2), np.uint8), color_map=colors)  # pyright: ignore[reportArgumentType]
