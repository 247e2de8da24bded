"""The base image: the one asked for, else the profile's, else one assembled from Debian packages."""

import platform
import re
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from swath_packager import debian
from swath_packager.archive import write_archive
from swath_packager.archive_reading import read_archive
from swath_packager.engine import Engine
from swath_packager.errors import BaseUnavailable, BaseUnfit, EngineFailed, RegistryUnavailable
from swath_packager.image import Image, checked_python, python_of
from swath_packager.layers import StoredLayer
from swath_packager.order import Order
from swath_packager.reference import parse_reference
from swath_packager.registry_client import RegistryClient
from swath_packager.store import Store

Report = Callable[[str], None]
_PYTHON = re.compile(r"(?:\./)?usr/(?:local/)?bin/python(3\.\d+)")
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Base:
    """A base image that is at hand.

    `reference` is its name, `origin` where it came from, in words. With an engine it is in the engine under that
    name; without one its layers are in the store (`image`).
    """

    reference: str
    origin: str
    python: str
    architecture: str
    image: Image | None = None


def host_architecture() -> str:
    """Architecture of this machine, as images spell it: "amd64", "arm64"."""
    return _MACHINES.get(platform.machine(), platform.machine())


def base_in_engine(order: Order, engine: Engine, store: Store, report: Report, *, quiet: bool) -> Base:
    """The base as an image of the engine, for a build with it.

    Args:
        order: names the base that was asked for, if any, and the profile's.
        engine: where it will be.
        store: the cache.
        report: told of each step.
        quiet: whether the engine's own progress stays hidden.

    Raises:
        BaseUnavailable: naming every way that was tried. BaseUnfit, ArchiveUnreadable.
    """
    asked = order.base
    if asked and Path(asked).exists():
        image = read_archive(Path(asked), store, architecture=engine.architecture)
        name = f"swath-base/archive:{image.config['rootfs']['diff_ids'][-1].partition(':')[2][:12]}"
        return _loaded(name, f"the archive {asked}", image, engine, store)
    wanted = order.plan.base
    if engine.inspect(wanted):
        return _held(wanted, "the engine", engine)
    tried = [f"the engine: it does not hold {wanted}"]
    reference = parse_reference(wanted)
    if RegistryClient(reference).answers():
        try:
            report(f"pulling {wanted}")
            engine.pull(wanted, quiet=quiet)
            return _held(wanted, "its registry", engine)
        except EngineFailed as error:
            tried.append(f"the registry: {error.hint or error}")
    else:
        tried.append(f"the registry of {wanted}: it does not answer")
    return _loaded(*_assembled(order, engine.architecture, store, report, tried), engine, store)


def base_in_store(order: Order, engine: Engine | None, store: Store, report: Report) -> Base:
    """The base as layers in the store, for a build without an engine; an engine that answers is asked for it first.

    Arguments and errors are those of `base_in_engine`.
    """
    architecture = host_architecture()
    asked = order.base
    if asked and Path(asked).exists():
        image = read_archive(Path(asked), store, architecture=architecture)
        return _stored(asked, f"the archive {asked}", image)
    wanted = order.plan.base
    tried: list[str] = []
    if engine and engine.inspect(wanted):
        with store.workplace() as place:
            engine.save(wanted, place / "base.tar")
            return _stored(wanted, "the engine", read_archive(place / "base.tar", store))
    tried.append(f"the engine: it does not hold {wanted}" if engine else "an engine: none answers")
    registry = RegistryClient(parse_reference(wanted))
    if registry.answers():
        try:
            return _stored(wanted, "its registry", registry.pull(store, architecture, report))
        except RegistryUnavailable as error:
            tried.append(f"the registry: {error}")
    else:
        tried.append(f"the registry of {wanted}: it does not answer")
    name, origin, image = _assembled(order, architecture, store, report, tried)
    return _stored(name, origin, image)


def _assembled(
    order: Order, architecture: str, store: Store, report: Report, tried: list[str]
) -> tuple[str, str, Image]:
    """A base from Debian packages; never in the place of one that was asked for by name."""
    wanted = order.plan.base
    if order.base:
        raise BaseUnavailable(wanted, tried)
    if missing := debian.at_hand():
        raise BaseUnavailable(wanted, [*tried, f"Debian packages: {missing}"])
    try:
        name, image = debian.assemble(store, architecture, report)
    except BaseUnavailable as error:
        raise BaseUnavailable(wanted, [*tried, *(f"Debian packages: {one}" for one in error.tried)]) from error
    return name, "Debian packages, as no registry answers", image


def _held(reference: str, origin: str, engine: Engine) -> Base:
    inspected = engine.inspect(reference) or {}
    config = {"config": inspected.get("Config")}
    python = python_of(config, reference) or checked_python(engine.python_of(reference), reference)
    return Base(reference, origin, python, inspected.get("Architecture", engine.architecture))


def _loaded(name: str, origin: str, image: Image, engine: Engine, store: Store) -> Base:
    if engine.inspect(name) is None:
        with store.workplace() as place:
            write_archive(image, name, place / "base.tar")
            engine.load(place / "base.tar")
    return _held(name, origin, engine)


def _stored(reference: str, origin: str, image: Image) -> Base:
    python = python_of(image.config, reference)
    python = python or _python_in(image.layers)
    if python is None:
        raise BaseUnfit(reference, "there is no python3.N in a bin folder of its layers")
    python = checked_python(python, reference)
    return Base(reference, origin, python, image.architecture, image)


def _python_in(layers: Sequence[StoredLayer]) -> str | None:
    """Minor version of the python3 that the layers' files show, the topmost first."""
    for layer in reversed(layers):
        with tarfile.open(layer.blob.path) as tar:
            found = [match[1] for name in tar.getnames() if (match := _PYTHON.fullmatch(name))]
        if found:
            return found[0]
    return None
