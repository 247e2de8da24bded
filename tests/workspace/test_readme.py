"""The README does what it says: its commands are run, in a folder of their own."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from swath_converters.image import decode_image
from swath_converters.policy import Policy
from swath_runtime.server import choose_runtime
from swath_runtime.settings import Settings
from swath_testing.targets import running_server

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SWATH = [sys.executable, "-m", "swath_cli"]


def commands(word: str) -> list[list[str]]:
    """Every command of the README's shell blocks that begins with a word."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.S)
    return [shlex.split(line) for block in blocks for line in block.splitlines() if line.startswith(f"{word} ")]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder in which the algorithms are at hand, as they are in a clone."""
    (tmp_path / "algorithms").symlink_to(ROOT / "algorithms")
    return tmp_path


def test_its_swath_commands_work(workplace):
    listed = commands("swath")
    assert len(listed) >= 5
    for words in listed:
        done = subprocess.run([*SWATH, *words[1:]], cwd=workplace, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert {"mask.tif", "mask.quicklook.png", "clouds.geojson", "result.json"} <= {
        one.name for one in (workplace / "result").iterdir()
    }


def test_its_curl_lines_get_the_mask_on_the_grid_of_the_scene(workplace):
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    subprocess.run([*SWATH, *commands("swath")[0][1:]], cwd=workplace, check=True, capture_output=True)
    settings = Settings(algorithm=ROOT / "algorithms" / "cloud-detection", runtime=choose_runtime(""))
    lines = commands("curl")
    assert len(lines) == 2
    with running_server(settings) as url:
        for words in lines:
            here = [one.replace("http://127.0.0.1:8080", url) for one in words]
            subprocess.run([*here, "--silent", "--show-error"], cwd=workplace, check=True, capture_output=True)
    scene, mask = (decode_image((workplace / name).read_bytes(), Policy()) for name in ("scene.tif", "mask.tif"))
    assert (mask.crs, mask.transform, mask.shape[1:]) == (scene.crs, scene.transform, scene.shape[1:])


def test_every_page_that_is_linked_exists():
    for page in [ROOT / "README.md", *ROOT.glob("*/README.md"), *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), f"{page}: {link}"


def test_the_two_commands_are_what_ci_and_the_noxfile_have():
    assert "python3 -m pip install nox && nox -s package" in README
    assert "-m pip install" in (ROOT / ".ci" / "run").read_text()
    sessions = (ROOT / "noxfile.py").read_text()
    for name in ("lint", "typing", "tests", "generate", "package", "serve"):
        assert f"def {name}(" in sessions
