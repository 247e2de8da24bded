"""Images and bodies that the contract tests send."""

import base64
from typing import Any

import numpy as np
import pytest
from affine import Affine

from swath_converters import Image
from swath_converters.image import encode_image


def make_image(dtype: str = "uint16", count: int = 3, **facts: Any) -> Image:
    """A small georeferenced image, 20 × 30, with every value of interest of its dtype somewhere."""
    kind = np.dtype(dtype)
    random = np.random.default_rng(7)
    raw = random.integers(0, 256, (count, 20, 30 * kind.itemsize), np.uint8)
    array = raw.view(kind) if kind.kind in "iu" else random.normal(0, 1e3, (count, 20, 30)).astype(kind)
    place = {"crs": "EPSG:32631", "transform": Affine(10, 0, 600000, 0, -10, 4900000)}
    return Image(array, **(place | facts))


def tiff(image: Image) -> bytes:
    return encode_image(image, "image/tiff")


def base64_of(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.fixture
def geotiff() -> bytes:
    return tiff(make_image())


@pytest.fixture(scope="session")
def scene() -> bytes:
    """A made Sentinel-2-like scene of 64 × 48 with clouds, as GeoTIFF."""
    from swath_testing.scene import make_scene

    return tiff(make_scene(64, 48, bands=("B03", "B04", "B11"), seed=3).image)
