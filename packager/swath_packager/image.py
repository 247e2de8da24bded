"""A container image as data: its configuration and its layers, both in the store."""

from dataclasses import dataclass, replace
from typing import Any

from swath_packager.errors import BaseUnfit
from swath_packager.layers import StoredLayer, created
from swath_packager.plan import Plan

SECOND_NS = 1_000_000_000
PYTHONS = ("3.11", "3.12", "3.13")


@dataclass(frozen=True)
class Image:
    """An OCI image configuration (a JSON object) and its layers, bottom-up."""

    config: dict[str, Any]
    layers: tuple[StoredLayer, ...]

    @property
    def architecture(self) -> str:
        """As the OCI spells it: "amd64", "arm64"."""
        return self.config.get("architecture", "amd64")

    @property
    def labels(self) -> dict[str, str]:
        """Labels of the configuration; empty where it has none."""
        return labels_of(self.config)


def container_config(config: dict[str, Any]) -> dict[str, Any]:
    """What an image configuration says about its containers (Env, Cmd, Labels, …); empty where it says nothing."""
    said: dict[str, Any] | None = config.get("config")
    return said or {}


def labels_of(config: dict[str, Any]) -> dict[str, str]:
    """Labels of an image configuration; empty where it has none."""
    labels: dict[str, str] | None = container_config(config).get("Labels")
    return labels or {}


def python_of(config: dict[str, Any], reference: str) -> str | None:
    """Minor version of the Python that an image says it holds ("3.12"), by PYTHON_VERSION; None where it says nothing.

    Raises BaseUnfit where it is one that Swath does not run on.
    """
    lines: list[str] = container_config(config).get("Env") or []
    for line in lines:
        name, _, value = line.partition("=")
        if name == "PYTHON_VERSION":
            return checked_python(".".join(value.split(".")[:2]), reference)
    return None


def checked_python(minor: str, reference: str) -> str:
    """The minor version, if Swath runs on it; raises BaseUnfit."""
    if minor not in PYTHONS:
        raise BaseUnfit(reference, f"it holds Python {minor}")
    return minor


def compose(base: Image, layers: dict[str, StoredLayer], plan: Plan) -> Image:
    """The base with the plan's layers on top, and the plan's configuration over the base's."""
    history = [
        *base.config.get("history", ()),
        *({"created": created(), "created_by": f"swath: {name}"} for name in layers),
    ]
    config = {
        **base.config,
        "created": created(),
        "config": _container_config(container_config(base.config), plan),
        "rootfs": {"type": "layers", "diff_ids": [one.diff_id for one in (*base.layers, *layers.values())]},
        "history": history,
    }
    for told in ("container", "container_config", "docker_version", "id", "parent", "author"):
        config.pop(told, None)  # what an engine notes about the machine and the container that made the base
    return replace(base, config=config, layers=(*base.layers, *layers.values()))


def _container_config(inherited: dict[str, Any], plan: Plan) -> dict[str, Any]:
    env = dict(line.split("=", 1) for line in inherited.get("Env") or ())
    env.update(plan.env)
    health = plan.healthcheck
    kept = {key: inherited[key] for key in ("Entrypoint", "WorkingDir", "Volumes", "StopSignal") if inherited.get(key)}
    return {
        **kept,
        "User": plan.user,
        "ExposedPorts": {**(inherited.get("ExposedPorts") or {}), f"{plan.port}/tcp": {}},
        "Env": [f"{key}={value}" for key, value in env.items()],
        "Cmd": list(plan.command),
        "Labels": {**(inherited.get("Labels") or {}), **plan.labels},
        "Healthcheck": {
            "Test": ["CMD", *health.command],
            "Interval": health.interval_s * SECOND_NS,
            "Timeout": health.timeout_s * SECOND_NS,
            "StartPeriod": health.start_period_s * SECOND_NS,
            "Retries": health.retries,
        },
    }
