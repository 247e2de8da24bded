"""JPEG 2000, JPEG and WebP: samples, of few dtypes, with little or nothing beside them."""

from typing import Any

from . import gdal
from .cores import usable_cores
from .crs import crs_of
from .formats import JP2, JPEG, WEBP
from .memory import Image
from .side_by_side import MOST_THREADS
from .writing import Encoding, Parameters, as_written, created, held, interpretations

_JPEG_BANDS = (1, 3)
_JPEG_MOST_PX = 65_500  # libjpeg's JPEG_MAX_DIMENSION
_WEBP_BANDS = (3, 4)
_WEBP_MOST_PX = 16_383
_QUALITIES = tuple(str(quality) for quality in range(1, 101))


def _dtype(image: Image) -> str:
    return "uint8" if image.dtype.kind == "b" else image.dtype.name


def _jp2_refusal(image: Image) -> str | None:
    if _dtype(image) not in {"uint8", "int16", "uint16"}:
        return f"its samples are {image.dtype.name}, and JPEG 2000 holds uint8, int16 and uint16 here"
    return None


def _jpeg_refusal(image: Image) -> str | None:
    if _dtype(image) != "uint8" or image.count not in _JPEG_BANDS:
        return f"it has {image.count} bands of {image.dtype.name}, and JPEG holds 1 or 3 of uint8"
    return _size_refusal(image, "JPEG", _JPEG_MOST_PX)


def _webp_refusal(image: Image) -> str | None:
    if _dtype(image) != "uint8" or image.count not in _WEBP_BANDS:
        return f"it has {image.count} bands of {image.dtype.name}, and WebP holds 3 or 4 of uint8"
    return _size_refusal(image, "WebP", _WEBP_MOST_PX)


def _size_refusal(image: Image, name: str, most_px: int) -> str | None:
    longest = max(image.height, image.width)
    return f"a side has {longest} px, and {name} holds {most_px}" if longest > most_px else None


def _write_jp2(image: Image, parameters: Parameters) -> memoryview:
    """Samples, CRS and transform, on GDAL's threads: there is no damage to hear of, and what fails fails the file."""
    with gdal.sandbox(GDAL_NUM_THREADS=str(min(MOST_THREADS, usable_cores()))):
        place = {"crs": crs_of(image), "transform": image.transform} if not image.gcps else {}
        return _file(image, JP2.driver, QUALITY=100, REVERSIBLE="YES", YCBCR420="NO", **place)


def _write_jpeg(image: Image, parameters: Parameters) -> memoryview:
    return _written(image, JPEG.driver, QUALITY=int(parameters["quality"]))


def _write_webp(image: Image, parameters: Parameters) -> memoryview:
    if parameters["quality"] == "lossless":
        return _written(image, WEBP.driver, LOSSLESS="YES", EXACT="YES")
    return _written(image, WEBP.driver, QUALITY=int(parameters["quality"]))


def _written(image: Image, driver: str, **options: Any) -> memoryview:
    with gdal.sandbox():
        return _file(image, driver, **options)


def _file(image: Image, driver: str, **options: Any) -> memoryview:
    file, dataset = created(image, driver, **options)
    with dataset:
        if image.color_interpretation:
            dataset.colorinterp = interpretations(image)
        dataset.write(as_written(image))
    return held(file)


JP2_ENCODING = Encoding(JP2.media_type, _jp2_refusal, _write_jp2)
JPEG_ENCODING = Encoding(
    JPEG.media_type, _jpeg_refusal, _write_jpeg, {"quality": ("90", *_QUALITIES)}, is_lossless=False
)
WEBP_ENCODING = Encoding(
    WEBP.media_type, _webp_refusal, _write_webp, {"quality": ("lossless", *_QUALITIES)}, is_lossless=False
)
