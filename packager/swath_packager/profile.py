"""A profile, read from its file: base image, ONNX Runtime wheels, environment, how to try it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from swath_packager.errors import ProfileInvalid, ProfileUnknown

_FIELDS = {"description", "base", "requirements", "constraints", "env", "layers", "trial", "device"}


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
    what `docker run` needs to hand the hardware to a container; `device` is what deployment files need for that.
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


def known_profiles(folder: Traversable | None = None) -> tuple[str, ...]:
    """Names of the profiles that have a file in the folder (ours, unless one is given), sorted."""
    return tuple(
        sorted(one.name.removesuffix(".toml") for one in _shelf(folder).iterdir() if one.name.endswith(".toml"))
    )


def read_profile(name: str, folder: Traversable | None = None) -> Profile:
    """The profile of that name; raises ProfileUnknown (naming the known ones) or ProfileInvalid."""
    if name not in known_profiles(folder):
        raise ProfileUnknown(name, known_profiles(folder))
    path = _shelf(folder) / f"{name}.toml"
    try:
        written = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ProfileInvalid(path, str(error)) from error
    if unknown := sorted(set(written) - _FIELDS):
        raise ProfileInvalid(path, f"unknown fields {', '.join(unknown)}; known: {', '.join(sorted(_FIELDS))}")
    try:
        return _profile(name, written)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProfileInvalid(path, f"missing or misshapen field: {error}") from error


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
    )


def _shelf(folder: Traversable | None) -> Traversable:
    return folder if folder is not None else files("swath_packager") / "profiles"
