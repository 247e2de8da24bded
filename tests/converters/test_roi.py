"""A region of interest, and its pixels on a grid."""

import json
import math
from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from affine import Affine
from converters.rasters import UTM
from rasterio import warp

from swath_converters import Policy
from swath_converters.errors import MalformedValue
from swath_converters.leaves import converter_for
from swath_converters.roi import Roi, from_wire, parse_roi, to_wire
from swath_converters.window_grid import Grid, PixelWindow, located
from swath_converters.window_place import RoiOutside, place

EXAMPLES = files("swath_schemas") / "roi" / "1.0.0" / "examples"
GRID = Grid(1000, 800, "EPSG:32631", UTM)
WORLD = Grid(3600, 1800, "EPSG:4326", Affine(0.1, 0, -180, 0, -0.1, 90))
WORLD_FROM_0 = Grid(3600, 1800, "EPSG:4326", Affine(0.1, 0, 0, 0, -0.1, 90))


def box(*bbox: float, crs: str = "OGC:CRS84", margin: int = 0) -> Roi:
    west, south, east, north = bbox
    return Roi(bbox=(west, south, east, north), crs=crs, margin=margin)


def square(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.joinpath("valid").iterdir()))
def test_every_valid_example_of_the_type_is_read(name: str):
    document = json.loads(EXAMPLES.joinpath("valid", name).read_text())
    assert parse_roi(document).margin == document.get("margin", 0)
    assert from_wire(document, {}, Policy()) == to_wire(document) == document


def test_the_type_is_bound_to_its_module():
    converter = converter_for("https://schemas.swath.example/roi/1.0.0")
    assert converter is not None
    assert converter.memory == "dict"


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({}, ""),
        ({"window": {}, "bbox": [0, 0, 1, 1]}, ""),
        ({"window": {"x": 0, "y": 0, "width": 3}}, "/window"),
        ({"window": {"x": -1, "y": 0, "width": 3, "height": 3}}, "/window"),
        ({"window": {"x": 0, "y": 0, "width": 0, "height": 3}}, "/window"),
        ({"bbox": [0, 0, 1]}, "/bbox"),
        ({"bbox": [0, 2, 1, 1]}, "/bbox"),
        ({"bbox": [0, 0, 1, math.nan]}, "/bbox"),
        ({"polygon": {"type": "Point", "coordinates": [0, 0]}}, "/polygon"),
        ({"polygon": {"type": "Polygon", "coordinates": []}}, "/polygon"),
        ({"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}}, "/polygon"),
        ({"polygon": {"type": "Polygon", "coordinates": [square(0, 0, math.inf, 1)]}}, "/polygon"),
        ({"bbox": [0, 0, 1, 1], "margin": -1}, "/margin"),
    ],
)
def test_what_is_no_region_is_refused_where_it_is_wrong(value: dict[str, Any], pointer: str):
    with pytest.raises(MalformedValue) as refused:
        parse_roi(value)
    assert refused.value.pointer == pointer


def test_a_window_and_its_margin_are_clipped_to_the_image():
    found = place(Roi(window=PixelWindow(990, 5, 20, 10), margin=8), GRID)
    assert found.inner == PixelWindow(990, 5, 10, 10)
    assert found.window == PixelWindow(982, 0, 18, 23)


def test_a_box_on_the_pixels_edges_is_exactly_these_pixels():
    found = place(box(500_100, 3_999_000, 500_330, 3_999_950, crs="EPSG:32631", margin=3), GRID)
    assert found.inner == PixelWindow(10, 5, 23, 95)
    assert found.window == PixelWindow(7, 2, 29, 101)


def test_a_box_that_touches_a_part_of_a_pixel_has_the_pixel():
    found = place(box(500_109, 3_999_001, 500_331, 3_999_949, crs="EPSG:32631"), GRID)
    assert found.inner == PixelWindow(10, 5, 24, 95)


def test_a_box_without_extent_is_a_pixel():
    assert place(box(500_105, 3_999_995, 500_105, 3_999_995, crs="EPSG:32631"), GRID).inner == PixelWindow(10, 0, 1, 1)


