"""The algorithm as the service calls it: an image in, mask, fraction and outlines out."""

from dataclasses import replace

import numpy as np
import pytest

from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_runtime import Cancelled, InputRejected
from swath_testing.scene import Scene, make_scene

BANDS = ("B03", "B04", "B11")


@pytest.fixture
def detect(cloud_detection, context):
    def call(image: Image, threshold: float = 0.2):
        return cloud_detection.Process().process(image, threshold, context)

    return call


@pytest.fixture(scope="module")
def scene() -> Scene:
    return make_scene(300, 600, BANDS)


def numbers(green: int, red: int, swir: int) -> Image:
    """One pixel of digital numbers, Sentinel-2's scale and offset."""
    array = np.array([[[green]], [[red]], [[swir]]], np.uint16)
    return Image(array, nodata=0, band_names=BANDS, scales=(0.0001,) * 3, offsets=(-0.1,) * 3)


def test_clouds_of_a_scene_are_found(detect, scene):
    mask = detect(scene.image)["mask"].array[0]
    found, true = mask == 1, scene.truth == 1
    # Measured: 0.957 to 0.964. The rest are edges of clouds: the algorithm sees a cloud from an opacity of
    # about 0.3 on, the truth calls it one from 0.5 on. Below 0.9 something else is wrong.
    assert np.count_nonzero(found & true) / np.count_nonzero(found | true) > 0.9


def test_snow_of_a_scene_is_not_taken_for_cloud(detect, scene):
    green, _, swir = scene.image.physical()
    snow = (green > 0.6) & (swir < 0.15) & (scene.truth == 0)
    assert np.count_nonzero(snow) > 1000
    assert not detect(scene.image)["mask"].array[0][snow].any()


def test_nodata_stays_nodata(detect, scene):
    mask = detect(scene.image)["mask"]
    assert mask.nodata == 255
    np.testing.assert_array_equal(mask.array[0] == 255, scene.truth == 255)


def test_nodata_of_a_band_that_is_not_used_changes_nothing(detect):
    image = make_scene(40, 40, (*BANDS, "B08")).image
    before = detect(image)["mask"].array
    image.array[3] = 0
    np.testing.assert_array_equal(detect(image)["mask"].array, before)


def test_mask_lies_on_the_grid_of_the_image(detect, scene):
    mask = detect(scene.image)["mask"]
    assert (mask.crs, mask.transform) == (scene.image.crs, scene.image.transform)
    assert (mask.shape, mask.dtype) == ((1, 600, 300), np.uint8)


def test_bands_are_found_by_name_in_any_order(detect, scene):
    expected = detect(scene.image)["mask"].array
    shuffled = detect(scene.image.select(("B11", "B03", "B04")))["mask"].array
    np.testing.assert_array_equal(shuffled, expected)


def test_strips_of_rows_leave_no_seam(detect, cloud_detection, scene, monkeypatch):
    expected = detect(scene.image)["mask"].array
    monkeypatch.setattr(cloud_detection, "STRIP_ROWS", 7)
    np.testing.assert_array_equal(detect(scene.image)["mask"].array, expected)


def test_reflectance_as_floating_point_gives_the_same_mask(detect, scene):
    reflectance = Image(scene.image.physical(), nodata=float("nan"), band_names=BANDS)
    # The scene has no pixel on a threshold, where float32 arithmetic could decide otherwise.
    expected = detect(scene.image)["mask"].array
    assert np.count_nonzero(detect(reflectance)["mask"].array != expected) <= 5


@pytest.mark.parametrize(
    ("pixel", "cloud"),
    [
        ((2750, 2000, 5000), 0),  # B03 exactly 0.175
        ((2751, 2000, 5000), 1),
        ((4900, 6000, 5000), 0),  # B03 exactly 0.39
        ((4901, 6000, 5000), 1),
        ((6000, 5000, 3000), 0),  # B11 exactly 0.2
        ((6000, 5000, 3001), 1),
        ((3000, 3000, 5000), 0),  # B03 equals B04
        ((3001, 3000, 5000), 1),
    ],
)
def test_a_pixel_on_a_threshold_is_not_greater_than_it(detect, pixel, cloud):
    assert detect(numbers(*pixel))["mask"].array.item() == cloud


@pytest.mark.parametrize("threshold", [k / 1000 for k in range(0, 1001, 37)])
def test_short_wave_infrared_on_any_threshold_is_not_greater_than_it(detect, threshold):
    on_it = round(threshold * 10000) + 1000
    assert detect(numbers(6000, 5000, on_it), threshold)["mask"].array.item() == 0
    assert detect(numbers(6000, 5000, on_it + 1), threshold)["mask"].array.item() == 1


def test_fraction_counts_valid_pixels_only(detect):
    array = np.array([[[6000, 6000, 2000, 0]], [[5000, 5000, 2000, 5000]], [[4000, 4000, 2000, 4000]]], np.uint16)
    image = replace(numbers(1, 1, 1), array=array)
    assert detect(image)["cloudFraction"] == pytest.approx(2 / 3)


def test_fraction_is_0_and_there_are_no_outlines_without_a_valid_pixel(detect, scene):
    answer = detect(replace(scene.image, array=np.zeros_like(scene.image.array)))
    assert answer["cloudFraction"] == 0
    assert answer["clouds"] == {"type": "FeatureCollection", "features": []}


def test_outlines_surround_the_clouds(detect):
    image = replace(numbers(1, 1, 1), array=np.full((3, 4, 5), 2000, np.uint16))
    image.array[:, 1:3, 1:4] = np.array([6000, 5000, 4000])[:, None, None]
    (feature,) = detect(image)["clouds"]["features"]
    (ring,) = feature["geometry"]["coordinates"]
    assert {(x, y) for x, y in ring} == {(1, 1), (4, 1), (4, 3), (1, 3)}


def test_a_missing_band_is_named(detect):
    with pytest.raises(BandMissing, match="B11") as caught:
        detect(make_scene(8, 8, ("B03", "B04")).image)
    assert caught.value.pointer == "/image"


def test_bands_without_names_are_refused_rather_than_guessed(detect, scene):
    with pytest.raises(BandMissing):
        detect(replace(scene.image, band_names=()))


@pytest.mark.parametrize("scales", [(), (1.0, 1.0, 1.0), (0.0001, 0.0001, 1.0)])
def test_integers_without_a_scale_are_refused_rather_than_guessed(detect, scene, scales):
    with pytest.raises(InputRejected, match="scale") as caught:
        detect(replace(scene.image, scales=scales))
    assert caught.value.pointer == "/image"


def test_progress_ends_at_1(cloud_detection, cpu_model, scene):
    from swath_runtime import Context

    seen: list[float] = []
    told = Context("cpu", None, cpu_model, on_progress=lambda fraction, _: seen.append(fraction))
    cloud_detection.Process().process(scene.image, 0.2, told)
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_cancelled_call_ends(detect, context, scene):
    context.cancel()
    with pytest.raises(Cancelled):
        detect(scene.image)
