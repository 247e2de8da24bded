"""`swath registry match`, as people type it."""

import json
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from swath_registry.cli import registry
from swath_registry.errors import RegistryError
from swath_registry.matching.reading import HEADER_READERS, InputUnknown, NoHeaderReader, NotValid

ALGORITHMS = Path(__file__).parents[3] / "algorithms"
SCENE = {"href": "a.tif", "mediaType": "image/tiff", "dataType": "uint8", "gsd": 10, "size": {"width": 9, "height": 9}}
BAND = {"name": "B04", "eo:common_name": "red"}


def run(*arguments: Any) -> Result:
    return CliRunner().invoke(registry, ["match", *map(str, arguments)])


@pytest.fixture
def written(tmp_path: Path):
    def write(name: str, document: Any) -> Path:
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return path

    return write


def stac(*assets: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "stac_version": "1.1.0",
        "id": "x",
        "geometry": None,
        "properties": {"datetime": "2026-05-01T00:00:00Z", "providers": []},
        "assets": {name: {"href": f"{name}.tif", "type": "image/tiff", "bands": [BAND]} for name in assets},
        "links": [],
    }


@pytest.mark.parametrize(
    ("capabilities", "code", "word"),
    [
        ({"dataTypes": ["uint8"]}, 0, "accept"),
        ({"dataTypes": ["uint16"]}, 1, "reject"),
        ({"cloudCover": {"max": 5}}, 4, "unknown"),
    ],
)
def test_the_verdict_is_the_first_word_and_the_exit_code(written: Any, capabilities: Any, code: int, word: str):
    done = run(written("scene.json", SCENE), written("capabilities.json", capabilities))
    assert (done.exit_code, done.stdout.splitlines()[0]) == (code, word)


def test_what_fails_and_what_helps_is_said(written: Any):
    done = run(written("scene.json", SCENE), written("wanted.yml", "dataTypes: [uint16]\ncloudCover: {max: 5}\n"))
    assert "/dataTypes  data type: uint16 is asked for; the image has uint8" in done.stdout
    assert "1. cast: dataType uint16, rounding exact (for dataTypes)" in done.stdout
    assert "what would decide it: /acquisition/cloudCover" in done.stdout


def test_what_no_conversion_helps_is_said(written: Any):
    done = run(written("scene.json", SCENE), written("wanted.json", {"gsd": {"max": 5}}))
    assert "no conversion makes it fit:\n  gsd: Its pixels would have to be finer" in done.stdout


def test_filters_that_hold_are_shown_when_asked_for(written: Any):
    files = written("scene.json", SCENE), written("wanted.json", {"dataTypes": ["uint8"]})
    assert "holds" not in run(*files).stdout
    assert "holds    /dataTypes  data type: uint8, as asked (uint8)" in run(*files, "--all").stdout


def test_json_is_the_whole_match(written: Any):
    done = run(written("scene.json", SCENE), written("wanted.json", {"gsd": {"min": 20}}), "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["verdict"], found["after"]) == (1, "reject", "accept")
    assert found["steps"][0]["operation"] == "resample"


def test_a_stac_item_is_an_image_and_what_was_left_out_is_counted(written: Any):
    wanted = written("wanted.json", {"bands": {"allOf": [{"commonName": "red"}]}})
    done = run(written("item.json", stac("red")), wanted)
    assert done.exit_code == 0 and "see --all" in done.stderr
    assert (
        "/properties/providers: An image has no member for it."
        in run(written("item.json", stac("red")), wanted, "--all").stderr
    )
    several = written("items.json", stac("red", "nir"))
    assert run(several, wanted, "--asset", "nir").exit_code == 0
    refused = run(several, wanted).exception
    assert isinstance(refused, RegistryError) and refused.exit_code == 2 and "red, nir" in str(refused)


def test_a_service_is_known_by_its_describe_document(written: Any):
    describe = ALGORITHMS / "cloud-detection" / "describe.yml"
    scene = SCENE | {"dataType": "uint16", "bands": [{"name": name} for name in ("B11", "B04", "B03")]}
    done = run(written("scene.json", scene), describe)
    assert done.exit_code == 0 and "bands to read, counted from 0: 2, 1, 0" in done.stdout
    assert run(written("scene.json", scene), describe, "--input", "image").exit_code == 0
    unknown = run(written("scene.json", scene), describe, "--input", "picture").exception
    assert isinstance(unknown, InputUnknown) and unknown.exit_code == 2 and "image" in str(unknown)


def test_capabilities_of_an_input_are_found_in_inputcapabilities(written: Any):
    service = {"inputs": {"image": {"capabilities": {"gsd": {"max": 10}}}, "other": {"kind": "literal"}}}
    assert run(written("scene.json", SCENE), written("service.json", service)).exit_code == 0


@pytest.mark.skipif(not entry_points(group=HEADER_READERS), reason="no distribution here reads raster files")
def test_a_raster_file_is_judged_by_its_header(tmp_path: Path, written: Any):
    np = pytest.importorskip("numpy")
    path = tmp_path / "scene.npy"
    np.save(path, np.zeros((2, 4, 5), np.float32))
    wanted = {
        "dataTypes": ["float32"],
        "width": {"max": 5},
        "bandCount": {"min": 2},
        "mediaTypes": ["application/x-npy"],
    }
    assert run(path, written("wanted.json", wanted)).exit_code == 0


def test_without_a_reader_of_rasters_the_environment_lacks_it(written: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("swath_registry.matching.reading.entry_points", lambda group: ())
    refused = run(written("scene.tif", "II*"), written("wanted.json", {})).exception
    assert isinstance(refused, NoHeaderReader) and refused.exit_code == 3 and "swath-converters" in refused.hint


def test_an_invalid_document_is_told_line_by_line(written: Any):
    refused = run(written("scene.json", SCENE | {"gsd": -1}), written("wanted.json", {})).exception
    assert isinstance(refused, NotValid) and "scene.json:1:" in str(refused) and "/gsd" in str(refused)
    assert isinstance(run(written("scene.json", SCENE), written("wanted.json", {"gsd": 3})).exception, NotValid)
