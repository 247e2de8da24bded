"""The graph in model.onnx against the published formula, written here a second time, in numpy."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import yaml
from algorithms.conftest import load

GREEN, RED, SWIR = range(3)


def formula(reflectance: np.ndarray, threshold: float) -> np.ndarray:
    """float32 (3, height, width) -> bool (height, width); README.md of the algorithm says it in words."""
    green, red, swir = reflectance
    bright, whitish = green > np.float32(0.39), (green > np.float32(0.175)) & (green > red)
    return (swir > np.float32(threshold)) & (bright | whitish)


def run(model, reflectance: np.ndarray, threshold: float = 0.2) -> np.ndarray:
    answer = model.run({"reflectance": reflectance[None], "threshold": np.array(threshold, np.float32)})
    return answer["mask"][0, 0]


def pixel(model, green: float, red: float, swir: float, threshold: float = 0.2) -> int:
    return int(run(model, np.array([[[green]], [[red]], [[swir]]], np.float32), threshold)[0, 0])


@pytest.mark.parametrize("threshold", [0.0, 0.1, 0.2, 1.0])
def test_every_pixel_is_what_the_formula_says(cpu_model, threshold):
    reflectance = np.random.default_rng(1).uniform(-0.1, 1.2, (3, 211, 307)).astype(np.float32)
    np.testing.assert_array_equal(run(cpu_model, reflectance, threshold), formula(reflectance, threshold))


def test_every_corner_of_the_thresholds_is_what_the_formula_says(cpu_model):
    around = []
    for value in (0.0, 0.175, 0.2, 0.39):
        exact = np.float32(value)
        around += [np.nextafter(exact, np.float32(-1)), exact, np.nextafter(exact, np.float32(2))]
    reflectance = np.stack(np.meshgrid(around, around, around)).astype(np.float32).reshape(3, 12, -1)
    np.testing.assert_array_equal(run(cpu_model, reflectance), formula(reflectance, 0.2))


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (13, 7)])
def test_any_height_and_width_goes(cpu_model, shape):
    assert run(cpu_model, np.ones((3, *shape), np.float32)).shape == shape


def test_bright_white_pixel_is_cloud(cpu_model):
    assert pixel(cpu_model, green=0.54, red=0.53, swir=0.38) == 1


def test_snow_is_not_cloud(cpu_model):
    assert pixel(cpu_model, green=0.80, red=0.78, swir=0.08) == 0


def test_snow_is_cloud_without_the_test_of_short_wave_infrared(cpu_model):
    assert pixel(cpu_model, green=0.80, red=0.78, swir=0.08, threshold=0.0) == 1


def test_bare_soil_redder_than_green_is_not_cloud(cpu_model):
    assert pixel(cpu_model, green=0.25, red=0.30, swir=0.40) == 0


@pytest.mark.parametrize("band", [GREEN, RED, SWIR])
def test_nodata_in_any_band_is_nodata_in_the_mask(cpu_model, band):
    reflectance = np.full((3, 2, 2), 0.5, np.float32)
    reflectance[band, 0, 1] = np.nan
    mask = run(cpu_model, reflectance)
    assert mask[0, 1] == 255
    assert np.count_nonzero(mask == 255) == 1


def test_describe_names_the_hash_of_the_model(cloud_detection_folder: Path):
    described = yaml.safe_load((cloud_detection_folder / "describe.yml").read_text("utf-8"))["model"]
    content = (cloud_detection_folder / described["href"]).read_bytes()
    assert described["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_script_writes_the_model_byte_for_byte(cloud_detection_folder: Path):
    pytest.importorskip("onnx", reason="onnx writes the model; it is in the dependency group `test`")
    written = load(cloud_detection_folder / "make_model.py").make_model()
    committed = (cloud_detection_folder / "model.onnx").read_bytes()
    assert written.SerializeToString(deterministic=True) == committed
