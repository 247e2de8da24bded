"""Whether an output is what was expected, as exactly as its tolerance says; differences in words.

Rules of a tolerance: `abs` and `rel` (a number may differ by abs, or by rel times the expected one, whichever is more),
`differingPixels` (this fraction of an image's pixels may differ, 0 to 1), `iou` (intersection over union must reach
this, 0 to 1: of the pixels that are 1, or of the polygons of a FeatureCollection). Without a rule everything is equal:
order, dtype, shape, band names, scales, nodata, CRS and transform too.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_testing.areas import shared_area

Tolerance = Mapping[str, float]
Json = dict[str, Any]
MOST_DIFFERENCES = 10
TRANSFORM_REL = 1e-9  # a GeoTIFF keeps float64; a reader may rebuild a term from two others


def compare(expected: Any, actual: Any, tolerance: Tolerance, name: str) -> list[str]:
    """Differences between an expected and an actual output; at most ten, the first ones."""
    found = _values(expected, actual, tolerance, "")
    return [f"{name}{difference}" for difference in islice(found, MOST_DIFFERENCES)]


def _values(expected: Any, actual: Any, tolerance: Tolerance, pointer: str) -> Iterator[str]:
    match expected, actual:
        case Image(), Image():
            yield from (f"{pointer}: {difference}" for difference in _images(expected, actual, tolerance))
        case Image(), _:
            yield f"{pointer}: an image expected, {_short(actual)} found"
        case {"type": "FeatureCollection"}, {"type": "FeatureCollection"} if "iou" in tolerance:
            yield from (
                f"{pointer}: {difference}" for difference in _too_little(shared_area(expected, actual), tolerance)
            )
        case dict(), dict():
            yield from _objects(cast(Json, expected), cast(Json, actual), tolerance, pointer)
        case list(), list():
            yield from _lists(cast(list[Any], expected), cast(list[Any], actual), tolerance, pointer)
        case _ if _is_number(expected) and _is_number(actual):
            if not _close(expected, actual, tolerance):
                yield f"{pointer}: {expected} expected, {actual} found (differs by {abs(actual - expected):.6g})"
        case _ if type(expected) is not type(actual) or expected != actual:
            yield f"{pointer}: {_short(expected)} expected, {_short(actual)} found"
        case _:
            pass


def _lists(expected: list[Any], actual: list[Any], tolerance: Tolerance, pointer: str) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{pointer}: {len(expected)} items expected, {len(actual)} found"
    for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
        yield from _values(left, right, tolerance, f"{pointer}/{index}")


def _objects(expected: Json, actual: Json, tolerance: Tolerance, pointer: str) -> Iterator[str]:
    yield from (f"{pointer}/{name}: expected, but missing" for name in expected if name not in actual)
    yield from (f"{pointer}/{name}: found, but not expected" for name in actual if name not in expected)
    for name, value in expected.items():
        if name in actual:
            yield from _values(value, actual[name], tolerance, f"{pointer}/{name}")


def _images(expected: Image, actual: Image, tolerance: Tolerance) -> Iterator[str]:
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


def _by_band(image: Image, what: str, default: float | None) -> tuple[Any, ...]:
    return getattr(image, what) or (default,) * image.count


def _pixels(expected: NDArray[Any], actual: NDArray[Any], tolerance: Tolerance) -> Iterator[str]:
    if "iou" in tolerance:
        either = np.count_nonzero((expected == 1) | (actual == 1))
        share = np.count_nonzero((expected == 1) & (actual == 1)) / either if either else 1.0
        yield from _too_little(share, tolerance)
        if set(tolerance) == {"iou"}:
            return
    same = _equal_pixels(expected, actual, tolerance)
    differing = 1 - np.count_nonzero(same) / max(same.size, 1)
    if same.size and differing > tolerance.get("differingPixels", 0):
        band, row, column = (int(index) for index in np.argwhere(~same)[0])
        yield (
            f"{differing:.4%} of the pixels differ, first at band {band + 1}, row {row}, column {column}: "
            f"{expected[band, row, column]} expected, {actual[band, row, column]} found"
        )


def _too_little(share: float, tolerance: Tolerance) -> Iterator[str]:
    if share < tolerance["iou"]:
        yield f"intersection over union is {share:.4f}, at least {tolerance['iou']} expected"


def _equal_pixels(expected: NDArray[Any], actual: NDArray[Any], tolerance: Tolerance) -> NDArray[np.bool_]:
    same = (expected == actual) | (_is_nan(expected) & _is_nan(actual))
    if not ("abs" in tolerance or "rel" in tolerance):
        return same
    wide = np.complex128 if "c" in (expected.dtype.kind, actual.dtype.kind) else np.float64
    left, right = expected.astype(wide), actual.astype(wide)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        allowed = np.maximum(tolerance.get("abs", 0), tolerance.get("rel", 0) * np.abs(left))
        return same | ((np.abs(right - left) <= allowed) & np.isfinite(left))


def _is_nan(array: NDArray[Any]) -> NDArray[np.bool_] | bool:
    return np.isnan(array) if array.dtype.kind in "fc" else False


def _close(expected: float, actual: float, tolerance: Tolerance) -> bool:
    allowed = max(tolerance.get("abs", 0), tolerance.get("rel", 0) * abs(expected))
    return expected == actual or abs(actual - expected) <= allowed


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


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
