"""From what was asked on the command line to an image that has passed its examples."""

from collections.abc import Callable
from pathlib import Path

from swath_packager.build import Built, build_archive, build_with_engine
from swath_packager.engine import Engine, find_engine, require_engine
from swath_packager.order import Order
from swath_packager.store import user_store
from swath_packager.trial import Trial, try_in_engine, try_without_engine

Report = Callable[[str], None]


def build(
    wanted: Order, builder: str | None, output: str | None, report: Report, *, quiet: bool
) -> tuple[Built, Engine | None]:
    """What was built, and the engine that was there.

    Without a builder named: the engine where one answers and no file is asked for, else an archive.
    """
    engine = require_engine("--builder docker") if builder == "docker" else find_engine()
    store = user_store()
    if engine and builder != "oci" and output is None:
        report(f"engine {engine.version} answers {engine.command}")
        built = build_with_engine(wanted, engine, store, report, quiet=quiet)
        return built, engine
    if builder is None and engine is None:
        report("no engine answers: an archive is written without one")
    file = Path(output or wanted.file_name)
    return build_archive(wanted, engine, file, store, report), engine


def try_it(wanted: Order, built: Built, engine: Engine | None, report: Report) -> Trial:
    """How the algorithm's examples go on what was built: in a container where it is in an engine, else without one."""
    if built.builder == "docker" and engine is not None:
        return try_in_engine(wanted, engine, report)
    return try_without_engine(wanted, built, user_store(), report)
