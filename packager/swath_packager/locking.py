"""The lock of an image: from beside the algorithm, else from Swath's own, else resolved now and kept."""

import difflib
import os
import tempfile
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from swath_packager.errors import LockStale
from swath_packager.lockfile import LOCK, LockFile, Section, read_lock_file
from swath_packager.resolution import Lock, name_of, resolve
from swath_packager.resolver import Target, Wanted
from swath_packager.store import Store

SERVICE_LOCK = Path(str(files("swath_packager") / "service.lock"))
Report = Callable[[str], None]


def locked(
    wanted: Wanted,
    image: tuple[str, str],
    folder: Path,
    target: Target,
    store: Store,
    report: Report,
    *,
    relock: bool = False,
) -> tuple[Lock, tuple[str, ...]]:
    """The lock of an image, and what its maker should know about it.

    An algorithm that asks for nothing itself shares Swath's own lock, which comes with this package and knows the
    runtime's extras, too; one that does, or that was given a lock of its own, has `requirements.lock` beside it,
    written where it is missing.

    Args:
        wanted: what is asked for.
        image: runtime and profile.
        folder: the algorithm's.
        target: the Python and the platform.
        store: the cache.
        report: told of each step.
        relock: resolve anew, and write that beside the algorithm.

    Raises:
        LockStale: what is asked for has changed since. LockUnreadable, RequirementsConflict, DependenciesUnavailable.
    """
    path = folder / LOCK
    beside = read_lock_file(path)
    section = beside.section(*image, target, wanted.extras)
    if section and not relock:
        _refuse_stale(section, wanted, path)
        return beside.lock(section), ()
    if not wanted.own and not relock and not beside.sections:
        return _shared(wanted, image, target, store, report), ()
    preferred = () if relock else tuple(pin for one in beside.sections[:1] for pin in one.pins)
    lock = resolve(wanted, target, store, report, preferred=preferred, anew=relock)
    return lock, _kept(path, image, target, wanted, lock)


def section_of(wanted: Wanted, image: tuple[str, str], target: Target, lock: Lock) -> Section:
    """The section of a lock file that tells a resolution."""
    platform = f"linux/{target.architecture}"
    return Section(*image, target.python, platform, wanted.asked, wanted.service, lock.pins, wanted.extras)


def _refuse_stale(section: Section, wanted: Wanted, path: Path) -> None:
    for who, then, now in (
        ("the algorithm asks", section.asked, wanted.asked),
        ("Swath asks", section.service, wanted.service),
    ):
        if then != now:
            changed = [one for one in difflib.ndiff(then, now) if one[0] in "+-"]
            raise LockStale(path, f"{who} for other things than when it was written", changed)


def shared(ours: LockFile, wanted: Wanted, image: tuple[str, str], target: Target) -> Lock | None:
    """The lock of what Swath itself wants, out of its own: the section of the image, and what each extra adds to it.

    None where it holds other requirements, or two versions of one distribution.
    """
    sections = _sections(ours, wanted, image, target)
    entries = sorted({entry for one in sections for entry in ours.lock(one).entries}, key=name_of)
    fits = {line for one in sections for line in one.service} == set(wanted.service)
    one_of_each = len({name_of(one) for one in entries}) == len(entries)
    return Lock(tuple(entries)) if fits and one_of_each else None


def _sections(ours: LockFile, wanted: Wanted, image: tuple[str, str], target: Target) -> list[Section]:
    found = [ours.section(*image, target, extras) for extras in ((), *((one,) for one in wanted.extras))]
    return [one for one in found if one]


def _shared(wanted: Wanted, image: tuple[str, str], target: Target, store: Store, report: Report) -> Lock:
    ours = read_lock_file(SERVICE_LOCK)
    if lock := shared(ours, wanted, image, target):
        return lock
    near = _sections(ours, wanted, image, target)
    return resolve(wanted, target, store, report, preferred=[pin for one in near for pin in one.pins])


def _kept(path: Path, image: tuple[str, str], target: Target, wanted: Wanted, lock: Lock) -> tuple[str, ...]:
    """Write the lock file with the new section; tells where that cannot be done."""
    text = read_lock_file(path).with_section(section_of(wanted, image, target, lock), lock).text
    try:
        _write(path, text)
    except OSError as error:
        return (f"{path} can't be written ({error.strerror}): these versions are kept in the cache only, for a day",)
    return ()


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_service_lock(sections: Sequence[tuple[Section, Lock]], path: Path = SERVICE_LOCK) -> None:
    """Write the lock that algorithms without requirements share."""
    made = LockFile()
    for section, lock in sections:
        made = made.with_section(section, lock)
    _write(path, made.text)
