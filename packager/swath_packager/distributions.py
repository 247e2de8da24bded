"""What a runtime stands on: distributions that are built from source here, and what they require from elsewhere.

Read from the metadata of what is installed; nothing is imported.
"""

import json
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from swath_packager.errors import DependenciesUnavailable
from swath_packager.extras import CORE
from swath_packager.store import Store, digest_of, user_store
from swath_packager.uv_command import run_uv

_EXTRA = re.compile(r'(?:^| and )extra == "([^"]+)"$')  # the end of what marks a requirement of an extra
_NOT_SOURCE = {"__pycache__", ".venv", ".git", "dist", "build", "tests"}


@dataclass(frozen=True)
class Closure:
    """A distribution and all that it stands on: folders to build wheels from, and requirements met from the index.

    `digests` has, for each folder's distribution, the digest of the files that its wheel may be made from.
    """

    sources: tuple[Path, ...]
    requirements: tuple[str, ...]
    digests: Mapping[str, str]


def closure_of(name: str, extras: Sequence[str] = ()) -> Closure:
    """What an image needs of an installed distribution, and of those extras of the runtime's core.

    Distributions that were installed from a folder are built from it; the others, and what those require, come from
    the package index. A distribution that itself comes from the index is pinned to the version installed here.
    """
    sources: dict[NormalizedName, Path] = {}
    elsewhere: set[str] = set()
    pending = [(canonicalize_name(name), ""), *((canonicalize_name(CORE), one) for one in extras)]
    seen: set[tuple[NormalizedName, str]] = set()
    while pending:
        current, extra = pending.pop()
        if (current, extra) in seen:
            continue
        seen.add((current, extra))
        folder = source_folder(current)
        if folder is None:
            elsewhere.add(f"{current}{f'[{extra}]' if extra else ''}=={distribution(current).version}")
            continue
        sources[current] = folder
        for requirement in requirements_of(distribution(current).requires or (), extra):
            if source_folder(requirement.name) is None:
                elsewhere.add(str(requirement))
            else:
                pending += [(canonicalize_name(requirement.name), one) for one in ("", *requirement.extras)]
    digests: dict[str, str] = {name: _digest_of(folder) for name, folder in sorted(sources.items())}
    return Closure(tuple(folder for _, folder in sorted(sources.items())), tuple(sorted(elsewhere)), digests)


def source_folder(name: str) -> Path | None:
    """Folder that a distribution was installed from, or None where it came as a wheel or is not installed."""
    try:
        told = distribution(name).read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    said: dict[str, Any] = json.loads(told) if told else {}
    if "dir_info" not in said:
        return None
    folder = Path(url2pathname(urlsplit(str(said["url"])).path))
    return folder if (folder / "pyproject.toml").is_file() else None


def unpacked(closure: Closure, store: Store) -> tuple[str, Path]:
    """Key and folder of the distributions built from these folders, as they lie in an image; no byte code yet."""
    key = digest_of("wheels 2", *(part for pair in closure.digests.items() for part in pair))
    return key, store.tree(f"wheels-{key}", lambda tree: _build_all(closure.sources, tree))


def requirements_of(lines: Iterable[str], extra: str = "") -> Iterator[Requirement]:
    """Those of a distribution's requirements that hold always, or those of one of its extras, freed of saying so.

    Source: core metadata 2.x, Requires-Dist and Provides-Extra.
    """
    for line in lines:
        requirement = Requirement(line)
        marker = str(requirement.marker or "")
        ends = _EXTRA.search(marker)
        if (canonicalize_name(ends[1]) if ends else "") != extra or (ends is None and "extra" in marker):
            continue
        if ends:
            rest = marker[: ends.start()]
            requirement.marker = Marker(rest) if rest else None
        yield requirement


def _build_all(sources: tuple[Path, ...], tree: Path) -> None:
    wheels = tree.parent / "wheels"
    with ThreadPoolExecutor() as pool:
        for built in [pool.submit(_build, folder, wheels) for folder in sources]:
            built.result()
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(tree)


def _build(folder: Path, wheels: Path) -> None:
    done = run_uv(["build", "--wheel", "--no-create-gitignore", "--out-dir", str(wheels), str(folder)])
    if done.returncode != 0:
        raise DependenciesUnavailable(f"building the wheel of {folder.name}", done.stderr)


def _digest_of(folder: Path) -> str:
    """Digest of the files that a wheel may be made from: paths and bytes.

    The bytes are read where a file has changed since (by size, times and inode): the cache remembers.
    """
    files = _files(folder)
    seen = [f"{path} {one.st_size} {one.st_mtime_ns} {one.st_ctime_ns} {one.st_ino}" for path, one in files]
    store = user_store()
    key = digest_of("source 1", str(folder), *seen)
    if store.folder.is_dir() and (note := store.text("sources", key)).is_file():
        return note.read_text()
    digest = digest_of(
        *(part for path, _ in files for part in (os.path.relpath(path, folder), Path(path).read_bytes()))
    )
    if store.folder.is_dir():
        store.write_text("sources", key, digest)
    return digest


def _files(folder: Path) -> list[tuple[str, os.stat_result]]:
    pending, found = [str(folder)], list[tuple[str, os.stat_result]]()
    while pending:
        with os.scandir(pending.pop()) as entries:
            for one in entries:
                if one.name in _NOT_SOURCE or one.name.startswith("."):
                    continue
                if one.is_dir():
                    pending.append(one.path)
                elif not one.name.endswith(".pyc"):
                    found.append((one.path, one.stat()))
    return sorted(found, key=lambda one: one[0])
