"""Sharpness of several images at once, by the variance of the Laplacian."""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_runtime import InputRejected

LEAST_PX = 3  # below, no pixel has four neighbours


class Item(TypedDict):
    """The inputs of one request, as describe.yml names them."""

    image: Image
    threshold: float


class Sharpness(TypedDict):
    """The outputs of one request."""

    sharpness: float
    isSharp: bool


def process_batch(items: list[Item]) -> list[Sharpness | Exception]:
    """How sharp each image is; requests that came at once are here together, and each gets its own result back.

    Args:
        items: inputs of 1 to 32 requests; all images have one size (`batch` in describe.yml).

    Returns:
        A result for each item, in their order. An InputRejected fails its item alone, as a 422; were it raised, each
        item would be called again, alone.
    """
    refused = [_refusal(item["image"]) for item in items]
    accepted = [item["image"] for item, error in zip(items, refused, strict=True) if error is None]
    found = iter(_variances(*_stacked(accepted)) if accepted else ())
    return [error or _result(float(next(found)), item["threshold"]) for item, error in zip(items, refused, strict=True)]


def _refusal(image: Image) -> InputRejected | None:
    if image.dtype.kind == "c":
        return InputRejected(f"The image holds {image.dtype}; brightness is a real number.", "/image")
    if min(image.height, image.width) < LEAST_PX:
        return InputRejected(f"The image is smaller than {LEAST_PX} × {LEAST_PX} pixels.", "/image")
    return None


def _result(sharpness: float, threshold: float) -> Sharpness:
    return {"sharpness": sharpness, "isSharp": sharpness >= threshold}


def _stacked(images: list[Image]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Brightness, float64 (images, height, width), and where it was measured."""
    brightness = np.stack([image.array.mean(axis=0, dtype=np.float64) for image in images])
    return brightness, np.stack([image.is_valid for image in images]) & np.isfinite(brightness)


def _variances(brightness: NDArray[np.float64], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Variance of the Laplacian of each image, float64 (images,); 0 where no pixel has four valid neighbours."""
    known = np.where(valid, brightness, 0.0)
    middle = known[:, 1:-1, 1:-1]
    laplacian = known[:, :-2, 1:-1] + known[:, 2:, 1:-1] + known[:, 1:-1, :-2] + known[:, 1:-1, 2:] - 4 * middle
    counts = valid[:, 1:-1, 1:-1] & valid[:, :-2, 1:-1] & valid[:, 2:, 1:-1] & valid[:, 1:-1, :-2] & valid[:, 1:-1, 2:]
    total = np.maximum(np.count_nonzero(counts, axis=(1, 2)), 1)
    mean = np.sum(laplacian, axis=(1, 2), where=counts) / total
    return np.sum((laplacian - mean[:, None, None]) ** 2, axis=(1, 2), where=counts) / total
