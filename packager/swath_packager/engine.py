"""The container engine, through its own command: the one interface that every engine, client and build mode share."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_packager.errors import EngineFailed, EngineMissing

ANSWER_S = 5
ELSEWHERE = ("/usr/bin", "/usr/local/bin")
_BUILTIN_BUILDKIT = 23  # clients older than this carry BuildKit themselves; newer ones need the buildx plugin


@dataclass(frozen=True)
class Engine:
    """An engine that answers, and the client to speak to it with. Without `build_kit` only the legacy builder works."""

    command: str
    version: str
    architecture: str
    build_kit: bool

    def inspect(self, reference: str) -> dict[str, Any] | None:
        """What the engine knows about an image, or None where it does not hold it."""
        done = self._run(["image", "inspect", reference])
        return json.loads(done.stdout)[0] if done.returncode == 0 else None

    def pull(self, reference: str, *, quiet: bool) -> None:
        """Fetch an image; raises EngineFailed."""
        self._do(f"docker pull {reference}", ["pull", *(["--quiet"] if quiet else []), reference], show=not quiet)

    def load(self, archive: Path) -> None:
        """Load an archive; raises EngineFailed."""
        self._do(f"docker load of {archive.name}", ["load", "--quiet", "--input", str(archive)])

    def save(self, reference: str, output: Path) -> None:
        """Write an image as an archive; raises EngineFailed."""
        self._do(f"docker save {reference}", ["save", "--output", str(output), reference])

    def python_of(self, reference: str) -> str:
        """Minor version of the python3 that an image starts, found by starting it; raises EngineFailed."""
        said = self._do(
            f"asking {reference} for its Python",
            ["run", "--rm", "--network", "none", "--entrypoint", "python3", reference, "--version"],
        )
        found = re.search(r"Python (\d+\.\d+)", said)
        if found is None:
            raise EngineFailed(f"asking {reference} for its Python", said)
        return found[1]

    def build(self, context: Path, tag: str, *, quiet: bool) -> str:
        """Build the Dockerfile of a staged folder without network; gives back the image's id. Raises EngineFailed."""
        note = context / ".image-id"
        arguments = ["build", "--network", "none", "--iidfile", str(note), "--tag", tag, str(context)]
        self._do(f"docker build of {tag}", arguments, show=not quiet, build_kit=self.build_kit)
        return note.read_text().strip()

    def run(self, reference: str, options: Sequence[str]) -> str:
        """Start a container in the background; gives back its id. Raises EngineFailed."""
        return self._do(f"docker run {reference}", ["run", "--detach", *options, reference]).strip()

    def published(self, container: str, port: int) -> str:
        """Address ("127.0.0.1:49153") at which a container's port is published; raises EngineFailed."""
        return self._do("docker port", ["port", container, f"{port}/tcp"]).splitlines()[0]

    def state(self, container: str) -> dict[str, Any]:
        """The container's state: Running, ExitCode, OOMKilled, Health …; raises EngineFailed."""
        return json.loads(self._do("docker inspect", ["container", "inspect", container]))[0]["State"]

    def stop(self, container: str, *, grace_s: int = 30) -> int:
        """Send SIGTERM, wait, and give back the exit code; raises EngineFailed."""
        self._do("docker stop", ["stop", "--time", str(grace_s), container])
        return int(self.state(container)["ExitCode"])

    def logs(self, container: str, lines: int = 30) -> str:
        """The last lines that a container wrote."""
        done = self._run(["logs", "--tail", str(lines), container])
        return done.stdout + done.stderr

    def remove(self, container: str) -> None:
        """Stop and remove a container, whatever state it is in."""
        self._run(["rm", "--force", "--volumes", container])

    def remove_image(self, reference: str) -> None:
        """Take a name away from an image, and the image where it was its last."""
        self._run(["rmi", reference])

    def _do(self, doing: str, arguments: Sequence[str], *, show: bool = False, build_kit: bool | None = None) -> str:
        done = self._run(arguments, show=show, build_kit=build_kit)
        if done.returncode != 0:
            raise EngineFailed(doing, f"{done.stdout or ''}{done.stderr or ''}" or "its messages stand above")
        return done.stdout or ""

    def _run(
        self, arguments: Sequence[str], *, show: bool = False, build_kit: bool | None = None
    ) -> subprocess.CompletedProcess[str]:
        environment = dict(os.environ)
        if build_kit is not None:
            environment["DOCKER_BUILDKIT"] = "1" if build_kit else "0"
        return subprocess.run(
            [self.command, *arguments],
            text=True,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr if show else subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
        )


def find_engine() -> Engine | None:
    """The engine that answers, by the client that works best with it, or None."""
    found, _ = _search()
    return found


def require_engine(wanted: str) -> Engine:
    """The engine that answers; raises EngineMissing, saying what was tried."""
    found, tried = _search()
    if found is None:
        raise EngineMissing(wanted, tried)
    return found


def _search() -> tuple[Engine | None, list[str]]:
    """The first client with BuildKit, else the first that an engine answers to; and what the others said."""
    tried: list[str] = []
    legacy: Engine | None = None
    for command in _clients():
        answer = _ask(command)
        if isinstance(answer, str):
            tried.append(f"{command}: {answer}")
        elif answer.build_kit:
            return answer, tried
        else:
            legacy = legacy or answer
    return legacy, tried


def _clients() -> list[str]:
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *ELSEWHERE]
    found = [shutil.which("docker", path=folder) for folder in folders if folder]
    unlinked: dict[Path, str] = {}
    for one in found:
        if one:
            unlinked.setdefault(Path(one).resolve(), one)
    return list(unlinked.values())


def _ask(command: str) -> Engine | str:
    try:
        done = subprocess.run(
            [command, "version", "--format", "{{json .}}"],
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            check=False,
        )
        told: Mapping[str, Any] = json.loads(done.stdout or "null") or {}
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return str(error)
    server = told.get("Server")
    if done.returncode != 0 or not server:
        return done.stderr.strip() or "no answer"
    return Engine(command, server["Version"], server["Arch"], _has_build_kit(command, told["Client"]["Version"]))


def _has_build_kit(command: str, client: str) -> bool:
    major = re.match(r"\d+", client)
    if major and int(major[0]) < _BUILTIN_BUILDKIT:
        return True
    return subprocess.run([command, "buildx", "version"], capture_output=True, check=False).returncode == 0
