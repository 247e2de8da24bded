"""The user's cache: blobs by digest, trees and resolutions by the digest of what they are made from.

Everything appears under its final name in one step (temporary name, then rename), so an interrupted build leaves
nothing half-made and two builds at once do not disturb each other.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

CHUNK = 1 << 20
ABANDONED_S = 30  # what another process began and does not hold is rubbish; it may take a moment to take hold of it


@dataclass(frozen=True)
class Blob:
    """A file of the store: its digest ("sha256:…"), its size in bytes, and where it lies."""

    digest: str
    size: int
    path: Path


class Store:
    """A folder of blobs, trees and texts. Deleting it costs time, nothing else."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._turns: dict[str, threading.Lock] = {}

    def blob(self, digest: str) -> Blob | None:
        """The blob of that digest, or None where the store does not hold it."""
        path = self._blobs / digest.replace(":", "-")
        return Blob(digest, path.stat().st_size, path) if path.is_file() else None

    def add_blob(self, chunks: Iterable[bytes]) -> Blob:
        """The blob made of these bytes."""
        with self.new_blob() as writer:
            for chunk in chunks:
                writer.write(chunk)
        return writer.kept()

    @contextlib.contextmanager
    def new_blob(self) -> "Generator[BlobWriter]":
        """A writer whose bytes become a blob when the block ends well, and vanish when it doesn't."""
        with _temporary_file(self._folder("work")) as stream:
            writer = BlobWriter(stream)
            yield writer
            stream.close()
            final = self._blobs / writer.digest.replace(":", "-")
            Path(stream.name).replace(final)
            writer.blob = Blob(writer.digest, writer.size, final)

    def tree(self, key: str, make: Callable[[Path], None]) -> Path:
        """Folder that `make` fills; made once per key: another thread that asks for it meanwhile waits."""
        final = self._folder("trees") / key
        with self._turns.setdefault(key, threading.Lock()):
            if not final.is_dir():
                self._make_tree(final, make)
        return final

    def _make_tree(self, final: Path, make: Callable[[Path], None]) -> None:
        with self.workplace() as place:
            made = place / "tree"
            made.mkdir()
            make(made)
            with contextlib.suppress(FileExistsError, OSError):  # another build was quicker: its tree is the same
                made.rename(final)

    def text(self, kind: str, key: str) -> Path:
        """Where the text of that kind and key lies, or would lie."""
        return self._folder(kind) / key

    def write_text(self, kind: str, key: str, text: str) -> None:
        """Keep a text under its kind and key."""
        with _temporary_file(self._folder("work")) as stream:
            stream.write(text.encode())
            stream.close()
            Path(stream.name).replace(self.text(kind, key))

    @contextlib.contextmanager
    def workplace(self) -> Generator[Path]:
        """A folder beside the trees, on the same file system, that is gone afterwards."""
        place = Path(tempfile.mkdtemp(dir=self._folder("work")))
        held = os.open(place, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
            os.close(held)

    def sweep(self) -> None:
        """Remove what builds that were killed left unfinished; what a living build holds stays."""
        sweep(self._folder("work"), "*")

    @property
    def _blobs(self) -> Path:
        return self._folder("blobs")

    def _folder(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path


class BlobWriter:
    """Counts and digests what is written through it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._sha256 = hashlib.sha256()
        self.size = 0
        self.blob: Blob | None = None

    def write(self, data: bytes | bytearray) -> int:
        """Write some bytes."""
        self._sha256.update(data)
        self.size += len(data)
        return self._stream.write(data)

    def flush(self) -> None:
        """Nothing to do: the file is closed before it is kept."""

    @property
    def digest(self) -> str:
        """Digest of what was written so far."""
        return f"sha256:{self._sha256.hexdigest()}"

    def kept(self) -> Blob:
        """The blob, after the block of `new_blob`."""
        if self.blob is None:
            raise RuntimeError("the blob is not finished")
        return self.blob


def user_store() -> Store:
    """The store under SWATH_CACHE, else under the user's cache folder."""
    named = os.environ.get("SWATH_CACHE")
    caches = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Store(Path(named) if named else Path(caches) / "swath")


def chunks_of(stream: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a stream, a mebibyte at a time."""
    while chunk := stream.read(CHUNK):
        yield chunk


def sweep(folder: Path, pattern: str) -> None:
    """Remove the unfinished files and folders in a folder whose process is gone: nobody holds a lock on them."""
    for left in folder.glob(pattern):
        with contextlib.suppress(OSError):  # another sweep was quicker, or a build holds it
            if time.time() - left.stat().st_mtime < ABANDONED_S:
                continue
            held = os.open(left, os.O_RDONLY)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left) if left.is_dir() else left.unlink()
            finally:
                os.close(held)


def digest_of(*parts: str | bytes) -> str:
    """Hex SHA-256 of some parts, each with its length, so that no two lists of parts collide."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


@contextlib.contextmanager
def _temporary_file(folder: Path) -> Generator["IO[bytes]"]:
    stream = tempfile.NamedTemporaryFile(dir=folder, prefix=".unfinished-", delete=False)  # noqa: SIM115
    try:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield stream
    finally:
        stream.close()
        with contextlib.suppress(FileNotFoundError):
            Path(stream.name).unlink()
