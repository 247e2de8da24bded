"""Connected areas of masks, against scipy."""

import numpy as np
import pytest
import rasterio.features
from scipy import ndimage

from swath_converters.areas import areas, label

CROSSES = {4: None, 8: np.ones((3, 3))}


@pytest.mark.parametrize("connectivity", [4, 8])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.9, 1.0])
def test_areas_are_those_that_scipy_finds(connectivity: int, share: float):
    mask = np.random.default_rng(5).random((60, 83)) < share
    found = label(mask, connectivity=connectivity)
    expected, count = ndimage.label(mask, CROSSES[connectivity])
    assert found.max(initial=0) == count
    pairs = set(zip(found.ravel().tolist(), expected.ravel().tolist(), strict=True))
    assert len(pairs) == len(np.unique(expected))  # one number for one number


def test_numbers_follow_the_reading_order():
    mask = np.array([[0, 0, 1], [1, 0, 1], [0, 0, 0], [1, 1, 0]], np.uint8)
    assert label(mask).tolist() == [[0, 0, 1], [2, 0, 1], [0, 0, 0], [3, 3, 0]]


@pytest.mark.parametrize(("shape", "connectivity"), [((1, 2, 3), 8), ((2, 3), 6)])
def test_what_has_no_areas_is_refused(shape, connectivity: int):
    with pytest.raises(ValueError, match="height, width"):
        label(np.zeros(shape, bool), connectivity=connectivity)


def test_each_area_has_its_own_pixels():
    mask = np.random.default_rng(8).random((40, 50)) < 0.3
    found = areas(mask)
    assert sum(one.size for one in found) == np.count_nonzero(mask)
    for number, one in enumerate(found, 1):
        assert (label(mask)[one.rows, one.columns] == number).all()
        assert one.box == (one.columns.min(), one.rows.min(), one.columns.max() + 1, one.rows.max() + 1)


def test_an_empty_mask_has_no_areas():
    assert areas(np.zeros((3, 4))) == []


def test_outlines_cover_the_area_s_pixels_and_no_more():
    mask = np.random.default_rng(9).random((30, 31)) < 0.45
    for one in areas(mask):
        drawn = rasterio.features.rasterize([(one.outline(), 1)], out_shape=mask.shape, dtype=np.uint8)
        assert set(zip(*np.nonzero(drawn), strict=True)) == set(zip(one.rows, one.columns, strict=True))


def test_an_area_that_hangs_at_a_corner_is_outlined_as_two():
    (one,) = areas(np.eye(2))
    assert one.outline()["type"] == "MultiPolygon"
