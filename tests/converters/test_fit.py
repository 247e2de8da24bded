"""What makes an image fit a service: bands, samples, grids, tiles; compared with GDAL's own and with known surfaces."""

from typing import Any

import numpy as np
import pytest
from affine import Affine
from converters.rasters import DTYPES, UTM, image, samples
from rasterio import warp
from rasterio.enums import Resampling

from swath_converters import Image, Policy
from swath_converters.control import GroundControlPoint
from swath_converters.errors import BandMissing, CannotEncode, MalformedValue, TooLarge
from swath_converters.fit import (
    CannotFit,
    cast,
    merge,
    reformat,
    reproject,
    resample,
    select_bands,
    set_nodata,
    tiles,
)
from swath_converters.image import decode_image
from swath_converters.window_grid import located, scaled


def plane(height: int = 60, width: int = 80, dtype: str = "float64", **facts: Any) -> Image:
    """A plane: 3 x - 2 y + 7 at the middle of each pixel, x and y in px."""
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    return Image((3 * columns - 2 * rows + 7)[None].astype(dtype), "EPSG:32631", UTM, **facts)


def test_bands_are_taken_by_name_common_name_and_index():
    sent = image(bands=4)
    fitted, change = select_bands(sent, ["red", "B01", 2], common_names={"red": "B04", "B01": "B03"})
    np.testing.assert_array_equal(fitted.array, sent.array[[3, 0, 2]])
    assert fitted.band_names == ("B04", "B01", "B03")
    assert fitted.scales == tuple(sent.scales[index] for index in (3, 0, 2))
    assert change.details["to"] == ["B04", "B01", "B03"]
    assert change.is_needed


def test_nodata_and_units_of_bands_go_with_them():
    sent = image(nodata=(0, None, 7), units=("K", "1", None))
    fitted = select_bands(sent, [2, 1]).image
    assert (fitted.nodatas, fitted.units) == ((7, None), (None, "1"))


@pytest.mark.parametrize(("bands", "error"), [(["nir"], BandMissing), ([9], MalformedValue), ([], MalformedValue)])
def test_a_band_that_is_not_there_is_an_error(bands: list[Any], error: type[Exception]):
    with pytest.raises(error):
        select_bands(image(), bands)


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_fits_already_is_the_same_image(dtype: str):
    sent = image(dtype)
    for fitted, change in (
        select_bands(sent, [0, 1, 2]),
        cast(sent, dtype),
        set_nodata(sent, 0),
        reproject(sent, "EPSG:32631"),
        resample(sent, size=(sent.width, sent.height)),
        resample(sent, gsd_m=10),
    ):
        assert fitted is sent
        assert not change.is_needed
        assert "nothing to do" in str(change)


@pytest.mark.parametrize("source", DTYPES)
@pytest.mark.parametrize("target", DTYPES)
def test_a_cast_is_exact_or_refused(source: str, target: str):
    sent = Image(samples((1, 40, 40), source))
    if np.dtype(source).kind == "f":
        sent = Image(np.round(sent.array))
    try:
        fitted, change = cast(sent, target)
    except CannotFit:
        # numpy calls it safe to put 64-bit integers into doubles, and rounds them
        assert not np.can_cast(source, target, "safe") or (
            source.endswith("int64") and target in ("float64", "complex128")
        )
        return
    assert fitted.dtype == np.dtype(target)
    for one, other in zip(sent.array.ravel().tolist(), fitted.array.ravel().tolist(), strict=True):
        assert one == other
    assert change.details["largestDifference"] == 0


def test_casts_that_numpy_calls_safe_are_never_refused():
    for source in DTYPES:
        for target in DTYPES:
            if np.can_cast(source, target, "safe") and not (source.endswith("int64") and target != source):
                cast(Image(samples((1, 9, 9), source)), target)


