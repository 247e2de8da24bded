"""Geometries that may lie apart, and lists whose order is free."""

from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from swath_testing.assignment import cheapest_pairs
from swath_testing.compare import compare
from swath_testing.distance import geometry_distance


def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def line(*points: tuple[float, float]) -> dict[str, Any]:
    return geometry("LineString", [list(one) for one in points])


def ring(*points: tuple[float, float]) -> dict[str, Any]:
    return geometry("Polygon", [[list(one) for one in (*points, points[0])]])


def point(x: float, y: float) -> dict[str, Any]:
    return geometry("Point", [x, y])


def features(*geometries: dict[str, Any], **properties: Any) -> dict[str, Any]:
    made = [{"type": "Feature", "properties": properties, "geometry": one} for one in geometries]
    return {"type": "FeatureCollection", "features": made}


@pytest.mark.parametrize(
    ("left", "right", "apart"),
    [
        (point(0, 0), point(3, 4), 5),
        (line((0, 0), (10, 0)), line((0, 0), (5, 0), (10, 0)), 0),  # a vertex more
        (line((0, 0), (10, 0)), line((10, 0), (0, 0)), 0),  # drawn backwards
        (line((0, 0), (10, 0)), line((0, 0), (5, 3), (10, 0)), 3),
        (line((0, 0), (10, 0)), geometry("MultiPoint", [[0, 0], [10, 0]]), 5),  # the middle of an edge is farthest
        (ring((0, 0), (4, 0), (4, 4), (0, 4)), ring((4, 4), (0, 4), (0, 0), (4, 0)), 0),  # begun elsewhere
        (ring((0, 0), (4, 0), (4, 4), (0, 4)), ring((1, 0), (5, 0), (5, 4), (1, 4)), 1),
        (geometry("Polygon", []), geometry("Polygon", []), 0),
        (geometry("Polygon", []), point(0, 0), np.inf),
        ({"type": "GeometryCollection", "geometries": [point(0, 0), line((1, 0), (2, 0))]}, point(0, 0), 2),
    ],
)
def test_the_distance_of_two_geometries_is_hausdorffs(left: Any, right: Any, apart: float) -> None:
    assert geometry_distance(left, right) == pytest.approx(apart, rel=1e-6, abs=1e-9)
    assert geometry_distance(right, left) == pytest.approx(apart, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(
    ("left", "right", "metres"),
    [
        (point(0, 0), point(0.001, 0), 111.319),  # a thousandth of a degree of the equator of WGS 84
        (point(0, 0), point(0, 0.001), 110.574),  # and of its meridian
        (point(180, 0), point(-179.999, 0), 111.319),
        (point(0, 90), point(90, 90), 0),  # the pole has one place, whatever the longitude
    ],
)
def test_metres_are_those_of_the_ellipsoid(left: Any, right: Any, metres: float) -> None:
    assert geometry_distance(left, right, in_metres=True) == pytest.approx(metres, abs=1e-2)


def test_an_edge_is_straight_in_longitude_and_latitude_however_long() -> None:
    whole, halved = line((0, 60), (20, 60)), line((0, 60), (10, 60), (20, 60))
    assert geometry_distance(whole, halved, in_metres=True) == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("rule", "moved", "says"),
    [
        ({"distance": 1}, 1, None),
        ({"distance": 0.5}, 1, "x/features/0/geometry: the geometries are 1 apart, at most 0.5 expected"),
        ({"distanceMetres": 112_000}, 1, None),
        ({"distanceMetres": 100}, 1, "x/features/0/geometry: the geometries are 111"),
    ],
)
def test_a_geometry_may_lie_as_far_apart_as_its_tolerance(rule: Any, moved: float, says: str | None) -> None:
    found = compare(features(point(0, 0)), features(point(moved, 0)), rule, "x")
    assert (not found) if says is None else found[0].startswith(says)


def test_another_kind_of_geometry_differs_however_close() -> None:
    found = compare(point(0, 0), geometry("MultiPoint", [[0, 0]]), {"distance": 9}, "x")
    assert found == ["x: a Point expected, a MultiPoint found"]


def test_properties_are_compared_beside_the_distance() -> None:
    found = compare(features(point(0, 0), n=1), features(point(0, 0), n=2), {"distance": 9}, "x")
    assert found == ["x/features/0/properties/n: 1 expected, 2 found (differs by 1)"]


def test_items_may_come_in_any_order_where_the_tolerance_says_so() -> None:
    assert compare([1, 2, 3], [3, 1, 2], {"order": "any"}, "x") == []
    assert compare([1, 2, 3], [3, 1, 2], {}, "x")


def test_features_may_come_in_any_order_but_not_their_coordinates() -> None:
    a, b = line((0, 0), (1, 0)), line((5, 5), (6, 5))
    assert compare(features(a, b), features(b, a), {"order": "any"}, "x") == []
    assert compare(features(a), features(line((1, 0), (0, 0))), {"order": "any"}, "x")


def test_pairs_are_the_best_of_all_not_the_first_that_fit() -> None:
    # 1.5 fits both; whoever gives it to the first leaves nothing for the second
    assert compare([1.0, 2.0], [1.5, 0.5], {"order": "any", "abs": 0.5}, "x") == []


def test_what_is_left_over_is_told_with_its_closest() -> None:
    found = compare([1, 5, 9], [9, 6, 1], {"order": "any"}, "x")
    assert found == ["x/1 (found as 1): 5 expected, 6 found (differs by 1)"]


def test_a_missing_item_is_counted() -> None:
    assert compare([1, 2, 3], [3, 1], {"order": "any"}, "x") == ["x: 3 items expected, 2 found"]


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (7, 4), (12, 12), (0, 3)])
def test_no_assignment_is_cheaper(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        cost = random.integers(0, 6, shape).astype(np.float64)
        pairs = cheapest_pairs(cost)
        rows, columns = linear_sum_assignment(cost)
        assert len(pairs) == len({one for one, _ in pairs}) == len({one for _, one in pairs}) == min(shape)
        assert sum(cost[pair] for pair in pairs) == cost[rows, columns].sum()
