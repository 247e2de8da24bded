"""What is said of an image's pixels, told of a part of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .control import GroundControlPoint, Rpcs
from .memory import PER_BAND, Image
from .window_grid import Grid, PixelWindow, moved

_Scale = tuple[float, float]


def grid_of(image: Image) -> Grid:
    """The grid that an image's pixels are on."""
    return Grid(image.width, image.height, image.crs, image.transform)


def cropped(image: Image, window: PixelWindow) -> Image:
    """The pixels of a window that lies in the image: views of array and mask, georeferencing moved to them."""
    rows, columns = window.slices
    facts = moved_facts(
        {"transform": image.transform, "gcps": image.gcps, "rpcs": image.rpcs}, window, (window.height, window.width)
    )
    mask = None if image.mask is None else image.mask[rows, columns]
    return replace(image, array=image.array[:, rows, columns], mask=mask, **facts)


def chosen_facts(facts: dict[str, Any], indexes: Sequence[int], count: int) -> dict[str, Any]:
    """Arguments of `Image`, of those of its bands that are chosen by indexes from 0; `count`: bands there are."""
    if list(indexes) == list(range(count)):
        return facts
    said = {name: tuple(facts[name][index] for index in indexes) for name in PER_BAND if facts.get(name)}
    if isinstance(facts.get("nodata"), tuple):
        said["nodata"] = tuple(facts["nodata"][index] for index in indexes)
    return facts | said | {"color_map": facts.get("color_map") if len(indexes) == 1 == count else None}


def moved_facts(facts: dict[str, Any], window: PixelWindow, shape: tuple[int, int]) -> dict[str, Any]:
    """Arguments of `Image` with transform, control points and RPCs of a window, shown in `shape` rows and columns.

    Control points outside the window stay: a polynomial through all of them is the same as before.
    """
    scale = (shape[1] / window.width, shape[0] / window.height)
    transform, rpcs = facts.get("transform"), facts.get("rpcs")
    return facts | {
        "transform": None if transform is None else moved(transform, window, shape[1], shape[0]),
        "gcps": tuple(_moved_point(point, window, scale) for point in facts.get("gcps", ())),
        "rpcs": None if rpcs is None else _moved_rpcs(rpcs, window, scale),
    }


def _moved_point(point: GroundControlPoint, window: PixelWindow, scale: _Scale) -> GroundControlPoint:
    return replace(point, column=(point.column - window.x) * scale[0], row=(point.row - window.y) * scale[1])


def _moved_rpcs(rpcs: Rpcs, window: PixelWindow, scale: _Scale) -> Rpcs:
    """RPCs count lines and samples from the middle of the first pixel, half a pixel inside its corner."""
    return replace(
        rpcs,
        samp_off=(rpcs.samp_off + 0.5 - window.x) * scale[0] - 0.5,
        line_off=(rpcs.line_off + 0.5 - window.y) * scale[1] - 0.5,
        samp_scale=rpcs.samp_scale * scale[0],
        line_scale=rpcs.line_scale * scale[1],
    )