@pytest.mark.parametrize(
    ("values", "source", "target"),
    [
        ([256], "uint16", "uint8"),
        ([-1], "int16", "uint16"),
        ([2**63], "uint64", "int64"),
        ([2**63 - 1], "int64", "float64"),
        ([2**53 + 1], "uint64", "float64"),
        ([0.5], "float32", "uint8"),
        ([np.nan], "float32", "int16"),
        ([np.inf], "float64", "int16"),
        ([1e39], "float64", "float32"),
        ([0.1], "float64", "float32"),
        ([1j], "complex64", "float32"),
        ([2.0**63], "float64", "int64"),
        ([2], "uint8", "bool"),
    ],
)
def test_a_sample_without_an_equal_is_refused(values: list[Any], source: str, target: str):
    with pytest.raises(CannotFit):
        cast(Image(np.array(values, source).reshape(1, 1, -1)), target)


def test_rounding_is_asked_for_and_told():
    sent = Image(np.array([[[0.5, 1.5, 2.5, -0.4, 254.6]]]))
    fitted, change = cast(sent, "uint8", rounding="nearest")
    assert fitted.array.tolist() == [[[0, 2, 2, 0, 255]]]
    assert change.details["largestDifference"] == 0.5
    with pytest.raises(CannotFit, match=r"from 0 to 256 are out of the range of uint8, 0 to 255"):
        cast(Image(np.array([[[0.0, 255.6]]])), "uint8", rounding="nearest")


def test_nodata_is_nodata_in_the_other_dtype():
    sent = Image(np.array([[[np.nan, 4.0]]]), nodata=np.nan)
    fitted = cast(sent, "uint16", nodata=65535).image
    assert (fitted.array.tolist(), fitted.nodata) == ([[[65535, 4]]], 65535)
    with pytest.raises(CannotFit, match="cannot mean nodata"):
        cast(sent, "uint16")
    with pytest.raises(CannotFit, match="Measurements have the value 4"):
        cast(sent, "uint16", nodata=4)


def test_masked_samples_need_not_fit():
    sent = Image(np.array([[[1e9, 4.0]]]), mask=np.array([[False, True]]))
    assert cast(sent, "uint8").image.array.tolist() == [[[0, 4]]]


def test_nodata_is_written_where_the_mask_says_so():
    sent = Image(np.array([[[1, 2, 9]]], np.uint8), nodata=9, mask=np.array([[True, False, True]]))
    fitted, change = set_nodata(sent, 0)
    assert (fitted.array.tolist(), fitted.nodata, fitted.mask) == ([[[1, 0, 0]]], 0, None)
    assert change.details["samples"] == 2
    with pytest.raises(CannotFit, match="Measurements have the value 1"):
        set_nodata(sent, 1)
    with pytest.raises(CannotFit, match="can be 256"):
        set_nodata(sent, 256)


@pytest.mark.parametrize("method", ["nearest", "bilinear", "cubic", "average"])
def test_resampling_is_what_gdal_makes_of_it(method: str):
    sent = Image(samples((2, 60, 80), "float32"), "EPSG:32631", UTM)
    fitted = resample(sent, size=(33, 47), resampling=method).image
    expected = np.empty((2, 47, 33), np.float32)
    target = scaled(UTM, 80 / 33, 60 / 47)
    facts = {"src_crs": "EPSG:32631", "dst_crs": "EPSG:32631", "src_transform": UTM, "dst_transform": target}
    warp.reproject(sent.array, expected, resampling=Resampling[method], **facts)
    assert fitted.transform == target
    np.testing.assert_allclose(fitted.array, expected, rtol=1e-6, atol=1e-3)  # GDAL in float32, ours in float64


@pytest.mark.parametrize("method", ["nearest", "bilinear"])
def test_reprojection_is_what_gdal_makes_of_it(method: str):
    sent = Image(samples((2, 90, 110), "int16"), "EPSG:32631", UTM, nodata=-32768)
    fitted, change = reproject(sent, "EPSG:3857", resampling=method)
    target, height, width = fitted.transform, fitted.height, fitted.width
    expected = np.empty((2, height, width), np.int16)
    facts = {"src_crs": "EPSG:32631", "dst_crs": "EPSG:3857", "src_transform": UTM, "dst_transform": target}
    warp.reproject(sent.array, expected, resampling=Resampling[method], src_nodata=-32768, dst_nodata=-32768, **facts)
    assert fitted.crs == "EPSG:3857"
    np.testing.assert_array_equal(fitted.array, expected)
    assert change.details["size"] == [width, height]


