"""`pyproject.toml` beside describe.yml: an algorithm's dependencies, and under [tool.swath] what its image needs more.

[project]
dependencies = ["shapely>=2"]

[tool.swath]
apt = ["libgl1"]                                  # Debian packages, resolved into a layer of their own
env = { OMP_NUM_THREADS = "2" }                   # variables of the image
files = { "grids/egm.tif" = "../shared/egm.tif" } # place in the image <- file or folder, from this folder
with = ["jwt"]                                    # extras of the runtime
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from swath_packager.errors import ExtraUnknown, ProjectInvalid
from swath_packager.extras import checked_extras
from swath_packager.inside import ENVIRONMENT

PROJECT = "pyproject.toml"
_FIELDS = {"apt", "env", "files", "with"}
_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OURS = ("/opt/swath/dependencies", "/opt/swath/runtime", "/proc", "/sys", "/dev", "/tmp")  # noqa: S108


@dataclass(frozen=True)
class Project:
    """What pyproject.toml says.

    `files` maps a place in the image (absolute, or in the algorithm's folder there) to a file or folder of this
    machine; `extras` are of the runtime, `with` in the file.
    """

    dependencies: tuple[str, ...] = ()
    apt: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    files: Mapping[str, Path] = field(default_factory=dict[str, Path])
    extras: tuple[str, ...] = ()


def read_project(folder: Path) -> Project | None:
    """The project of an algorithm's folder, or None where it has no pyproject.toml. Raises ProjectInvalid."""
    path = folder / PROJECT
    if not path.is_file():
        return None
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise ProjectInvalid(path, str(error)) from error
    ours: dict[str, Any] = _table(path, written.get("tool", {}).get("swath", {}), "[tool.swath]")
    if unknown := sorted(set(ours) - _FIELDS):
        raise ProjectInvalid(path, f"[tool.swath] knows {', '.join(sorted(_FIELDS))}, not {', '.join(unknown)}")
    return Project(
        dependencies=_texts(path, written.get("project", {}).get("dependencies", []), "dependencies"),
        apt=_packages(path, ours.get("apt", [])),
        env=_variables(path, ours.get("env", {})),
        files=_files(path, ours.get("files", {})),
        extras=_extras(path, ours.get("with", [])),
    )


def _extras(path: Path, value: Any) -> tuple[str, ...]:
    try:
        return checked_extras(_texts(path, value, "with"))
    except ExtraUnknown as error:
        raise ProjectInvalid(path, f"with: {error}; {error.hint}") from error


def _packages(path: Path, value: Any) -> tuple[str, ...]:
    for name in (names := _texts(path, value, "apt")):
        if not _PACKAGE.fullmatch(name):
            raise ProjectInvalid(path, f"apt: '{name}' is not the name of a Debian package")
    return tuple(sorted(set(names)))


def _variables(path: Path, value: Any) -> dict[str, str]:
    fixed = {name for name in ENVIRONMENT if not name.startswith("MALLOC_")} | {"SWATH_PROFILE", "SWATH_RUNTIME"}
    table = _table(path, value, "env")
    for name, text in table.items():
        if not _VARIABLE.fullmatch(name) or not isinstance(text, str | int | float):
            raise ProjectInvalid(path, f"env: '{name}' is not a variable with a text or a number")
        if name in fixed:
            raise ProjectInvalid(
                path, f"env: {name} is set by Swath; give it to the container instead, where it may change"
            )
    return {name: str(text) for name, text in sorted(table.items())}


def _files(path: Path, value: Any) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for place, source in sorted(_table(path, value, "files").items()):
        origin = (path.parent / str(source)).resolve()
        if ".." in PurePosixPath(place).parts or not PurePosixPath(place).name or place.startswith(_OURS):
            raise ProjectInvalid(path, f"files: nothing can be put at '{place}'")
        if not origin.exists():
            raise ProjectInvalid(path, f"files: {source} for '{place}' does not exist")
        found[place] = origin
    return found


def _texts(path: Path, value: Any, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):  # pyright: ignore[reportUnknownVariableType]
        raise ProjectInvalid(path, f"{name} must be a list of texts")
    return tuple(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _table(path: Path, value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProjectInvalid(path, f"{name} must be a table")
    return value  # pyright: ignore[reportUnknownVariableType]
