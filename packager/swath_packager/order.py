"""What was asked for, understood: an algorithm, a profile and a plan."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from swath_algorithm.folder import Algorithm, open_algorithm
from swath_packager.compression import Compression
from swath_packager.distributions import Closure, closure_of
from swath_packager.errors import PlatformUnknown
from swath_packager.extras import checked_extras
from swath_packager.lockfile import LOCK
from swath_packager.locking import SERVICE_LOCK
from swath_packager.plan import Plan, Source, make_plan
from swath_packager.platforms import host_platform
from swath_packager.profile import Profile, read_profile
from swath_packager.project import Project, read_project
from swath_packager.requirements import Asked, asked_by
from swath_packager.resolver import Wanted
from swath_packager.runtimes import distribution_of
from swath_packager.secrets import refuse_secrets
from swath_packager.trees import algorithm_files, extra_files

PLATFORMS = ("linux/amd64", "linux/arm64")


@dataclass(frozen=True)
class Order:
    """What was asked for, understood: the algorithm, the profile, the plan, and the base that was named (or None).

    `closure` is what the runtime stands on, `asked` what the algorithm requires of its own, `project` what its
    pyproject.toml says, `relock` whether versions are chosen anew.
    """

    algorithm: Algorithm
    profile: Profile
    plan: Plan
    base: str | None
    closure: Closure
    asked: tuple[Asked, ...] = ()
    project: Project = field(default_factory=Project)
    relock: bool = False

    @property
    def file_name(self) -> str:
        """Name of the archive where none was given."""
        plan = self.plan
        other = "" if plan.platform == host_platform() else f"-{plan.platform.partition('/')[2]}"
        return f"{plan.algorithm}-{plan.version}-{plan.runtime}-{plan.profile}{other}.tar"

    @property
    def architecture(self) -> str:
        """Of the image: "amd64" or "arm64"."""
        return self.plan.platform.partition("/")[2]

    @property
    def wanted(self) -> Wanted:
        """What is to be resolved for it."""
        requirements = (*self.profile.requirements, *self.closure.requirements)
        return Wanted(requirements, self.profile.constraints, self.asked, self.plan.extras)


def order(
    algorithm: str,
    runtime: str,
    profile: str,
    *,
    base: str | None = None,
    tag: str | None = None,
    platform: str | None = None,
    slim: bool = False,
    compression: Compression | None = None,
    labels: Mapping[str, str] = MappingProxyType({}),
    relock: bool = False,
    extras: Sequence[str] = (),
) -> Order:
    """The order that some words mean; raises what is wrong with them, before anything is made."""
    distribution = distribution_of(runtime)
    chosen = read_profile(profile)
    where = platform or chosen.platform or host_platform()
    if where not in PLATFORMS:
        raise PlatformUnknown(where, PLATFORMS)
    opened = open_algorithm(algorithm)
    refuse_secrets(opened.folder, algorithm_files(opened.folder))
    project = read_project(opened.folder) or Project()
    parts = checked_extras([*extras, *project.extras])
    asked, closure = asked_by(opened.folder), closure_of(distribution, parts)
    plan = make_plan(
        opened,
        runtime,
        distribution,
        chosen,
        base=base,
        tag=tag,
        platform=where,
        slim=slim,
        compression=compression or ("zstd" if slim else "gzip"),
        labels=labels,
        project=project,
        extras=parts,
        sources=_sources(opened, chosen, project, asked, closure),
    )
    return Order(opened, chosen, plan, base, closure, asked, project, relock)


def _sources(
    algorithm: Algorithm, profile: Profile, project: Project, asked: tuple[Asked, ...], closure: Closure
) -> dict[str, tuple[Source, ...]]:
    """What each layer is made from, as far as it can be known before anything is fetched."""
    lock = next((one for one in (algorithm.folder / LOCK, SERVICE_LOCK) if one.is_file()), None)
    locks = [_file(lock.name, lock)] if lock else []
    lines = [Source(one) for one in (*profile.requirements, *closure.requirements)]
    own = [_file(one.line, one.wheel) if one.wheel else Source(one.line) for one in asked]
    model = algorithm.model
    inside = [one for one in algorithm_files(algorithm.folder) if one != model]
    return {
        **{one.name: (*(Source(name) for name in one.distributions), *locks) for one in profile.layers},
        "dependencies": (*lines, *own, *locks),
        "runtime": tuple(Source(name, f"sha256:{digest}") for name, digest in closure.digests.items()),
        "files": tuple(_file(place, path) for place, path in extra_files(project.files).items()),
        "model": (_file(model.name, model),) if model and model.is_file() else (),
        "algorithm": tuple(_file(one.relative_to(algorithm.folder).as_posix(), one) for one in inside),
    }


def _file(name: str, path: Path) -> Source:
    with path.open("rb") as stream:
        return Source(name, f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}")