@pytest.mark.parametrize("factor", [0.5, 2, 3])
def test_a_plane_stays_a_plane(factor: float):
    sent = plane()
    fitted = resample(sent, gsd_m=10 * factor).image
    rows, columns = (np.mgrid[0 : fitted.height, 0 : fitted.width] + 0.5) * factor
    inside = (slice(3, -3), slice(3, -3))
    np.testing.assert_allclose(fitted.array[0][inside], (3 * columns - 2 * rows + 7)[inside], atol=1e-9)


def test_a_plane_stays_a_plane_in_another_crs():
    """Within what a parabola of 30 m could make of pixels of 30 m: the scales of two UTM zones differ little."""
    sent = plane(200, 200)
    fitted = reproject(sent, "EPSG:32630", gsd_m=10).image
    rows, columns = np.mgrid[0 : fitted.height, 0 : fitted.width] + 0.5
    transform = fitted.transform
    assert transform is not None
    eastings, northings = zip(
        *(located(transform, c, r) for c, r in zip(columns.flat, rows.flat, strict=True)), strict=True
    )
    xs, ys = warp.transform("EPSG:32630", "EPSG:32631", eastings, northings)
    x, y = (np.array(xs) - 500_000) / 10, (4_000_000 - np.array(ys)) / 10
    expected = (3 * x - 2 * y + 7).reshape(rows.shape)
    inside = ((x > 2) & (x < 198) & (y > 2) & (y < 198)).reshape(rows.shape)
    assert inside.sum() > 30_000
    # 0.125 px is how exactly GDAL finds a pixel's place (its approximating transformer), times the plane's slope
    np.testing.assert_allclose(fitted.array[0][inside], expected[inside], atol=0.125 * np.hypot(3, 2))


def test_a_place_stays_where_it_is_on_a_rotated_grid():
    transform = Affine(8.66, 5, 500_000, 5, -8.66, 4_000_000)
    spot = np.zeros((1, 60, 60), np.float32)
    spot[0, 40, 25] = 1
    fitted = reproject(Image(spot, "EPSG:32631", transform), "EPSG:32632", resampling="nearest").image
    assert fitted.transform is not None
    row, column = np.argwhere(fitted.array[0] == 1).mean(axis=0) + 0.5
    x, y = located(fitted.transform, column, row)
    (there,), (northing,) = warp.transform("EPSG:32632", "EPSG:32631", [x], [y])
    expected = located(transform, 25.5, 40.5)
    assert np.hypot(there - expected[0], northing - expected[1]) < 10


def test_nodata_takes_no_part_and_covers_what_the_image_does_not():
    array = np.full((1, 50, 50), 100, np.uint16)
    array[0, 20:30, 20:30] = 7
    fitted = reproject(Image(array, "EPSG:32631", UTM, nodata=7), "EPSG:32632", resampling="bilinear").image
    assert set(np.unique(fitted.array)) == {7, 100}
    assert fitted.array[0, 0, 0] == 7
    assert fitted.mask is None


def test_without_nodata_the_mask_says_what_the_image_does_not_cover():
    fitted = reproject(Image(np.full((1, 50, 50), 100, np.uint16), "EPSG:32631", UTM), "EPSG:32632").image
    assert fitted.mask is not None
    assert (fitted.array[0][fitted.mask] == 100).all()
    assert not fitted.mask[0, 0]


def test_a_measurement_never_becomes_nodata():
    array = np.array([[[4, 6] * 4] * 4], np.uint8)
    fitted = resample(Image(array, nodata=5), size=(4, 4), resampling="average").image
    assert (fitted.array == 6).all()


