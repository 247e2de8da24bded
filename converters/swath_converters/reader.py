"""Bytes of a raster file -> `Image`. Sizes are checked from the header, before a pixel is decoded."""

from typing import Any

import numpy as np

from . import gdal
from .crs import crs_to_text
from .errors import TooLarge, UndecodableImage
from .formats import Format, recognise
from .memory import Image
from .parts import Buffer
from .policy import Policy

_NUMPY_NAME = {"complex_int16": "complex64"}  # numpy has no complex integers


def read_raster(content: Buffer, policy: Policy, media_type: str | None = None) -> Image:
    """The image that a file holds, samples and metadata as they are in it.

    Args:
        content: the whole file: GeoTIFF, PNG, JPEG or JPEG 2000. `bytes` are read in place, without a copy.
        policy: the largest image accepted.
        media_type: what the sender says that it is, or None.

    Returns:
        Image: (bands, height, width) in the file's dtype (complex integers as complex64). A palette is not
        applied. A transform that is absent or the identity is None.

    Raises:
        MediaTypeUnsupported: the sender names a format that is not read here.
        UndecodableImage: it is another format than named, damaged, or cut short.
        TooLarge: it has more pixels, bands or bytes than the policy allows.
    """
    form = recognise(content, media_type)
    data = content if isinstance(content, bytes) else bytes(content)
    try:
        with (
            gdal.sandbox(),
            gdal.memory_file(data, form.suffix) as file,
            file.open(driver=[form.driver]) as dataset,
        ):
            dtype = np.result_type(*(_NUMPY_NAME.get(name, name) for name in dataset.dtypes))
            _check_size(dataset, dtype, policy)
            return _image(dataset, dtype)
    except gdal.UNREADABLE:
        raise _unreadable(form) from None


def _unreadable(form: Format) -> UndecodableImage:
    return UndecodableImage(f"The content begins like {form.media_type}, but is damaged or cut short.")


def _check_size(dataset: Any, dtype: np.dtype[Any], policy: Policy) -> None:
    """Refuse by the header alone. Blocks count too: a small image may claim one huge tile."""
    pixels = dataset.width * dataset.height
    sample_bytes = dtype.itemsize * dataset.count
    block_pixels = max(rows * columns for rows, columns in dataset.block_shapes)
    for what, actual, limit in (
        ("pixels in a band", pixels, policy.max_pixels),
        ("bands", dataset.count, policy.max_bands),
        ("bytes once decoded", pixels * sample_bytes, policy.max_decoded_bytes),
        ("bytes in a block once decoded", block_pixels * sample_bytes, policy.max_decoded_bytes),
    ):
        if actual > limit:
            raise TooLarge(what, actual, limit)


def _image(dataset: Any, dtype: np.dtype[Any]) -> Image:
    array = np.empty((dataset.count, dataset.height, dataset.width), dtype)
    dataset.read(out=array)
    transform = dataset.transform
    return Image(
        array=array,
        crs=crs_to_text(dataset.crs),
        transform=None if transform.is_identity else transform,
        nodata=_nodata(dataset.nodata, dtype),
        band_names=_unless_all(dataset.descriptions, None),
        scales=_unless_all(dataset.scales, 1.0),
        offsets=_unless_all(dataset.offsets, 0.0),
        tags=_tags(dataset.tags()),
    )


def _nodata(value: float | None, dtype: np.dtype[Any]) -> float | int | None:
    """The nodata value as a number of the samples' kind; one that no sample can have is none."""
    if value is None or dtype.kind not in "iu":
        return value
    return int(value) if float(value).is_integer() else None


def _unless_all(values: tuple[Any, ...], default: object) -> tuple[Any, ...]:
    return () if all(value == default for value in values) else tuple(values)


def _tags(tags: dict[str, str]) -> dict[str, str]:
    """The tags without what GDAL adds by itself: the default pixel sense, and nodata said again."""
    added = {"NODATA_VALUES": tags.get("NODATA_VALUES"), "AREA_OR_POINT": "Area"}
    return {name: text for name, text in tags.items() if added.get(name) != text}
