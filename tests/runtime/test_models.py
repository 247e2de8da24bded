"""A model that describe.yml names by URI: fetched once, then known, and refused where it is another."""

import json
import re
import shutil
from pathlib import Path

import pytest
from converters.remote.web import serving
from converters.resources.lenders import Lender

from swath_cli.main import run

CLOUDS = Path(__file__).parents[2] / "algorithms" / "cloud-detection"
MODEL = (CLOUDS / "model.onnx").read_bytes()


@pytest.fixture
def clouds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cloud detection without its model."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("SWATH_CACHE", str(tmp_path / "cache"))
    ignored = shutil.ignore_patterns("model.onnx", "__pycache__")
    return Path(shutil.copytree(CLOUDS, tmp_path / "clouds", ignore=ignored))


def name_model(folder: Path, href: str) -> None:
    text = (folder / "describe.yml").read_text()
    (folder / "describe.yml").write_text(re.sub(r"href: model\.onnx", f"href: {href}", text))


def _run(folder: Path, out: Path) -> int:
    scene = folder / "examples" / "scene" / "scene.tif"
    return run(["run", str(folder), "--input", f"image={scene}", "--out", str(out)])


def test_a_model_by_uri_is_fetched_once(clouds: Path, tmp_path: Path) -> None:
    with serving(Lender(content=MODEL)) as web:
        name_model(clouds, f"{web.origin}/models/clouds.onnx")
        assert _run(clouds, tmp_path / "out") == 0
        assert _run(clouds, tmp_path / "out") == 0
        assert len(web.requests) == 1
    assert _run(clouds, tmp_path / "out") == 0  # nobody answers any more
    assert json.loads((tmp_path / "out" / "result.json").read_text())["cloudFraction"] > 0


def test_another_file_than_the_one_declared_is_refused(
    clouds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(Lender(content=b"another model")) as web:
        name_model(clouds, f"{web.origin}/models/clouds.onnx")
        assert _run(clouds, tmp_path / "out") == 1
    assert "its SHA-256 is not the one declared" in capsys.readouterr().err


def test_a_model_that_is_not_there_is_named(clouds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda handler: handler.reply(404)) as web:
        name_model(clouds, f"{web.origin}/models/clouds.onnx")
        assert _run(clouds, tmp_path / "out") == 3
    assert "/models/clouds.onnx: it is not there" in capsys.readouterr().err


def test_a_copy_beside_the_description_needs_no_network(clouds: Path, tmp_path: Path) -> None:
    name_model(clouds, "https://models.invalid/v1/clouds.onnx")
    (clouds / "clouds.onnx").write_bytes(MODEL)
    assert _run(clouds, tmp_path / "out") == 0


def test_checking_a_folder_fetches_nothing(clouds: Path) -> None:
    name_model(clouds, "https://models.invalid/v1/clouds.onnx")
    assert run(["check", str(clouds)]) == 0
