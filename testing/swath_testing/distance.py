"""How far two GeoJSON geometries lie apart: the Hausdorff distance of their points, lines and outlines.

It is the longest way from any place of the one to the closest place of the other. Edges count as a whole, not only
their vertices; of a polygon its rings count, not what they enclose. Where a line has a vertex more, or a ring begins
elsewhere, nothing differs.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
SEMI_MAJOR_M, FLATTENING = 6_378_137.0, 1 / 298.257223563  # WGS 84 (NGA.STND.0036)
LONGEST_EDGE_DEG = 0.02  # an edge of that length bends 0.1 m from its chord, s²/8R
MOST_PAIRS = 4_000_000  # distances at a time: 32 MB for each array of them


def geometry_distance(expected: Mapping[str, Any], actual: Mapping[str, Any], *, in_metres: bool = False) -> float:
    """Hausdorff distance of two geometries, good to a millionth of it.

    In the units of the coordinates, or with `in_metres` through WGS 84, where the coordinates are longitude and
    latitude in degrees (good to 0.1 m). A third coordinate doesn't count. 0 where both are empty, infinite where one
    is.
    """
    left, right = _edges(expected, in_metres), _edges(actual, in_metres)
    if not (len(left) and len(right)):
        return 0.0 if len(left) == len(right) else np.inf
    return max(_farthest(left, right), _farthest(right, left))


def is_geometry(value: Any) -> bool:
    """True for a GeoJSON geometry; not for a Feature."""
    return isinstance(value, Mapping) and value.get("type") in GEOMETRIES  # pyright: ignore[reportUnknownMemberType]


def _edges(geometry: Mapping[str, Any], in_metres: bool) -> NDArray[np.float64]:
    """Edges, (edges, 2 ends, 2 or 3 coordinates); a lone point is an edge without length."""
    edges = [_edges_of(path, in_metres) for path in _paths(geometry) if len(path)]
    return np.concatenate(edges) if edges else np.zeros((0, 2, 2))


def _paths(geometry: Mapping[str, Any]) -> Iterator[Points]:
    if geometry["type"] == "GeometryCollection":
        for one in geometry.get("geometries", ()):
            yield from _paths(one)
        return
    depth = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
    coordinates: Any = geometry.get("coordinates") or []
    if geometry["type"] == "MultiPoint":
        yield from (_points([one]) for one in coordinates)
    else:
        yield from _leaves(coordinates, depth[geometry["type"]])


def _leaves(coordinates: Any, depth: int) -> Iterator[Points]:
    if depth <= 1:
        yield _points(coordinates if depth else [coordinates] if coordinates else [])
        return
    for one in coordinates:
        yield from _leaves(one, depth - 1)


def _points(positions: Any) -> Points:
    return np.array([position[:2] for position in positions], np.float64).reshape(-1, 2)


def _edges_of(path: Points, in_metres: bool) -> NDArray[np.float64]:
    dense = _on_ellipsoid(_cut(path)) if in_metres else path
    return np.stack([dense, dense] if len(dense) == 1 else [dense[:-1], dense[1:]], axis=1)


def _cut(path: Points) -> Points:
    """The path with further points on its edges, which are straight in longitude and latitude (RFC 7946, 3.1.1)."""
    pieces = [path[:1]]
    for start, end in pairwise(path):
        count = max(1, int(np.ceil(np.abs(end - start).max() / LONGEST_EDGE_DEG)))
        pieces.append(start + (end - start) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(pieces)


def _on_ellipsoid(degrees: Points) -> Points:
    """Earth-centred coordinates, metres: distances need no projection, and nothing breaks at 180 degrees or a pole."""
    longitude, latitude = np.radians(degrees).T
    squared = FLATTENING * (2 - FLATTENING)
    radius = SEMI_MAJOR_M / np.sqrt(1 - squared * np.sin(latitude) ** 2)
    x, y = radius * np.cos(latitude) * np.cos(longitude), radius * np.cos(latitude) * np.sin(longitude)
    return np.stack([x, y, radius * (1 - squared) * np.sin(latitude)], axis=1)


def _farthest(edges: NDArray[np.float64], others: NDArray[np.float64]) -> float:
    """The longest way from a place on `edges` to `others`.

    An edge is halved as long as its middle may be farther away than what was found. No place of it can be farther than
    the mean of its ends' distances and its length, nor than its ends are from one single other edge, which is convex.
    """
    found = 0.0
    while len(edges):
        ends, bound = _measured(edges, others)
        found = max(found, float(ends.max()))
        open_ones = edges[bound > found * (1 + 1e-6) + 1e-12]
        middle = open_ones.mean(axis=1)
        halves = [np.stack([open_ones[:, 0], middle], 1), np.stack([middle, open_ones[:, 1]], 1)]
        edges = np.concatenate(halves)
    return found


def _measured(edges: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[Points, Points]:
    """Distance of the farther end of each edge, and what no place of it exceeds."""
    size = max(1, MOST_PAIRS // len(others))
    parts = [_measured_few(edges[at : at + size], others) for at in range(0, len(edges), size)]
    return np.concatenate([one for one, _ in parts]), np.concatenate([one for _, one in parts])


def _measured_few(edges: NDArray[np.float64], others: NDArray[np.float64]) -> tuple[Points, Points]:
    start, end = _to_edges(edges[:, 0], others), _to_edges(edges[:, 1], others)
    nearest_start, nearest_end = start.min(axis=1), end.min(axis=1)
    length = np.linalg.norm(edges[:, 1] - edges[:, 0], axis=1)
    by_one = np.maximum(start, end).min(axis=1)
    bound = np.minimum(by_one, (nearest_start + nearest_end + length) / 2)
    return np.maximum(nearest_start, nearest_end), cast(Points, bound)


def _to_edges(points: Points, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances from points to edges, (points, edges)."""
    origin, along = edges[:, 0], edges[:, 1] - edges[:, 0]
    length_squared = (along**2).sum(axis=1)
    offset = points @ along.T - (origin * along).sum(axis=1)
    share = np.clip(offset / np.where(length_squared > 0, length_squared, 1), 0, 1)
    squared = np.zeros_like(share)
    for axis in range(points.shape[1]):
        squared += (points[:, axis, None] - origin[:, axis] - share * along[:, axis]) ** 2
    return np.sqrt(squared)
