"""`swath sample`, through its command line."""

import numpy as np
import pytest
import rasterio
from click.testing import CliRunner

from swath_testing.sample import sample
from swath_testing.scene import make_scene


def invoke(*arguments: object):
    return CliRunner().invoke(sample, [str(argument) for argument in arguments])


def test_a_sample_carries_what_a_product_carries(tmp_path):
    out = tmp_path / "scene.tif"
    result = invoke("--width", 60, "--height", 40, "--out", out)
    assert result.exit_code == 0, result.output
    with rasterio.open(out) as file:
        assert (file.width, file.height, file.dtypes) == (60, 40, ("uint16",) * 3)
        assert file.descriptions == ("B03", "B04", "B11")
        assert (file.scales, file.offsets, file.nodata) == ((0.0001,) * 3, (-0.1,) * 3, 0)
        assert file.crs.to_epsg() == 32631


def test_the_file_holds_the_scene_of_that_seed(tmp_path):
    out, truth = tmp_path / "scene.tif", tmp_path / "truth.tif"
    invoke("--width", 30, "--height", 20, "--bands", "B08, B02", "--seed", 4, "--out", out, "--truth", truth)
    scene = make_scene(30, 20, ("B08", "B02"), seed=4)
    with rasterio.open(out) as file:
        np.testing.assert_array_equal(file.read(), scene.image.array)
    with rasterio.open(truth) as file:
        np.testing.assert_array_equal(file.read(1), scene.truth)
        assert file.nodata == 255


def test_the_line_it_prints_says_what_was_made(tmp_path):
    result = invoke("--width", 30, "--height", 20, "--out", tmp_path / "scene.tif")
    assert "scene.tif: 30 × 20 px, B03 B04 B11" in result.output


def test_an_unknown_band_is_named_with_those_there_are(tmp_path):
    error = invoke("--bands", "B03,B99", "--out", tmp_path / "scene.tif").exception
    assert "B99" in str(error)
    assert "B11" in error.hint
    assert error.exit_code == 2


def test_a_folder_that_is_not_there_is_said(tmp_path):
    result = invoke("--width", 8, "--height", 8, "--out", tmp_path / "absent" / "scene.tif")
    assert result.exit_code != 0
    assert "absent" in result.output


@pytest.mark.parametrize("option", ["--width", "--height"])
def test_a_size_of_nothing_is_a_usage_error(option):
    assert invoke(option, 0).exit_code == 2
