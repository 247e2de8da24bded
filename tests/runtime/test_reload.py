"""`swath serve --reload`: a change is served, one that does not load is told, and Ctrl-C ends it all."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from conftest import ROOT

from swath_runtime.reload import loads, snapshot
from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing.loopback import opened
from swath_testing.targets import reserved_port, wait_until_ready

pytestmark = pytest.mark.skipif(not installed_runtimes(), reason="no runtime is installed in this environment")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = ROOT / "algorithms" / "grayscale"
    return Path(shutil.copytree(source, tmp_path / "grayscale", ignore=shutil.ignore_patterns("__pycache__")))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def title(url: str) -> str:
    with opened(urllib.request.Request(f"{url}/api/v1/describe"), 10) as reply:
        return orjson.loads(reply.read())["title"]


@contextmanager
def reloading(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """(base URL, process, its log) of a server that reloads; killed at the end if it is still there."""
    log = folder.parent / "log"
    command = [sys.executable, "-m", "swath_cli", "serve", str(folder), "--reload", "--port"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with reserved_port() as port:
        with log.open("wb") as stream:
            process = subprocess.Popen([*command, str(port)], stdout=stream, stderr=stream, env=environ)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_ready(url, process, log)
            yield url, process, log
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def wait_for(log: Path, text: str, process: subprocess.Popen[bytes]) -> None:
    """Return once the log holds the text; the test's own time limit ends it otherwise."""
    while text not in log.read_text():
        assert process.poll() is None, log.read_text()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.05)


def test_a_change_is_served(folder: Path) -> None:
    with reloading(folder) as (url, process, log):
        assert title(url) == "Grayscale"
        replace(folder / "describe.yml", "title: Grayscale", "title: Changed")
        wait_for(log, "reloaded", process)
        wait_until_ready(url, process, log)
        assert title(url) == "Changed"


def test_the_old_one_goes_on_where_the_new_one_does_not_load(folder: Path) -> None:
    with reloading(folder) as (url, process, log):
        replace(folder / "process.py", "import numpy as np", "import numpy as np\nraise RuntimeError('no licence')")
        wait_for(log, "the server goes on with what it has", process)
        assert "no licence" in log.read_text()
        assert title(url) == "Grayscale"


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_it_and_its_server(folder: Path, ended_by: signal.Signals) -> None:
    with reloading(folder) as (url, process, log):
        process.send_signal(ended_by)
        assert process.wait(30) == 0, log.read_text()
        with pytest.raises(OSError, match="refused"):
            opened(f"{url}/api/v1/health", 5)
    assert "Traceback" not in log.read_text()


def test_a_snapshot_sees_changes_new_files_and_lost_ones(folder: Path) -> None:
    seen = [snapshot(folder)]
    (folder / "more.txt").write_text("a")
    seen.append(snapshot(folder))
    (folder / "more.txt").write_text("ab")
    seen.append(snapshot(folder))
    (folder / "more.txt").unlink()
    assert snapshot(folder) == seen[0]
    assert seen[0] != seen[1] != seen[2] != seen[0]


def test_caches_and_hidden_files_are_no_change(folder: Path) -> None:
    before = snapshot(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "process.pyc").write_bytes(b"")
    (folder / ".process.py.swp").write_bytes(b"")
    assert snapshot(folder) == before


def test_what_does_not_load_is_told_on_standard_error(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settings = Settings(algorithm=folder)
    assert loads(settings)
    replace(folder / "describe.yml", "title: Grayscale", "title: 1")
    assert not loads(settings)
    assert "/title" in capfd.readouterr().err
