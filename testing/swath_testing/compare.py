"""Whether an output is what was expected, as exactly as its tolerance says; differences in words.

Rules of a tolerance: `abs` and `rel` (a number may differ by abs, or by rel times the expected one, whichever is more),
`differingPixels` (this fraction of an image's pixels may differ, 0 to 1), `iou` (intersection over union must reach
this, 0 to 1: of the pixels that are 1, or of the polygons of a FeatureCollection), `distance` and `distanceMetres` (the
Hausdorff distance of two geometries may be this much: in the units of the coordinates, or in metres where these are
longitude and latitude), `order` ("any": the items of the list, or the features of the collection, may come in any
order). Without a rule everything is equal: order, dtype, shape, band names, scales, nodata, CRS and transform too.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

import numpy as np

from swath_converters import Image
from swath_testing.areas import shared_area
from swath_testing.assignment import cheapest_pairs
from swath_testing.distance import geometry_distance, is_geometry
from swath_testing.pixels import image_differences
from swath_testing.tolerances import ANY, DISTANCE, DISTANCE_METRES, IOU, ORDER, Tolerance, limit, too_little

Json = dict[str, Any]
MOST_DIFFERENCES = 10


def compare(expected: Any, actual: Any, tolerance: Tolerance, name: str) -> list[str]:
    """Differences between an expected and an actual output; at most ten, the first ones."""
    found = _values(expected, actual, tolerance, "")
    return [f"{name}{difference}" for difference in islice(found, MOST_DIFFERENCES)]


def _values(expected: Any, actual: Any, tolerance: Tolerance, pointer: str) -> Iterator[str]:
    match expected, actual:
        case Image(), Image():
            yield from (f"{pointer}: {difference}" for difference in image_differences(expected, actual, tolerance))
        case Image(), _:
            yield f"{pointer}: an image expected, {_short(actual)} found"
        case {"type": "FeatureCollection"}, {"type": "FeatureCollection"} if IOU in tolerance:
            yield from (
                f"{pointer}: {difference}" for difference in too_little(shared_area(expected, actual), tolerance)
            )
        case dict(), dict() if _is_apart(expected, actual, tolerance):  # pyright: ignore[reportUnknownArgumentType]
            yield from _geometries(cast(Json, expected), cast(Json, actual), tolerance, pointer)
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


def _is_apart(expected: Json, actual: Json, tolerance: Tolerance) -> bool:
    return bool({DISTANCE, DISTANCE_METRES} & tolerance.keys()) and is_geometry(expected) and is_geometry(actual)


def _geometries(expected: Json, actual: Json, tolerance: Tolerance, pointer: str) -> Iterator[str]:
    if expected["type"] != actual["type"]:
        yield f"{pointer}: a {expected['type']} expected, a {actual['type']} found"
        return
    for rule, unit in ((DISTANCE, ""), (DISTANCE_METRES, " m")):
        if rule not in tolerance:
            continue
        apart = geometry_distance(expected, actual, in_metres=bool(unit))
        if apart > limit(tolerance, rule):
            yield f"{pointer}: the geometries are {apart:.6g}{unit} apart, at most {tolerance[rule]}{unit} expected"


def _lists(expected: list[Any], actual: list[Any], tolerance: Tolerance, pointer: str) -> Iterator[str]:
    if len(expected) != len(actual):
        yield f"{pointer}: {len(expected)} items expected, {len(actual)} found"
    if tolerance.get(ORDER) == ANY and (not pointer or pointer.endswith("/features")):
        yield from _unordered(expected, actual, {**tolerance, ORDER: "same"}, pointer)
        return
    for index, (left, right) in enumerate(zip(expected, actual, strict=False)):
        yield from _values(left, right, tolerance, f"{pointer}/{index}")


def _unordered(expected: list[Any], actual: list[Any], tolerance: Tolerance, pointer: str) -> Iterator[str]:
    """Differences of the pairs that differ least in all; first as they stand, since they often do match."""
    if not any(next(_values(*pair, tolerance, ""), None) for pair in zip(expected, actual, strict=False)):
        return
    differences = [[list(_values(left, right, tolerance, "")) for right in actual] for left in expected]
    cost = [
        [len(found) + (_gap(left, right) if found else 0) for found, right in zip(row, actual, strict=True)]
        for row, left in zip(differences, expected, strict=True)
    ]
    for row, column in cheapest_pairs(np.array(cost, np.float64)):
        yield from (f"{pointer}/{row} (found as {column}){one}" for one in differences[row][column])


def _gap(left: Any, right: Any) -> float:
    """How far the numbers of two values are apart, 0 to below 1: it chooses among pairs of as many differences."""
    a, b = np.array(list(_numbers(left))), np.array(list(_numbers(right)))
    if not (a.size and b.size):
        return 0.0
    apart = float(np.abs(a - b).mean() if a.size == b.size else abs(a.mean() - b.mean()))
    return apart / (1 + apart) if np.isfinite(apart) else 0.999


def _numbers(value: Any) -> Iterator[float]:
    if _is_number(value):
        yield float(value)
    elif isinstance(value, dict | list):
        inner: Any = value.values() if isinstance(value, dict) else value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        for one in inner:
            yield from _numbers(one)


def _objects(expected: Json, actual: Json, tolerance: Tolerance, pointer: str) -> Iterator[str]:
    yield from (f"{pointer}/{name}: expected, but missing" for name in expected if name not in actual)
    yield from (f"{pointer}/{name}: found, but not expected" for name in actual if name not in expected)
    for name, value in expected.items():
        if name in actual:
            yield from _values(value, actual[name], tolerance, f"{pointer}/{name}")


def _close(expected: float, actual: float, tolerance: Tolerance) -> bool:
    allowed = max(limit(tolerance, "abs"), limit(tolerance, "rel") * abs(expected))
    return expected == actual or abs(actual - expected) <= allowed


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