@pytest.mark.parametrize("crs", ["OGC:CRS84", "EPSG:4326"])
def test_longitude_comes_first_in_every_geographic_crs(crs: str):
    longitude, latitude = (one[0] for one in warp.transform("EPSG:32631", "EPSG:4326", [504_005], [3_996_005]))
    found = place(box(longitude, latitude, longitude, latitude, crs=crs), GRID)
    assert found.inner == PixelWindow(400, 399, 1, 1)


def test_the_edges_of_a_box_are_curves_in_another_crs():
    """The corners alone would lose 53 rows: parallels are curved in UTM."""
    grid = Grid(40_000, 40_000, "EPSG:32631", Affine(10, 0, 300_000, 0, -10, 6_700_000))
    west, south, east, north = 1.0, 59.0, 5.0, 59.5
    edge = np.linspace(0, 1, 20_001)
    longitudes = np.concatenate([west + edge * (east - west)] * 2 + [np.full(20_001, west), np.full(20_001, east)])
    latitudes = np.concatenate([np.full(20_001, south), np.full(20_001, north)] + [south + edge * (north - south)] * 2)
    xs, ys = warp.transform("EPSG:4326", "EPSG:32631", longitudes.tolist(), latitudes.tolist())
    columns, rows = (np.array(xs) - 300_000) / 10, (6_700_000 - np.array(ys)) / 10
    found = place(box(west, south, east, north), grid).inner
    assert (found.x, found.y) == (math.floor(columns.min()), math.floor(rows.min()))
    assert (found.right, found.bottom) == (math.ceil(columns.max()), math.ceil(rows.max()))


def test_on_a_rotated_grid_the_window_holds_the_whole_box():
    transform = Affine(8.66, 5, 500_000, 5, -8.66, 4_000_000)
    grid = Grid(1000, 1000, "EPSG:32631", transform)
    found = place(box(503_000, 3_998_000, 504_000, 3_999_000, crs="EPSG:32631"), grid).inner
    corners = [located(~transform, x, y) for x in (503_000, 504_000) for y in (3_998_000, 3_999_000)]
    columns, rows = zip(*corners, strict=True)
    assert (found.x, found.right) == (math.floor(min(columns)), math.ceil(max(columns)))
    assert (found.y, found.bottom) == (math.floor(min(rows)), math.ceil(max(rows)))


@pytest.mark.parametrize(
    ("bbox", "window", "window_from_0"),
    [
        ((170, -10, 175, 10), (3500, 800, 50, 200), (1700, 800, 50, 200)),
        ((-5, 0, 5, 1), (1750, 890, 100, 10), (0, 890, 3600, 10)),
        ((170, -10, -170, 10), (0, 800, 3600, 200), (1700, 800, 200, 200)),
        ((-180, -10, -170, 10), (0, 800, 100, 200), (1800, 800, 100, 200)),
        ((185, -10, 190, 10), (50, 800, 50, 200), (1850, 800, 50, 200)),
    ],
)
def test_longitudes_are_found_whichever_turn_they_are_counted_in(
    bbox: tuple[float, ...], window: tuple[int, ...], window_from_0: tuple[int, ...]
):
    assert place(box(*bbox), WORLD).inner == PixelWindow(*window)
    assert place(box(*bbox), WORLD_FROM_0).inner == PixelWindow(*window_from_0)


def test_a_box_across_the_antimeridian_is_one_window_on_a_utm_grid():
    grid = Grid(2000, 1000, "EPSG:32601", Affine(1000, 0, -500_000, 0, -1000, 500_000))
    across, east = place(box(179, -1, -179, 1), grid).inner, place(box(-180, -1, -179, 1), grid).inner
    assert across.right == east.right
    assert across.width == pytest.approx(2 * east.width, abs=2)


def test_the_whole_world_is_the_whole_image():
    assert place(box(-180, -90, 180, 90), GRID).inner == GRID.window


def test_a_box_round_the_pole_reaches_it():
    around = place(box(-1e6, -1e6, 1e6, 1e6, crs="EPSG:3413"), WORLD).inner
    assert (around.x, around.y, around.width) == (0, 0, 3600)
    polar = Grid(1000, 1000, "EPSG:3413", Affine(4000, 0, -2e6, 0, -4000, 2e6))
    cap = place(box(-180, 85, 180, 90), polar).inner
    _, (edge,) = warp.transform("EPSG:4326", "EPSG:3413", [-45.0], [85.0])
    assert cap.height == cap.width == 2 * math.ceil(-edge / 4000)


