"""From pixels to the ground and back."""

import numpy as np
import pytest
from affine import Affine
from converters.rasters import image

from swath_converters import Image
from swath_converters.control import GroundControlPoint
from swath_converters.errors import MalformedValue, Unplaceable
from swath_converters.ground import geometry_to_pixels, geometry_to_world, to_pixels, to_world

PIXELS = np.array([[0, 0], [0.5, 0.5], [34, 21], [-3.25, 100]])
GRIDS = [
    image(),
    image(transform=Affine(17.3, 5, 500_000, 10, -8.66, 4_000_000)),
    image(crs="EPSG:4326", transform=Affine(0.01, 0, 2, 0, -0.01, 49)),
    image(crs="EPSG:3857", transform=Affine(10, 0, 250_000, 0, 10, 6_000_000)),
]


@pytest.mark.parametrize("crs", ["OGC:CRS84", None, "EPSG:4326", "EPSG:3857"])
@pytest.mark.parametrize("grid", GRIDS)
def test_there_and_back_is_the_same_pixel(grid: Image, crs: str | None):
    np.testing.assert_allclose(to_pixels(to_world(PIXELS, grid, crs), grid, crs), PIXELS, atol=1e-5)  # px: 0.1 mm


def test_ground_is_longitude_first_in_degrees():
    grid = image(transform=Affine(10, 0, 500_000, 0, -10, 4_649_776.2247))
    # 500 km east and 4,649,776.2247 m north in zone 31 is 3° east, 42° north: Snyder's series, checked by PROJ
    np.testing.assert_allclose(to_world([[0, 0]], grid), [[3, 42]], atol=1e-6)
    np.testing.assert_allclose(to_world([[0, 0]], grid, "EPSG:4326"), [[3, 42]], atol=1e-6)
    np.testing.assert_array_equal(to_world([[1, 2]], grid, None), [[500_010, 4_649_756.2247]])


def test_no_points_are_no_places():
    assert to_world([], image()).shape == (0, 2)


def test_geometries_of_any_kind_keep_their_form_and_heights():
    geometry = {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "Point", "coordinates": [1, 2, 55.5]},
            {"type": "LineString", "coordinates": [[0, 0], [3, 4]]},
            {"type": "MultiPolygon", "coordinates": [[[[0, 0], [9, 0], [9, 9], [0, 0]]]]},
            {"type": "MultiPoint", "coordinates": []},
        ],
    }
    placed = geometry_to_world(geometry, image())
    assert placed["geometries"][0]["coordinates"][2] == 55.5
    back = geometry_to_pixels(placed, image())
    assert back["geometries"][3] == geometry["geometries"][3]
    for one, other in zip(back["geometries"], geometry["geometries"], strict=True):
        assert one["type"] == other["type"]
        np.testing.assert_allclose(np.array(one["coordinates"]), np.array(other["coordinates"]), atol=2e-3)  # 1e-7°
    assert round(placed["geometries"][1]["coordinates"][0][0], 7) == placed["geometries"][1]["coordinates"][0][0]


@pytest.mark.parametrize(
    "grid",
    [
        image(crs=None),
        image(transform=None),
        image(transform=None, gcps=(GroundControlPoint(0, 0, 1, 1),), gcp_crs="EPSG:4326"),
    ],
)
def test_an_image_without_transform_and_crs_has_no_place(grid: Image):
    for way in (to_world, to_pixels):
        with pytest.raises(Unplaceable, match="no CRS and transform"):
            way([[1, 1]], grid)


def test_a_place_outside_of_a_reference_system_is_an_error_not_infinity():
    with pytest.raises(Unplaceable, match="not defined"):
        to_pixels([[3, 95]], image())
    with pytest.raises(Unplaceable, match="no inverse"):
        to_pixels([[3, 42]], image(transform=Affine(1, 1, 0, 1, 1, 0)))


def test_an_unknown_reference_system_is_named():
    with pytest.raises(MalformedValue, match="EPSG:999999"):
        to_world([[1, 1]], image(), "EPSG:999999")
