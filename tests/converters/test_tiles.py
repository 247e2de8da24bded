"""An image in tiles, and back to one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from converters.rasters import DTYPES, UTM, assert_same, image, samples

from swath_converters import Image
from swath_converters.errors import ImageMalformed
from swath_converters.fit import (
    merge,
    tile_windows,
    tiles,
)
from swath_converters.window_grid import scaled


def plane(height: int = 60, width: int = 80, dtype: str = "float64", **facts: Any) -> Image:
    """A plane: 3 x - 2 y + 7 at the middle of each pixel, x and y in px."""
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    return Image((3 * columns - 2 * rows + 7)[None].astype(dtype), "EPSG:32631", UTM, **facts)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("join", ["crop", "blend"])
@pytest.mark.parametrize("overlap", [0, 5, 12])
def test_tiles_and_back_is_the_same_image(dtype: str, join: str, overlap: int):
    sent = image(dtype, height=61, width=47, mask=samples((1, 61, 47), "uint8")[0] > 40)
    assert_same(merge(tiles(sent, 20, 16, overlap), join=join), sent)


@pytest.mark.parametrize("size", [(100, 100, 30, 20, 7), (20, 20, 20, 20, 3), (5, 8, 20, 20, 3), (101, 7, 10, 7, 6)])
def test_cores_have_every_pixel_once_and_tiles_the_full_size(size: tuple[int, int, int, int, int]):
    width, height, tile_width, tile_height, overlap = size
    seen = np.zeros((height, width), int)
    found = tile_windows(*size)
    for window, core in found:
        assert (window.width, window.height) == (min(width, tile_width), min(height, tile_height))
        assert core.within(window) == core
        seen[core.slices] += 1
        for inner, outer, whole in (
            (core.x, window.x, 0),
            (core.y, window.y, 0),
            (window.right, core.right, width),
            (window.bottom, core.bottom, height),
        ):
            assert inner - outer >= overlap // 2 or whole in (outer, inner)
    assert (seen == 1).all()


def test_a_tile_knows_its_place():
    tile = list(tiles(image(height=60, width=60), 20, 20))[4]
    assert tile.image.transform == scaled(UTM, 1, 1, 20, 20)
    assert tile.image.array.base is not None


def test_results_of_tiles_merge_on_the_whole_grid():
    sent = image(height=61, width=47)
    results = [tile.with_result(tile.image.like(tile.image.array[0] > 99)) for tile in tiles(sent, 20, 16, 4)]
    merged = merge(reversed(results))
    np.testing.assert_array_equal(merged.array[0], sent.array[0] > 99)
    assert (merged.crs, merged.transform) == (sent.crs, sent.transform)


def test_blending_has_no_step_where_cropping_has_one():
    sent = Image(np.zeros((1, 10, 40), np.float32))
    values = iter((0.0, 1.0))
    parts = [
        tile.with_result(tile.image.like(np.full((10, 25), next(values), np.float32)))
        for tile in tiles(sent, 25, 11, 10)
    ]
    cropped, blended = (merge(parts, join=join).array[0, 0] for join in ("crop", "blend"))
    assert np.abs(np.diff(cropped)).max() == 1
    assert np.abs(np.diff(blended)).max() < 0.15
    assert (np.diff(blended) >= 0).all()


def test_blending_leaves_nodata_out():
    sent = Image(np.zeros((1, 10, 40), np.float32), nodata=-1)
    values = iter((5.0, -1.0))
    parts = [
        tile.with_result(tile.image.like(np.full((10, 25), next(values), np.float32), nodata=-1))
        for tile in tiles(sent, 25, 11, 10)
    ]
    assert set(np.unique(merge(parts, join="blend").array)) == {-1.0, 5.0}


def test_tiles_that_do_not_fit_together_are_refused():
    sent = image(height=60, width=60)
    parts = list(tiles(sent, 20, 20))
    with pytest.raises(ImageMalformed, match="no tiles"):
        merge([])
    with pytest.raises(ImageMalformed, match="leave pixels out"):
        merge(parts[1:])
    with pytest.raises(ImageMalformed, match="differ"):
        merge([parts[0].with_result(replace(parts[0].image, nodata=1)), *parts[1:]])
    with pytest.raises(ImageMalformed, match="not on a tile"):
        parts[0].with_result(sent)
    with pytest.raises(ValueError, match="overlap"):
        tile_windows(10, 10, 4, 4, 4)
