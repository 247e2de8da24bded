"""Writing `registry.lock`: publishing, when everything has been looked at, is one line more in that file.

The archive of the published bytes (`frozen`) is written first and the lock last, by a rename: whoever is
interrupted in between leaves a candidate with an archive that nothing refers to.
"""

import fcntl
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from jsonschema_rs import canonical

from swath_registry.frozen import ARCHIVE, digest_of, files_of, pack
from swath_schemas import SchemaId, SchemaStore
from swath_schemas.lock import LOCK, Entry, read_lock

_HEADING = """\
# The published versions in the order of their publication; `swath registry publish` adds lines at the end.
# number type@version, digest of the schema (SHA-256 of its RFC 8785 canonical JSON), digest of its frozen.tar.gz
"""


def digest(schema: dict[str, Any]) -> str:
    """The digest of a schema, `sha256:` and 64 hexadecimal digits: what it says, whatever its layout."""
    return f"sha256:{sha256(canonical.json.to_string(schema).encode()).hexdigest()}"


def entries(store: SchemaStore) -> tuple[Entry, ...]:
    """The published versions in the order of their publication, read anew. Raises LockDamaged."""
    return read_lock(store.root)


def locked(store: SchemaStore) -> dict[str, str]:
    """The digests of the published versions by `type@version`, in the order of their publication."""
    return {entry.name: entry.digest for entry in entries(store)}


def lock_in(store: SchemaStore, schemas: Sequence[SchemaId]) -> tuple[Entry, ...]:
    """Publish versions as they lie there, unchecked: freeze their folders, then add their lines.

    `swath_registry.publishing.publish` looks at them before; this is its last step. Those that the lock holds
    already are passed over. Gives back the entries that were added. Open the store anew to see them.
    """
    with _alone(store.root):
        before = entries(store)
        known = {entry.name for entry in before}
        added: list[Entry] = []
        for schema in [each for each in schemas if str(each) not in known]:
            archive = pack(files_of(store.path(schema).parent))
            write_whole(store.path(schema).parent / ARCHIVE, archive)
            number = len(before) + len(added) + 1
            added.append(Entry(number, str(schema), digest(store.load(schema)), digest_of(archive)))
        if added:
            lines = "".join(f"{entry}\n" for entry in (*before, *added))
            write_whole(store.root / LOCK, (_HEADING + lines).encode())
    return tuple(added)


@contextmanager
def _alone(root: Path) -> Generator[None]:
    """Wait until nobody else adds to the lock of a folder, so that no number is given twice."""
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step: whoever reads it sees what was there before or all of what is there now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
