"""From an image to the numbers that a graph was trained on."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.errors import BandMissing

Step = Mapping[str, Any]


def band_indices(image: Image, names: Sequence[str], pointer: str) -> list[int]:
    """Which bands of an image a graph takes, in its order: those of the names, or all of them.

    Raises BandMissing, naming those that there are.
    """
    for name in names:
        if name not in image.band_names:
            raise BandMissing(name, image.band_names, pointer=pointer)
    return [image.band_names.index(name) for name in names] or list(range(image.count))


def scaled(
    image: Image, window: tuple[slice, slice], bands: Sequence[int], steps: Sequence[Step], fill: float
) -> NDArray[np.float32]:
    """A window of an image as the graph wants it.

    Args:
        image: its own scale and offset are applied first, so that the steps see physical values.
        window: rows and columns.
        bands: which bands, in which order.
        steps: `model.input.valueScaling`, each value one for all bands, or one for each.
        fill: what stands where any of these bands holds no measurement, or no finite one.

    Returns:
        float32 (bands, height, width).
    """
    samples = image.array[(list(bands), *window)]
    values = samples.astype(np.float64)
    if image.scales or image.offsets:
        values *= _column([image.scales[band] if image.scales else 1.0 for band in bands])
        values += _column([image.offsets[band] if image.offsets else 0.0 for band in bands])
    for step in steps:
        values = _taken(values, step)
    result = values.astype(np.float32)
    result[:, ~valid(image, window, bands)] = fill
    np.copyto(result, np.float32(fill), where=~np.isfinite(result))
    return result


def valid(image: Image, window: tuple[slice, slice], bands: Sequence[int]) -> NDArray[np.bool_]:
    """Where all of these bands hold measurements, bool (height, width)."""
    found = np.ones(image.array[0][window].shape, np.bool_) if image.mask is None else image.mask[window].copy()
    for band in bands:
        samples, nodata = image.array[band][window], image.nodatas[band]
        if samples.dtype.kind in "fc":
            found &= np.isfinite(samples)
        if nodata is not None:
            found &= samples != nodata
    return found


def _taken(values: NDArray[np.float64], step: Step) -> NDArray[np.float64]:
    number = {name: _column(value) for name, value in step.items() if name != "type"}
    match step["type"]:
        case "scale":
            return values * number["value"]
        case "offset":
            return values + number["value"]
        case "min-max":
            return (values - number["minimum"]) / (number["maximum"] - number["minimum"])
        case "z-score":
            return (values - number["mean"]) / number["stddev"]
        case "clip":
            return np.clip(values, number["minimum"], number["maximum"])
        case unknown:
            raise ValueError(f"no scaling of type {unknown}")


def _column(value: Any) -> NDArray[np.float64]:
    """One number for all bands, or one for each, along the first axis."""
    return np.reshape(np.asarray(value, np.float64), (-1, 1, 1))
