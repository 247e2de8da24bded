"""Bright objects by a threshold on the deviation from the median."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.areas import Area, areas
from swath_converters.detection import Detection, to_wire
from swath_runtime import InputRejected

CATEGORY = "bright-object"
MAD_TO_DEVIATION = 1.4826  # of a normal distribution: 1 / Φ⁻¹(3/4)


def process(image: Image, threshold: float, pixels: int) -> dict[str, Any]:
    """Objects that stand out of the image, bright.

    Args:
        image: (bands, height, width), any real dtype; the mean of the bands is the brightness.
        threshold: deviations above the median from which a pixel is part of an object.
        pixels: least number of pixels of an object; pixels that touch at corners hang together.

    Returns:
        objects: GeoJSON FeatureCollection of bounding boxes in px, (0, 0) the outer corner of the top left pixel.

    Raises:
        InputRejected: complex samples.
    """
    if image.dtype.kind == "c":
        raise InputRejected(f"The image holds {image.dtype}; brightness is a real number.", "/image")
    contrast = _contrast(image)
    found = [one for one in areas(contrast > threshold) if one.size >= pixels]
    return {"objects": {"type": "FeatureCollection", "features": [_feature(one, contrast, threshold) for one in found]}}


def _contrast(image: Image) -> NDArray[np.float64]:
    """(brightness - median) / deviation, float64 (height, width); -inf where a band is nodata.

    The deviation follows from the median absolute deviation, which the few bright pixels don't change; it is at least
    one step of an integer sample.
    """
    brightness = image.array.mean(axis=0, dtype=np.float64)
    valid = image.is_valid & np.isfinite(brightness)
    contrast = np.full(brightness.shape, -np.inf)
    if valid.any():
        difference = brightness[valid] - np.median(brightness[valid])
        least = 1.0 if image.dtype.kind in "iub" else float(np.finfo(np.float32).tiny)
        contrast[valid] = difference / max(MAD_TO_DEVIATION * float(np.median(np.abs(difference))), least)
    return contrast


def _feature(area: Area, contrast: NDArray[np.float64], threshold: float) -> Any:
    confidence = 1 - threshold / float(contrast[area.rows, area.columns].max())
    return to_wire(Detection.of_box(area.box, CATEGORY, confidence, properties={"areaPixels": area.size}))
