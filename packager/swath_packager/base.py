"""The base image: the one asked for, else the profile's, else one assembled from Debian packages."""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swath_packager.archive import manifest_digest, write_archive
from swath_packager.archive_reading import read_archive
from swath_packager.compression import rules
from swath_packager.errors import ArchiveUnreadable, BaseUnavailable, BaseUnfit, EngineFailed, RegistryUnavailable
from swath_packager.image import Image, checked_python, python_of
from swath_packager.layers import FORMAT, StoredLayer, open_layer
from swath_packager.reference import parse_reference
from swath_packager.store import Store, digest_of

if TYPE_CHECKING:
    from swath_packager.engine import Engine
    from swath_packager.order import Order

Report = Callable[[str], None]
FindEngine = Callable[[], "Engine | None"]
Known = Callable[[str], None]  # told the minor version of the base's Python before the base is whole, where that can be
FRESH_S = 24 * 3600  # a base that was found by a tag is taken for a day; one named by digest for ever
ABSENT_S = 600  # a registry that did not answer is not asked again for that long
_PYTHON = re.compile(r"(?:\./)?usr/(?:local/)?bin/python(3\.\d+)")
_FILE = re.compile(r"[./~].*|.*\.(tar|tgz|oci|tar\.\w+)")


def unheard(python: str) -> None:
    """Nobody waits to hear which Python a base has."""


@dataclass(frozen=True)
class Base:
    """A base image that is at hand.

    `reference` is its name, `origin` where it came from, in words, `digest` that of its manifest where it is known.
    With an engine it is in the engine under that name; without one its layers are in the store (`image`).
    """

    reference: str
    origin: str
    python: str
    architecture: str
    image: Image | None = None
    digest: str | None = None


def base_in_engine(order: "Order", engine: "Engine", store: Store, report: Report, known: Known = unheard) -> Base:
    """The base as an image of the engine, for a build with it.

    Args:
        order: names the base that was asked for, if any, and the profile's.
        engine: where it will be.
        store: the cache.
        report: told of each step.
        known: told the base's Python, where that is known before the base is whole.

    Raises:
        BaseUnavailable: naming every way that was tried. BaseUnfit, ArchiveUnreadable.
    """
    wanted = order.plan.base
    if (path := _asked_file(order)) is not None:
        image = read_archive(path, store, architecture=order.architecture)
        name = f"swath-base/archive:{image.config['rootfs']['diff_ids'][-1].partition(':')[2][:12]}"
        return _loaded(name, f"the archive {path.name}", image, engine, store)
    tried: list[str] = []
    if not _is_assembled(wanted):
        if engine.inspect(wanted):
            return _held(wanted, "the engine", engine)
        tried.append(f"the engine: it does not hold {wanted}")
        if _registry_answers(wanted, store):
            try:
                report(f"pulling {wanted}")
                engine.pull(wanted)
                return _held(wanted, "its registry", engine)
            except EngineFailed as error:
                tried.append(f"the registry: {error.hint or error}")
        else:
            tried.append(f"the registry of {wanted}: it does not answer")
    return _loaded(*_assembled(order, store, report, tried, known), engine, store)


def base_in_store(
    order: "Order", find_engine: FindEngine, store: Store, report: Report, known: Known = unheard
) -> Base:
    """The base as layers in the store, for a build without an engine; an engine that answers may hold it.

    What was found for the profile's base is taken for a day, unless versions are chosen anew.
    Arguments and errors are those of `base_in_engine`.
    """
    wanted = order.plan.base
    if (path := _asked_file(order)) is not None:
        image = read_archive(path, store, architecture=order.architecture)
        return _stored(wanted, f"the archive {path.name}", image)
    tried: list[str] = []
    if _is_assembled(wanted):
        return _stored(*_assembled(order, store, report, tried, known))
    if (found := _remembered(order, store)) is not None:
        return found
    engine = find_engine()
    inspected = engine.inspect(wanted) if engine else None
    if engine and inspected and inspected.get("Architecture", order.architecture) == order.architecture:
        return _remember(order, _saved(wanted, engine, store), store)
    tried.append(f"the engine: it does not hold {wanted}" if engine else "an engine: none answers")
    if _registry_answers(wanted, store):
        from swath_packager.registry_client import RegistryClient

        try:
            image, digest = RegistryClient(parse_reference(wanted)).pull(store, order.architecture, report)
            return _remember(order, _stored(wanted, "its registry", image, digest), store)
        except RegistryUnavailable as error:
            tried.append(f"the registry: {error}")
    else:
        tried.append(f"the registry of {wanted}: it does not answer")
    return _remember(order, _stored(*_assembled(order, store, report, tried, known)), store)


def _is_assembled(wanted: str) -> bool:
    return wanted.startswith("debian:")


