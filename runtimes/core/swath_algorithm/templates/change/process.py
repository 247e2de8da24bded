"""Changes between two images by standardised differences."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_runtime import InputRejected

UNCHANGED, CHANGED, NODATA = 0, 1, 255
MAD_TO_DEVIATION = 1.4826  # of a normal distribution: 1 / Φ⁻¹(3/4)


def process(before: Image, after: Image, threshold: float) -> dict[str, Any]:
    """Where two images differ by more than is usual between them.

    Args:
        before: the earlier image, (bands, height, width), any real dtype.
        after: the later one, of the same shape, pixel upon pixel.
        threshold: deviations of the usual difference from which a pixel has changed, in any band.

    Returns:
        mask: uint8 (1, height, width) on the grid of `after`: 1 changed, 0 not, 255 where either image is nodata.
        changedFraction: share of the valid pixels that changed, 0–1; 0 when no pixel is valid.

    Raises:
        InputRejected: images of different bands or size, or complex samples.
    """
    if before.shape != after.shape:
        raise InputRejected(f"The images differ in bands, height or width: {before.shape}, {after.shape}.", "/after")
    if "c" in before.dtype.kind + after.dtype.kind:
        raise InputRejected("An image holds complex numbers; differences are taken of real ones.", "/after")
    valid = before.is_valid & after.is_valid
    magnitude = _deviations(before.array, after.array, valid)
    mask = np.where(valid, np.where(magnitude > threshold, CHANGED, UNCHANGED), NODATA).astype(np.uint8)
    count = np.count_nonzero(valid)
    return {
        "mask": after.like(mask, nodata=NODATA, band_names=("change",)),
        "changedFraction": np.count_nonzero(mask == CHANGED) / count if count else 0.0,
    }


def _deviations(before: NDArray[Any], after: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The largest of a pixel's differences over the bands, in deviations, float64 (height, width); 0 where not valid.

    Median and median absolute deviation of each band's differences say what is usual, so that another sun is no change.
    The deviation is at least one step of an integer sample.
    """
    largest = np.zeros(valid.shape)
    least = 1.0 if before.dtype.kind in "iub" else float(np.finfo(np.float32).tiny)
    if valid.any():
        for earlier, later in zip(before, after, strict=True):
            difference = later[valid].astype(np.float64) - earlier[valid]
            difference -= np.median(difference)
            deviation = max(MAD_TO_DEVIATION * float(np.median(np.abs(difference))), least)
            largest[valid] = np.maximum(largest[valid], np.abs(difference) / deviation)
    return largest
