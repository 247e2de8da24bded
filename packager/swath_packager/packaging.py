"""From what was asked on the command line to an image that has passed its examples, and only then bears its name."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from swath_packager.build import Built, build_archive, build_with_engine, emit_context
from swath_packager.engine import Engine, find_engine, require_engine
from swath_packager.errors import EngineFailed, FolderInUse, PlatformForeign
from swath_packager.order import Order
from swath_packager.platforms import host_platform
from swath_packager.store import Store, sweep, user_store
from swath_packager.trial import Trial, try_in_engine, try_without_engine

Report = Callable[[str], None]


@dataclass(frozen=True)
class Made:
    """What was built, how its examples went (None: they were not asked for), and whether it bears its name now."""

    built: Built
    trial: Trial | None

    @property
    def kept(self) -> bool:
        """Whether it is under its name: nothing failed."""
        return self.trial is None or self.trial.passed


def package(
    wanted: Order, builder: str | None, output: str | None, report: Report, *, quiet: bool, untried: bool = False
) -> Made:
    """Build an image and try it; it gets its name, or the archive its place, once its examples have passed.

    Without a builder named: the engine where one answers and no file or other platform is asked for, else an archive.
    Raises PackagerError.
    """
    store = user_store()
    store.sweep()
    foreign = wanted.plan.platform != host_platform()
    if builder == "docker" and foreign:
        raise PlatformForeign(wanted.plan.platform, host_platform())
    if builder == "docker" or (builder is None and output is None and not foreign):
        engine = require_engine("--builder docker") if builder == "docker" else find_engine()
        if engine:
            return _in_engine(wanted, engine, store, report, quiet=quiet, untried=untried)
        report("no engine answers: an archive is written without one")
    return _as_archive(wanted, Path(output or wanted.file_name), store, report, untried=untried or foreign)


def build(
    wanted: Order, builder: str | None, output: str | None, report: Report, *, quiet: bool
) -> tuple[Built, Engine | None]:
    """What was built, untried, under its name; and the engine that was there."""
    made = package(wanted, builder, output, report, quiet=quiet, untried=True)
    return made.built, find_engine() if made.built.builder == "docker" else None


def emit(wanted: Order, folder: Path, report: Report) -> Built:
    """What was written: a folder and a Dockerfile for another builder. It appears under its name when it is whole.

    Raises FolderInUse where something is there already, and PackagerError.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise FolderInUse(folder)
    store = user_store()
    store.sweep()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _unfinished(folder, is_folder=True) as place:
        built = emit_context(wanted, cache(find_engine), place, store, report)
        place.chmod(0o755)
        if folder.exists():
            folder.rmdir()
        place.rename(folder)
    return replace(built, file=folder)


def _in_engine(wanted: Order, engine: Engine, store: Store, report: Report, *, quiet: bool, untried: bool) -> Made:
    report(f"engine {engine.version} answers")
    built = build_with_engine(wanted, engine, store, report, quiet=quiet)
    try:
        trial = None if untried else try_in_engine(wanted, engine, report, image=built.digest)
        made = Made(built, trial)
        if made.kept:
            engine.tag(built.digest, wanted.plan.tag)
        return made
    finally:
        _forget_nameless(built.digest, engine)


def _forget_nameless(image: str, engine: Engine) -> None:
    """Remove an image that got no name; one that has one, of this build or an earlier, stays."""
    with contextlib.suppress(EngineFailed):
        if not (engine.inspect(image) or {"RepoTags": [image]}).get("RepoTags"):
            engine.remove_image(image)


def _as_archive(wanted: Order, output: Path, store: Store, report: Report, *, untried: bool) -> Made:
    output.parent.mkdir(parents=True, exist_ok=True)
    with _unfinished(output) as place:
        built = build_archive(wanted, cache(find_engine), place, store, report)
        trial = None if untried else try_without_engine(wanted, built, store, report)
        made = Made(replace(built, file=output), trial)
        if made.kept:
            _put(built.sbom, output.with_name(f"{output.name}.cdx.json"))
            place.replace(output)
        return made


def _put(content: bytes, path: Path) -> None:
    with _unfinished(path) as place:
        place.write_bytes(content)
        place.chmod(0o644)
        place.replace(path)


@contextlib.contextmanager
def _unfinished(path: Path, *, is_folder: bool = False) -> Generator[Path]:
    """A hidden place beside a path, gone afterwards unless it was renamed; what killed builds left there goes too."""
    prefix = f".{path.name}.unfinished-"
    sweep(path.parent, f"{prefix}*")
    place = Path(tempfile.mkdtemp(dir=path.parent, prefix=prefix))
    held = os.open(place, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        inner = place / path.name
        if is_folder:
            inner.mkdir()
        yield inner
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(held)
