"""Clouds in Sentinel-2 top-of-atmosphere reflectance by s2cloudless; README.md says by whom, and how well."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from s2cloudless import S2PixelCloudDetector
from s2cloudless.utils import MODEL_BANDS, cv2_disk

from swath_converters import Image
from swath_converters.errors import BandMissing
from swath_runtime import Context, InputRejected

NODATA = 255
STRIP_ROWS = 128  # rows classified at a time: bounds the memory beyond the image's own, and lets a cancelled call end


class Process:
    """Sentinel Hub's pixel-based cloud detector."""

    def on_start(self, context: Context) -> None:
        """Reads the trees (11 MB of text) once."""
        self._detector = S2PixelCloudDetector()
        trees = self._detector.classifier.classifier
        context.logger.info("read %d trees", trees.num_trees())

    def process(
        self, image: Image, context: Context, threshold: float, averageOver: int, dilationSize: int
    ) -> dict[str, Any]:
        """How probably each pixel is cloud, and which ones are taken for it.

        Args:
            image: (bands, height, width), the ten bands by name, in any order; others are ignored. Integer digital
                numbers with a declared scale (and offset), or reflectance as floating point.
            context: told how far it is after each strip of rows.
            threshold: probability above which a pixel is cloud, 0–1.
            averageOver: radius of the disk that probabilities are averaged over first, px; 0 for none.
            dilationSize: radius of the disk that clouds grow by at last, px; 0 for none.

        Returns:
            probability: float32 (1, height, width), 0–1, on the image's grid; NaN where any of the bands is nodata.
            mask: uint8 (1, height, width): 1 cloud, 0 clear, 255 nodata.

        Raises:
            BandMissing: the image lacks one of the bands, or its bands have no names.
            InputRejected: integers without a declared scale: they cannot be read as reflectance.
            Cancelled: the call was given up.
        """
        _require_reflectance(image)
        probability = np.empty((image.height, image.width), np.float32)
        for top in range(0, image.height, STRIP_ROWS):
            context.check_cancelled()
            rows = slice(top, top + STRIP_ROWS)
            probability[rows] = self._probability(_strip(image, rows))
            context.progress(min(top + STRIP_ROWS, image.height) / image.height, "classifying pixels")
        mask = _mask(probability, threshold, averageOver, dilationSize)
        return {
            "probability": image.like(probability, nodata=float("nan"), band_names=("cloud probability",)),
            "mask": image.like(mask, nodata=NODATA, band_names=("cloud",)),
        }

    def _probability(self, strip: Image) -> NDArray[np.float32]:
        """Of a strip's pixels, float32 (height, width); NaN where any band is nodata."""
        reflectance = strip.physical()  # float32, as in training: each number on its side of every split
        valid = np.isfinite(reflectance).all(axis=0)
        pixels = reflectance[:, valid].T  # (n, bands)
        found = np.full(valid.shape, np.nan, np.float32)
        if len(pixels):
            found[valid] = self._detector.get_cloud_probability_maps(pixels[None, :, None])[0, :, 0]
        return found


def _require_reflectance(image: Image) -> None:
    """Raises BandMissing or InputRejected where the image does not say what its numbers are."""
    for name in MODEL_BANDS:
        if name not in image.band_names:
            raise BandMissing(name, image.band_names, pointer="/image")
    if image.dtype.kind == "c":
        raise InputRejected(f"The image holds {image.dtype}; reflectance is a real number.", "/image")
    scales = [scale for scale, name in zip(image.scales, image.band_names, strict=False) if name in MODEL_BANDS]
    if image.dtype.kind in "iu" and (not scales or 1 in scales):
        raise InputRejected(
            f"The image holds {image.dtype} without a scale, which can't be read as reflectance. Declare "
            "scale and offset in the file or in the request: for Sentinel-2, 0.0001 and, from processing "
            "baseline 04.00 on, -0.1.",
            "/image",
        )


def _strip(image: Image, rows: slice) -> Image:
    """Some rows of the bands that the trees take, in their order."""
    mask = None if image.mask is None else image.mask[rows]
    return replace(image, array=image.array[:, rows], mask=mask).select(MODEL_BANDS)


def _mask(probability: NDArray[np.float32], threshold: float, average_over: int, dilation_size: int) -> NDArray[Any]:
    """uint8 (height, width) by the package's own steps; what is nodata counts as clear for its neighbours.

    Clouds grow here rather than there: without averaging, the package hands OpenCV a mask of a type that it refuses.
    """
    valid = ~np.isnan(probability)
    masking = S2PixelCloudDetector(threshold=threshold, average_over=average_over, dilation_size=None)
    mask = masking.get_mask_from_prob(np.where(valid, probability, np.float32(0))[None])[0].astype(np.uint8)
    if dilation_size:
        mask = np.asarray(cv2.dilate(mask, cv2_disk(dilation_size)), np.uint8)
    mask[~valid] = NODATA
    return mask
