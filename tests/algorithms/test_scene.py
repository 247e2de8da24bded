"""What `make_scene` promises to whoever builds a test on it."""

import numpy as np
import pytest

from swath_testing.scene import CLEAR, CLOUD, NODATA, UnknownBand, make_scene


def test_same_arguments_give_the_same_pixels():
    first, again = make_scene(70, 300, seed=3), make_scene(70, 300, seed=3)
    np.testing.assert_array_equal(first.image.array, again.image.array)
    np.testing.assert_array_equal(first.truth, again.truth)


def test_another_seed_gives_another_scene():
    assert not np.array_equal(make_scene(64, 64, seed=1).truth, make_scene(64, 64, seed=2).truth)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (7, 13), (1, 300), (300, 1), (513, 257)])
def test_any_size_can_be_had(width, height):
    scene = make_scene(width, height, ("B03", "B04"))
    assert scene.image.shape == (2, height, width)
    assert scene.truth.shape == (height, width)


def test_a_scene_says_what_its_numbers_mean():
    image = make_scene(32, 32, ("B11", "B03")).image
    assert image.dtype == np.uint16
    assert image.band_names == ("B11", "B03")
    assert (image.scales, image.offsets, image.nodata) == ((0.0001,) * 2, (-0.1,) * 2, 0)
    assert image.crs == "EPSG:32631"
    assert (image.transform.a, image.transform.e) == (10.0, -10.0)


def test_nodata_is_nodata_in_every_band_and_in_the_truth():
    scene = make_scene(200, 200)
    missing = scene.image.array == 0
    np.testing.assert_array_equal(missing, np.broadcast_to(scene.truth == NODATA, missing.shape))
    assert 0.05 < np.mean(scene.truth == NODATA) < 0.15


def test_a_scene_without_border_has_no_nodata():
    scene = make_scene(200, 200, border=False)
    assert scene.image.array.min() > 0
    assert set(np.unique(scene.truth)) == {CLEAR, CLOUD}


@pytest.mark.parametrize(("cloud_cover", "fraction"), [(0.0, 0.0), (1.0, 1.0)])
def test_cloud_cover_reaches_from_nothing_to_all(cloud_cover, fraction):
    # Half an edge of 0.05 stays on either side.
    assert make_scene(200, 200, cloud_cover=cloud_cover).cloud_fraction == pytest.approx(fraction, abs=0.05)


def test_a_scene_holds_snow_as_bright_as_clouds():
    scene = make_scene(512, 512, ("B03", "B11"))
    green, swir = scene.image.physical()
    assert np.count_nonzero((green > 0.6) & (swir < 0.15) & (scene.truth == CLEAR)) > 1000


def test_a_band_that_no_scene_has_is_named_with_those_there_are():
    with pytest.raises(UnknownBand, match="B99") as caught:
        make_scene(8, 8, ("B03", "B99"))
    assert "B11" in caught.value.hint
