"""Outlines of masks: along the pixels' edges, in the right place, in the order that GeoJSON asks for."""

from typing import Any

import numpy as np
import pytest
from affine import Affine
from converters.rasters import image

from swath_converters import Image
from swath_converters.errors import ImageMalformed, Unplaceable
from swath_converters.json_values import to_json
from swath_converters.polygons import outlines
from swath_registry.validation import Validator

HOLED = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [1, 1, 1, 0], [0, 0, 0, 1]], np.uint8)


def on_pixels(mask: np.ndarray[Any, Any]) -> Image:
    return Image(mask[None])


def area(ring: list[list[float]]) -> float:
    """Signed area, positive counterclockwise."""
    x, y = np.array(ring).T
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]) / 2)


def rings(collection: dict[str, Any]) -> list[list[list[list[float]]]]:
    return [feature["geometry"]["coordinates"] for feature in collection["features"]]


def test_without_a_georeference_coordinates_are_columns_and_rows():
    polygons = rings(outlines(HOLED, on_pixels(HOLED)))
    assert sorted(len(polygon) for polygon in polygons) == [1, 2]
    block = max(polygons, key=len)
    assert {tuple(point) for point in block[0]} == {(0, 0), (3, 0), (3, 3), (0, 3)}
    assert {tuple(point) for point in block[1]} == {(1, 1), (2, 1), (2, 2), (1, 2)}


def test_pixels_that_touch_at_a_corner_are_two_areas():
    assert len(rings(outlines(np.eye(2, dtype=np.uint8), on_pixels(np.eye(2, dtype=np.uint8))))) == 2


@pytest.mark.parametrize(
    "transform",
    [
        Affine(10, 0, 500_000, 0, -10, 4_000_000),
        Affine(10, 0, 500_000, 0, 10, 4_000_000),
        Affine(-10, 0, 500_000, 0, -10, 4_000_000),
        Affine(7, 7, 500_000, 7, -7, 4_000_000),
        None,
    ],
)
def test_exteriors_run_counterclockwise_and_holes_clockwise(transform: Affine | None):
    grid = Image(HOLED[None], "EPSG:32631" if transform else None, transform)
    for polygon in rings(outlines(HOLED, grid)):
        assert area(polygon[0]) > 0
        assert all(area(hole) < 0 for hole in polygon[1:])
        assert all(ring[0] == ring[-1] for ring in polygon)


def test_a_georeferenced_outline_is_in_degrees_longitude_first():
    mask = np.ones((100, 200), np.uint8)
    grid = Image(mask[None], "EPSG:32631", Affine(10, 0, 500_000, 0, -10, 4_649_776.2247))
    [[ring]] = rings(outlines(mask, grid))
    west_north = max(ring, key=lambda point: point[1] - point[0])
    # 500 km east and 4,649,776.2247 m north in zone 31 is 3° east, 42° north: Snyder's series, checked by PROJ
    assert west_north == pytest.approx([3, 42], abs=1e-6)
    assert max(ring)[0] > 3


def test_coordinates_are_rounded_to_1e_7_degrees():
    for polygon in rings(outlines(HOLED, image(height=4, width=4))):
        for ring in polygon:
            assert all(round(number, 7) == number for point in ring for number in point)


def test_a_geographic_grid_keeps_its_own_coordinates():
    grid = Image(HOLED[None], "EPSG:4326", Affine(0.5, 0, 10, 0, -0.5, 50))
    block = max(rings(outlines(HOLED, grid)), key=len)
    assert {tuple(point) for point in block[0]} == {(10, 50), (11.5, 50), (11.5, 48.5), (10, 48.5)}


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "uint16", "int64", "float32", "float64"])
def test_a_mask_of_any_dtype_is_outlined(dtype: str):
    assert len(outlines(HOLED.astype(dtype), on_pixels(HOLED))["features"]) == 2


def test_another_value_may_be_asked_for():
    mask = np.where(HOLED, 255, 0).astype(np.uint8)
    collection = outlines(mask, on_pixels(mask), value=255)
    assert [feature["properties"] for feature in collection["features"]] == [{"value": 255}] * 2
    assert outlines(mask, on_pixels(mask), value=7)["features"] == []


def test_the_collection_is_valid_geojson_of_plain_values():
    collection = outlines(HOLED, image(height=4, width=4))
    assert to_json(collection) == collection
    assert Validator("featureCollection@1").violations(collection) == []


def test_the_areas_add_up_to_the_masks_pixels():
    rows, columns = np.mgrid[0:60, 0:80]
    mask = (np.sin(columns / 5) + np.cos(rows / 4) > 0.6).astype(np.uint8)
    total = sum(sum(area(ring) for ring in polygon) for polygon in rings(outlines(mask, on_pixels(mask))))
    assert total == mask.sum()


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ImageMalformed, match="not on a grid"):
        outlines(HOLED, image())


def test_an_image_with_an_unknown_crs_is_the_algorithms_mistake():
    with pytest.raises(ImageMalformed, match="EPSG:999999"):
        outlines(HOLED, image(crs="EPSG:999999", height=4, width=4))


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:32631", Affine(1e9, 0, 1e11, 0, -1e9, 1e11)),
        ("EPSG:4326", Affine(10, 0, 0, 0, -10, 300)),
        ("EPSG:2193", Affine(1e7, 0, 1e9, 0, -1e7, 1e9)),
    ],
)
def test_what_has_no_longitude_and_latitude_is_an_error_of_ours(crs: str, transform: Affine):
    image = Image(np.ones((1, 4, 4), np.uint8), crs=crs, transform=transform)
    with pytest.raises(Unplaceable):
        outlines(image.array[0], image)


def test_a_grid_whose_outer_pixels_have_their_middles_at_the_poles_has_outlines():
    image = Image(np.ones((1, 5, 8), np.uint8), crs="EPSG:4326", transform=Affine(45, 0, -180, 0, -45, 112.5))
    assert len(outlines(image.array[0], image)["features"]) == 1