def test_parts_of_the_image_that_lie_beyond_the_earths_edge_do_no_harm():
    sphere = 'GEOGCS["g",DATUM["d",SPHEROID["s",6371000,0]],PRIMEM["Greenwich",0],UNIT["degree",0.017453292519943295]]'
    centre = 'PARAMETER["Latitude_Of_Center",0],PARAMETER["Longitude_Of_Center",0]'
    disk = f'PROJCS["x",{sphere},PROJECTION["Orthographic"],{centre},UNIT["metre",1]]'
    grid = Grid(1400, 1400, disk, Affine(10_000, 0, -7e6, 0, -10_000, 7e6))
    found = place(box(-10, -10, 10, 10), grid).inner
    half = 6_371_000 * math.sin(math.radians(10)) / 10_000
    assert found == PixelWindow(700 - math.ceil(half), 700 - math.ceil(half), 2 * math.ceil(half), 2 * math.ceil(half))
    with pytest.raises(MalformedValue, match="no place in the image's reference system") as refused:
        place(box(-180, -90, 180, 90), grid)
    assert refused.value.pointer == "/bbox"


def test_the_whole_world_is_the_whole_of_a_map_that_ends_before_the_poles():
    edge = 20_037_508.34
    grid = Grid(2000, 2000, "EPSG:3857", Affine(edge / 1000, 0, -edge, 0, -edge / 1000, edge))
    assert place(box(-180, -90, 180, 90), grid).inner == grid.window


@pytest.mark.parametrize(
    ("roi", "pointer"),
    [
        (Roi(window=PixelWindow(1000, 0, 5, 5)), "/window"),
        (box(-60, -60, -59, -59), "/bbox"),
        (Roi(polygons=(((tuple(map(tuple, square(-60, -60, -59, -59)))),),)), "/polygon"),
    ],
)
def test_a_region_without_a_pixel_is_an_error_that_says_where(roi: Roi, pointer: str):
    with pytest.raises(RoiOutside, match="no pixel in common with the image of 1000 × 800 px") as refused:
        place(roi, GRID)
    assert refused.value.pointer == pointer


def test_an_unknown_crs_is_an_error_that_says_where():
    with pytest.raises(MalformedValue) as refused:
        place(box(0, 0, 1, 1, crs="EPSG:1"), GRID)
    assert refused.value.pointer == "/crs"


def test_a_place_on_the_ground_needs_an_image_that_has_one():
    with pytest.raises(MalformedValue, match="no CRS or transform") as refused:
        place(box(0, 0, 1, 1), Grid(10, 10))
    assert refused.value.pointer == "/bbox"


def test_west_beyond_east_is_refused_where_there_is_no_antimeridian():
    with pytest.raises(MalformedValue, match="west"):
        place(box(500_300, 3_999_000, 500_100, 3_999_950, crs="EPSG:32631"), GRID)


@pytest.mark.parametrize(
    "region",
    [
        {"bbox": [0, 80, 10, 99]},
        {"bbox": [0, -99, 10, 10], "crs": "EPSG:4326"},
        {"polygon": {"type": "Polygon", "coordinates": [[[0, 0], [10, 0], [10, 120], [0, 0]]]}},
    ],
)
def test_a_latitude_beyond_a_pole_is_refused(region: dict[str, Any]):
    with pytest.raises(MalformedValue, match="latitude is -90 to 90") as refused:
        place(parse_roi(region), Grid(200, 100, "EPSG:4326", Affine(1.8, 0, -180, 0, -1.8, 90)))
    assert refused.value.pointer == f"/{next(iter(region))}"


def test_a_grid_on_one_line_has_no_place_for_a_box():
    with pytest.raises(MalformedValue, match="no inverse"):
        place(parse_roi({"bbox": [0, 0, 1, 1]}), Grid(200, 100, "EPSG:4326", Affine(0, 0, 0, 0, 0, 0)))
