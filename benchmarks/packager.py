"""Making images: cold, after an edited line, after one more requirement; against a plain Dockerfile.

Ours is the whole command, the interpreter's start included, without running the examples. Theirs is `docker build` with
BuildKit of a folder of the same content: wheels installed by uv into it, then FROM and COPY, the quickest Dockerfile
that we know. It needs an engine, and is left out where none answers.

PYTHONDONTWRITEBYTECODE is taken out of the command's environment: no user's `swath` compiles itself at every start.
"""

import http.client
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks.frame.alternating import compare, time_ms
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Figure, LeftOut, Row, Sheet
from swath_packager.build_client import find_build_client
from swath_packager.engine import find_engine

ROOT = Path(__file__).parents[1]
TAG = "swath-bench/clouds:1"
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_COLD_S, _EDIT_S, _ENGINE_S, _READY_S, _MB, _SLIM_MB = 10.0, 0.5, 1.5, 2.0, 120.0, 75.0


def run(plan: Plan) -> Iterator[Row]:
    """Times and sizes against what is promised; with an engine, against a plain Dockerfile too."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        algorithm = shutil.copytree(ROOT / "algorithms" / "cloud-detection", folder / "cloud-detection")
        cold = [_cold(algorithm, folder / str(number)) for number in range(plan.rounds(3))]
        yield Figure("cold, wheels cached (oci), best of 3", min(wall_s for wall_s, _ in cold), "s", _COLD_S)
        yield Figure("cold, wheels cached (oci), processor time", min(busy_s for _, busy_s in cold), "s")
        yield from _sizes(algorithm, folder)
        edited_s = min(_after_edit(algorithm, folder) for _ in range(plan.rounds(5)))
        yield Figure("after an edited line (oci), best of 5", edited_s, "s", _EDIT_S)
        (algorithm / "requirements.txt").write_text("shapely>=2\n")
        yield Figure("after one more requirement (oci)", _ours(algorithm, folder / "a.tar"), "s")
        for left in ("requirements.txt", "requirements.lock"):
            (algorithm / left).unlink(missing_ok=True)
        if _engine_answers():
            yield from _against_dockerfile(algorithm, folder, plan)
        else:
            yield LeftOut("a running engine, a plain Dockerfile", "no container engine answers")


def _against_dockerfile(algorithm: Path, folder: Path, plan: Plan) -> Iterator[Row]:
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
        rounds = plan.rounds(5)
        ratio = compare("edited line into an engine / BuildKit", ours, theirs, bar=3.0, rounds=rounds, warmups=1)
        yield ratio
        yield Figure("after an edited line (engine), median", ratio.ours / 1000, "s", _ENGINE_S)
        yield Figure("docker run to ready, best of 3", min(_ready_s() for _ in range(3)), "s", _READY_S)
        build = ("build", "--quiet", "--no-cache", "--network", "none", "--tag", f"{TAG}-plain", str(context))
        yield Figure("the plain Dockerfile, cold, its layers at hand", time_ms(lambda: _docker(*build)) / 1000, "s")
    finally:
        _docker("rmi", "--force", TAG, f"{TAG}-plain")


def _cold(algorithm: Path, place: Path) -> tuple[float, float]:
    """Seconds from start to end, and of processor time (user and system): the second tells more on a busy machine."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall_s = _ours(algorithm, place / "cold.tar", SWATH_CACHE=str(place / "cache"))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _sizes(algorithm: Path, folder: Path) -> Iterator[Row]:
    lines: list[list[str | float]] = []
    for name, options, bar in (("default", [], _MB), ("slim", ["--slim"], _SLIM_MB)):
        told = json.loads(_do([*_archive(algorithm, folder / f"{name}.tar"), *options, "--json"]))
        yield Figure(f"size, {name}, compressed", told["sizeBytes"] / 1e6, "MB", bar)
        lines += [[name, *layer] for layer in zip(told["layers"], _mb(told["layerBytes"]), strict=True)]
    yield Sheet("Size by layer, compressed, MB", ("image", "layer", "MB"), lines)


def _mb(sizes: list[int]) -> list[float]:
    return [size / 1e6 for size in sizes]


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
