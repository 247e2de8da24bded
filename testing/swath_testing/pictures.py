"""Pictures for a report: where two images differ, and GeoJSON drawn."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_converters.image import encode_image
from swath_runtime.quicklook import LONGEST_SIDE_PX
from swath_testing.distance import is_geometry
from swath_testing.pixels import equal_pixels
from swath_testing.tolerances import Tolerance

DIFFERENT, ALIKE = (215, 25, 28, 255), (128, 128, 128, 48)  # red, and a pale grey on light and dark alike
MOST_GEOMETRIES = 5000
SIDE = 400  # of a drawing, in its own units


def difference_picture(expected: Image, actual: Image, tolerance: Tolerance) -> tuple[bytes, float] | None:
    """(PNG, share of the pixels that differ in any band, 0 to 1); None where the images have no common shape.

    Red is where they differ by more than `abs` and `rel` allow. A picture pixel is red if any that it stands for is.
    """
    if expected.shape != actual.shape or not expected.array.size:
        return None
    differs = np.asarray(~equal_pixels(expected.array, actual.array, tolerance).all(axis=0))
    step = max(1, -(-max(differs.shape) // LONGEST_SIDE_PX))
    shown = np.where(_pooled(differs, step), *(np.array(one, np.uint8)[:, None, None] for one in (DIFFERENT, ALIKE)))
    return encode_image(Image(shown), "image/png"), float(differs.mean())


def _pooled(differs: NDArray[np.bool_], step: int) -> NDArray[np.bool_]:
    height, width = (-(-side // step) for side in differs.shape)
    padded = np.zeros((height * step, width * step), bool)
    padded[: differs.shape[0], : differs.shape[1]] = differs
    return cast(NDArray[np.bool_], padded.reshape(height, step, width, step).any(axis=(1, 3)))


def is_drawable(value: Any) -> bool:
    """True for GeoJSON: a geometry, a Feature or a FeatureCollection."""
    return next(_geometries(value), None) is not None


def drawing(layers: Sequence[tuple[str, Any]], *, is_north_up: bool) -> str:
    """SVG of GeoJSON values over each other, each with its CSS class; "" where there is nothing to draw.

    The second coordinate grows upwards where `is_north_up` (latitude), else downwards (rows).
    """
    drawn = [(name, [_parts(one) for one in _first(value)]) for name, value in layers]
    points = [point for _, shapes in drawn for parts in shapes for part in parts for point in part]
    if not points:
        return ""
    corners = np.array(points, np.float64)
    low, extent = corners.min(axis=0), float(np.ptp(corners, axis=0).max()) or 1.0
    size = np.ptp(corners, axis=0) / extent * SIDE
    groups: list[str] = []
    for name, shapes in drawn:
        paths = "".join(_path(parts, low, extent, float(size[1]) if is_north_up else None) for parts in shapes)
        groups.append(f'<g class="{name}">{paths}</g>')
    box = f"-8 -8 {size[0] + 16:.2f} {size[1] + 16:.2f}"
    return f'<svg viewBox="{box}" role="img" aria-label="outlines over each other">{"".join(groups)}</svg>'


def _first(value: Any) -> list[Mapping[str, Any]]:
    return [one for _, one in zip(range(MOST_GEOMETRIES), _geometries(value), strict=False)]


def _geometries(value: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        return
    members = cast(Mapping[str, Any], value)
    if members.get("type") == "FeatureCollection":
        for one in members.get("features", ()):
            yield from _geometries(one)
    elif members.get("type") == "Feature":
        yield from _geometries(members.get("geometry"))
    elif members.get("type") == "GeometryCollection":
        for one in members.get("geometries", ()):
            yield from _geometries(one)
    elif is_geometry(members) and members.get("coordinates"):
        yield members


def _parts(geometry: Mapping[str, Any]) -> list[list[tuple[float, float]]]:
    """Paths of a geometry: a point is a path of one place."""
    found: list[list[tuple[float, float]]] = []
    lone = geometry["type"] in {"Point", "MultiPoint"}

    def walk(value: Any) -> None:
        if isinstance(value[0], int | float):
            found.append([(float(value[0]), float(value[1]))])
        elif not lone and value and isinstance(value[0][0], int | float):
            found.append([(float(one[0]), float(one[1])) for one in value])
        else:
            for one in value:
                if one:
                    walk(one)

    walk(geometry["coordinates"])
    return found


def _path(parts: list[list[tuple[float, float]]], low: NDArray[np.float64], extent: float, height: float | None) -> str:
    drawn: list[str] = []
    for part in parts:
        places = (np.array(part) - low) / extent * SIDE
        if height is not None:
            places[:, 1] = height - places[:, 1]
        if len(part) == 1:
            drawn.append(f'<circle cx="{places[0, 0]:.2f}" cy="{places[0, 1]:.2f}" r="4"/>')
        else:
            drawn.append(f'<path d="M{" L".join(f"{x:.2f} {y:.2f}" for x, y in places)}"/>')
    return "".join(drawn)
