"""The site as a folder: whole or not at all, and nothing that it didn't write is touched."""

import shutil
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from swath_registry.errors import RegistryError
from swath_registry.site.files import SUMS, Site


class NotASite(RegistryError):
    """The folder that a site should replace holds something else."""

    hint = "Name a folder that is empty, doesn't exist yet, or holds a site that was written before."
    exit_code = 2

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(f"{folder}: holds files, but no {SUMS}; it is left as it is")


def write_site(site: Site, folder: Path) -> Iterator[str]:
    """Write the files of a site, giving each path once it is written; the folder is replaced at the end.

    Raises NotASite where the folder holds something else than a site.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / SUMS).is_file():
        raise NotASite(str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield from _write(site, place)
        _replace(folder, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _write(site: Site, place: Path) -> Iterator[str]:
    place.chmod(0o755)
    sums: list[str] = []
    for path in site.paths:
        if path != SUMS:
            content = site.read(path)
            sums.append(f"{sha256(content).hexdigest()}  {path}\n")
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(content)
            yield path
    (place / SUMS).write_text("".join(sums), encoding="utf-8")
    yield SUMS


def _replace(folder: Path, place: Path) -> None:
    old = place.with_name(f"{place.name}-old")
    if folder.exists():
        folder.replace(old)
    place.replace(folder)
    shutil.rmtree(old, ignore_errors=True)
