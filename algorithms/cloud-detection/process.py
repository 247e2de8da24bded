"""Clouds in Sentinel-2 top-of-atmosphere reflectance; README.md says how, how well, and by whom."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_converters.polygons import outlines
from swath_runtime import Context, InputRejected

BANDS = ("B03", "B04", "B11")  # green, red, short-wave infrared, in the order that the model takes
CLEAR, CLOUD, NODATA = 0, 1, 255  # as the model says it (make_model.py)

# Rows tested at a time: bounds the memory beyond the image's own, and a cancelled call ends within one strip.
STRIP_ROWS = 256


class Process:
    """The green/red cloud test with a short-wave infrared test against snow."""

    def process(self, image: Image, threshold: float, context: Context) -> dict[str, Any]:
        """Where the clouds are, how much they cover, and their outlines.

        Args:
            image: (bands, height, width), B03, B04 and B11 by name, in any order; others are ignored. Integer
                digital numbers with a declared scale (and offset), or reflectance as floating point.
            threshold: reflectance in B11 above which a bright pixel is cloud and not snow, 0–1.
            context: runs the model; told how far it is after each strip of rows.

        Returns:
            mask: uint8 (1, height, width) on the image's grid: 1 cloud, 0 clear, 255 where any of the three
                bands is nodata.
            cloudFraction: share of the valid pixels that are cloud, 0–1; 0 when no pixel is valid.
            clouds: GeoJSON FeatureCollection of the outlines of the cloud pixels.

        Raises:
            BandMissing: the image lacks one of the bands, or its bands have no names.
            InputRejected: integers without a declared scale: they cannot be read as reflectance.
            Cancelled: the call was given up.
        """
        _require_reflectance(image)
        mask = np.empty((image.height, image.width), np.uint8)
        for top in range(0, image.height, STRIP_ROWS):
            context.check_cancelled()
            rows = slice(top, top + STRIP_ROWS)
            strip = replace(image, array=image.array[:, rows]).select(BANDS)
            answer = context.model.run(
                {"reflectance": _reflectance(strip)[None], "threshold": np.array(threshold, np.float32)}
            )
            mask[rows] = answer["mask"][0, 0]
            context.progress(min(top + STRIP_ROWS, image.height) / image.height, "testing pixels")
        clouds = image.like(mask, nodata=NODATA, band_names=("cloud",))
        return {
            "mask": clouds,
            "cloudFraction": _fraction(mask),
            "clouds": outlines(mask, clouds, value=CLOUD),
        }


def _require_reflectance(image: Image) -> None:
    """Raises BandMissing or InputRejected where the image does not say what its numbers are."""
    for name in BANDS:
        if name not in image.band_names:
            raise BandMissing(name, image.band_names, pointer="/image")
    scales = [scale for scale, name in zip(image.scales, image.band_names, strict=False) if name in BANDS]
    if image.dtype.kind in "iu" and (not scales or 1 in scales):
        raise InputRejected(
            f"The image holds {image.dtype} without a scale, which can't be read as reflectance. Declare "
            "scale and offset in the file or in the request: for Sentinel-2, 0.0001 and, from processing "
            "baseline 04.00 on, -0.1.",
            "/image",
        )


def _reflectance(image: Image) -> NDArray[np.float32]:
    """Reflectance, float32 (bands, height, width), NaN where nodata.

    Reckoned in double precision and rounded once: a digital number that means a threshold (2750 for 0.175)
    becomes the very float32 that the threshold is, and "greater than" is exact. All in float32 it is not.
    """
    scales = np.reshape(image.scales or (1.0,) * image.count, (-1, 1, 1))
    offsets = np.reshape(image.offsets or (0.0,) * image.count, (-1, 1, 1))
    reflectance = (image.array * scales + offsets).astype(np.float32)
    reflectance[:, ~image.is_valid] = np.nan
    return reflectance


def _fraction(mask: NDArray[np.uint8]) -> float:
    valid = np.count_nonzero(mask != NODATA)
    return np.count_nonzero(mask == CLOUD) / valid if valid else 0.0
