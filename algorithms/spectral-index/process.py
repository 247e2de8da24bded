"""Normalised differences of two bands; README.md says which, and by whom."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_runtime import Context, InputRejected

# Common names (STAC eo:common_name) of a and b in (a - b) / (a + b); sources stand in README.md.
INDICES = {
    "NDVI": ("nir", "red"),
    "GNDVI": ("nir", "green"),
    "NDWI": ("green", "nir"),
    "MNDWI": ("green", "swir16"),
    "NDMI": ("nir", "swir16"),
    "NBR": ("nir", "swir22"),
    "NDSI": ("green", "swir16"),
    "NDBI": ("swir16", "nir"),
}
# Names under which a band of that common name may stand in an image, the best first: its own, then Sentinel-2's.
ALIASES = {
    "green": ("green", "B03"),
    "red": ("red", "B04"),
    "nir": ("nir", "B08", "nir08", "B8A"),
    "swir16": ("swir16", "B11"),
    "swir22": ("swir22", "B12"),
}
STRIP_ROWS = 512  # rows at a time: bounds the memory beyond image and result, and lets a cancelled call end soon


def process(image: Image, context: Context, index: str = "NDVI", bands: list[str] | None = None) -> dict[str, Any]:
    """The normalised difference of two bands of an image.

    Args:
        image: (bands, height, width), bands with names; any real dtype. Scale and offset are applied.
        context: told how far it is after each strip of rows.
        index: one of INDICES; its bands are looked for under their common names and Sentinel-2's.
        bands: names of a and b instead.

    Returns:
        values: float32 (1, height, width), (a - b) / (a + b), on the image's grid; NaN, its nodata, where either is
            nodata, not finite, or their sum is 0. Reckoned in double precision and rounded once.

    Raises:
        BandMissing: the image lacks one of the bands, or its bands have no names.
        InputRejected: complex samples.
        Cancelled: the call was given up.
    """
    if image.dtype.kind == "c":
        raise InputRejected(f"The image holds {image.dtype}; an index is made of real numbers.", "/image")
    places = [_place(image, names) for names in ([(one,) for one in bands] if bands else _aliases(index))]
    values = np.empty((image.height, image.width), np.float32)
    for top in range(0, image.height, STRIP_ROWS):
        context.check_cancelled()
        rows = slice(top, top + STRIP_ROWS)
        values[rows] = _difference(*(_physical(image, place, rows) for place in places))
        context.progress(min(top + STRIP_ROWS, image.height) / image.height, "reckoning")
    if image.mask is not None:
        values[~image.mask] = np.nan
    return {"values": image.like(values, nodata=float("nan"), band_names=(None if bands else index,))}


def _aliases(index: str) -> list[tuple[str, ...]]:
    return [ALIASES[name] for name in INDICES[index]]


def _place(image: Image, names: Sequence[str]) -> int:
    """Which band has the first of the names that one has."""
    for name in names:
        if name in image.band_names:
            return image.band_names.index(name)
    raise BandMissing(names[0], image.band_names, pointer="/image")


def _physical(image: Image, place: int, rows: slice) -> NDArray[np.float64]:
    """A band's physical values, float64 (rows, width), NaN where nodata."""
    samples = image.array[place, rows]
    scale = image.scales[place] if image.scales else 1.0
    offset = image.offsets[place] if image.offsets else 0.0
    values = samples * np.float64(scale) + offset
    nodata = image.nodatas[place]
    if nodata is not None:
        values[samples == nodata] = np.nan  # a nodata of NaN is NaN already
    return values


def _difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float32]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        values = ((a - b) / (a + b)).astype(np.float32)
    values[~np.isfinite(values)] = np.nan
    return values
