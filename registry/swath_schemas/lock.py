"""`registry.lock`: which versions are published, in the order of their publication.

One line each: number, `type@version`, digest of the schema, digest of `frozen.tar.gz` beside it. Lines are only
ever added at the end, so that a number means one version for good.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from swath_schemas.errors import LockDamaged, SchemaUnreadable

LOCK = "registry.lock"

_LINE = re.compile(
    r"([1-9][0-9]*) ([a-z][A-Za-z0-9]*@[0-9]+\.[0-9]+\.[0-9]+) (sha256:[0-9a-f]{64}) (sha256:[0-9a-f]{64})", re.ASCII
)


@dataclass(frozen=True)
class Entry:
    """A published version.

    Args:
        number: its place in the order of publication, from 1.
        name: type@version.
        digest: `sha256:…` of the schema as canonical JSON (RFC 8785): what it says, whatever its layout.
        frozen: `sha256:…` of `frozen.tar.gz`, which holds every published byte of the version's folder.
    """

    number: int
    name: str
    digest: str
    frozen: str

    def __str__(self) -> str:
        return f"{self.number} {self.name} {self.digest} {self.frozen}"


def read_lock(root: Path) -> tuple[Entry, ...]:
    """The published versions of a registry's folder, oldest publication first; none where there is no lock.

    Raises:
        LockDamaged: a line can't be read, a number is out of turn, or a version is there twice.
    """
    path = root / LOCK
    try:
        return parse_lock(path.read_bytes(), str(path))
    except FileNotFoundError:
        return ()


def parse_lock(content: bytes, path: str) -> tuple[Entry, ...]:
    """The published versions of a lock that was read from `path`. Raises as `read_lock` does."""
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError as error:
        raise SchemaUnreadable(path, "is not UTF-8 text") from error
    found: list[Entry] = []
    seen: set[str] = set()
    for place, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        entry = _entry(line, path, place)
        if entry.number != len(found) + 1:
            raise LockDamaged(path, place, f"has number {entry.number} where {len(found) + 1} follows")
        if entry.name in seen:
            raise LockDamaged(path, place, f"has {entry.name} a second time")
        seen.add(entry.name)
        found.append(entry)
    return tuple(found)


def _entry(line: str, path: str, place: int) -> Entry:
    parts = _LINE.fullmatch(line)
    if parts is None:
        raise LockDamaged(path, place, "isn't `number type@version sha256:… sha256:…`")
    return Entry(int(parts[1]), parts[2], parts[3], parts[4])
