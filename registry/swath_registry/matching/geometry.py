"""Whether areas on the ground touch, or lie in one another.

Geometries are GeoJSON (RFC 7946) in longitude and latitude; their edges are straight lines in those, as the standard
has it. Borders belong to an area. What crosses the antimeridian is cut there, as RFC 7946 asks; a bbox whose west
exceeds its east is cut here.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Point = tuple[float, float]
Segment = tuple[Point, Point]
Ring = list[Point]
_SAME = 1e-9  # degrees, 0.1 mm: closer than this is on a border
_ASIDE = 1e-7  # degrees, 1 cm: how far beside a border is looked to learn what lies there


@dataclass(frozen=True)
class Shape:
    """What a geometry is made of.

    Attributes:
        points: of points alone.
        lines: edges of lines alone.
        polygons: rings of each, closed, the outer one first.
    """

    points: tuple[Point, ...] = ()
    lines: tuple[Segment, ...] = ()
    polygons: tuple[tuple[Ring, ...], ...] = ()

    @property
    def edges(self) -> list[Segment]:
        """All lines, and the borders of the polygons."""
        return [*self.lines, *(edge for rings in self.polygons for ring in rings for edge in pairwise(ring))]

    @property
    def corners(self) -> list[Point]:
        """All points, and ends of lines and borders."""
        return [*self.points, *(end for edge in self.edges for end in edge)]


def shape_of(geometry: Mapping[str, Any]) -> Shape:
    """The parts of a GeoJSON geometry."""
    points: list[Point] = []
    lines: list[Segment] = []
    polygons: list[tuple[Ring, ...]] = []
    for kind, coordinates in _simple(geometry):
        if kind == "Point":
            points.append(_point(coordinates))
        elif kind == "LineString":
            lines.extend(pairwise([_point(each) for each in coordinates]))
        else:
            polygons.append(tuple([_point(each) for each in ring] for ring in coordinates))
    return Shape(tuple(points), tuple(lines), tuple(polygons))


def shape_of_bbox(bbox: Sequence[float]) -> Shape:
    """West, south, east, north as one polygon, or two where the antimeridian is crossed."""
    west, south, east, north = bbox
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return Shape(polygons=tuple(([(w, south), (e, south), (e, north), (w, north), (w, south)],) for w, e in spans))


def intersects(one: Shape, other: Shape) -> bool:
    """Whether they have a point in common."""
    if not _boxes_meet(one, other):
        return False
    if any(_holds(other, point) for point in {*one.corners}) or any(_holds(one, point) for point in {*other.corners}):
        return True
    return any(_crossings(edge, other.edges, any_contact=True) for edge in one.edges)


def lies_within(one: Shape, area: Shape) -> bool:
    """Whether all of one lies in the area."""
    if not all(_holds(area, point) for point in {*one.corners}):
        return False
    borders = area.edges
    if not all(_holds(area, middle) for edge in one.edges for middle in _middles(edge, borders)):
        return False
    return not any(_is_gap(one, area, beside) for beside in _beside_borders(one, area))


def reaches_as_far(area: Shape, one: Shape) -> bool:
    """Whether an area reaches as far as a shape to the west, south, east and north."""
    mine, theirs = _bounds(one), _bounds(area)
    if mine is None or theirs is None:
        return False
    return theirs[0] <= mine[0] and theirs[1] <= mine[1] and theirs[2] >= mine[2] and theirs[3] >= mine[3]


def _simple(geometry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = geometry["type"]
    if kind == "GeometryCollection":
        for part in geometry["geometries"]:
            yield from _simple(part)
    elif kind.startswith("Multi"):
        for part in geometry["coordinates"]:
            yield kind.removeprefix("Multi"), part
    else:
        yield kind, geometry["coordinates"]


def _point(position: Sequence[float]) -> Point:
    return float(position[0]), float(position[1])


def _bounds(shape: Shape) -> tuple[float, float, float, float] | None:
    """West, south, east, north."""
    corners = shape.corners
    if not corners:
        return None
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _boxes_meet(one: Shape, other: Shape) -> bool:
    mine, theirs = _bounds(one), _bounds(other)
    if mine is None or theirs is None:
        return False
    return mine[0] <= theirs[2] and theirs[0] <= mine[2] and mine[1] <= theirs[3] and theirs[1] <= mine[3]


def _holds(shape: Shape, point: Point) -> bool:
    """Whether a point lies in the shape, its border included."""
    if point in shape.points or any(_is_on(point, edge) for edge in shape.lines):
        return True
    return any(_in_polygon(point, rings) for rings in shape.polygons)


def _in_polygon(point: Point, rings: Sequence[Ring]) -> bool:
    """Whether a point lies in the polygon or on its border."""
    if any(_is_on(point, edge) for ring in rings for edge in pairwise(ring)):
        return True
    return _in_ring(point, rings[0]) and not any(_in_ring(point, hole) for hole in rings[1:])


def _in_ring(point: Point, ring: Ring) -> bool:
    """By how often a ray to the east crosses the ring."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _is_on(point: Point, edge: Segment) -> bool:
    (x1, y1), (x2, y2) = edge
    x, y = point
    if x < min(x1, x2) - _SAME or x > max(x1, x2) + _SAME or y < min(y1, y2) - _SAME or y > max(y1, y2) + _SAME:
        return False
    return abs(_turn(edge[0], edge[1], point)) <= _SAME * (abs(x2 - x1) + abs(y2 - y1))


def _crossings(edge: Segment, others: Sequence[Segment], *, any_contact: bool = False) -> list[float]:
    """How far along an edge (0 to 1) others cross it, or begin or end on it."""
    (x1, y1), (x2, y2) = edge
    found: list[float] = []
    for start, end in others:
        here, there = _turn(start, end, edge[0]), _turn(start, end, edge[1])
        if (here > 0) != (there > 0) and (_turn(*edge, start) > 0) != (_turn(*edge, end) > 0):
            found.append(here / (here - there))
        for point in (start, end):
            if _is_on(point, edge):
                found.append(
                    (point[0] - x1) / (x2 - x1) if x1 != x2 else (point[1] - y1) / (y2 - y1) if y1 != y2 else 0
                )
        if any_contact and found:
            break
    return found


def _middles(edge: Segment, others: Sequence[Segment]) -> list[Point]:
    """The middle of each piece into which others cut an edge."""
    cuts = sorted({0.0, 1.0, *_crossings(edge, others)})
    (x1, y1), (x2, y2) = edge
    middles = [(low + high) / 2 for low, high in pairwise(cuts)]
    return [(x1 + at * (x2 - x1), y1 + at * (y2 - y1)) for at in middles]


def _beside_borders(one: Shape, area: Shape) -> Iterator[Point]:
    """Points on both sides of each piece of the area's border: a hole may begin there."""
    edges = one.edges
    for edge in area.edges:
        (x1, y1), (x2, y2) = edge
        length = math.hypot(x2 - x1, y2 - y1) or 1.0
        across, up = (y2 - y1) / length * _ASIDE, (x1 - x2) / length * _ASIDE
        for x, y in _middles(edge, edges):
            yield from ((x + across, y + up), (x - across, y - up))


def _is_gap(one: Shape, area: Shape, point: Point) -> bool:
    """Whether a point lies in the one and not in the area."""
    return any(_in_polygon(point, rings) for rings in one.polygons) and not _holds(area, point)
