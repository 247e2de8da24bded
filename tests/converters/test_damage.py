"""A damaged file is an error or, where nothing that matters was cut, the very same image: never other pixels."""

import sys
import threading
from typing import Any

import numpy as np
import pytest
from converters.rasters import naive_write

from swath_converters import Policy
from swath_converters.errors import ConversionError, MediaTypeUnsupported, UndecodableImage
from swath_converters.image import decode_image

POLICY = Policy()


def scene(dtype: str = "uint8") -> np.ndarray[Any, Any]:
    rows, columns = np.mgrid[0:200, 0:230]
    noise = np.random.default_rng(3).integers(0, 9, (3, 200, 230))
    return (np.sin(columns / 37) * np.cos(rows / 21) * 100 + 110 + noise).astype(dtype)


TILES = {"tiled": True, "blockxsize": 64, "blockysize": 64}
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "PNG": ("PNG", {}),
    "interlaced PNG": ("PNG", {"worldfile": False, "interlaced": True}),
    "JPEG": ("JPEG", {}),
    "progressive JPEG": ("JPEG", {"progressive": True}),
    "JPEG 2000": ("JP2OpenJPEG", {"REVERSIBLE": "YES", "QUALITY": 100}),
    "GeoTIFF": ("GTiff", {}),
    "GeoTIFF deflate": ("GTiff", {"compress": "deflate", "predictor": 2}),
    "GeoTIFF lzw tiles": ("GTiff", {"compress": "lzw", **TILES}),
    "GeoTIFF zstd bands": ("GTiff", {"compress": "zstd", "interleave": "band", **TILES}),
    "GeoTIFF packbits": ("GTiff", {"compress": "packbits"}),
    "GeoTIFF jpeg": ("GTiff", {"compress": "jpeg", "photometric": "ycbcr", **TILES}),
    "BigTIFF": ("GTiff", {"bigtiff": "yes", "compress": "deflate"}),
    "sparse GeoTIFF": ("GTiff", {"SPARSE_OK": True, **TILES}),
    "COG": ("COG", {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_file_is_an_error(kind: str):
    driver, options = KINDS[kind]
    whole = naive_write(scene(), driver, **options)
    decode_image(whole, POLICY)
    for percent in (1, 10, 25, 50, 75, 90, 99):
        with pytest.raises(UndecodableImage):
            decode_image(whole[: len(whole) * percent // 100], POLICY)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_by_a_few_bytes_is_an_error_or_the_same_image(kind: str):
    driver, options = KINDS[kind]
    whole = naive_write(scene(), driver, **options)
    pixels = decode_image(whole, POLICY).array
    for missing in (1, 2, 4, 8, 12, 16, 40, 100):
        try:
            received = decode_image(whole[:-missing], POLICY).array
        except UndecodableImage:
            continue
        np.testing.assert_array_equal(received, pixels)


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_with_changed_bytes_is_decoded_or_refused_and_nothing_else(kind: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "unraisablehook", lambda _: None)  # rasterio's logger meets text that is not UTF-8
    driver, options = KINDS[kind]
    whole = naive_write(scene(), driver, **options)
    random = np.random.default_rng(11)
    for _ in range(60):
        damaged = bytearray(whole)
        for at in random.integers(0, [400, len(whole)], (3, 2)).ravel():
            damaged[min(int(at), len(whole) - 1)] = int(random.integers(256))
        try:
            decode_image(damaged, POLICY)
        except ConversionError as error:
            assert "vsimem" not in str(error)


@pytest.mark.data
def test_a_damaged_tile_is_an_error(real_raster):
    with pytest.raises(UndecodableImage):
        decode_image(real_raster("corrupt.tif").read_bytes(), POLICY)


def test_a_file_that_is_not_what_it_was_declared_to_be_is_an_error():
    content = naive_write(scene(), "PNG")
    with pytest.raises(UndecodableImage, match="is image/png, but was declared as image/tiff"):
        decode_image(content, POLICY, media_type="image/tiff")


@pytest.mark.parametrize("media_type", [None, "", "application/octet-stream", "image/png", "IMAGE/PNG; x=y"])
def test_a_media_type_that_fits_or_says_nothing_is_accepted(media_type: str | None):
    assert decode_image(naive_write(scene(), "PNG"), POLICY, media_type=media_type).count == 3


def test_a_media_type_that_is_not_read_is_refused_naming_those_that_are():
    with pytest.raises(MediaTypeUnsupported, match=r"text/html.*image/tiff, image/png, image/jpeg, image/jp2"):
        decode_image(naive_write(scene(), "PNG"), POLICY, media_type="text/html")


def test_many_threads_decode_at_once_each_its_own():
    kinds = [*KINDS.values()] * 2
    files = [
        naive_write(np.roll(scene(), index, 2), driver, **options) for index, (driver, options) in enumerate(kinds)
    ]
    expected = [decode_image(content, POLICY).array for content in files]
    failures: list[str] = []

    def decode(index: int) -> None:
        for turn in range(5):
            at = (index + turn) % len(files)
            if not np.array_equal(decode_image(files[at], POLICY).array, expected[at]):
                failures.append(f"file {at}")
            try:
                decode_image(files[at][: len(files[at]) // 2], POLICY)
                failures.append(f"half of file {at}")
            except UndecodableImage:
                pass

    threads = [threading.Thread(target=decode, args=(index,)) for index in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