def _asked_file(order: "Order") -> Path | None:
    """The archive or layout that --base names, if it names one; raises ArchiveUnreadable where it is not there."""
    if order.base is None:
        return None
    path = Path(order.base)
    if path.exists():
        return path
    if _FILE.fullmatch(order.base):
        raise ArchiveUnreadable(path, "there is no such file or folder")
    return None


def _assembled(order: "Order", store: Store, report: Report, tried: list[str], known: Known) -> tuple[str, str, Image]:
    """A base from Debian packages; never in the place of another that was asked for by name."""
    from swath_packager import debian

    wanted = order.plan.base
    wish = debian.wish_of(wanted)
    if order.base and wish is None:
        raise BaseUnavailable(wanted, tried)
    try:
        name, image = debian.assemble(store, order.architecture, report, wish, order.plan.compression, known)
    except BaseUnavailable as error:
        raise BaseUnavailable(wanted, [*tried, *(f"Debian packages: {one}" for one in error.tried)]) from error
    return name, "Debian packages" if wish else "Debian packages, as no registry answers", image


def _registry_answers(wanted: str, store: Store) -> bool:
    """Whether the registry of an image answers; where it did not a moment ago, it is not asked again."""
    from swath_packager.registry_client import RegistryClient

    reference = parse_reference(wanted)
    note = store.text("absent-registries", digest_of(reference.registry))
    if note.is_file() and time.time() - note.stat().st_mtime < ABSENT_S:
        return False
    if RegistryClient(reference).answers():
        note.unlink(missing_ok=True)
        return True
    store.write_text("absent-registries", note.name, reference.registry)
    return False


def _note_key(order: "Order") -> str:
    return digest_of(
        "base 2", FORMAT, rules(order.plan.compression), order.plan.base, order.architecture, str(bool(order.base))
    )


def _remembered(order: "Order", store: Store) -> Base | None:
    """The profile's base as it was found before; one that was asked for by a tag is looked for each time."""
    wanted = order.plan.base
    note = store.text("bases", _note_key(order))
    fixed = "@" in wanted
    if order.relock or (order.base and not fixed) or not note.is_file():
        return None
    if not fixed and time.time() - note.stat().st_mtime > FRESH_S:
        return None
    told: dict[str, Any] = json.loads(note.read_text())
    layers = [(store.blob(one["blob"]), one["diff_id"], one["type"]) for one in told["layers"]]
    image = Image(told["config"], tuple(StoredLayer(blob, one, kind) for blob, one, kind in layers if blob))
    if len(image.layers) < len(layers):
        return None
    return Base(told["reference"], told["origin"], told["python"], order.architecture, image, told["digest"])


def _remember(order: "Order", base: Base, store: Store) -> Base:
    if base.image:
        layers = [
            {"blob": one.blob.digest, "diff_id": one.diff_id, "type": one.media_type} for one in base.image.layers
        ]
        told = {"reference": base.reference, "origin": base.origin, "python": base.python, "digest": base.digest}
        store.write_text("bases", _note_key(order), json.dumps({**told, "config": base.image.config, "layers": layers}))
    return base


def _saved(wanted: str, engine: "Engine", store: Store) -> Base:
    with store.workplace() as place:
        engine.save(wanted, place / "base.tar")
        return _stored(wanted, "the engine", read_archive(place / "base.tar", store))


def _held(reference: str, origin: str, engine: "Engine") -> Base:
    inspected = engine.inspect(reference) or {}
    config = {"config": inspected.get("Config")}
    python = python_of(config, reference) or checked_python(engine.python_of(reference), reference)
    known: list[str] = inspected.get("RepoDigests") or []
    digest = next((one.partition("@")[2] for one in known), None)
    return Base(reference, origin, python, inspected.get("Architecture", engine.architecture), None, digest)


def _loaded(name: str, origin: str, image: Image, engine: "Engine", store: Store) -> Base:
    if engine.inspect(name) is None:
        with store.workplace() as place:
            write_archive(image, name, place / "base.tar")
            engine.load(place / "base.tar")
    return replace(_held(name, origin, engine), digest=manifest_digest(image))


def _stored(reference: str, origin: str, image: Image, digest: str | None = None) -> Base:
    if not image.layers:
        raise BaseUnfit(reference, "it has no layers")
    python = python_of(image.config, reference)
    python = python or _python_in(image.layers)
    if python is None:
        raise BaseUnfit(reference, "there is no python3.N in a bin folder of its layers")
    python = checked_python(python, reference)
    return Base(reference, origin, python, image.architecture, image, digest or manifest_digest(image))


def _python_in(layers: Sequence[StoredLayer]) -> str | None:
    """Minor version of the python3 that the layers' files show, the topmost first."""
    for layer in reversed(layers):
        with open_layer(layer) as tar:
            found = [match[1] for one in tar if (match := _PYTHON.fullmatch(one.name))]
        if found:
            return found[0]
    return None
