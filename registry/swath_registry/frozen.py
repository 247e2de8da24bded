"""`frozen.tar.gz`: every byte of a published version, kept beside it, so that a later change can be named and undone.

`tar -xzf frozen.tar.gz` in the version's folder puts back what was published. The lock holds the archive's digest.
"""

import gzip
import io
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path

from swath_registry.pointers import shorten

ARCHIVE = "frozen.tar.gz"

_LONGEST = 80  # characters of a line that a message repeats

Files = dict[str, bytes]


@dataclass(frozen=True)
class Alteration:
    """A published file that is no longer what it was.

    Args:
        file: its path below the version's folder.
        line: the first line that differs, 1-based, in the file as it is now.
        message: what happened to it.
    """

    file: str
    line: int
    message: str


def files_of(folder: Path) -> Files:
    """Every file of a version by its path below the folder, the archive and hidden files left out."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    names = ((path.relative_to(folder), path) for path in found)
    return {
        name.as_posix(): path.read_bytes()
        for name, path in names
        if name.as_posix() != ARCHIVE and not any(part.startswith(".") for part in name.parts)
    }


def pack(files: Files) -> bytes:
    """The files as a tar.gz, in which neither times nor owners are told."""
    text = io.BytesIO()
    with tarfile.open(fileobj=text, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in sorted(files.items()):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(text.getvalue(), 9, mtime=0)


def unpack(archive: bytes) -> Files:
    """The files of an archive. Raises ValueError where it isn't one."""
    try:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(archive)), mode="r:") as members:
            opened = ((member.name, members.extractfile(member)) for member in members)
            return {name: content.read() for name, content in opened if content is not None}
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ValueError("isn't a tar.gz") from error


def digest_of(archive: bytes) -> str:
    """`sha256:` and 64 hexadecimal digits."""
    return f"sha256:{sha256(archive).hexdigest()}"


def alterations(folder: Path, expected: str, is_same: Callable[[], bool]) -> Iterator[Alteration]:
    """What has been done to a published version since.

    Args:
        folder: the version's.
        expected: the digest of its archive, from the lock.
        is_same: whether the schema says what it said; asked where the archive can't tell any more.
    """
    path = folder / ARCHIVE
    archive = path.read_bytes() if path.is_file() else b""
    if digest_of(archive) == expected:
        yield from _compared(unpack(archive), files_of(folder))
        return
    yield Alteration(ARCHIVE, 1, "has been changed" if archive else "has been removed")
    if not is_same():
        yield Alteration("schema.json", 1, "has been changed")


def _compared(published: Files, present: Files) -> Iterator[Alteration]:
    for name in sorted(published.keys() | present.keys()):
        if name not in present:
            yield Alteration(name, 1, "has been removed")
        elif name not in published:
            yield Alteration(name, 1, "has been added")
        elif present[name] != published[name]:
            yield _altered(name, published[name], present[name])


def _altered(name: str, before: bytes, after: bytes) -> Alteration:
    was, now = before.splitlines(keepends=True), after.splitlines(keepends=True)
    first = next(index for index, (one, other) in enumerate(zip_longest(was, now)) if one != other)
    old, new = was[first : first + 1], now[first : first + 1]
    is_of_spaces = [line.strip() for line in old] == [line.strip() for line in new]
    told = f"line {first + 1} was {_line(old, is_of_spaces)} and is {_line(new, is_of_spaces)}"
    return Alteration(name, min(first + 1, max(len(now), 1)), f"has been changed: {told}")


def _line(lines: list[bytes], is_of_spaces: bool) -> str:
    if not lines:
        return "not there"
    text = lines[0].decode("utf-8", "replace")
    return repr(shorten(text if is_of_spaces else text.strip(), _LONGEST))
