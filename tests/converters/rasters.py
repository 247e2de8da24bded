"""Rasters that the converters' tests are made from, and files as a naive program would write and read them."""

import warnings
import zlib
from dataclasses import fields, replace
from struct import pack
from typing import Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.io import MemoryFile

from swath_converters import Image

DTYPES = (
    *("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"),
    *("float32", "float64", "complex64", "complex128"),
)
UTM = Affine(10, 0, 500_000, 0, -10, 4_000_000)


def samples(shape: tuple[int, int, int], dtype: str, seed: int = 7) -> np.ndarray[Any, Any]:
    """Random samples over the dtype's whole range; for floats also values that only that dtype holds."""
    random = np.random.default_rng(seed)
    kind = np.dtype(dtype)
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        return random.integers(limits.min, limits.max, shape, kind, endpoint=True)
    values = random.normal(0, 1e3, shape)
    return (values + 1j * values[::-1] if kind.kind == "c" else values).astype(kind)


def image(dtype: str = "uint16", bands: int = 3, height: int = 21, width: int = 34, **facts: Any) -> Image:
    """An image with everything that `Image` can say, unless told otherwise."""
    said: dict[str, Any] = {
        "crs": "EPSG:32631",
        "transform": UTM,
        "nodata": 0,
        "band_names": tuple(f"B{index:02}" for index in range(1, bands + 1)),
        "scales": tuple(0.1 / (index + 1) for index in range(bands)),
        "offsets": tuple(-1 / 3 * index - 0.5 for index in range(bands)),
        "tags": {"origin": "a test <&> 'é'", "AREA_OR_POINT": "Point"},
    }
    return Image(samples((bands, height, width), dtype), **{**said, **facts})


def as_png(sent: Image) -> Image:
    """The image as a PNG says it: how many bands there are says what they are shown as."""
    shown = {1: (), 2: ("gray", "alpha"), 3: ("red", "green", "blue"), 4: ("red", "green", "blue", "alpha")}
    return replace(sent, color_interpretation=shown[sent.count])


def assert_same(actual: Image, expected: Image) -> None:
    """Every sample and every fact is the same, NaN like NaN."""
    assert actual.dtype == expected.dtype
    np.testing.assert_array_equal(actual.array, expected.array)
    for fact in fields(Image):
        if fact.name not in {"array", "nodata", "mask"}:
            assert getattr(actual, fact.name) == getattr(expected, fact.name), fact.name
    np.testing.assert_equal(actual.nodata, expected.nodata)
    np.testing.assert_equal(actual.mask, expected.mask)


def naive_write(array: np.ndarray[Any, Any], driver: str, **options: Any) -> bytes:
    count, height, width = array.shape
    with warnings.catch_warnings(), MemoryFile() as file:
        warnings.simplefilter("ignore")
        with file.open(driver=driver, count=count, height=height, width=width, dtype=array.dtype, **options) as dataset:
            dataset.write(array)
        return file.read()


def naive_read(content: bytes) -> np.ndarray[Any, Any]:
    """What a program without safety rules does with bytes: any driver, any option."""
    with warnings.catch_warnings(), rasterio.Env(), MemoryFile(content) as file:
        warnings.simplefilter("ignore")
        with file.open() as dataset:
            return dataset.read()


def png_of_zeros(width: int, height: int) -> bytes:
    """A small file of a large image."""
    press = zlib.compressobj(9)
    row = bytes(width + 1)
    body = b"".join(press.compress(row) for _ in range(height)) + press.flush()
    header = pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return pack(">I", len(body)) + kind + body + pack(">I", zlib.crc32(kind + body))
