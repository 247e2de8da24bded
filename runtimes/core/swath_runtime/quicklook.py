"""A small picture of an image for a person to look at: never for measuring."""

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.image import encode_image

LONGEST_SIDE_PX = 1024
FEW_VALUES = 16  # as many, or fewer, are classes: shown evenly spread instead of stretched


def quicklook(image: Image) -> bytes:
    """PNG of at most 1,024 px a side: three bands as colour, else the first as grey; nodata is transparent.

    Values are stretched between the 2nd and the 98th percentile; of a mask or class map, between least and greatest. Of
    complex values the magnitude is shown.
    """
    step = max(1, -(-max(image.width, image.height) // LONGEST_SIDE_PX))
    shown = image.array[: 3 if image.count >= 3 else 1, ::step, ::step]
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and left out
        array = (np.abs(shown) if shown.dtype.kind == "c" else shown).astype(np.float32)
    valid = image.is_valid[::step, ::step] & np.isfinite(array).all(axis=0)
    bands = [_stretch(band, valid) for band in array]
    alpha = np.where(valid, 255, 0).astype(np.uint8)
    return encode_image(Image(np.stack([*bands, alpha])), "image/png")


def _stretch(band: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.uint8]:
    values = band[valid]
    if values.size == 0:
        return np.zeros(band.shape, np.uint8)
    is_classes = np.unique(values[:: max(1, values.size // 10_000)]).size <= FEW_VALUES
    low, high = (values.min(), values.max()) if is_classes else np.percentile(values, (2, 98))
    range_of_values = float(high) - float(low) or 1.0
    scaled = (np.where(valid, band, low).astype(np.float64) - float(low)) / range_of_values * 255
    return np.clip(scaled, 0, 255).astype(np.uint8)
