"""An EO Application Package, run by cwltool on an image of an engine: a staged scene in, a STAC catalog out."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import rasterio

from swath_packager.deployment import service_of, write_files
from swath_packager.order import Order
from swath_packager.runtimes import known_runtimes

CWLTOOL = "import sys, cwltool.main; sys.exit(cwltool.main.run())"  # `-m cwltool` drops the exit code
pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]
RUNTIME = next(iter(known_runtimes()))
SCENE = Path(__file__).parents[2] / "algorithms" / "cloud-detection" / "examples" / "scene"


def staged(folder: Path) -> Path:
    folder.mkdir()
    (folder / "scene.tif").write_bytes((SCENE / "scene.tif").read_bytes())
    asset = {"href": "./scene.tif", "type": "image/tiff; application=geotiff", "roles": ["data"]}
    item = {
        "type": "Feature", "stac_version": "1.0.0", "id": "S2A_31UFS", "geometry": None, "links": [],
        "properties": {"datetime": "2024-05-01T10:50:31Z"}, "assets": {"scene": asset},
    }  # fmt: skip
    catalog = {"type": "Catalog", "id": "in", "links": [{"rel": "item", "href": "./item.json"}]}
    (folder / "item.json").write_text(json.dumps(item))
    (folder / "catalog.json").write_text(json.dumps(catalog))
    return folder


def test_cwltool_runs_the_package_and_finds_the_expected_mask(built: Callable[[str], Order], tmp_path: Path) -> None:
    service = service_of(f"image:{built(RUNTIME).plan.tag}", RUNTIME, None, None)
    (package,) = write_files(service, ["cwl"], tmp_path)
    out = tmp_path / "out"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "cwltool",
            "--disable-pull",
            "--outdir",
            out,
            package,
            "--image",
            staged(tmp_path / "in"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (link,) = [one for one in json.loads((out / "result/catalog.json").read_text())["links"] if one["rel"] == "item"]
    item = json.loads((out / "result" / link["href"]).read_text())
    found = out / "result" / item["assets"]["mask.tif"]["href"]
    with rasterio.open(found) as mask, rasterio.open(SCENE / "mask.tif") as expected:
        assert (mask.read() == expected.read()).all()
    assert item["properties"]["datetime"] == "2024-05-01T10:50:31Z"
