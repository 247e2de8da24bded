"""Debian packages that an algorithm asks for (`apt` under [tool.swath]), as a tree of their own on top of the base."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from swath_packager import apt
from swath_packager.debian import FRESH_S, is_wanted
from swath_packager.errors import PackagesUnavailable
from swath_packager.store import Store, digest_of
from swath_packager.trees import Tree, finish

_NAMED = re.compile(rb"^Package: (\S+)", re.MULTILINE)
_CODENAME = re.compile(rb'^VERSION_CODENAME="?([^"\s]+)', re.MULTILINE)


def system_tree(
    names: Sequence[str],
    base: Mapping[str, bytes],
    architecture: str,
    store: Store,
    report: Callable[[str], None],
) -> Tree:
    """The packages and what they depend on, but for what the base has; no maintainer script runs.

    Args:
        names: packages, as apt-get takes them.
        base: files of the base that tell what it holds: dpkg's notes and os-release.
        architecture: "amd64" or "arm64".
        store: the cache; what apt-get found is taken from it for a day.
        report: told of each step.

    Raises:
        PackagesUnavailable: apt-get cannot fetch them, or has another release than the base.
    """
    held = {name.decode() for content in base.values() for name in _NAMED.findall(content)}
    memory = digest_of("system 1", architecture, *names, "", *sorted(held))
    note = store.text("system", memory)
    if note.is_file() and time.time() - note.stat().st_mtime < FRESH_S:
        known = store.text("trees", f"system-{note.read_text()}")
        if known.is_dir():
            return Tree(note.read_text(), known, "/")
    report(f"fetching {', '.join(names)} and what they need")
    with store.workplace() as place:
        found = apt.fetch_packages(names, place, architecture)
        _refuse_other_release(names, base)
        packages = [one for one in found if apt.package_name(one) not in held]
        key = digest_of("system 1", *(hashlib.sha256(one.read_bytes()).digest() for one in packages))
        tree = store.tree(f"system-{key}", lambda folder: _unpack(packages, folder))
    store.write_text("system", memory, key)
    return Tree(key, tree, "/")


def _unpack(packages: Sequence[Path], folder: Path) -> None:
    apt.unpack_packages(packages, folder, lambda path: is_wanted(path, programs=True))
    finish(folder, "/", None)


def _refuse_other_release(names: Sequence[str], base: Mapping[str, bytes]) -> None:
    theirs = _codename(base)
    here = Path("/etc/os-release")
    ours = _codename({"here": here.read_bytes()}) if here.is_file() else ""
    if theirs != ours:
        told = f"the base is of release '{theirs or 'unknown'}', this machine's packages are of '{ours or 'unknown'}'"
        raise PackagesUnavailable(names, [told])


def _codename(files: Mapping[str, bytes]) -> str:
    found = next((match for content in files.values() if (match := _CODENAME.search(content))), None)
    return found[1].decode() if found else ""
