"""Generated inputs: what a service must never do is found, written down, and found again."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT

from swath_algorithm.folder import open_algorithm
from swath_cli.main import run
from swath_converters import Image
from swath_converters.image import decode_image
from swath_converters.policy import Policy
from swath_registry.validation import Validator
from swath_runtime.server import installed_runtimes
from swath_testing.generate import Generator, Known
from swath_testing.invented import invent_image, invent_size
from swath_testing.properties import wire

NOTHING = Known((), {})
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "share": {"type": "number", "minimum": 0, "maximum": 1},
        "count": {"type": "integer", "exclusiveMinimum": 0, "maximum": 20, "multipleOf": 5},
        "name": {"type": "string", "minLength": 2, "maxLength": 4},
        "kind": {"enum": ["a", "b"]},
        "either": {"oneOf": [{"type": "boolean"}, {"type": "null"}]},
        "list": {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 2},
        "inner": {"type": "object", "properties": {"x": {"const": 1}}, "required": ["x"]},
        "area": {"$ref": "https://schemas.swath.example/roi/1.0.0"},
    },
    "required": ["share"],
    "additionalProperties": False,
}


def documents(count: int = 200, seed: int = 0) -> list[dict[str, Any]]:
    generator = Generator({"input": SCHEMA}, NOTHING, seed)
    return [generator.document() for _ in range(count)]


def change(folder: Path, old: str, new: str) -> None:
    path = folder / "process.py"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_the_same_seed_makes_the_same_inputs() -> None:
    assert documents(50, 7) == documents(50, 7)
    assert documents(50, 7) != documents(50, 8)


def test_most_inputs_are_valid_and_some_are_not() -> None:
    validator = Validator(SCHEMA)
    share = np.mean([validator.is_valid(one) for one in documents()])
    assert 0.6 < share < 0.95


def test_bounds_and_absence_are_among_them() -> None:
    made = documents()
    shares = {one.get("share") for one in made if isinstance(one.get("share"), float)}
    assert {0.0, 1.0} <= shares
    assert {5, 20} <= {one["count"] for one in made if isinstance(one.get("count"), int)}
    for name in SCHEMA["properties"]:
        assert {name in one for one in made} == {True, False}


def test_images_fit_the_capabilities() -> None:
    random = np.random.default_rng(0)
    asked = {
        "dataTypes": ["uint16", "float32"],
        "bandCount": {"min": 2, "max": 3},
        "bands": {"allOf": [{"name": "B04"}, {"commonName": "nir"}]},
        "width": {"min": 2, "max": 50},
        "height": {"max": 1},
    }
    for _ in range(100):
        made = decode_image(invent_image(random, asked, invent_size(random, asked)), Policy())
        assert made.array.dtype.name in asked["dataTypes"]
        assert 2 <= made.count <= 3
        assert made.band_names[:2] == ("B04", "nir")
        assert 2 <= made.width <= 50
        assert made.height == 1


def test_images_are_of_one_pixel_of_many_kinds_and_without_a_number() -> None:
    random = np.random.default_rng(0)
    made = [decode_image(invent_image(random, {}, invent_size(random, {})), Policy()) for _ in range(300)]
    assert (1, 1) in {(one.height, one.width) for one in made}
    assert len({one.array.dtype.name for one in made}) == 7
    assert any(one.array.dtype.kind == "f" and np.isnan(one.array).any() for one in made)
    assert any(one.nodata is None for one in made)
    assert any(one.nodata is not None for one in made)


def test_known_images_are_cut_with_what_is_known_of_them() -> None:
    random = np.random.default_rng(0)
    known = Image(np.arange(200, dtype=np.uint16).reshape(2, 10, 10), crs="EPSG:32631", band_names=("a", "b"), nodata=0)
    cut = [decode_image(invent_image(random, {}, (3, 400), [known]), Policy()) for _ in range(20)]
    ours = [one for one in cut if one.crs]
    assert ours
    assert {(one.height, one.width, one.band_names) for one in ours} == {(3, 10, ("a", "b"))}


@pytest.mark.parametrize("name", ["cloud-detection", "tile-object-detection", "spectral-index"])
def test_shipped_algorithms_hold_what_is_promised(name: str, tmp_path: Path) -> None:
    folder = ROOT / "algorithms" / name
    assert run(["test", str(folder), "--property", "30", "--failures", str(tmp_path)]) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_same_holds_over_http(grayscale: Path, tmp_path: Path) -> None:
    place = sorted(installed_runtimes())[0]
    failures = tmp_path / "failures"
    assert run(["test", str(grayscale), "--on", place, "--property", "30", "--failures", str(failures)]) == 0


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    red, green, blue = image.array", "    red, green, blue = image.array[:, 1, 0]", "500"),
        ("np.rint(brightness)", "np.rint(brightness + np.random.rand() * 50)", "another answer to the same input"),
    ],
)
def test_a_broken_promise_is_told_and_can_be_replayed(
    grayscale: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, says: str
) -> None:
    change(grayscale, old, new)
    failures = tmp_path / "failures"
    assert run(["test", str(grayscale), "--property", "40", "--failures", str(failures)]) == 1
    assert says in capsys.readouterr().out
    examples = (one for one in sorted(failures.iterdir()) if (one / "input.json").is_file())
    kept = next(one for one in examples if says in (one / "why.txt").read_text())
    kept.rename(grayscale / "examples" / "found")
    assert open_algorithm(grayscale).name == "grayscale"  # its examples are well-formed


def test_a_folder_without_examples_does_not_pass_by_generated_inputs_alone(grayscale: Path, tmp_path: Path) -> None:
    (grayscale / "examples").rename(tmp_path / "away")
    assert run(["test", str(grayscale), "--property", "3", "--failures", str(tmp_path / "f")]) == 1


def test_generated_inputs_are_in_the_json_report(grayscale: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(grayscale), "--property", "3", "--seed", "5", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)["results"]
    assert results[-1]["case"].startswith("3 of 3 generated inputs, seed 5")


def test_files_are_sent_as_base64() -> None:
    assert wire({"a": [b"abc"], "b": {"c": b""}, "d": 1}) == {"a": ["YWJj"], "b": {"c": ""}, "d": 1}
