"""`python -m swath_runtime.once`: one call, files in, files out, with STAC on both sides where asked."""

import json
from pathlib import Path
from typing import Any

import pytest

from swath_runtime.once import main

CLOUDS = Path(__file__).parents[2] / "algorithms" / "cloud-detection"
SCENE = CLOUDS / "examples" / "scene" / "scene.tif"


@pytest.fixture(autouse=True)
def _clouds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWATH_ALGORITHM", str(CLOUDS))


def staged(folder: Path, *, assets: dict[str, Any] | None = None, items: int = 1, href: str = "./scene.tif") -> Path:
    """A folder as an EO platform stages a scene in: catalog.json, a child, an item, the file."""
    (folder / "s2").mkdir(parents=True)
    (folder / "s2" / "scene.tif").write_bytes(SCENE.read_bytes())
    found = {"scene": {"href": href, "type": "image/tiff; application=geotiff", "roles": ["data"]}}
    item = {
        "type": "Feature", "stac_version": "1.0.0", "id": "S2A_31UFS", "geometry": None, "links": [],
        "properties": {"datetime": "2024-05-01T10:50:31Z"}, "assets": found if assets is None else assets,
    }  # fmt: skip
    links = [{"rel": "item", "href": f"./{number}.json"} for number in range(items)]
    for number in range(items):
        (folder / "s2" / f"{number}.json").write_text(json.dumps(item))
    child = {"type": "Catalog", "id": "s2", "links": links}
    (folder / "s2" / "catalog.json").write_text(json.dumps(child))
    root = {"type": "Catalog", "id": "in", "links": [{"rel": "child", "href": "./s2/catalog.json"}]}
    (folder / "catalog.json").write_text(json.dumps(root))
    return folder


def test_a_file_is_called_with_and_the_results_lie_in_the_folder(tmp_path: Path) -> None:
    assert main(["--input", f"image={SCENE}", "--input", "threshold=0.1", "--out", str(tmp_path)]) == 0
    assert {one.name for one in tmp_path.iterdir()} == {
        "mask.tif", "mask.quicklook.png", "clouds.geojson", "result.json"
    }  # fmt: skip


def test_a_staged_scene_gives_a_catalog_of_results(tmp_path: Path) -> None:
    scene = staged(tmp_path / "in")
    assert main(["--input", f"image={scene}", "--out", str(tmp_path / "out"), "--catalog"]) == 0
    catalog = json.loads((tmp_path / "out" / "catalog.json").read_text())
    (link,) = [one for one in catalog["links"] if one["rel"] == "item"]
    item = json.loads((tmp_path / "out" / link["href"]).read_text())
    assert item["id"] == "cloud-detection-S2A_31UFS"
    assert item["properties"]["datetime"] == "2024-05-01T10:50:31Z"
    assert item["assets"]["mask.tif"]["roles"] == ["data"]
    assert all((tmp_path / "out" / one["href"]).is_file() for one in item["assets"].values())


def test_the_footprint_of_the_results_is_that_of_the_scene(tmp_path: Path) -> None:
    import rasterio
    from rasterio.warp import transform_bounds

    main(["--input", f"image={SCENE}", "--out", str(tmp_path), "--catalog"])
    with rasterio.open(SCENE) as scene:
        expected = transform_bounds(scene.crs, "EPSG:4326", *scene.bounds)
    item = json.loads((tmp_path / "cloud-detection.json").read_text())
    assert item["bbox"] == pytest.approx(expected, abs=1e-6)
    assert item["geometry"]["type"] == "Polygon"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"items": 0}, "links 0 items"),
        ({"items": 2}, "links 2 items"),
        ({"assets": {}}, "no single image among its assets (none)"),
        ({"href": "../../outside.tif"}, "is no file in it"),
        ({"href": "https://example.org/scene.tif"}, "is no file in it"),
    ],
)
def test_a_folder_that_holds_not_one_scene_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], words: str
) -> None:
    (tmp_path / "outside.tif").write_bytes(SCENE.read_bytes())
    scene = staged(tmp_path / "in", **changes)
    assert main(["--input", f"image={scene}", "--out", str(tmp_path / "out")]) == 1
    assert words in capsys.readouterr().err


def test_a_folder_without_a_catalog_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--input", f"image={tmp_path}", "--out", str(tmp_path / "out")]) == 1
    assert "catalog.json is not there" in capsys.readouterr().err


def test_catalogs_that_link_each_other_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loop = {"type": "Catalog", "id": "loop", "links": [{"rel": "child", "href": "./catalog.json"}]}
    (tmp_path / "catalog.json").write_text(json.dumps(loop))
    assert main(["--input", f"image={tmp_path}", "--out", str(tmp_path / "out")]) == 1
    assert "links 0 items" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("inputs", "code"),
    [(["image=absent.tif"], 2), (["picture=x"], 2), ([f"image={SCENE}", "threshold=7"], 1)],
)
def test_the_exit_code_says_whose_fault_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], inputs: list[str], code: int
) -> None:
    options = [part for one in inputs for part in ("--input", one)]
    assert main([*options, "--out", str(tmp_path / "out")]) == code
    assert "error: " in capsys.readouterr().err
