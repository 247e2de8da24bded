"""The smallest algorithm, on made and on real pixels."""

import numpy as np
import pytest

from swath_converters import Image
from swath_runtime import InputRejected

WEIGHTS = (0.2126, 0.7152, 0.0722)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.float32, np.float64])
def test_dtype_is_kept(grayscale, dtype):
    assert grayscale.process(Image(np.ones((3, 2, 2), dtype)))["image"].dtype == dtype


def test_white_stays_white(grayscale):
    assert grayscale.process(Image(np.full((3, 1, 1), 255, np.uint8)))["image"].array.item() == 255


@pytest.mark.parametrize(("band", "brightness"), [(0, 213), (1, 715), (2, 72)])
def test_each_colour_has_the_weight_of_bt_709(grayscale, band, brightness):
    array = np.zeros((3, 1, 1), np.uint16)
    array[band] = 1000
    assert grayscale.process(Image(array))["image"].array.item() == brightness


def test_nodata_in_any_band_is_nodata(grayscale):
    image = Image(np.array([[[7, 50]], [[50, 50]], [[50, 50]]], np.uint8), nodata=7)
    gray = grayscale.process(image)["image"]
    assert gray.nodata == 7
    assert gray.array.tolist() == [[[7, 50]]]


@pytest.mark.parametrize("bands", [1, 2, 4])
def test_another_number_of_bands_is_refused(grayscale, bands):
    with pytest.raises(InputRejected, match=str(bands)) as caught:
        grayscale.process(Image(np.zeros((bands, 2, 2), np.uint8)))
    assert caught.value.pointer == "/image"


@pytest.mark.data
def test_a_real_landsat_image_keeps_its_grid_and_its_brightness(grayscale, real_raster):
    from swath_converters.image import decode_image
    from swath_converters.policy import Policy

    image = decode_image(real_raster("RGB.byte.tif").read_bytes(), Policy())
    gray = grayscale.process(image)["image"]
    assert (gray.crs, gray.transform, gray.nodata) == (image.crs, image.transform, 0)
    assert gray.shape == (1, 718, 791)
    expected = sum(weight * image.array[band].astype(float) for band, weight in enumerate(WEIGHTS))
    # Half a count, for the rounding to uint8.
    np.testing.assert_allclose(gray.array[0][image.is_valid], expected[image.is_valid], atol=0.5 + 1e-9)
