"""uv as the resolver: what is to be resolved, for which target, and its answer or what it says."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from swath_packager.requirements import Asked
from swath_packager.store import Store
from swath_packager.uv_command import run_uv

_PLATFORMS = {
    "amd64": "x86_64-manylinux_2_28",
    "arm64": "aarch64-manylinux_2_34",
}  # onnxruntime-gpu has none lower for arm64
UNREACHABLE = re.compile(
    r"error sending request|dns error|Failed to fetch|connect|timed? ?out|offline|network", re.IGNORECASE
)


@dataclass(frozen=True)
class Target:
    """Where wheels will be imported: the Python's minor version ("3.12") and the image's architecture ("amd64")."""

    python: str
    architecture: str

    @property
    def platform(self) -> str:
        """The platform as uv names it."""
        return _PLATFORMS[self.architecture]

    @property
    def options(self) -> list[str]:
        """What tells uv about it."""
        return ["--python-version", self.python, "--python-platform", self.platform]


@dataclass(frozen=True)
class Wanted:
    """What is to be resolved: the service's requirements, the profile's constraints, what the algorithm asks for.

    `extras` are those of the runtime that brought some of the requirements.
    """

    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    own: tuple[Asked, ...] = ()
    extras: tuple[str, ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """What the algorithm asks for, as a lock tells it."""
        return tuple(one.told for one in self.own)

    @property
    def service(self) -> tuple[str, ...]:
        """What Swath asks for, as a lock tells it."""
        return (*sorted(self.requirements), *(f"limit {one}" for one in self.constraints))

    @property
    def wheels(self) -> tuple[Path, ...]:
        """The algorithm's own wheels."""
        return tuple(one.wheel for one in self.own if one.wheel)


def compile_lock(wanted: Wanted, target: Target, store: Store, preferred: Sequence[str] = ()) -> tuple[str | None, str]:
    """Answer of uv as a requirements file with hashes, or None and what uv says."""
    with store.workplace() as place:
        asked, limits, answer = place / "requirements.in", place / "constraints.txt", place / "answer.txt"
        asked.write_text("\n".join([*wanted.requirements, *(one.line for one in wanted.own), ""]))
        limits.write_text("\n".join([*wanted.constraints, ""]))
        answer.write_text("\n".join([*preferred, ""]))
        done = run_uv(
            ["pip", "compile", str(asked), "--constraints", str(limits), "--generate-hashes", "--no-header", "--quiet",
             "--no-annotate", "--only-binary", ":all:", "--output-file", str(answer), *found_at(wanted.wheels),
             *target.options]
        )  # fmt: skip
        return (answer.read_text(), "") if done.returncode == 0 else (None, done.stderr)


def found_at(wheels: Sequence[Path]) -> list[str]:
    """What tells uv about folders of wheels."""
    return [option for folder in sorted({str(one.parent) for one in wheels}) for option in ("--find-links", folder)]
