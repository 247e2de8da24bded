"""What was read from the web, kept: schemas by their digest, locks by the address they came from.

Every file is written whole and put in place by a rename, so that processes can share the folder. What is read from
it is checked like what comes from the web; a damaged file is as good as none.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path


@dataclass(frozen=True)
class Cache:
    """A folder of kept files.

    Args:
        root: the folder; it is made when something is kept.
    """

    root: Path

    def folder_of(self, address: str) -> Path:
        """Where an address's own files are kept."""
        return self.root / "origins" / sha256(address.encode()).hexdigest()[:32]

    def read(self, address: str, name: str) -> bytes | None:
        """A file of an address, or None."""
        return _read(self.folder_of(address) / name)

    def keep(self, address: str, name: str, content: bytes) -> None:
        """Keep a file of an address."""
        _write(self.folder_of(address) / name, content)

    def schema(self, digest: str) -> bytes | None:
        """A schema by its digest, or None."""
        return _read(self._path(digest))

    def keep_schema(self, digest: str, content: bytes) -> None:
        """Keep a schema under its digest."""
        _write(self._path(digest), content)

    def _path(self, digest: str) -> Path:
        return self.root / "schemas" / f"{digest.removeprefix('sha256:')}.json"


def default_cache(environ: Mapping[str, str] = os.environ) -> Cache:
    """The cache below SWATH_CACHE, else below the user's cache folder."""
    named = environ.get("SWATH_CACHE")
    if named:
        return Cache(Path(named) / "registry")
    caches = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Cache(Path(caches) / "swath" / "registry")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _write(path: Path, content: bytes) -> None:
    """Put a file in place; a folder that can't be written costs the cache, not the answer."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(partial).replace(path)
        except OSError:
            Path(partial).unlink(missing_ok=True)
            raise
