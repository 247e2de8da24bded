"""Real files come through unchanged."""

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import rasterio
from converters.rasters import assert_same

from swath_converters import Policy
from swath_converters.image import decode_image, encode_image

pytestmark = pytest.mark.data
NAMES = ["RGB.byte.tif", "RGBA.uint16.tif", "cogeo.tif", "float_raster_with_nodata.tif", "rotated.tif"]


@pytest.mark.parametrize("name", NAMES)
def test_a_real_raster_is_read_as_rasterio_reads_it(name: str, real_raster: Callable[[str], Path]):
    path = real_raster(name)
    image = decode_image(path.read_bytes(), Policy())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with rasterio.open(path) as dataset:
            np.testing.assert_array_equal(image.array, dataset.read())
            assert image.dtype == dataset.dtypes[0]
            assert image.nodata == dataset.nodata
            assert image.transform == dataset.transform
            assert (image.crs is None) == (dataset.crs is None)
            assert image.crs is None or rasterio.CRS.from_string(image.crs) == dataset.crs


@pytest.mark.parametrize("name", NAMES)
def test_a_real_raster_comes_back_the_same(name: str, real_raster: Callable[[str], Path]):
    image = decode_image(real_raster(name).read_bytes(), Policy())
    assert_same(decode_image(encode_image(image), Policy()), image)


def test_a_known_crs_is_given_by_its_code(real_raster: Callable[[str], Path]):
    assert decode_image(real_raster("RGB.byte.tif").read_bytes(), Policy()).crs == "EPSG:32618"
    assert decode_image(real_raster("cogeo.tif").read_bytes(), Policy()).crs == "EPSG:3857"
