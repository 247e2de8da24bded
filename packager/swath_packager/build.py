"""From a plan to an image: through an engine, or as an archive without one."""

import fcntl
import shutil
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from swath_packager.archive import write_archive
from swath_packager.base import Base, base_in_engine, base_in_store
from swath_packager.dockerfile import dockerfile
from swath_packager.engine import Engine
from swath_packager.image import compose
from swath_packager.layers import StoredLayer, make_layer, tree_entries
from swath_packager.order import Order
from swath_packager.parts import Parts, make_parts
from swath_packager.plan import Plan
from swath_packager.resolution import Target
from swath_packager.store import Store, digest_of
from swath_packager.trees import lay_out

Report = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What was made. `digest` is the image's id (docker) or the manifest's digest (oci); `size_bytes` as the engine
    counts it unpacked, or the archive's. `file` is the archive, or None for an image in an engine."""

    order: Order
    builder: str
    base: Base
    parts: Parts
    target: Target
    digest: str
    size_bytes: int
    layers: tuple[str, ...]
    file: Path | None = None


def build_with_engine(wanted: Order, engine: Engine, store: Store, report: Report, *, quiet: bool) -> Built:
    """Build the plan's image in an engine, from a staged folder and without network.

    `report` hears of each step; a `quiet` engine shows nothing of its own. Raises PackagerError.
    """
    plan = wanted.plan
    base = base_in_engine(wanted, engine, store, report, quiet=quiet)
    report(f"base {base.reference}, from {base.origin}: Python {base.python}")
    target = Target(base.python, base.architecture)
    parts = make_parts(wanted, target, store, report)
    with _context(plan, store) as context:
        places = {name: f"layers/{name}-{digest_of(tree.key)[:16]}" for name, tree in parts.trees.items()}
        copies = [(places[name], tree.destination) for name, tree in parts.trees.items()]
        (context / "Dockerfile").write_text(dockerfile(plan, base.reference, copies))
        _forget_all_but(context, places.values())
        for name, tree in parts.trees.items():
            _stage(tree.folder, tree.key, context / places[name])
        report(f"building {plan.tag} with {'BuildKit' if engine.build_kit else 'the legacy builder'}")
        digest = engine.build(context, plan.tag, quiet=quiet)
    size = (engine.inspect(digest) or {}).get("Size", 0)
    return Built(wanted, "docker", base, parts, target, digest, size, ("base", *parts.trees))


def build_archive(wanted: Order, engine: Engine | None, output: Path, store: Store, report: Report) -> Built:
    """Write the plan's image as an archive; an engine that answers may give the base. Raises PackagerError."""
    plan = wanted.plan
    base = base_in_store(wanted, engine, store, report)
    report(f"base {base.reference}, from {base.origin}: Python {base.python}")
    target = Target(base.python, base.architecture)
    parts = make_parts(wanted, target, store, report)
    layers: dict[str, StoredLayer] = {}
    for name, tree in parts.trees.items():
        report(f"packing the layer {name}")
        layers[name] = make_layer(tree_entries(tree.folder, tree.destination), store, key=tree.key)
    if base.image is None:
        raise RuntimeError("a base for an archive has its layers in the store")
    report(f"writing {output}")
    digest = write_archive(compose(base.image, layers, plan), plan.tag, output)
    return Built(wanted, "oci", base, parts, target, digest, output.stat().st_size, ("base", *layers), output)


@contextmanager
def _context(plan: Plan, store: Store) -> Generator[Path]:
    """The folder that an image is built from. It keeps its path, as BuildKit sends only what changed in one that it
    knows; builds of the same image take turns."""
    folder = store.folder / "contexts" / digest_of(plan.tag)[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        (folder / "layers").mkdir(exist_ok=True)
        yield folder


def _forget_all_but(context: Path, places: Iterable[str]) -> None:
    """Remove what an earlier build staged. A place is named after its content: BuildKit compares files by path, size
    and time alone, and all our times are one, so that an edit which keeps the size would not be seen at an old path."""
    kept = {context / place for place in places}
    for old in (context / "layers").iterdir():
        if old.is_dir() and old not in kept:
            old.with_suffix(".key").unlink(missing_ok=True)
            shutil.rmtree(old, ignore_errors=True)


def _stage(tree: Path, key: str, place: Path) -> None:
    """The tree's files in the context, as links to the store's own where the file system allows."""
    note = place.with_suffix(".key")
    if place.is_dir() and note.is_file() and note.read_text() == key:
        return
    note.unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)
    lay_out(tree, place)
    note.write_text(key)
