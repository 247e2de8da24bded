"""What a file's header says is a valid image document, and no pixel is decoded for it."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from converters.rasters import DTYPES, UTM
from converters.rasters import image as made

from swath_converters import Image, Policy
from swath_converters.control import GroundControlPoint, Rpcs
from swath_converters.errors import TooLarge, UndecodableImage
from swath_converters.header import dataset_document, file_document, image_document
from swath_converters.image import encode_image, from_wire
from swath_converters.parts import Part
from swath_registry.matching import match
from swath_registry.validation import Validator

RPCS = Rpcs(100, 500, 48, 0.1, 2, 0.2, 10, 10, 17, 17, *(((1.0,) + (0.0,) * 19,) * 4))
NAMES = ["RGB.byte.tif", "RGBA.uint16.tif", "cogeo.tif", "float_raster_with_nodata.tif", "rotated.tif"]


def header(image: Image, media_type: str = "image/tiff") -> dict[str, Any]:
    document = image_document(encode_image(image, media_type), Policy())
    assert Validator("image").violations(document) == []
    return document


def test_a_geotiff_says_all_that_it_holds():
    image = made("uint16", 3, 21, 34, units=("1", None, "K"))
    found = header(image)
    assert found["mediaType"] == "image/tiff" and found["compression"] == "deflate" and found["compressionLossless"]
    assert (found["size"], found["dataType"], found["nodata"]) == ({"width": 34, "height": 21}, "uint16", 0)
    assert [band["name"] for band in found["bands"]] == ["B01", "B02", "B03"]
    assert (found["crs"], found["transform"], found["gsd"]) == ("EPSG:32631", list(UTM)[:6], 10)
    assert found["overviews"] == [] and "tileSize" not in found
    assert "unit" not in found["bands"][1] and found["bands"][2]["unit"] == "K"


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("media_type", ["image/tiff", "application/x-npy", "application/x-npz"])
def test_every_data_type_has_its_name(dtype: str, media_type: str):
    name = {"complex64": "cfloat32", "complex128": "cfloat64"}.get(dtype, dtype)
    found = header(Image(np.zeros((2, 3, 4), dtype)), media_type)
    assert (found["dataType"], found["size"], len(found["bands"])) == (name, {"width": 4, "height": 3}, 2)
    assert found["mediaType"] == media_type


def test_what_a_header_says_is_what_the_file_is_completed_with_unchanged():
    """The document and its file go together: reading both gives what reading the file gives."""
    image = made("int16", 3)
    content = encode_image(image)
    document = image_document(content, Policy(), href="cid:scene")
    again = from_wire(document, {"scene": Part(content, "image/tiff")}, Policy())
    assert np.array_equal(again.array, image.array)
    assert (again.crs, again.transform, again.nodata, again.scales) == (
        image.crs,
        image.transform,
        image.nodata,
        image.scales,
    )
    assert again.band_names == image.band_names


def test_a_band_without_a_name_is_called_by_its_number_and_colours_are_common_names():
    found = header(Image(np.zeros((3, 4, 4), np.uint8)), "image/jpeg")
    assert found["bands"] == [
        {"name": "1", "commonName": "red"},
        {"name": "2", "commonName": "green"},
        {"name": "3", "commonName": "blue"},
    ]
    assert (found["compression"], found["compressionLossless"]) == ("jpeg", False)


def test_nodata_that_differs_between_bands_is_said_of_each():
    found = header(Image(np.zeros((2, 4, 4), np.float32), nodata=(0.0, float("nan"))))
    assert "nodata" not in found and [band["nodata"] for band in found["bands"]] == [0, "nan"]


def test_control_points_and_polynomials_are_said():
    points = (GroundControlPoint(0, 0, 2, 48), GroundControlPoint(3, 4, 2.1, 47.9, 100, "corner"))
    found = header(Image(np.zeros((1, 4, 4), np.uint8), gcps=points, gcp_crs="EPSG:4326", rpcs=RPCS))
    assert [point["x"] for point in found["groundControlPoints"]["points"]] == [2, 2.1]
    assert found["rpc"]["longitudeOffset"] == 2 and "transform" not in found
    assert match(found, {"georeferencing": ["rpc"], "groundControlPoints": {"min": 2}}).verdict == "accept"


def test_tiles_and_overviews_of_a_cloud_optimized_geotiff_are_said():
    found = header(Image(np.zeros((1, 700, 1300), np.uint8)), "image/tiff; profile=cloud-optimized")
    assert (found["tileSize"], found["overviews"]) == ({"width": 512, "height": 512}, [2, 4])


@pytest.mark.parametrize(
    ("crs", "transform", "bbox", "gsd"),
    [
        ("EPSG:4326", Affine(0.5, 0, 10, 0, -0.5, 50), [10, 45, 15, 50], 37670),
        ("EPSG:4326", Affine(0.5, 0, 178, 0, -0.5, 50), [178, 45, -177, 50], 37670),
        ("EPSG:4326", Affine(36, 0, -180, 0, -18, 90), [-180, -90, 180, 90], None),
        ("EPSG:32631", Affine(1000, 0, 495_000, 0, -1000, 5_000_000), None, 1000),
        ("EPSG:3995", Affine(1e5, 0, -5e5, 0, -1e5, 5e5), [-180, None, 180, 90], None),
    ],
)
def test_the_box_and_the_pixel_size_are_those_on_the_ground(crs: str, transform: Affine, bbox: Any, gsd: float | None):
    found = header(Image(np.zeros((1, 10, 10), np.uint8), crs, transform))
    for edge, expected in zip(found["bbox"], bbox or (), strict=False):
        assert expected is None or edge == pytest.approx(expected, abs=1e-6)
    if bbox is None:
        west, south, east, north = found["bbox"]
        assert 2.9 < west < 3 < east < 3.1 and 45 < south < north < 45.2
    if gsd is not None:
        assert found["gsd"] == pytest.approx(gsd, rel=2e-3)


def test_no_more_is_read_than_the_header():
    content = encode_image(Image(np.random.default_rng(1).integers(0, 9999, (4, 1200, 1200), np.uint16)))

    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            piece = super().read(size)
            self.taken += len(piece)
            return piece

    file = Counting(content)
    assert image_document(file, Policy())["sizeBytes"] == len(content)
    assert file.taken < 100_000 < len(content)


@pytest.mark.parametrize("media_type", ["image/tiff", "image/png", "application/x-npy", "application/x-npz"])
def test_a_cut_header_is_an_error_of_ours(media_type: str):
    content = encode_image(Image(np.zeros((1, 8, 8), np.uint8)), media_type)
    for size in (12, 20, 40):
        with pytest.raises(UndecodableImage):
            image_document(content[:size], Policy())


@pytest.mark.parametrize("media_type", ["image/tiff", "application/x-npy", "application/x-npz"])
def test_more_bands_than_the_policy_allows_are_not_described(media_type: str):
    content = encode_image(Image(np.zeros((9, 4, 4), np.uint8)), media_type)
    with pytest.raises(TooLarge):
        image_document(content, Policy(max_bands=8))


@pytest.mark.data
@pytest.mark.parametrize("name", NAMES)
def test_headers_of_real_rasters_agree_with_rasterio(name: str, real_raster: Callable[[str], Path]):
    path = real_raster(name)
    found = file_document(path)
    assert Validator("image").violations(found) == []
    assert (found["href"], found["sizeBytes"]) == (name, path.stat().st_size)
    with rasterio.open(path) as dataset:
        assert found["size"] == {"width": dataset.width, "height": dataset.height}
        assert found["dataType"] == dataset.dtypes[0] and len(found["bands"]) == dataset.count
        assert found.get("transform", list(dataset.transform)[:6]) == list(dataset.transform)[:6]
        assert dataset_document(dataset, name) == {key: found[key] for key in found if key != "sizeBytes"}
