"""Areas that touch, lie in one another, have holes, or cross the antimeridian."""

import random
from typing import Any

import pytest

from swath_registry.matching import match
from swath_registry.matching.geometry import intersects, lies_within, shape_of, shape_of_bbox


def box(west: float, south: float, east: float, north: float) -> list[list[float]]:
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def polygon(*rings: list[list[float]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def many(*polygons: dict[str, Any]) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": [one["coordinates"] for one in polygons]}


UNIT = polygon(box(0, 0, 1, 1))


@pytest.mark.parametrize(
    ("one", "other", "touches", "inside"),
    [
        (UNIT, UNIT, True, True),
        (polygon(box(0.2, 0.2, 0.8, 0.8)), UNIT, True, True),
        (UNIT, polygon(box(0.2, 0.2, 0.8, 0.8)), True, False),
        (UNIT, polygon(box(1, 0, 2, 1)), True, False),  # a side in common
        (UNIT, polygon(box(1.1, 0, 2, 1)), False, False),
        (polygon(box(0.4, -1, 0.6, 2)), UNIT, True, False),  # a cross: no corner of one in the other
        (
            polygon(box(0.3, 0.3, 0.7, 0.7)),
            polygon(box(0, 0, 1, 1), box(0.2, 0.2, 0.8, 0.8)),
            False,
            False,
        ),  # in a hole
        (
            polygon(box(0.1, 0.1, 0.9, 0.9)),
            polygon(box(0, 0, 1, 1), box(0.4, 0.4, 0.6, 0.6)),
            True,
            False,
        ),  # over a hole
        (polygon(box(0.5, 0.2, 1.5, 0.8)), many(UNIT, polygon(box(1, 0, 2, 1))), True, True),  # across a seam
        (polygon(box(0.5, 0.2, 2.5, 0.8)), many(UNIT, polygon(box(2, 0, 3, 1))), True, False),  # across a gap
        ({"type": "Point", "coordinates": [0.5, 0.5]}, UNIT, True, True),
        ({"type": "MultiPoint", "coordinates": [[0.5, 0.5], [9, 9]]}, UNIT, True, False),
        ({"type": "LineString", "coordinates": [[-1, 0.5], [2, 0.5]]}, UNIT, True, False),
        ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, UNIT, True, True),
        (UNIT, {"type": "LineString", "coordinates": [[-1, 0.5], [2, 0.5]]}, True, False),
        ({"type": "GeometryCollection", "geometries": [UNIT]}, UNIT, True, True),
    ],
)
def test_contact_and_inclusion(one: dict[str, Any], other: dict[str, Any], touches: bool, inside: bool):
    assert intersects(shape_of(one), shape_of(other)) is touches
    assert intersects(shape_of(other), shape_of(one)) is touches
    assert lies_within(shape_of(one), shape_of(other)) is inside


def test_a_box_across_the_antimeridian_is_cut_there():
    fiji = shape_of_bbox([177, -20, -178, -15])
    assert intersects(fiji, shape_of(polygon(box(-179, -18, -178.5, -17))))
    assert intersects(fiji, shape_of(polygon(box(178, -18, 179, -17))))
    assert not intersects(fiji, shape_of(polygon(box(0, -18, 10, -17))))


@pytest.mark.parametrize(
    ("area", "relation", "verdict"),
    [
        (box(0, 0, 4, 4), "within", "accept"),
        (box(0, 0, 2, 2), "within", "reject"),  # the image reaches to each side of its box
        (box(1, 1, 3, 3), "intersects", "accept"),
        (box(2.9, 2.9, 4, 4), "intersects", "unknown"),
        (box(5, 5, 6, 6), "intersects", "reject"),
    ],
)
def test_of_a_bounding_box_alone_what_is_sure_is_said(area: Any, relation: str, verdict: str):
    image = {"href": "a.tif", "bbox": [1, 1, 3, 3]}
    assert match(image, {"coverage": {relation: polygon(area)}}).verdict == verdict


@pytest.mark.parametrize("seed", range(4))
def test_random_boxes_agree_with_arithmetic(seed: int):
    source = random.Random(seed)  # noqa: S311
    for _ in range(300):
        sides = [sorted(source.sample(range(8), 2)) for _ in range(4)]
        (w1, e1), (s1, n1), (w2, e2), (s2, n2) = sides
        one, other = shape_of_bbox([w1, s1, e1, n1]), shape_of(polygon(box(w2, s2, e2, n2)))
        assert intersects(one, other) is (w1 <= e2 and w2 <= e1 and s1 <= n2 and s2 <= n1)
        assert lies_within(one, other) is (w2 <= w1 and e1 <= e2 and s2 <= s1 and n1 <= n2)
