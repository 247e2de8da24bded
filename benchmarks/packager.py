"""Making images: cold, after an edited line, after one more requirement; against a plain Dockerfile.

Ours is the whole command, the interpreter's start included, without running the examples. Theirs is `docker build` with
BuildKit of a folder of the same content: wheels installed by uv into it, then FROM and COPY, the quickest Dockerfile
that we know. It needs an engine, and is left out where none answers. Sizes are printed as they are measured.

PYTHONDONTWRITEBYTECODE is taken out of the command's environment: no user's `swath` compiles itself at every start.
"""

import http.client
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from timing import Ratio, compare

from swath_packager.build_client import find_build_client
from swath_packager.engine import find_engine

ROOT = Path(__file__).parents[1]
TAG = "swath-bench/clouds:1"
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_COLD_S, _EDIT_S, _ENGINE_S, _READY_S, _MB, _SLIM_MB = 10.0, 0.5, 1.5, 2.0, 120.0, 75.0


def run() -> Iterator[Ratio]:
    """Ratios, and the figures that have no counterpart on standard output."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        algorithm = shutil.copytree(ROOT / "algorithms" / "cloud-detection", folder / "cloud-detection")
        cold_s = _ours(algorithm, folder / "cold.tar", SWATH_CACHE=str(folder / "cache"))
        _say("cold, wheels cached (oci)", cold_s, _COLD_S, "s")
        _sizes(algorithm, folder)
        edited_s = min(_after_edit(algorithm, folder) for _ in range(5))
        _say("after an edited line (oci), best of 5", edited_s, _EDIT_S, "s")
        (algorithm / "requirements.txt").write_text("shapely>=2\n")
        _say("after one more requirement (oci)", _ours(algorithm, folder / "a.tar"), None, "s")
        for left in ("requirements.txt", "requirements.lock"):
            (algorithm / left).unlink(missing_ok=True)
        if _engine_answers():
            yield from _against_dockerfile(algorithm, folder)


def _against_dockerfile(algorithm: Path, folder: Path) -> Iterator[Ratio]:
    context = folder / "context"
    _do(["package", str(algorithm), "--emit", str(context)])
    source = algorithm / "process.py"

    def ours() -> None:
        source.write_text(f"{source.read_text()}# edited\n")
        _do(["package", str(algorithm), "--builder", "docker", "--no-try", "--tag", TAG])

    def theirs() -> None:
        target = context / "layers" / "algorithm" / "process.py"
        target.write_text(f"{target.read_text()}# edited\n")
        _docker("build", "--quiet", "--network", "none", "--tag", f"{TAG}-plain", str(context))

    try:
        ratio = compare("edited line into an engine / BuildKit", ours, theirs, bar=3.0, rounds=5, warmups=1)
        _say("after an edited line (engine), median", ratio.ours_ms / 1000, _ENGINE_S, "s")
        _say("docker run to ready, best of 3", min(_ready_s() for _ in range(3)), _READY_S, "s")
        yield ratio
    finally:
        _docker("rmi", "--force", TAG, f"{TAG}-plain")


def _sizes(algorithm: Path, folder: Path) -> None:
    for name, options, bar in (("default", [], _MB), ("slim", ["--slim"], _SLIM_MB)):
        told = json.loads(_do([*_archive(algorithm, folder / f"{name}.tar"), *options, "--json"]))
        layers = ", ".join(
            f"{layer} {size / 1e6:.1f}" for layer, size in zip(told["layers"], told["layerBytes"], strict=True)
        )
        _say(f"size, {name} ({layers})", told["sizeBytes"] / 1e6, bar, "MB")


def _after_edit(algorithm: Path, folder: Path) -> float:
    source = algorithm / "process.py"
    source.write_text(f"{source.read_text()}# edited\n")
    return _ours(algorithm, folder / "a.tar")


def _ready_s() -> float:
    """From the command `docker run` to the first answer of /api/v1/ready that says yes."""
    began = time.monotonic()
    container = _docker("run", "--detach", "--read-only", "--tmpfs", "/tmp", "--publish", "127.0.0.1::8080", TAG)  # noqa: S108
    container = container.strip()
    try:
        address = _docker("port", container, "8080").split()[0]
        while not _is_ready(f"http://{address}/api/v1/ready"):
            if time.monotonic() - began > 60:
                raise RuntimeError("the container was not ready within 60 s")
            time.sleep(0.01)
        return time.monotonic() - began
    finally:
        _docker("rm", "--force", container)


def _is_ready(url: str) -> bool:
    try:
        with _LOCAL.open(url, timeout=5) as answer:
            return answer.status == 200
    except (OSError, http.client.HTTPException):
        return False


def _archive(algorithm: Path, output: Path) -> list[str]:
    return ["package", str(algorithm), "--builder", "oci", "--no-try", "--output", str(output)]


def _ours(algorithm: Path, output: Path, **environment: str) -> float:
    began = time.perf_counter()
    _do(_archive(algorithm, output), **environment)
    return time.perf_counter() - began


def _do(arguments: list[str], **environment: str) -> str:
    command = [str(Path(sys.executable).with_name("swath")), *arguments]
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, env={**inherited, **environment}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def _docker(*arguments: str) -> str:
    client = find_build_client()
    environment = {**os.environ, "DOCKER_BUILDKIT": "1" if client.build_kit else "0"}
    command = [client.command, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def _engine_answers() -> bool:
    return find_engine() is not None


def _say(name: str, value: float, bar: float | None, unit: str) -> None:
    verdict = "" if bar is None else f"   {'within' if value <= bar else 'ABOVE'} {bar}"
    print(f"{name:40} {value:8.2f} {unit}{verdict}", flush=True)
