"""Whether an output is what was expected: every rule of a tolerance, and every way to differ."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from affine import Affine
from numpy.typing import NDArray

from swath_converters import Image
from swath_testing.compare import compare

GRID = Affine(10, 0, 600_000, 0, -10, 4_900_000)


def image(values: Any, dtype: str = "uint8", **facts: Any) -> Image:
    array: NDArray[Any] = np.array(values, dtype)
    return Image(array.reshape((1,) * (3 - array.ndim) + array.shape), crs="EPSG:32631", transform=GRID, **facts)


def square(left: float, bottom: float, right: float, top: float) -> dict[str, Any]:
    ring = [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
    return {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


@pytest.mark.parametrize("value", [1, 1.5, "a", True, None, [1, [2]], {"a": {"b": []}}, -0.0, 2**63])
def test_equal_values_do_not_differ(value: Any) -> None:
    assert compare(value, value, {}, "x") == []


@pytest.mark.parametrize(
    ("expected", "actual", "says"),
    [
        (1, 2, "x: 1 expected, 2 found (differs by 1)"),
        (0.1, 0.1 + 1e-12, "x: 0.1 expected"),
        (True, 1, "x: True expected, 1 found"),
        (0, False, "x: 0 expected, False found"),
        ("a", "b", "x: 'a' expected, 'b' found"),
        ("1", 1, "x: '1' expected, 1 found"),
        (None, 0, "x: None expected, 0 found"),
        ({"a": 1}, [1], "x: {'a': 1} expected, [1] found"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "x/a/b/1: 2 expected, 3 found (differs by 1)"),
        ({"a": 1, "b": 2}, {"a": 1}, "x/b: expected, but missing"),
        ({"a": 1}, {"a": 1, "b": 2}, "x/b: found, but not expected"),
        ([1, 2], [2, 1], "x/0: 1 expected, 2 found (differs by 1)"),
        ([1], [1, 2], "x: 1 items expected, 2 found"),
    ],
)
def test_a_value_that_differs_is_named_with_its_place(expected: Any, actual: Any, says: str) -> None:
    assert compare(expected, actual, {}, "x")[0].startswith(says)


def test_whole_numbers_are_equal_however_they_are_written() -> None:
    assert compare(1, 1.0, {}, "x") == []


@pytest.mark.parametrize(
    ("tolerance", "expected", "actual", "differs"),
    [
        ({"abs": 0.25}, 1.0, 1.25, False),
        ({"abs": 0.25}, 1.0, 1.26, True),
        ({"rel": 0.25}, 100.0, 125.0, False),
        ({"rel": 0.25}, 100.0, 75.0, False),
        ({"rel": 0.25}, 75.0, 100.0, True),  # of the expected one
        ({"rel": 0.25}, 0.0, 0.001, True),
        ({"abs": 1, "rel": 0.25}, 100.0, 125.0, False),  # the larger of both, not their sum
        ({"abs": 1, "rel": 0.25}, 100.0, 125.5, True),
        ({"abs": 1}, True, False, True),
        ({"abs": 1}, "a", "b", True),
    ],
)
def test_a_number_may_differ_by_its_tolerance(
    tolerance: dict[str, float], expected: Any, actual: Any, differs: bool
) -> None:
    assert bool(compare(expected, actual, tolerance, "x")) is differs
    assert bool(compare({"a": [expected]}, {"a": [actual]}, tolerance, "x")) is differs


def test_at_most_ten_differences_are_told() -> None:
    assert len(compare(list(range(50)), list(range(1, 51)), {}, "x")) == 10


def test_equal_images_do_not_differ() -> None:
    facts = {"nodata": 255, "band_names": ("mask",), "scales": (0.1,), "offsets": (1.0,), "tags": {"a": "b"}}
    assert compare(image([[1, 2]], **facts), image([[1, 2]], **facts), {}, "mask") == []


GIVEN = image([[1, 2], [3, 4]], nodata=0)


@pytest.mark.parametrize(
    ("actual", "says"),
    [
        (image([[1, 2]], nodata=0), "mask: shape (1, 2, 2) expected, (1, 1, 2) found"),
        (image([[1, 2], [3, 4]], "int16", nodata=0), "mask: dtype uint8 expected, int16 found"),
        (replace(GIVEN, crs="EPSG:32632"), "mask: crs EPSG:32631 expected, EPSG:32632 found"),
        (replace(GIVEN, crs=None), "mask: crs EPSG:32631 expected, None found"),
        (replace(GIVEN, nodata=None), "mask: nodata 0 expected, None found"),
        (replace(GIVEN, transform=None), "mask: transform (10.0, 0.0, 600000.0, 0.0, -10.0, 4900000.0) expected, "),
        (replace(GIVEN, transform=GRID @ Affine(1, 0, 1, 0, 1, 0)), "mask: transform"),
        (replace(GIVEN, band_names=("cloud",)), "mask: band names (None,) expected, ('cloud',) found"),
        (replace(GIVEN, scales=(0.1,)), "mask: scales (1.0,) expected, (0.1,) found"),
        (replace(GIVEN, offsets=(0.1,)), "mask: offsets (0.0,) expected, (0.1,) found"),
        (
            replace(GIVEN, array=np.array([[[1, 2], [9, 4]]], "uint8")),
            "mask: 25.0000% of the pixels differ, first at band 1, row 1, column 0: 3 expected, 9 found",
        ),
    ],
)  # fmt: skip
def test_what_differs_of_an_image_is_named(actual: Image, says: str) -> None:
    (difference,) = compare(GIVEN, actual, {}, "mask")
    assert difference.startswith(says)


def test_what_is_no_image_differs_from_one() -> None:
    assert compare(GIVEN, {"a": 1}, {}, "mask") == ["mask: an image expected, {'a': 1} found"]


def test_an_image_within_a_list_is_compared_at_its_place() -> None:
    (difference,) = compare([GIVEN, GIVEN], [GIVEN, replace(GIVEN, nodata=9)], {}, "masks")
    assert difference == "masks/1: nodata 0 expected, 9 found"


def test_a_transform_may_differ_by_rounding() -> None:
    assert compare(GIVEN, replace(GIVEN, transform=Affine(10 + 1e-12, 0, 600_000, 0, -10, 4_900_000)), {}, "x") == []


@pytest.mark.parametrize("tolerance", [{}, {"abs": 1}, {"rel": 0.1}])
def test_nan_and_infinity_are_equal_to_themselves_alone(tolerance: dict[str, float]) -> None:
    nan, inf = float("nan"), float("inf")
    special = image([[nan, inf, -inf, 1.0]], "float32", nodata=nan)
    assert compare(special, special, tolerance, "x") == []
    for index, wrong in enumerate((0.0, -inf, 1.0, nan)):
        array = special.array.copy()
        array[0, 0, index] = wrong
        (difference,) = compare(special, replace(special, array=array), tolerance, "x")
        assert f"first at band 1, row 0, column {index}" in difference


@pytest.mark.parametrize(
    ("tolerance", "dtype", "expected", "actual", "differs"),
    [
        ({"abs": 1}, "uint8", [[0, 255]], [[1, 254]], False),  # without wrapping around
        ({"abs": 1}, "uint8", [[0]], [[255]], True),
        ({"rel": 0.1}, "float32", [[100, -100]], [[110, -110]], False),
        ({"rel": 0.1}, "float32", [[100]], [[111]], True),
        ({"abs": 1}, "complex64", [[1 + 1j]], [[1 + 1.5j]], False),
        ({"abs": 1}, "complex64", [[1 + 1j]], [[1 + 3j]], True),
        ({"differingPixels": 0.25}, "uint8", [[1, 1, 1, 1]], [[1, 1, 1, 9]], False),
        ({"differingPixels": 0.25}, "uint8", [[1, 1, 1, 1]], [[1, 1, 9, 9]], True),
        ({"differingPixels": 0.25, "abs": 1}, "uint8", [[1, 1, 1, 1]], [[2, 2, 2, 9]], False),
        ({"iou": 0.5}, "uint8", [[1, 1, 0, 255]], [[1, 0, 0, 0]], False),
        ({"iou": 0.6}, "uint8", [[1, 1, 0, 255]], [[1, 0, 0, 0]], True),
        ({"iou": 1}, "uint8", [[0, 0]], [[0, 255]], False),  # nothing is set in either
        ({"iou": 0.5, "differingPixels": 0.25}, "uint8", [[1, 1, 0, 0]], [[1, 1, 255, 255]], True),
    ],
)
def test_pixels_may_differ_by_their_tolerance(
    tolerance: dict[str, float], dtype: str, expected: Any, actual: Any, differs: bool
) -> None:
    assert bool(compare(image(expected, dtype), image(actual, dtype), tolerance, "x")) is differs


def test_a_tolerance_of_pixels_excuses_no_other_difference() -> None:
    (difference,) = compare(GIVEN, replace(GIVEN, crs=None), {"differingPixels": 1, "abs": 255, "iou": 0}, "x")
    assert difference.startswith("x: crs")


def test_pixels_of_different_types_are_compared_too() -> None:
    whole, broken = image([[1, 2]]), image([[1.0, float("nan")]], "float32")
    for tolerance in ({}, {"abs": 0.5}):
        found = compare(whole, broken, tolerance, "x")
        assert found[0].startswith("x: dtype uint8 expected, float32 found")
        assert "column 1" in found[1]


@pytest.mark.parametrize(
    ("expected", "actual", "share"),
    [
        (collection(square(0, 0, 1, 1)), collection(square(0, 0, 1, 1)), 1.0),
        (collection(square(0, 0, 2, 1)), collection(square(0, 0, 1, 1), square(1, 0, 2, 1)), 1.0),  # cut in two
        (collection(square(0, 0, 1, 1)), collection(square(0.5, 0, 1.5, 1)), 1 / 3),
        (collection(square(0, 0, 1, 1)), collection(square(2, 2, 3, 3)), 0.0),
        (collection(square(0, 0, 1, 1)), collection(), 0.0),
        (collection(), collection(), 1.0),
    ],
)
def test_polygons_are_compared_by_their_areas(expected: Any, actual: Any, share: float) -> None:
    # They are drawn on 2,048 × 2,048 px: an edge may be a pixel off.
    assert compare(expected, actual, {"iou": max(share - 0.002, 0)}, "clouds") == []
    assert bool(compare(expected, actual, {"iou": share + 0.002}, "clouds"))


def test_collections_without_a_tolerance_are_equal_in_order_too() -> None:
    one, other = square(0, 0, 1, 1), square(1, 0, 2, 1)
    assert compare(collection(one, other), collection(one, other), {}, "clouds") == []
    assert compare(collection(one, other), collection(other, one), {}, "clouds")[0].startswith("clouds/features/0/")
