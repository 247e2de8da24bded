"""The same inputs give the same bytes: another folder, cache, number of cores, and Python to run the command with.

With the engine's tests, as the wheels come from a package index where uv's cache has none.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest
import uv
from packager.folders import folder_with
from packager.images import small_image

from swath_packager.archive import write_archive
from swath_packager.archive_reading import read_archive
from swath_packager.engine import Engine
from swath_packager.layers import Entry, open_layer
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store

pytestmark = [pytest.mark.engine, pytest.mark.timeout(600)]
RUNTIME = next(iter(known_runtimes()))
_COMMAND = "import site, sys; site.addsitedir({0!r}); from swath_cli.main import run; sys.exit(run(sys.argv[1:]))"


def _pythons() -> list[str]:
    """Interpreters of this machine that Swath runs on, one for each minor version; this one's own first."""
    listed = [uv.find_uv_bin(), "python", "list", "--only-installed", "--output-format", "json"]
    told = json.loads(subprocess.run(listed, capture_output=True, text=True, check=True).stdout)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = {here: sys.executable}
    for one in told:
        minor = f"{one['version_parts']['major']}.{one['version_parts']['minor']}"
        if minor in ("3.11", "3.12", "3.13") and one["implementation"] == "cpython":
            found.setdefault(minor, one["path"])
    for path in sorted((Path.home() / ".pyenv" / "versions").glob("3.1[123].*/bin/python")):  # hidden behind its shims
        found.setdefault(".".join(path.parts[-3].split(".")[:2]), str(path))
    return list(found.values())


def _packaged(python: str, place: Path, base: Path, cores: Collection[int]) -> Path:
    """An archive that a Python made in a folder on some cores, with a cache of its own."""
    made = folder_with(place / "algorithm", files={"requirements.txt": "tzlocal==5.3.1\n", "inner/data.txt": "x"})
    code = _COMMAND.format(next(one for one in sys.path if one.endswith("site-packages")))
    words = ["package", str(made), "--runtime", RUNTIME, "--builder", "oci", "--base", str(base), "--no-try"]
    done = subprocess.run(
        [python, "-c", code, *words, "--with", "jwt", "--output", str(place / "a.tar")],
        env={**os.environ, "SWATH_CACHE": str(place / "cache")},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),
    )
    assert done.returncode == 0, done.stderr
    shutil.rmtree(place / "cache")
    return place / "a.tar"


@pytest.fixture(scope="module")
def made(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Archives of the same algorithm, made in turn on one core and on all, by every Python that is here."""
    place = tmp_path_factory.mktemp("same")
    image = small_image(Store(place / "theirs"), entries=(Entry("etc/os-release", b"ID=debian\n"),))
    write_archive(image, "base:1", place / "base.tar")
    every = sorted(os.sched_getaffinity(0))
    cores = [every[:1], every]
    return [
        _packaged(one, place / str(number), place / "base.tar", cores[number % 2])
        for number, one in enumerate(_pythons())
    ]


def test_another_python_folder_cache_and_number_of_cores_give_the_same_bytes(made: list[Path]) -> None:
    if len(made) < 2:
        pytest.skip("one Python that Swath runs on is installed here; another to compare with is not")
    assert len({one.read_bytes() for one in made}) == 1


def test_an_extra_that_was_asked_for_is_inside_and_no_other(made: list[Path], store: Store) -> None:
    names: set[str] = set()
    for layer in read_archive(made[0], store).layers:
        with open_layer(layer) as tar:
            names |= {one.name for one in tar}
    assert {"opt/swath/dependencies/jwt/__init__.py", "opt/swath/dependencies/cryptography/__init__.py"} <= names
    assert "opt/swath/dependencies/psycopg/__init__.py" not in names
