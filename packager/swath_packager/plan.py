"""What an image will be: pure data, made before anything is fetched or built, and comparable in tests.

Layers go from what changes least to what changes most, so that an edit of process.py makes only the last one anew.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any

from swath_algorithm.folder import Algorithm
from swath_packager.compression import Compression
from swath_packager.errors import ModelMissing, ProfileNotAllowed, TagInvalid
from swath_packager.extras import CORE
from swath_packager.inside import ALGORITHM, COMMAND, DEPENDENCIES, ENVIRONMENT, PORT, ROOT, RUNTIME, USER
from swath_packager.labels import image_labels
from swath_packager.profile import Profile
from swath_packager.project import Project

_TAG = re.compile(
    r"(?:[a-z0-9][a-z0-9.-]*(?::[0-9]+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?"
)


@dataclass(frozen=True)
class Source:
    """Something that a layer is made from: a file, a distribution, a requirement. `digest` is "sha256:…" of its bytes,
    or None for what is known only once it is fetched."""

    name: str
    digest: str | None = None


@dataclass(frozen=True)
class Layer:
    """One layer: what it is called, the folder of the image that it fills, what it holds, in words, and what it is
    made from."""

    name: str
    destination: str
    contents: tuple[str, ...]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Healthcheck:
    """How an engine asks whether the service is alive; times in seconds."""

    command: tuple[str, ...] = (*COMMAND, "--health")
    interval_s: int = 10
    timeout_s: int = 5
    start_period_s: int = 30
    retries: int = 3


@dataclass(frozen=True)
class Plan:
    """An image to be: an algorithm × a runtime × a profile on a base."""

    algorithm: str
    version: str
    runtime: str
    distribution: str
    profile: str
    base: str
    tag: str
    layers: tuple[Layer, ...]
    env: Mapping[str, str]
    labels: Mapping[str, str]
    healthcheck: Healthcheck
    platform: str = "linux/amd64"
    slim: bool = False
    compression: Compression = "gzip"
    extras: tuple[str, ...] = ()
    user: str = USER
    port: int = PORT
    command: tuple[str, ...] = COMMAND

    def as_json(self) -> dict[str, Any]:
        """The plan as a JSON value; tuples become lists."""
        return json.loads(json.dumps(asdict(self)))

    def as_text(self) -> str:
        """The plan for a reader: layers bottom-up, environment, what is started and as whom."""
        layers = [f"  {'base':<14}{self.base}"]
        for layer in self.layers:
            layers += [
                f"  {layer.name:<14}{layer.destination}",
                *(f"  {'':<16}{one}" for one in layer.contents),
                *(f"  {'':<18}{one.name}  {one.digest[:19]}" for one in layer.sources if one.digest),
            ]
        labels = [f"  {key}={_cut(value)}" for key, value in self.labels.items()]
        health = self.healthcheck
        return "\n".join([
            f"image        {self.tag}",
            f"algorithm    {self.algorithm} {self.version}",
            f"runtime      {self.runtime} ({self.distribution})",
            f"profile      {self.profile}{', slim' if self.slim else ''}",
            *([f"with         {', '.join(self.extras)}"] if self.extras else []),
            f"platform     {self.platform}",
            "layers, bottom-up",
            *layers,
            f"starts       {' '.join(self.command)}, as user {self.user}, on port {self.port}",
            f"healthcheck  {' '.join(health.command)}, every {health.interval_s} s",
            "environment",
            *(f"  {key}={value}" for key, value in self.env.items()),
            "labels",
            *labels,
        ])  # fmt: skip


def make_plan(
    algorithm: Algorithm,
    runtime: str,
    distribution: str,
    profile: Profile,
    *,
    base: str | None = None,
    tag: str | None = None,
    platform: str = "linux/amd64",
    slim: bool = False,
    compression: Compression = "gzip",
    labels: Mapping[str, str] = MappingProxyType({}),
    project: Project | None = None,
    extras: tuple[str, ...] = (),
    sources: Mapping[str, tuple[Source, ...]] = MappingProxyType({}),
) -> Plan:
    """The plan of one image.

    Args:
        algorithm: the folder, opened.
        runtime: name of the runtime, such as "fastapi".
        distribution: the distribution that declares it, such as "swath-fastapi".
        profile: the hardware to run on.
        base: image, archive or layout to stand on; the profile's where None.
        tag: name of the image; `swath/<algorithm>:<version>-<runtime>-<profile>` where None.
        platform: "linux/amd64" or "linux/arm64".
        slim: whether libraries lose what only debuggers read, and tools that few call.
        compression: of an archive's layers.
        labels: more labels, over Swath's own.
        project: what pyproject.toml beside the algorithm asks for.
        extras: those of the runtime that the image carries, sorted.
        sources: what each layer is made from, by its name.

    Raises:
        ProfileNotAllowed, ModelMissing, TagInvalid.
    """
    if profile.name not in algorithm.profiles:
        raise ProfileNotAllowed(algorithm.name, profile.name, algorithm.profiles)
    name = tag or f"swath/{algorithm.name}:{algorithm.version.replace('+', '_')}-{runtime}-{profile.name}"
    if not _TAG.fullmatch(name):
        raise TagInvalid(name)
    wanted = project or Project()
    own = {"SWATH_PROFILE": profile.name, "SWATH_RUNTIME": runtime}
    layers = _layers(algorithm, distribution, profile, wanted, extras)
    return Plan(
        algorithm=algorithm.name,
        version=algorithm.version,
        runtime=runtime,
        distribution=distribution,
        profile=profile.name,
        base=base or profile.base,
        tag=name,
        layers=tuple(replace(one, sources=sources.get(one.name, ())) for one in layers),
        env=dict(sorted({**ENVIRONMENT, **own, **profile.env, **wanted.env}.items())),
        labels={**image_labels(algorithm, runtime, profile.name, extras), **labels},
        healthcheck=Healthcheck(),
        platform=platform,
        slim=slim,
        compression=compression,
        extras=extras,
    )


def _layers(
    algorithm: Algorithm, distribution: str, profile: Profile, project: Project, extras: Sequence[str]
) -> Iterator[Layer]:
    own = [f"-r {algorithm.requirements.name}"] if algorithm.requirements else []
    own += list(project.dependencies)
    required = [f"what {distribution} requires", *([f"{CORE}[{','.join(extras)}]"] if extras else [])]
    if project.apt:
        yield Layer("system", "/", project.apt)
    for one in profile.layers:
        yield Layer(one.name, DEPENDENCIES, one.distributions)
    yield Layer("dependencies", DEPENDENCIES, (*profile.requirements, *required, *own))
    yield Layer("runtime", RUNTIME, (f"{distribution} and what it stands on",))
    if project.files:
        yield Layer("files", "/", tuple(project.files))
    if model := algorithm.model:
        if algorithm.model_elsewhere is None and not model.is_file():
            raise ModelMissing(algorithm.name, algorithm.describe["model"]["href"])
        yield Layer("model", ALGORITHM, (model.relative_to(algorithm.folder).as_posix(),))
    yield Layer("sbom", ROOT, ("sbom.cdx.json: what the image is made of",))
    told = f"{algorithm.name}: describe.yml, process.py and what stands beside them"
    yield Layer("algorithm", ALGORITHM, (told,))


def _cut(text: str, length: int = 100) -> str:
    return text if len(text) <= length else f"{text[:length]}… ({len(text)} characters)"
