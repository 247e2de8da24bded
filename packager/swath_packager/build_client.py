"""The docker command, which builds: the SDK knows the legacy builder only, 18 s where BuildKit takes 5."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_packager.errors import EngineFailed, EngineMissing

ANSWER_S = 5
ELSEWHERE = ("/usr/bin", "/usr/local/bin")
_BUILTIN_BUILDKIT = 23  # clients older than this carry BuildKit themselves; newer ones need the buildx plugin


@dataclass(frozen=True)
class BuildClient:
    """A docker command that an engine answers. Without `build_kit` only the legacy builder works."""

    command: str
    build_kit: bool

    def build(self, context: Path, tag: str | None, *, quiet: bool) -> str:
        """Build the Dockerfile of a staged folder without network; gives back the image's id. Raises EngineFailed."""
        note = context / ".image-id"
        named = ["--tag", tag] if tag else []
        arguments = ["build", "--network", "none", "--iidfile", str(note), *named, str(context)]
        done = subprocess.run(
            [self.command, *arguments],
            text=True,
            check=False,
            env={**os.environ, "DOCKER_BUILDKIT": "1" if self.build_kit else "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if quiet else sys.stderr,
            stderr=subprocess.PIPE if quiet else None,
        )
        if done.returncode != 0:
            said = f"{done.stdout or ''}{done.stderr or ''}"
            raise EngineFailed("docker build", said or "its messages stand above")
        return note.read_text().strip()


def find_build_client() -> BuildClient:
    """The first client with BuildKit, else the first that an engine answers; raises EngineMissing."""
    tried: list[str] = []
    legacy: BuildClient | None = None
    for command in _clients():
        answer = _ask(command)
        if isinstance(answer, str):
            tried.append(f"{command}: {answer}")
        elif answer.build_kit:
            return answer
        else:
            legacy = legacy or answer
    if legacy is None:
        raise EngineMissing("building with docker", tried or ["no docker command on PATH to build with"])
    return legacy


def _clients() -> Sequence[str]:
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *ELSEWHERE]
    unlinked: dict[Path, str] = {}
    for one in (shutil.which("docker", path=folder) for folder in folders if folder):
        if one:
            unlinked.setdefault(Path(one).resolve(), one)
    return list(unlinked.values())


def _ask(command: str) -> BuildClient | str:
    try:
        done = subprocess.run(
            [command, "version", "--format", "{{json .}}"],
            capture_output=True,
            text=True,
            timeout=ANSWER_S,
            check=False,
        )
        told: dict[str, Any] = json.loads(done.stdout or "null") or {}
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        return str(error)
    if done.returncode != 0 or not told.get("Server"):
        return done.stderr.strip() or "no answer"
    return BuildClient(command, _has_build_kit(command, told["Client"]["Version"]))


def _has_build_kit(command: str, client: str) -> bool:
    major = re.match(r"\d+", client)
    if major and int(major[0]) < _BUILTIN_BUILDKIT:
        return True
    return subprocess.run([command, "buildx", "version"], capture_output=True, check=False).returncode == 0
