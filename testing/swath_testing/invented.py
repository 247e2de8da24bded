"""Images made up for tests: of any size and data type that an algorithm's capabilities allow, boundaries first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.image import encode_image

SIDES = (1, 2, 3, 16, 17, 64, 100)  # px: alone, next to none, and both sides of a tile's
DTYPES = ("uint8", "uint16", "int16", "uint32", "int32", "float32", "float64")
BROKEN = (b"", b"no image", b"II*\0\x08\0\0\0", b"\x89PNG\r\n\x1a\n\0\0")
"""Nothing, text, and the beginnings of files that end too early."""

Size = tuple[int, int]


def invent_size(random: np.random.Generator, capabilities: Mapping[str, Any]) -> Size:
    """(height, width), px, within the capabilities' `height` and `width`."""
    return (_side(random, capabilities.get("height", {})), _side(random, capabilities.get("width", {})))


def invent_image(
    random: np.random.Generator, capabilities: Mapping[str, Any], size: Size, known: Sequence[Image] = ()
) -> bytes:
    """A GeoTIFF that fits the capabilities as far as they are of bands, sizes and data types.

    Half of them are parts of `known` images (the examples'), where there are any: with their bands, scales and CRS.
    """
    if len(known) and random.random() < 0.5:
        return encode_image(_part(random, known[int(random.integers(len(known)))], size))
    names = _band_names(random, capabilities)
    dtype = np.dtype(str(random.choice(capabilities.get("dataTypes") or DTYPES)))
    array = _samples(random, dtype, (len(names), *size))
    nodata = _nodata(random, dtype)
    return encode_image(Image(array, nodata=nodata, band_names=names if any(names) else ()))


def break_image(random: np.random.Generator, content: bytes) -> bytes:
    """A file that can't be read: another, or the first half of this one."""
    choices = (*BROKEN, content[: len(content) // 2])
    return choices[int(random.integers(len(choices)))]


def _side(random: np.random.Generator, allowed: Mapping[str, Any]) -> int:
    low, high = int(np.ceil(allowed.get("min", 1))), int(allowed.get("max", max(SIDES[-1], allowed.get("min", 1))))
    return int(np.clip(random.choice(SIDES), low, max(low, high)))


def _band_names(random: np.random.Generator, capabilities: Mapping[str, Any]) -> tuple[str | None, ...]:
    asked: Sequence[Mapping[str, Any]] = capabilities.get("bands", {}).get("allOf", ())
    names: list[str | None] = [one.get("name") or one.get("commonName") for one in asked]
    allowed = capabilities.get("bandCount", {})
    low = int(allowed.get("min", 1))
    high = int(allowed.get("max", max(low, len(names), 4)))
    count = max(len(names), int(random.integers(low, max(low, high) + 1)))
    filled: list[str | None] = [*names, *[None] * (count - len(names))]
    return tuple(filled)


def _samples(random: np.random.Generator, dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Samples: one value, extremes, noise; for floating point also with NaN and infinity among them."""
    is_float = dtype.kind == "f"
    low, high = (-1.0, 1.0) if is_float else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    kind = int(random.integers(5 if is_float else 3))
    if kind == 0:
        return np.full(shape, random.choice([0, 1, high]), dtype)
    if kind == 1:
        return random.choice(np.array([low, 0, high], dtype), shape)
    noise = random.random(shape)
    array = noise.astype(dtype) if is_float else (low + noise * (float(high) - float(low))).astype(dtype)
    if kind >= 3:
        special = np.array([np.nan] if kind == 3 else [np.nan, np.inf, -np.inf], dtype)
        array = np.where(random.random(shape) < 0.3, random.choice(special, shape), array)
    return array


def _nodata(random: np.random.Generator, dtype: np.dtype[Any]) -> float | int | None:
    choices: list[float | int | None] = [None, 0]
    choices.append(float("nan") if dtype.kind == "f" else int(np.iinfo(dtype).max))
    return choices[int(random.integers(3))]


def _part(random: np.random.Generator, image: Image, size: Size) -> Image:
    """A window of an image, at most as large as it is; now and then without one valid pixel."""
    height, width = min(size[0], image.height), min(size[1], image.width)
    row = int(random.integers(image.height - height + 1))
    column = int(random.integers(image.width - width + 1))
    array = np.ascontiguousarray(image.array[:, row : row + height, column : column + width])
    transform = image.transform @ image.transform.translation(column, row) if image.transform else None
    mask = None if image.mask is None else image.mask[row : row + height, column : column + width]
    if image.nodata is not None and not isinstance(image.nodata, tuple) and random.random() < 0.2:
        array = np.full_like(array, image.nodata)
    return replace(image, array=array, transform=transform, mask=mask)
