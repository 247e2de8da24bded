"""Folders as they will lie in an image: installed wheels, cleaned, compiled, the same bytes wherever they are made."""

import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from swath_packager.compiling import compile_tree, find_python
from swath_packager.distributions import Closure, unpacked
from swath_packager.errors import DependenciesUnavailable
from swath_packager.inside import ALGORITHM, DEPENDENCIES, RUNTIME
from swath_packager.layers import epoch
from swath_packager.lockfile import LOCK
from swath_packager.resolution import Lock
from swath_packager.resolver import Target, found_at
from swath_packager.secrets import is_holder
from swath_packager.store import Store, digest_of
from swath_packager.trimming import correct_records, trim
from swath_packager.uv_command import run_uv

_LEFT_BEHIND = ("examples", "tests", "__pycache__", LOCK)  # an image holds no test data
_RUBBISH = re.compile(r"\..*|.*\.pyc|__pycache__")
_RULES = "trees 5"  # raise it when the same inputs give another tree


@dataclass(frozen=True)
class Tree:
    """A folder of the store, the digest of what it was made from, and where it goes in the image."""

    key: str
    folder: Path
    destination: str


def dependencies_tree(lock: Lock, target: Target, store: Store, *, slim: bool, wheels: Sequence[Path] = ()) -> Tree:
    """The wheels of a lock, installed for the image's Python; `wheels` are the algorithm's own.

    Raises DependenciesUnavailable.
    """
    python = find_python(target.python)
    key = digest_of(_RULES, lock.text, target.python, target.platform, _how(python), *(["slim"] if slim else []))

    def make(folder: Path) -> None:
        _install(lock, target, folder, wheels)
        _clean(folder)
        trim(folder, slim=slim)
        finish(folder, DEPENDENCIES, python)

    return Tree(key, store.tree(f"dependencies-{key}", make), DEPENDENCIES)


def runtime_tree(closure: Closure, target: Target, store: Store) -> Tree:
    """Our own distributions, built from their folders, without the examples that the schemas are tested by."""
    python = find_python(target.python)
    built, wheels = unpacked(closure, store)
    key = digest_of(_RULES, built, target.python, _how(python))

    def make(folder: Path) -> None:
        shutil.copytree(wheels, folder, dirs_exist_ok=True, ignore=_test_data)
        correct_records(folder)
        finish(folder, RUNTIME, python)

    return Tree(key, store.tree(f"runtime-{key}", make), RUNTIME)


def algorithm_tree(folder: Path, leave_out: Iterable[Path], target: Target, store: Store) -> Tree:
    """The algorithm's folder without examples, hidden files, keys and credentials, and without what is left out:
    its model and its wheels, which have layers of their own."""
    python = find_python(target.python)
    absent = {one.resolve() for one in leave_out}
    files = {one.relative_to(folder).as_posix(): one for one in algorithm_files(folder) if one.resolve() not in absent}
    return placed_tree("algorithm", files, target, store, destination=ALGORITHM, python=python)


def placed_tree(
    name: str,
    files: Mapping[str, Path | bytes],
    target: Target,
    store: Store,
    *,
    destination: str = "/",
    python: Path | None = None,
) -> Tree:
    """Files (or bytes) at their places below a folder of the image; compiled where a Python is given."""
    key = _content_key(files, target, python)

    def make(tree: Path) -> None:
        for place, source in files.items():
            path = tree / place
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(source, bytes):
                path.write_bytes(source)
            else:
                shutil.copy(source, path)
        finish(tree, destination, python)

    return Tree(key, store.tree(f"{name}-{key}", make), destination)


def extra_files(wanted: Mapping[str, Path]) -> dict[str, Path]:
    """Files by their places below the image's root, of what pyproject.toml maps into it: files, or whole folders.

    A place that does not begin with / is one in the algorithm's folder.
    """
    found: dict[str, Path] = {}
    for place, source in wanted.items():
        root = PurePosixPath("/", ALGORITHM.strip("/"), place) if not place.startswith("/") else PurePosixPath(place)
        below = root.as_posix().strip("/")
        if source.is_dir():
            found.update({f"{below}/{one.relative_to(source).as_posix()}": one for one in algorithm_files(source)})
        else:
            found[below] = source
    return found


def lay_out(tree: Path, place: Path) -> None:
    """The tree's files at another place, as links to the store's own where the file system allows."""
    shutil.copytree(tree, place, symlinks=True, dirs_exist_ok=True, copy_function=_link)


def algorithm_files(folder: Path) -> list[Path]:
    """The files of an algorithm's folder that belong in an image, sorted."""
    found: list[Path] = []
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if (
            path.is_file()
            and parts[0] not in _LEFT_BEHIND
            and not any(_RUBBISH.fullmatch(one) or is_holder(one) for one in parts)
        ):
            found.append(path)
    return found


def _test_data(folder: str, names: Sequence[str]) -> set[str]:
    """What of a folder of our wheels is test data: `swath_schemas/TYPE/VERSION/examples`."""
    return {"examples"} & set(names) if Path(folder).parts[-3] == "swath_schemas" else set()


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _content_key(files: Mapping[str, Path | bytes], target: Target, python: Path | None) -> str:
    parts: list[str | bytes] = []
    for place, source in sorted(files.items()):
        is_data = isinstance(source, bytes)
        parts += [place, source if is_data else source.read_bytes(), "-" if is_data else _executable(source)]
    return digest_of(_RULES, *parts, target.python, _how(python))


def _install(lock: Lock, target: Target, folder: Path, wheels: Sequence[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if not lock.entries:
        return
    wanted = folder.parent / "lock.txt"
    wanted.write_text(lock.text)
    done = run_uv(
        ["pip", "install", "--target", str(folder), "--no-deps", "--require-hashes", "--only-binary", ":all:",
         "--link-mode", "copy", *found_at(wheels), *target.options, "-r", str(wanted)]
    )  # fmt: skip
    if done.returncode != 0:
        raise DependenciesUnavailable("fetching the image's wheels", done.stderr)


def _clean(folder: Path) -> None:
    """Take away what tells of this machine: scripts that name its Python, uv's lock, and the lines that list them."""
    shutil.rmtree(folder / "bin", ignore_errors=True)
    (folder / ".lock").unlink(missing_ok=True)
    for record in folder.glob("*.dist-info/RECORD"):
        lines = [line for line in record.read_text("utf-8").splitlines() if not re.match(r'"?(\.\./)*bin/', line)]
        record.write_text("".join(f"{line}\n" for line in sorted(lines)), "utf-8")


def finish(folder: Path, destination: str, python: Path | None) -> None:
    """Compile where a Python is given, and give everything the modes and the one time that an image bears."""
    if python:
        compile_tree(folder, destination, python)
    for path in sorted(folder.rglob("*"), reverse=True):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
            os.utime(path, (epoch(), epoch()))


def _executable(path: Path) -> str:
    return "x" if path.stat().st_mode & 0o100 else "-"


def _how(python: Path | None) -> str:
    return f"{'compiled' if python else 'sources'} {epoch()}"
