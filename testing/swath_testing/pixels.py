"""Whether two images are alike: what is known of them, and their pixels within a tolerance."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_testing.tolerances import Tolerance, limit, too_little

TRANSFORM_REL = 1e-9  # a GeoTIFF keeps float64; a reader may rebuild a term from two others


def image_differences(expected: Image, actual: Image, tolerance: Tolerance) -> Iterator[str]:
    """What differs, in words: shape, dtype, CRS, bands, nodata, transform, then pixels."""
    for what in ("shape", "dtype", "crs"):
        left, right = getattr(expected, what), getattr(actual, what)
        if left != right:
            yield f"{what} {left} expected, {right} found"
    for what, default in (("band_names", None), ("scales", 1.0), ("offsets", 0.0)):
        left, right = _by_band(expected, what, default), _by_band(actual, what, default)
        if left != right and expected.count == actual.count:
            yield f"{what.replace('_', ' ')} {left} expected, {right} found"
    if not _same_nodata(expected, actual):
        yield f"nodata {expected.nodata} expected, {actual.nodata} found"
    if not _same_transform(expected, actual):
        yield f"transform {_terms(expected)} expected, {_terms(actual)} found"
    if expected.shape == actual.shape:
        yield from _pixels(expected.array, actual.array, tolerance)


def equal_pixels(expected: NDArray[Any], actual: NDArray[Any], tolerance: Tolerance) -> NDArray[np.bool_]:
    """True where two arrays of one shape are equal within `abs` and `rel`; NaN is equal to NaN."""
    same = (expected == actual) | (_is_nan(expected) & _is_nan(actual))
    if not ("abs" in tolerance or "rel" in tolerance):
        return same
    wide = np.complex128 if "c" in (expected.dtype.kind, actual.dtype.kind) else np.float64
    left, right = expected.astype(wide), actual.astype(wide)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        allowed = np.maximum(limit(tolerance, "abs"), limit(tolerance, "rel") * np.abs(left))
        return same | ((np.abs(right - left) <= allowed) & np.isfinite(left))


def _by_band(image: Image, what: str, default: float | None) -> tuple[Any, ...]:
    return getattr(image, what) or (default,) * image.count


def _pixels(expected: NDArray[Any], actual: NDArray[Any], tolerance: Tolerance) -> Iterator[str]:
    if "iou" in tolerance:
        either = np.count_nonzero((expected == 1) | (actual == 1))
        share = np.count_nonzero((expected == 1) & (actual == 1)) / either if either else 1.0
        yield from too_little(share, tolerance)
        if set(tolerance) == {"iou"}:
            return
    same = equal_pixels(expected, actual, tolerance)
    differing = 1 - np.count_nonzero(same) / max(same.size, 1)
    if same.size and differing > limit(tolerance, "differingPixels"):
        band, row, column = (int(index) for index in np.argwhere(~same)[0])
        yield (
            f"{differing:.4%} of the pixels differ, first at band {band + 1}, row {row}, column {column}: "
            f"{expected[band, row, column]} expected, {actual[band, row, column]} found"
        )


def _is_nan(array: NDArray[Any]) -> NDArray[np.bool_] | bool:
    return np.isnan(array) if array.dtype.kind in "fc" else False


def _same_nodata(left: Image, right: Image) -> bool:
    pairs = zip(_nodata(left), _nodata(right), strict=False)  # a difference in bands is told by their shapes
    return all(x == y or (x is not None and y is not None and math.isnan(x) and math.isnan(y)) for x, y in pairs)


def _nodata(image: Image) -> tuple[float | None, ...]:
    return image.nodata if isinstance(image.nodata, tuple) else (image.nodata,) * image.count


def _same_transform(left: Image, right: Image) -> bool:
    a, b = _terms(left), _terms(right)
    return len(a) == len(b) and all(
        math.isclose(x, y, rel_tol=TRANSFORM_REL, abs_tol=1e-12) for x, y in zip(a, b, strict=True)
    )


def _terms(image: Image) -> tuple[float, ...]:
    return tuple(image.transform)[:6] if image.transform is not None else ()
