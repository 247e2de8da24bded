"""Folders as they will lie in an image: installed wheels, cleaned, compiled, the same bytes wherever they are made."""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from swath_packager.compiling import compile_tree, find_python
from swath_packager.distributions import unpacked
from swath_packager.errors import DependenciesUnavailable
from swath_packager.layers import epoch
from swath_packager.plan import ALGORITHM, DEPENDENCIES, RUNTIME
from swath_packager.resolution import Lock, Target
from swath_packager.store import Store, digest_of
from swath_packager.uv_command import run_uv

_LEFT_BEHIND = ("examples", "tests", "__pycache__")  # an image holds no test data
_SECRETS = re.compile(r"\..*|.*\.(pem|key|p12|pfx|pyc)|id_(rsa|ed25519|ecdsa).*|netrc|credentials(\.json)?")
_RULES = "trees 1"  # raise it when the same inputs give another tree


@dataclass(frozen=True)
class Tree:
    """A folder of the store, the digest of what it was made from, and where it goes in the image."""

    key: str
    folder: Path
    destination: str


def dependencies_tree(lock: Lock, target: Target, store: Store) -> Tree:
    """The wheels of a lock, installed for the image's Python. Raises DependenciesUnavailable."""
    python = find_python(target.python)
    key = digest_of(_RULES, lock.text, target.python, target.platform, _how(python))

    def make(folder: Path) -> None:
        _install(lock, target, folder)
        _clean(folder)
        _finish(folder, DEPENDENCIES, python)

    return Tree(key, store.tree(f"dependencies-{key}", make), DEPENDENCIES)


def runtime_tree(sources: tuple[Path, ...], target: Target, store: Store) -> Tree:
    """Our own distributions, built from their folders."""
    python = find_python(target.python)
    built, wheels = unpacked(sources, store)
    key = digest_of(_RULES, built, target.python, _how(python))

    def make(folder: Path) -> None:
        shutil.copytree(wheels, folder, dirs_exist_ok=True)
        _finish(folder, RUNTIME, python)

    return Tree(key, store.tree(f"runtime-{key}", make), RUNTIME)


def algorithm_tree(folder: Path, model: Path | None, target: Target, store: Store) -> Tree:
    """The algorithm's folder without examples, model (a layer of its own), hidden files, keys and credentials."""
    python = find_python(target.python)
    files = [one for one in algorithm_files(folder) if one != model]
    key = _content_key(files, folder, target, python)
    return Tree(key, store.tree(f"algorithm-{key}", _copier(files, folder, python)), ALGORITHM)


def model_tree(folder: Path, model: Path, target: Target, store: Store) -> Tree:
    """The algorithm's model alone, at its place in the folder."""
    key = _content_key([model], folder, target, None)
    return Tree(key, store.tree(f"model-{key}", _copier([model], folder, None)), ALGORITHM)


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
            and not any(_SECRETS.fullmatch(one) or one == "__pycache__" for one in parts)
        ):
            found.append(path)
    return found


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _content_key(files: list[Path], folder: Path, target: Target, python: Path | None) -> str:
    contents = [
        part for one in files for part in (one.relative_to(folder).as_posix(), one.read_bytes(), _executable(one))
    ]
    return digest_of(_RULES, *contents, target.python, _how(python))


def _copier(files: list[Path], folder: Path, python: Path | None) -> Callable[[Path], None]:
    def make(tree: Path) -> None:
        for path in files:
            place = tree / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, place)
        _finish(tree, ALGORITHM, python)

    return make


def _install(lock: Lock, target: Target, folder: Path) -> None:
    wanted = folder.parent / "lock.txt"
    wanted.write_text(lock.text)
    done = run_uv(
        ["pip", "install", "--target", str(folder), "--no-deps", "--require-hashes", "--only-binary", ":all:",
         "--link-mode", "copy", *target.options, "-r", str(wanted)]
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


def _finish(folder: Path, destination: str, python: Path | None) -> None:
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
