"""The third-party wheels of an image: chosen once, with a hash for each, for the image's Python and platform."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from swath_packager.errors import DependenciesUnavailable, RequirementsConflict
from swath_packager.store import Store, digest_of
from swath_packager.uv_command import run_uv

FRESH_S = 24 * 3600  # a resolution is taken from the cache for a day, so that a second build asks no index
_PLATFORMS = {
    "amd64": "x86_64-manylinux_2_28",
    "arm64": "aarch64-manylinux_2_34",
}  # onnxruntime-gpu has none lower for arm64
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)
_UNREACHABLE = re.compile(
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
    """What is to be resolved: the service's requirements, the profile's constraints, and the algorithm's own file."""

    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    own: Path | None


@dataclass(frozen=True)
class Lock:
    """Pinned and hashed requirements, as `name==version --hash=…` entries."""

    entries: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Normalised names of the distributions."""
        return tuple(name_of(entry) for entry in self.entries)

    @property
    def pins(self) -> tuple[str, ...]:
        """`name==version` of each."""
        return tuple(f"{name_of(entry)}=={version_of(entry)}" for entry in self.entries)

    @property
    def text(self) -> str:
        """As a requirements file."""
        return "".join(f"{entry}\n" for entry in self.entries)

    def only(self, wanted: Callable[[str], bool]) -> "Lock":
        """The entries whose distribution's name is wanted."""
        return Lock(tuple(entry for entry in self.entries if wanted(name_of(entry))))


def name_of(entry: str) -> str:
    """The distribution that an entry pins."""
    return entry.partition("==")[0]


def version_of(entry: str) -> str:
    """The version that an entry pins it to."""
    return entry.partition("==")[2].split()[0]


def resolve(wanted: Wanted, target: Target, store: Store, report: Callable[[str], None]) -> Lock:
    """The lock of what is wanted.

    Raises:
        RequirementsConflict: naming the lines of the algorithm's requirements.txt that do not fit.
        DependenciesUnavailable: the index does not answer, and nothing is in the cache.
    """
    own = wanted.own.read_text("utf-8") if wanted.own else ""
    key = digest_of("lock 1", *wanted.requirements, "", *wanted.constraints, "", own, target.python, target.platform)
    kept = store.text("locks", key)
    if kept.is_file() and time.time() - kept.stat().st_mtime < FRESH_S:
        return _parse(kept.read_text())
    report(f"resolving dependencies for Python {target.python} on {target.platform}")
    compiled, said = _compile(wanted, _lines(wanted.own), target, store)
    if compiled is None and kept.is_file():
        report("the package index does not answer; the versions of the last build are taken")
        return _parse(kept.read_text())
    if compiled is None:
        raise _failure(wanted, target, store, said)
    store.write_text("locks", key, compiled)
    return _parse(compiled)


def _compile(wanted: Wanted, own: Sequence[tuple[int, str]], target: Target, store: Store) -> tuple[str | None, str]:
    with store.workplace() as place:
        asked, limits = place / "requirements.in", place / "constraints.txt"
        asked.write_text("\n".join([*wanted.requirements, *(line for _, line in own), ""]))
        limits.write_text("\n".join([*wanted.constraints, ""]))
        done = run_uv(
            ["pip", "compile", str(asked), "--constraints", str(limits), "--generate-hashes", "--no-header",
             "--no-annotate", "--only-binary", ":all:", *target.options]
        )  # fmt: skip
    return (done.stdout, "") if done.returncode == 0 else (None, done.stderr)


def _failure(wanted: Wanted, target: Target, store: Store, said: str) -> Exception:
    """The algorithm's lines that do not fit, each tried alone with the service's; else what uv says."""
    lines = _lines(wanted.own)
    if not lines or _UNREACHABLE.search(said) or _compile(wanted, [], target, store)[0] is None:
        return DependenciesUnavailable("resolving the image's dependencies", said)
    unfit = [(number, line) for number, line in lines if _compile(wanted, [(number, line)], target, store)[0] is None]
    name = wanted.own.name if wanted.own else ""
    return RequirementsConflict([f"{name}:{number}: {line}" for number, line in unfit or lines], said)


def _lines(path: Path | None) -> list[tuple[int, str]]:
    """(line number, requirement) of each line of a requirements file that asks for something."""
    if path is None:
        return []
    written = [re.split(r"(?:^|\s)#", line)[0].strip() for line in path.read_text("utf-8").splitlines()]
    return [(number, line) for number, line in enumerate(written, 1) if line]


def _parse(compiled: str) -> Lock:
    joined = compiled.replace("\\\n", " ")
    return Lock(tuple(" ".join(line.split()) for line in joined.splitlines() if _PIN.match(line)))
