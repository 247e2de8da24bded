"""Image layers: files as entries, entries as a tar that is the same, byte for byte, wherever and whenever it is made.

Sorted names, user and group 0, modes 755 or 644, one modification time for all, no path of the host.
"""

import contextlib
import gzip
import hashlib
import json
import os
import tarfile
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any, Protocol

from swath_packager.compression import MEDIA_TYPES, Compression, Compressor, compressor, rules
from swath_packager.store import Blob, Store, chunks_of, digest_of

if TYPE_CHECKING:
    from typing_extensions import Buffer

TAR, TAR_GZIP, TAR_ZSTD = "application/vnd.oci.image.layer.v1.tar", MEDIA_TYPES["gzip"], MEDIA_TYPES["zstd"]
GZIP_MAGIC, ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"  # RFC 1952, RFC 8878
FORMAT = "4"  # raise it when the bytes that the same files give change


def epoch() -> int:
    """Seconds since 1970 that every file in an image bears: SOURCE_DATE_EPOCH, else the first day of 1980."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or 315532800)


def created() -> str:
    """The one time that an image bears, RFC 3339."""
    return datetime.fromtimestamp(epoch(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Entry:
    """A file (bytes or a path of the host), a symbolic link, or a folder (neither content nor link)."""

    path: str
    content: bytes | Path | None = None
    link: str | None = None
    mode: int = 0o644


@dataclass(frozen=True)
class StoredLayer:
    """A layer in the store. `diff_id` is the digest of the uncompressed tar."""

    blob: Blob
    diff_id: str
    media_type: str


def tree_entries(folder: Path, destination: str, leave_out: Iterable[str] = ()) -> Iterator[Entry]:
    """Entries of everything below a host folder, placed under a folder of the image.

    `leave_out` are paths relative to the folder, with `/`. Files keep only whether their owner may execute them.
    """
    absent = set(leave_out)
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if relative in absent:
            continue
        place = f"{destination.strip('/')}/{relative}"
        if path.is_symlink():
            yield Entry(place, link=str(path.readlink()))
        elif path.is_dir():
            yield Entry(place, mode=0o755)
        else:
            yield Entry(place, content=path, mode=0o755 if path.stat().st_mode & 0o100 else 0o644)


def make_layer(
    entries: Iterable[Entry], store: Store, *, key: str | None = None, compression: Compression = "gzip"
) -> StoredLayer:
    """The compressed layer of these entries and the folders that they stand in.

    With a key (the digest of what the entries come from) the layer is made once and found again; the entries are not
    looked at then.
    """
    name = digest_of(FORMAT, rules(compression), str(epoch()), key) if key else None
    if name and (known := _known_layer(store, name, MEDIA_TYPES[compression])):
        return known
    inner = hashlib.sha256()
    with store.new_blob() as writer:
        packed = compressor(compression, writer.write)
        _write_tar(entries, _Both(packed, inner))
        packed.close()
    layer = StoredLayer(writer.kept(), f"sha256:{inner.hexdigest()}", MEDIA_TYPES[compression])
    if name:
        store.write_text("layers", name, json.dumps({"digest": layer.blob.digest, "diff_id": layer.diff_id}))
    return layer


@contextlib.contextmanager
def open_layer(layer: StoredLayer) -> Generator[tarfile.TarFile]:
    """The files of a layer as a tar to read from its beginning to its end, however it is compressed."""
    with (
        layer.blob.path.open("rb") as packed,
        _unpacked(packed) as stream,
        tarfile.open(fileobj=stream, mode="r|") as tar,
    ):
        yield tar


@contextlib.contextmanager
def _unpacked(packed: IO[bytes]) -> Generator[Any]:
    """The bytes that are compressed in a file, a stream to read from; how is told by its first bytes.

    A gzip file may have several members, of which tarfile's own stream would read the first alone.
    """
    first = packed.read(4)
    packed.seek(0)
    if first == ZSTD_MAGIC:
        import zstandard

        with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as stream:
            yield stream
    elif first.startswith(GZIP_MAGIC):
        with gzip.open(packed) as stream:
            yield stream
    else:
        yield packed


def _known_layer(store: Store, name: str, media_type: str) -> StoredLayer | None:
    path = store.text("layers", name)
    if not path.is_file():
        return None
    known = json.loads(path.read_text())
    blob = store.blob(known["digest"])
    return StoredLayer(blob, known["diff_id"], media_type) if blob else None


def _write_tar(entries: Iterable[Entry], stream: "_Both") -> None:
    """The bytes that tarfile would write as a stream, without its copying each of them several times."""
    size = sum(_add(stream, entry) for entry in _complete(entries))
    end = bytes(2 * tarfile.BLOCKSIZE)
    stream.write(end + bytes(-(size + len(end)) % tarfile.RECORDSIZE))


def _complete(entries: Iterable[Entry]) -> list[Entry]:
    """The entries, and a folder for each parent that is not among them, sorted by path."""
    named = {entry.path.strip("/"): entry for entry in entries}
    for path in list(named):
        for parent in PurePosixPath(path).parents:
            if str(parent) != "." and str(parent) not in named:
                named[str(parent)] = Entry(str(parent), mode=0o755)
    return [Entry(path, one.content, one.link, one.mode) for path, one in sorted(named.items())]


def _add(stream: "_Both", entry: Entry) -> int:
    """Write a member; its number of bytes."""
    info = tarfile.TarInfo(entry.path)
    info.mtime, info.mode = epoch(), entry.mode
    if entry.link is not None:
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, entry.link, 0o777
    elif entry.content is None:
        info.type = tarfile.DIRTYPE
    else:
        info.size = entry.content.stat().st_size if isinstance(entry.content, Path) else len(entry.content)
    head = stream.write(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
    copied = sum(map(stream.write, _contents(entry)))
    if copied != info.size:
        raise OSError(f"{entry.content} changed while it was read")
    return head + copied + stream.write(bytes(-copied % tarfile.BLOCKSIZE))


def _contents(entry: Entry) -> Iterator[bytes]:
    if isinstance(entry.content, Path):
        with entry.content.open("rb", buffering=0) as stream:
            yield from chunks_of(stream)
    elif entry.content:
        yield entry.content


class _Digest(Protocol):
    """As hashlib makes them."""

    def update(self, data: "Buffer", /) -> None:
        """Take some bytes in."""
        ...


class _Both:
    """Writes to the compressor and to the digest of what goes into it."""

    def __init__(self, packed: Compressor, digest: _Digest) -> None:
        self._packed, self._digest = packed, digest

    def write(self, data: bytes) -> int:
        """Write some bytes; their number."""
        self._digest.update(data)
        self._packed.write(data)
        return len(data)
