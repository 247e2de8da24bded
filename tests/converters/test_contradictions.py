"""What an image object says against itself or its file is an error with its place."""

from typing import Any

import pybase64
import pytest
from converters.rasters import UTM, naive_write, samples

from swath_converters import Image, Policy
from swath_converters.errors import ConversionError, MalformedValue, MediaTypeUnsupported, UndecodableImage
from swath_converters.image import encode_image, from_wire

POLICY = Policy()
BARE = Image(samples((3, 40, 50), "uint8"))
UTM_LIST = list(UTM)[:6]


def received(content: bytes | None = None, **document: Any) -> Image:
    text = pybase64.b64encode_as_string(content or encode_image(BARE))
    return from_wire({"data": text, **document}, {}, POLICY)


def refuses(error: type[ConversionError], pointer: str, content: bytes | None = None, **document: Any) -> str:
    with pytest.raises(error) as refused:
        received(content, **document)
    assert refused.value.pointer == pointer
    return str(refused.value)


def named(**facts: Any) -> list[dict[str, Any]]:
    return [{"name": "a"}, {"name": "b", **facts}, {"name": "c"}]


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"bands": named(name="a")}, "/bands/1/name"),
        ({"bands": named(scale=0)}, "/bands/1/scale"),
        ({"bands": named(scale=float("inf"))}, "/bands/1/scale"),
        ({"bands": named(offset=float("nan"))}, "/bands/1/offset"),
        ({"bbox": [0, 45, 1, 99]}, "/bbox/3"),
        ({"bbox": [0, -91, 1, 45]}, "/bbox/1"),
        ({"bbox": [0, 46, 1, 45]}, "/bbox"),
        ({"startDatetime": "2026-01-02T00:00:00Z", "endDatetime": "2026-01-01T23:59:59+00:00"}, "/endDatetime"),
        ({"crs": "EPSG:32631", "transform": [0, 0, 0, 0, 0, 0]}, "/transform"),
        ({"crs": "EPSG:32631", "transform": [1, 2, 0, 2, 4, 0]}, "/transform"),
        ({"crs": "EPSG:32631", "transform": [1e308, 0, 1e308, 0, -1, 0]}, "/transform"),
        ({"crs": "EPSG:32631", "transform": [float("inf"), 0, 0, 0, -1, 0]}, "/transform"),
        ({"crs": "EPSG:4326", "transform": [0.1, 0, 0, 0, -0.1, 99]}, "/transform"),
    ],
)
def test_an_object_that_contradicts_itself_is_refused(document: dict[str, Any], pointer: str):
    refuses(MalformedValue, pointer, **document)


@pytest.mark.parametrize(
    "document",
    [
        {"bbox": [170, -10, -170, 10]},
        {"crs": "EPSG:32631", "transform": [7, 7, 5, 7, -7, 4]},
        {"crs": "EPSG:32631", "transform": [10, 0, 500_000, 0, 10, 0]},
        {"crs": "EPSG:4326", "transform": [7.2, 0, 0, 0, -4.61, 92.2]},  # pixels' middles at the poles
        {"startDatetime": "2026-01-01T00:00:00Z", "endDatetime": "2026-01-01T00:00:00Z"},
        {"startDatetime": "2016-12-31T23:59:60Z", "endDatetime": "2017-01-01T00:00:00Z"},
        {"bands": named(scale=-1, offset=0)},
    ],
)
def test_what_is_unusual_is_no_contradiction(document: dict[str, Any]):
    received(**document)


TIFFS = {
    "none": {},
    "deflate": {"compress": "deflate"},
    "lzw": {"compress": "lzw"},
    "zstd": {"compress": "zstd"},
    "packbits": {"compress": "packbits"},
    "jpeg": {"compress": "jpeg"},
    "webp": {"compress": "webp", "interleave": "pixel"},
    "lerc": {"compress": "lerc"},
    "lzma": {"compress": "lzma"},
}


@pytest.mark.parametrize("compression", TIFFS)
def test_the_compression_is_that_of_the_file(compression: str):
    content = naive_write(BARE.array, "GTiff", **TIFFS[compression])
    received(content, compression=compression)
    other = "lzw" if compression != "lzw" else "none"
    told = refuses(UndecodableImage, "/compression", content, compression=other)
    assert f"is {compression}, not {other}" in told


@pytest.mark.parametrize(
    ("media_type", "compression"),
    [("image/png", "deflate"), ("image/jpeg", "jpeg"), ("image/jp2", "jpeg2000"), ("application/x-npy", "none")],
)
def test_the_compression_of_a_format_is_known(media_type: str, compression: str):
    content = encode_image(BARE, media_type)
    received(content, compression=compression)
    refuses(UndecodableImage, "/compression", content, compression="zstd")


def test_a_jpeg_is_not_without_loss():
    refuses(UndecodableImage, "/compressionLossless", encode_image(BARE, "image/jpeg"), compressionLossless=True)
    received(compressionLossless=True)


def test_tiles_are_those_of_the_file():
    tiled = naive_write(BARE.array, "GTiff", tiled=True, blockxsize=32, blockysize=16)
    received(tiled, tileSize={"width": 32, "height": 16})
    assert "32 × 16" in refuses(UndecodableImage, "/tileSize", tiled, tileSize={"width": 16, "height": 16})
    assert "no tiles" in refuses(UndecodableImage, "/tileSize", tileSize={"width": 16, "height": 16})


def test_the_media_type_is_that_of_the_file():
    refuses(UndecodableImage, "/mediaType", mediaType="image/png")
    refuses(MediaTypeUnsupported, "/mediaType", mediaType="image/gif")
    refuses(UndecodableImage, "/data", b"no image at all", mediaType="image/png")
    received(mediaType="image/tiff; application=geotiff")
