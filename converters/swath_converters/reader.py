"""Bytes of a raster file -> `Image`. Sizes are checked from the header, before a pixel is decoded."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from rasterio.enums import MaskFlags  # pyright: ignore[reportUnknownVariableType]

from . import gdal
from .arrays import read_npy, read_npz
from .crs import crs_to_text
from .deadline import Deadline
from .errors import TooLarge, UndecodableImage
from .formats import NPY, NPZ, PNG, TIFF, Format, recognise
from .memory import Image
from .parts import Buffer
from .png_stored import stored
from .policy import Policy
from .samples import check_mask, decoded_dtype, read_pixels
from .tiff import read_facts
from .window_grid import PixelWindow, is_bounded

_AT_ONE_GO_BYTES = 8 << 20  # of rows: GDAL then holds the image a second time, which of a larger one is too much
_MASK: Any = MaskFlags.per_dataset


def read_raster(content: Buffer, policy: Policy, media_type: str | None = None, *, may_keep: bool = False) -> Image:
    """The image that a file holds, samples and metadata as they are in it.

    Args:
        content: the whole file: GeoTIFF, PNG, JPEG, JPEG 2000, NPY or NPZ. GDAL reads `bytes` in place.
        policy: the largest image accepted.
        media_type: what the sender says that it is, or None.
        may_keep: whether the content is the image's from now on, so that an NPY's samples may stay where they lie.

    Returns:
        Image: (bands, height, width) in the file's dtype (complex integers as complex64). A palette is not
        applied: it is the colour map. A transform that is absent or the identity is None.

    Raises:
        MediaTypeUnsupported: the sender names a format that is not read here.
        UndecodableImage: it is another format than named, damaged, or cut short.
        TooLarge: it has more pixels, bands or bytes than the policy allows.
        DecodeTimedOut: decoding it takes longer.
    """
    form = recognise(content, media_type)
    if form is NPY:
        return read_npy(content, policy, may_keep=may_keep)
    if form is NPZ:
        return read_npz(content, policy)
    data, deadline = content if isinstance(content, bytes) else bytes(content), Deadline(policy)
    whole = stored(data, policy, deadline) if form is PNG else None
    try:
        with (
            gdal.sandbox(**(gdal.AT_ONE_GO if whole and len(whole) < _AT_ONE_GO_BYTES else {})),
            gdal.memory_file(whole or data, form.suffix) as file,
            file.open(driver=[form.driver]) as dataset,
        ):
            return _image(dataset, data, form, policy, deadline, partial(file.open, driver=[form.driver]))
    except gdal.UNREADABLE:
        raise _unreadable(form) from None


def _image(
    dataset: Any, data: bytes, form: Format, policy: Policy, deadline: Deadline, again: Callable[[], Any]
) -> Image:
    dtype, view = decoded_dtype(dataset), memoryview(data)
    _check_size(dataset, dtype, policy)
    whole = PixelWindow(0, 0, dataset.width, dataset.height)

    def read(start: int, size: int) -> memoryview:
        return view[start : start + size]

    array = read_pixels(dataset, read, form, whole, range(dataset.count), deadline, again)
    mask = None
    if has_mask(dataset):
        check_mask(dataset, read, form, whole, deadline)
        mask = dataset.read_masks(1)
    return Image(array, mask=mask, **facts_of(dataset, dtype, form))


def _unreadable(form: Format) -> UndecodableImage:
    return UndecodableImage(f"The content begins like {form.media_type}, but is damaged or cut short.")


def _check_size(dataset: Any, dtype: np.dtype[Any], policy: Policy) -> None:
    """Refuse by the header alone. Blocks count too: a small image may claim one huge tile."""
    pixels = dataset.width * dataset.height
    sample_bytes = dtype.itemsize * dataset.count + has_mask(dataset)
    block_pixels = max(rows * columns for rows, columns in dataset.block_shapes)
    for what, actual, limit in (
        ("pixels in a band", pixels, policy.max_pixels),
        ("bands", dataset.count, policy.max_bands),
        ("bytes once decoded", pixels * sample_bytes, policy.max_decoded_bytes),
        ("bytes in a block once decoded", block_pixels * sample_bytes, policy.max_decoded_bytes),
    ):
        if actual > limit:
            raise TooLarge(what, actual, limit)


def has_mask(dataset: Any) -> bool:
    """Whether the file has a mask of valid pixels of its own: no alpha band, no nodata value."""
    return dataset.mask_flag_enums[0] == [_MASK]


def facts_of(dataset: Any, dtype: np.dtype[Any], form: Format) -> dict[str, Any]:
    """Arguments of `Image`, but array and mask: all that a file says of its samples.

    Args:
        dataset: open, of rasterio.
        dtype: of its samples, as they are read.
        form: the file's format.
    """
    tags = _tags(dataset.tags())
    transform = dataset.transform
    if not is_bounded(transform, dataset.width, dataset.height):
        raise UndecodableImage("The file's transform puts its pixels beyond all places.")
    said: dict[str, Any] = {
        "crs": None if _is_unnamed(dataset.crs) else crs_to_text(dataset.crs),
        "transform": None if transform.is_identity or dataset.gcps[0] else transform,
        "nodata": tuple(_nodata(value, dtype) for value in dataset.nodatavals),
        "band_names": _unless_all(dataset.descriptions, None),
        "scales": _unless_all(dataset.scales, 1.0),
        "offsets": _unless_all(dataset.offsets, 0.0),
        "color_map": _color_map(dataset, dtype),
        "color_interpretation": _interpretation(dataset),
        "band_tags": _band_tags(dataset),
    }
    extra = read_facts(dataset, tags) if form is TIFF else {}
    return said | {"tags": tags} | extra


def _is_unnamed(crs: Any) -> bool:
    """Whether a GeoTIFF says no more than how pixels are counted, which GDAL makes a local CRS without a name."""
    return bool(crs) and crs.to_wkt().startswith('LOCAL_CS["unnamed"')


def _color_map(dataset: Any, dtype: np.dtype[Any]) -> dict[int, tuple[int, int, int, int]] | None:
    """The palette of an image of one band, None where it has none."""
    if dataset.count != 1 or dtype.kind not in "iu":
        return None
    try:
        return dataset.colormap(1)
    except ValueError:  # rasterio's way to say that there is none
        return None


def _interpretation(dataset: Any) -> tuple[str | None, ...]:
    """What bands are shown as. Gray is what a band is that is no other; a palette is the colour map."""
    try:
        names = tuple(one.name for one in dataset.colorinterp)
    except ValueError:  # one that this rasterio does not know yet
        return ()
    is_plain = {"gray", "undefined", "palette"}.issuperset(names)
    return () if is_plain else tuple(None if name in ("undefined", "palette") else name for name in names)


def _band_tags(dataset: Any) -> tuple[dict[str, str], ...]:
    """Tags of the bands, without the statistics that GDAL adds, which hold for no other samples."""
    found = [dataset.tags(index) for index in dataset.indexes]
    own = tuple({name: text for name, text in one.items() if not name.startswith("STATISTICS_")} for one in found)
    return own if any(own) else ()


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
