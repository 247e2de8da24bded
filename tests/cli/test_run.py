"""`swath run`: an algorithm called once, from files and values, into a folder of results."""

import json
from pathlib import Path

import numpy as np
import pytest
from conftest import FAKES, ROOT

from swath_algorithm.folder import open_algorithm
from swath_cli.main import run
from swath_converters import Image
from swath_converters.image import decode_image, encode_image
from swath_converters.policy import Policy
from swath_runtime.local import InputUnusable, payload_of
from swath_runtime.quicklook import quicklook

CLOUDS = ROOT / "algorithms" / "cloud-detection"
KINDS = """\
name: kinds
title: Kinds
version: 1.0.0
family: test
description: One input of each kind.
organization: Swath
email: tests@swath.example
resources: {cpu: 1, ram: 1000000}
input:
  type: object
  properties:
    image: {$ref: image/1}
    text: {type: string}
    number: {type: number}
    flag: {type: boolean}
    thing: {type: object}
    many: {type: array}
    roi: {$ref: geometry/1}
output:
  type: object
  properties: {}
"""
NAMES = ("image", "text", "number", "flag", "thing", "many", "roi")


@pytest.fixture
def kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an input of each kind; also the working directory, in which the files lie."""
    (tmp_path / "describe.yml").write_text(KINDS)
    (tmp_path / "process.py").write_text(f"def process({', '.join(f'{one}=None' for one in NAMES)}): ...\n")
    (tmp_path / "scene.tif").write_bytes(b"II*\0")
    (tmp_path / "5").write_text("a file that is called as a number is written")
    (tmp_path / "thing.json").write_text('{"a": [1]}')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_clouds_are_written_with_a_picture_on_the_grid_of_the_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(tmp_path)
    assert run(["sample", "--width", "96", "--height", "64", "--out", "scene.tif"]) == 0
    assert run(["run", str(CLOUDS), "--input", "image=scene.tif", "--input", "threshold=0.1", "--out", "result"]) == 0
    names = {"mask.tif", "mask.quicklook.png", "clouds.geojson", "result.json"}
    assert {one.name for one in (tmp_path / "result").iterdir()} == names
    out = capsys.readouterr().out
    assert all(f"wrote result/{name}" in out for name in names)

    scene, mask, look = (
        decode_image((tmp_path / name).read_bytes(), Policy())
        for name in ("scene.tif", "result/mask.tif", "result/mask.quicklook.png")
    )
    assert (mask.crs, mask.transform, mask.shape[1:]) == (scene.crs, scene.transform, scene.shape[1:])
    assert (mask.dtype, mask.nodata, mask.count) == (np.uint8, 255, 1)
    assert look.shape == (2, 64, 96)
    assert np.array_equal(look.array[1] == 0, mask.array[0] == 255)  # nodata is transparent
    result = json.loads((tmp_path / "result" / "result.json").read_text())
    assert result["mask"] == {"href": "mask.tif"}
    assert result["clouds"] == {"href": "clouds.geojson"}
    assert result["cloudFraction"] == pytest.approx(np.mean(mask.array[mask.array != 255]), abs=1e-6)
    assert json.loads((tmp_path / "result" / "clouds.geojson").read_text())["type"] == "FeatureCollection"


def test_a_value_is_read_as_its_schema_says_whatever_files_there_are(kinds: Path) -> None:
    given = ["text=5", "number=5", "flag=true", 'thing={"b": 1}', "many=[1, 2]"]
    payload = payload_of(given, open_algorithm(kinds))
    assert payload.document == {"text": "5", "number": 5, "flag": True, "thing": {"b": 1}, "many": [1, 2]}
    assert payload.parts == {}


def test_an_image_is_read_from_its_file_and_an_object_from_its_json(kinds: Path) -> None:
    payload = payload_of(["image=scene.tif", "thing=thing.json", "roi=thing.json"], open_algorithm(kinds))
    assert payload.document == {"image": "cid:image", "thing": {"a": [1]}, "roi": {"a": [1]}}
    assert payload.parts["image"].content == b"II*\0"


def test_a_file_may_lie_in_the_home_folder(kinds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(kinds))
    assert payload_of(["image=~/scene.tif"], open_algorithm(kinds)).parts["image"].filename == "scene.tif"


@pytest.mark.parametrize(
    "value", ["data:image/tiff;base64,SUkqAA==", "https://swath.example/a.tif", '{"data": "AA"}', "QUJD" * 400]
)
def test_an_image_may_be_given_as_its_wire_value(kinds: Path, value: str) -> None:
    payload = payload_of([f"image={value}"], open_algorithm(kinds))
    assert payload.document["image"] == (json.loads(value) if value[0] == "{" else value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["image=gone.tif"], "there is no file gone.tif"),
        (["image=gone"], "there is no file gone"),
        (["image=a/b c"], "there is no file a/b c"),
        (["nothing=1"], "write NAME=VALUE or NAME=FILE with an input of the algorithm"),
        (["text"], "write NAME=VALUE or NAME=FILE"),
        (["text=1", "text=2"], "text is given twice"),
        (["thing=scene.tif"], "not JSON: line 1, column 1"),
    ],
)
def test_what_can_not_be_an_input_is_refused(kinds: Path, given: list[str], says: str) -> None:
    with pytest.raises(InputUnusable) as caught:
        payload_of(given, open_algorithm(kinds))
    assert says in str(caught.value)
    assert caught.value.exit_code == 2
    assert caught.value.hint


def _look(image: Image) -> Image:
    return decode_image(quicklook(image), Policy())


@pytest.mark.parametrize(
    "array",
    [
        np.array([[[0, 1, 255]]], "uint8"),
        np.array([[[-30, 0, 30]]], "int16"),
        np.array([[[-128, 0, 127]]], "int8"),
        np.array([[[-1e38, 0, 3e38]]], "float32"),
        np.array([[[1e-12, 2e-12, 9e-12]]], "float64"),
        np.array([[[0, 1j, 2 + 2j]]], "complex64"),
    ],
    ids=lambda array: str(array.dtype),
)
def test_a_picture_is_brighter_where_the_value_is_greater(array: np.ndarray) -> None:
    look = _look(Image(array))
    dark, middle, bright = look.array[0, 0].astype(int)
    assert (dark, bright) == (0, 255)
    assert dark <= middle <= bright
    assert (look.array[1] == 255).all()


@pytest.mark.parametrize(
    "array",
    [
        np.array([[[np.nan, 5.0]]], "float32"),
        np.array([[[np.inf, 5.0]]], "float64"),
        np.array([[[1e300, 5.0]]], "float64"),
        np.full((1, 1, 2), np.nan, "float32"),
        np.full((1, 1, 2), 7, "uint8"),
    ],
)
def test_a_picture_is_made_of_every_image(array: np.ndarray) -> None:
    look = _look(Image(array))
    assert np.array_equal(look.array[1] == 255, np.isfinite(array[0]) & (np.abs(array[0]) < 1e38))


def test_a_picture_has_three_bands_of_more_and_at_most_1024_pixels_a_side() -> None:
    look = _look(Image(np.zeros((5, 3000, 2), "uint8")))
    assert look.count == 4
    assert 512 <= look.height <= 1024
    assert encode_image(look, "image/png")


def test_a_list_of_images_is_given_one_by_one_and_written_as_its_schema_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "a.tif", tmp_path / "b.tif"]
    for value, file in enumerate(files):
        file.write_bytes(encode_image(Image(np.full((1, 2, 2), value, "uint8"))))
    given = [argument for file in files for argument in ("--input", f"images={file}")]
    assert run(["run", str(FAKES / "reversed_list"), *given, "--out", str(tmp_path / "out"), "--json"]) == 0
    written = [Path(one).name for one in json.loads(capsys.readouterr().out)["written"]]
    assert written == [
        "images-0.npz",
        "images-0.quicklook.png",
        "images-1.npz",
        "images-1.quicklook.png",
        "result.json",
    ]
    assert decode_image((tmp_path / "out" / "images-0.npz").read_bytes(), Policy()).array.max() == 1


def test_an_image_of_a_list_that_is_no_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["run", str(FAKES / "reversed_list"), "--input", "images=gone.tif", "--out", str(tmp_path)]) == 2
    assert "there is no file gone.tif" in capsys.readouterr().err
