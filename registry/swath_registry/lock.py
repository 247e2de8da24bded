"""`registry.lock`: the digest of every published version, so that published stays frozen.

A digest is the SHA-256 of the schema as canonical JSON (RFC 8785): layout may change, content may not. Entries
are only ever added.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from jsonschema_rs import canonical

from swath_schemas import SchemaStore

_HEADING = "# The digest of each published version: SHA-256 of its canonical JSON (RFC 8785). Lines are only added.\n"


def digest(schema: dict[str, Any]) -> str:
    """The digest of a schema, `sha256:` and 64 hexadecimal digits."""
    return f"sha256:{sha256(canonical.json.to_string(schema).encode()).hexdigest()}"


def locked(store: SchemaStore) -> dict[str, str]:
    """The digests of the published versions by `type@version`; none where there is no lock file."""
    path = _path(store)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    entries = (line.split() for line in lines if line.strip() and not line.startswith("#"))
    return {entry[0]: entry[-1] for entry in entries}


def freeze(store: SchemaStore) -> list[str]:
    """Add the digest of every version that has none; gives back which these were, as `type@version`."""
    known = locked(store)
    new = [schema for schema in store.schemas() if str(schema) not in known]
    entries = known | {str(schema): digest(store.load(schema)) for schema in new}
    if new:
        lines = "".join(f"{name} {value}\n" for name, value in sorted(entries.items()))
        _path(store).write_text(_HEADING + lines, encoding="utf-8")
    return [str(schema) for schema in new]


def _path(store: SchemaStore) -> Path:
    return store.root / "registry.lock"
