"""`attestations.json`: what a maintainer vouches for where the engine can't decide.

It lies beside the candidate's schema and is frozen with it. An attestation names one pair of schemas by their digests
and one direction, so that it covers no other change.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from swath_registry.compatibility.verdicts import Direction
from swath_registry.documents import read_document
from swath_registry.errors import DocumentUnreadable
from swath_registry.lock import digest, write_whole
from swath_schemas import SchemaId, SchemaStore

FILE = "attestations.json"


@dataclass(frozen=True)
class Attestation:
    """One direction of one pair, vouched for.

    Args:
        against: type@version of the published schema.
        direction: `backward`: the candidate accepts whatever that one accepts; `forward`: the reverse.
        old: digest of the published schema.
        new: digest of the candidate.
        by: who vouches for it.
        reason: why it is so.
        date: when, as YYYY-MM-DD.
    """

    against: str
    direction: Direction
    old: str
    new: str
    by: str
    reason: str
    date: str


def attested(schema: SchemaId, against: SchemaId, direction: Direction, store: SchemaStore) -> Attestation | None:
    """What vouches for a direction of a pair as it is now, if anything does. Raises DocumentUnreadable."""
    pair = digest(store.load(against)), digest(store.load(schema))
    for each in recorded(schema, store):
        if (each.against, each.direction, each.old, each.new) == (str(against), direction, *pair):
            return each
    return None


def recorded(schema: SchemaId, store: SchemaStore) -> list[Attestation]:
    """Every attestation beside a version, of other digests too. Raises DocumentUnreadable."""
    path = _path(schema, store)
    return list(_read(path)) if path.is_file() else []


def attest(
    schema: SchemaId, against: SchemaId, direction: Direction, *, by: str, reason: str, on: date, store: SchemaStore
) -> Path:
    """Record an attestation; gives back the file. One of an earlier state of the pair is replaced."""
    kept = [each for each in recorded(schema, store) if (each.against, each.direction) != (str(against), direction)]
    pair = digest(store.load(against)), digest(store.load(schema))
    added = Attestation(str(against), direction, *pair, by, reason, on.isoformat())
    text = json.dumps([asdict(each) for each in (*kept, added)], indent=2, ensure_ascii=False)
    write_whole(_path(schema, store), f"{text}\n".encode())
    return _path(schema, store)


def _path(schema: SchemaId, store: SchemaStore) -> Path:
    return store.path(schema).parent / FILE


def _read(path: Path) -> Iterator[Attestation]:
    value: Any = read_document(path).value
    fields = set(Attestation.__dataclass_fields__)
    for each in cast("list[Any]", value) if isinstance(value, list) else [None]:
        if not isinstance(each, dict) or set(cast("dict[str, Any]", each)) != fields:
            raise DocumentUnreadable(str(path), f"must be an array of objects of {', '.join(sorted(fields))}")
        yield Attestation(**cast("dict[str, Any]", each))
