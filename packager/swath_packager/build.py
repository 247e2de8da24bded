"""From a plan to an image: through an engine, as an archive without one, or as a folder for other builders."""

import contextlib
import fcntl
import shutil
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from swath_packager.archive import write_archive
from swath_packager.base import Base, FindEngine, base_in_engine, base_in_store
from swath_packager.compression import Compression
from swath_packager.dockerfile import dockerfile
from swath_packager.engine import Engine
from swath_packager.flattening import unpack_image
from swath_packager.image import compose, container_config
from swath_packager.layers import StoredLayer, make_layer, tree_entries
from swath_packager.order import Order
from swath_packager.parts import Parts, nobody
from swath_packager.plan import Plan
from swath_packager.preparing import prepare
from swath_packager.resolver import Target
from swath_packager.store import Store, digest_of
from swath_packager.trees import Tree, lay_out

Report = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """What was made. `digest` is the image's id (docker) or the manifest's digest (oci); `size_bytes` as the engine
    counts it unpacked, or the archive's. `file` is the archive, or None for an image in an engine. `sizes` are those of
    an archive's layers, compressed, in bytes."""

    order: Order
    builder: str
    base: Base
    parts: Parts
    target: Target
    digest: str
    size_bytes: int
    layers: tuple[str, ...]
    file: Path | None = None
    sizes: tuple[int, ...] = ()

    @property
    def sbom(self) -> bytes:
        """The bill of materials that lies in the image."""
        (written,) = (one for one in self.parts.trees["sbom"].folder.rglob("*") if one.is_file())
        return written.read_bytes()


def build_with_engine(
    wanted: Order, engine: Engine, store: Store, report: Report, *, quiet: bool, tag: str | None = None
) -> Built:
    """Build the plan's image in an engine, from a staged folder and without network.

    `report` hears of each step; a `quiet` engine shows nothing of its own. The image has no name but `tag`, if one is
    given. Raises PackagerError.
    """
    client = engine.build_client()
    made = prepare(wanted, partial(base_in_engine, wanted, engine, store, report), store, report, nobody, engine)
    base, plan, parts = made.base, made.plan, made.parts
    with _context(plan, store) as context:
        places = {name: f"layers/{name}-{digest_of(tree.key)[:16]}" for name, tree in parts.trees.items()}
        (context / "Dockerfile").write_text(dockerfile(plan, base.reference, _copies(places, parts.trees)))
        _forget_all_but(context, places.values())
        for name, tree in parts.trees.items():
            _stage(tree.folder, tree.key, context / places[name])
        report(f"building {plan.tag} with {'BuildKit' if client.build_kit else 'the legacy builder'}")
        digest = client.build(context, tag, quiet=quiet)
    size = (engine.inspect(digest) or {}).get("Size", 0)
    return Built(wanted, "docker", base, parts, made.target, digest, size, ("base", *parts.trees))


def build_archive(wanted: Order, find_engine: FindEngine, output: Path, store: Store, report: Report) -> Built:
    """Write the plan's image as an archive; an engine that answers may give the base. Raises PackagerError."""
    packed: dict[str, Future[StoredLayer]] = {}
    with ThreadPoolExecutor() as pool:

        def pack(name: str, tree: Tree) -> None:
            report(f"packing the layer {name}")
            packed[name] = pool.submit(_packed, tree, store, wanted.plan.compression)

        made = prepare(wanted, partial(base_in_store, wanted, find_engine, store, report), store, report, pack)
        layers = {name: packed[name].result() for name in made.parts.trees}
    base = made.base
    if base.image is None:
        raise RuntimeError("a base for an archive has its layers in the store")
    image = compose(base.image, layers, made.plan)
    report(f"writing {output.name}")
    digest = write_archive(image, made.plan.tag, output)
    sizes = (sum(one.blob.size for one in base.image.layers), *(one.blob.size for one in layers.values()))
    names = ("base", *layers)
    size = output.stat().st_size
    return Built(wanted, "oci", base, made.parts, made.target, digest, size, names, output, sizes)


def _packed(tree: Tree, store: Store, compression: Compression) -> StoredLayer:
    entries = tree_entries(tree.folder, tree.destination)
    return make_layer(entries, store, key=digest_of(tree.key, tree.destination), compression=compression)


def emit_context(wanted: Order, find_engine: FindEngine, folder: Path, store: Store, report: Report) -> Built:
    """Write a folder with a Dockerfile that any builder makes the plan's image of: docker, buildah, podman, kaniko.

    A base that no registry has (an archive, or one assembled here) is laid out in it, so that nothing else is needed.
    """
    made = prepare(wanted, partial(base_in_store, wanted, find_engine, store, report), store, report, nobody)
    base, plan, parts = made.base, made.plan, made.parts
    places = {name: f"layers/{name}" for name in parts.trees}
    copies = _copies(places, parts.trees)
    if base.origin in ("the engine", "its registry"):
        text = dockerfile(plan, base.reference, copies)
    else:
        report("laying out the base")
        (folder / "layers" / "base").mkdir(parents=True)
        inherited = base.image
        if inherited is None:
            raise RuntimeError("a base for a folder has its layers in the store")
        unpack_image(inherited, folder / "layers" / "base")
        env = dict(line.split("=", 1) for line in container_config(inherited.config).get("Env") or ())
        whole = replace(plan, env={**env, **plan.env})
        text = dockerfile(whole, "scratch", [("layers/base", ""), *copies])
    for name, tree in parts.trees.items():
        shutil.copytree(tree.folder, folder / places[name], symlinks=True)
    (folder / "Dockerfile").write_text(text)
    names = ("base", *parts.trees)
    return Built(wanted, "folder", base, parts, made.target, "", 0, names, folder)


def _copies(places: Mapping[str, str], trees: Mapping[str, Tree]) -> list[tuple[str, str]]:
    return [(places[name], tree.destination.rstrip("/")) for name, tree in trees.items()]


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
    with contextlib.suppress(FileNotFoundError):
        note.unlink()
    shutil.rmtree(place, ignore_errors=True)
    lay_out(tree, place)
    note.write_text(key)
