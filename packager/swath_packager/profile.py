"""A profile, read from its file: base image, ONNX Runtime wheels, environment, how to try it."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from swath_packager.errors import ProfileInvalid, ProfileUnknown

GROUP, VARIABLE = "swath.profiles", "SWATH_PROFILES"
_FIELDS = {
    "name", "description", "base", "platform", "requirements", "constraints", "env", "layers", "trial", "device",
}  # fmt: skip


@dataclass(frozen=True)
class OwnLayer:
    """Distributions, by name pattern, that get a layer of their own below the other dependencies."""

    name: str
    distributions: tuple[str, ...]

    def takes(self, distribution: str) -> bool:
        """Whether a distribution of that (normalised) name belongs in it."""
        return any(fnmatch(distribution, pattern) for pattern in self.distributions)


@dataclass(frozen=True)
class Device:
    """What hands the hardware to a container: a cluster's extended resource, docker compose's driver, and the least
    CUDA version where the hardware has one."""

    kubernetes: str
    compose: str
    cuda: str = ""


@dataclass(frozen=True)
class Profile:
    """One kind of hardware. `requirements` and `constraints` are PEP 508 lines; `env` is set in the image.

    `trial_check` is a command that succeeds where the hardware is at hand (empty: everywhere); `trial_options` are
    what `docker run` needs to hand the hardware to a container; `platform` ("linux/arm64") is that of its images where
    it is not this machine's; `device` is what deployment files need for that.
    """

    name: str
    description: str
    base: str
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    env: Mapping[str, str]
    layers: tuple[OwnLayer, ...]
    trial_check: tuple[str, ...]
    trial_options: tuple[str, ...]
    device: Device | None = None
    platform: str | None = None


def known_profiles(folder: Traversable | None = None) -> tuple[str, ...]:
    """Names of the profiles that are declared, sorted.

    A profile is a TOML file that declares its `name`; it lies in a package that an installed distribution names under
    `swath.profiles`, or in a folder of SWATH_PROFILES, or in the folder given. Raises ProfileInvalid.
    """
    return tuple(sorted(_declared(folder)))


def read_profile(name: str, folder: Traversable | None = None) -> Profile:
    """The profile of that name; raises ProfileUnknown (naming the known ones) or ProfileInvalid."""
    declared = _declared(folder)
    if name not in declared:
        raise ProfileUnknown(name, tuple(sorted(declared)))
    path, written = declared[name]
    if unknown := sorted(set(written) - _FIELDS):
        raise ProfileInvalid(path, f"unknown fields {', '.join(unknown)}; known: {', '.join(sorted(_FIELDS))}")
    try:
        return _profile(name, written)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProfileInvalid(path, f"missing or misshapen field: {error}") from error


def _declared(folder: Traversable | None) -> dict[str, tuple[Traversable, dict[str, Any]]]:
    """Each declared profile: its file and what is written in it; the first shelf that has a name wins."""
    found: dict[str, tuple[Traversable, dict[str, Any]]] = {}
    for shelf in [folder] if folder is not None else _shelves():
        for path in sorted(shelf.iterdir(), key=lambda one: one.name):
            if not path.name.endswith(".toml"):
                continue
            try:
                written = tomllib.loads(path.read_text("utf-8"))
            except ValueError as error:
                raise ProfileInvalid(path, str(error)) from error
            found.setdefault(str(written.get("name", path.name.removesuffix(".toml"))), (path, written))
    return found


def _shelves() -> list[Traversable]:
    named = [Path(one) for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one]
    for one in named:
        if not one.is_dir():
            raise ProfileInvalid(one, f"{VARIABLE} names it, and it is no folder")
    return [*named, *(files(entry.value) for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name))]


def _profile(name: str, written: dict[str, Any]) -> Profile:
    trial = written.get("trial", {})
    return Profile(
        name=name,
        description=written["description"],
        base=written["base"],
        requirements=tuple(written["requirements"]),
        constraints=tuple(written.get("constraints", ())),
        env={key: str(value) for key, value in written.get("env", {}).items()},
        layers=tuple(OwnLayer(one["name"], tuple(one["distributions"])) for one in written.get("layers", ())),
        trial_check=tuple(trial.get("check", ())),
        trial_options=tuple(trial.get("docker_run", ())),
        device=Device(**written["device"]) if "device" in written else None,
        platform=written.get("platform"),
    )