def test_class_maps_keep_their_classes_unless_told_otherwise():
    classes = samples((1, 50, 50), "uint8") // 64
    colors = {value: (value, 0, 0, 255) for value in range(4)}
    for sent in (Image(classes, color_map=colors), Image(classes > 1)):
        fitted, change = resample(sent, size=(33, 33))
        assert change.details["resampling"] == "nearest"
        assert set(np.unique(fitted.array)) <= set(np.unique(sent.array))
        assert fitted.dtype == sent.dtype


@pytest.mark.parametrize("dtype", ["int8", "uint16", "int64", "uint64", "float64", "complex64"])
def test_nearest_takes_samples_as_they_are(dtype: str):
    array = samples((1, 20, 20), dtype)
    if dtype.endswith("int64"):
        array = array // 4096
    fitted = resample(Image(array), size=(40, 40), resampling="nearest").image
    np.testing.assert_array_equal(fitted.array, array.repeat(2, 1).repeat(2, 2))


def test_integers_that_a_double_cannot_hold_are_refused():
    with pytest.raises(MalformedValue, match="2\\*\\*53"):
        resample(Image(np.full((1, 4, 4), 2**60, np.int64)), size=(2, 2))


def test_a_gsd_is_metres_whatever_the_units_of_the_crs():
    feet = Image(np.zeros((1, 30, 30), np.uint8), "EPSG:2263", Affine(100, 0, 1e6, 0, -100, 2e5))
    fitted = resample(feet, gsd_m=60.96012192).image
    assert (fitted.width, fitted.height) == (15, 15)
    assert fitted.transform is not None
    assert fitted.transform.a == pytest.approx(200)
    assert reproject(feet, "EPSG:32618", gsd_m=25).image.transform[0] == 25


def test_a_gsd_needs_metres():
    degrees = Image(np.zeros((1, 3, 3), np.uint8), "EPSG:4326", Affine(0.1, 0, 2, 0, -0.1, 48))
    for sent in (degrees, Image(np.zeros((1, 3, 3), np.uint8))):
        with pytest.raises(MalformedValue, match="metres"):
            resample(sent, gsd_m=10)
    with pytest.raises(MalformedValue, match="metres"):
        reproject(plane(), "EPSG:4326", gsd_m=10)


def test_what_has_no_place_cannot_be_reprojected():
    with pytest.raises(MalformedValue, match="no CRS and transform"):
        reproject(Image(np.zeros((1, 3, 3), np.uint8)), "EPSG:32631")
    with pytest.raises(MalformedValue):
        reproject(plane(), "EPSG:1")


def test_a_result_that_would_be_too_large_is_refused():
    with pytest.raises(TooLarge):
        reproject(plane(), "EPSG:32630", gsd_m=0.1, policy=Policy(max_pixels=100_000))
    with pytest.raises(TooLarge):
        resample(plane(), gsd_m=0.1, policy=Policy(max_pixels=100_000))


def test_control_points_move_with_the_pixels():
    sent = image(transform=None, crs=None, gcps=(GroundControlPoint(10, 20, 2, 48),), gcp_crs="EPSG:4326")
    fitted = resample(sent, size=(sent.width * 2, sent.height * 3)).image
    assert [(point.row, point.column) for point in fitted.gcps] == [(30, 40)]


def test_a_file_of_another_media_type_has_the_same_samples():
    sent = Image(samples((3, 20, 20), "uint16"))
    content, change = reformat(sent, "image/png")
    np.testing.assert_array_equal(decode_image(content, Policy()).array, sent.array)
    assert change.details == {"to": "image/png", "sizeBytes": len(content)}
    with pytest.raises(CannotEncode):
        reformat(plane(), "image/png")


def test_the_image_that_was_given_stays_as_it_is():
    sent = image()
    before = sent.array.copy()
    set_nodata(cast(select_bands(sent, [0]).image, "float64").image, -1.0)
    resample(sent, size=(5, 5))
    merge(tiles(sent, 9, 9), join="blend")
    np.testing.assert_array_equal(sent.array, before)
