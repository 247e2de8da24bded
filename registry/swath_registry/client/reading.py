"""What a client reads of a registry, each file checked: from the cache where it may, else from the source."""

import json
from typing import Any

import orjson

from swath_registry.client.cache import Cache
from swath_registry.client.errors import LockRewritten, NotARegistry, Tampered, Unreachable
from swath_registry.client.sources import SETTINGS, Source
from swath_registry.lock import digest
from swath_schemas import SchemaError, SchemaId
from swath_schemas.lock import LOCK, Entry, parse_lock

Schema = dict[str, Any]


class Reading:
    """Reads a registry's files.

    Args:
        source: where they come from.
        cache: where they are kept; None: nowhere.

    Attributes:
        is_offline: whether the source didn't answer when it was last asked for the lock.
    """

    def __init__(self, source: Source, cache: Cache | None) -> None:
        self._source = source
        self._cache = cache
        self.is_offline = False

    def lock(self) -> tuple[Entry, ...]:
        """The entries of the lock, which may have grown since it was kept, and nothing else."""
        address = self._source.address
        before = self._kept()
        try:
            content = self._source.read(LOCK)
            self.is_offline = False
        except Unreachable:
            if not before:
                raise
            self.is_offline = True
            return before
        after = parse_lock(content, address)
        for old, new in zip(before, after, strict=False):
            if old != new:
                folder = str(self._cache.folder_of(address)) if self._cache else ""
                raise LockRewritten(address, old.number, str(old), str(new), folder)
        if len(after) <= len(before):
            return before
        if self._cache:
            self._cache.keep(address, LOCK, content)
        return after

    def _kept(self) -> tuple[Entry, ...]:
        kept = self._cache.read(self._source.address, LOCK) if self._cache else None
        try:
            return parse_lock(kept or b"", self._source.address)
        except SchemaError:  # damaged, and so as good as none
            return ()

    def base_uri(self) -> str:
        """The prefix of every `$id`, without a slash at its end; "" where the registry says none."""
        address = self._source.address
        kept = _told_base_uri(self._cache.read(address, SETTINGS) or b"") if self._cache else ""
        if kept:
            return kept
        content = self._source.read(SETTINGS)
        found = _told_base_uri(content)
        if self._cache and found:
            self._cache.keep(address, SETTINGS, content)
        return found

    def schema(self, entry: Entry, schema: SchemaId) -> Schema:
        """A schema that has the digest of its entry. Raises Tampered, Unreachable."""
        return self._cached(entry) or self._fetched(entry, schema)

    def _cached(self, entry: Entry) -> Schema | None:
        kept = self._cache.schema(entry.digest) if self._cache else None
        if kept is None:
            return None
        try:
            found = orjson.loads(kept)
        except orjson.JSONDecodeError:
            return None
        return found if digest(found) == entry.digest else None

    def _fetched(self, entry: Entry, schema: SchemaId) -> Schema:
        content = self._source.read(self._source.path_of(schema))
        found: Any = _parsed(content, self._source.address)
        actual = digest(found)
        if actual != entry.digest:
            raise Tampered(entry.name, self._source.address, entry.digest, actual)
        if self._cache:
            self._cache.keep_schema(entry.digest, content)
        return found


def _told_base_uri(content: bytes) -> str:
    """What `registry.json` says; "" where it says nothing."""
    try:
        settings = json.loads(content)
    except ValueError:
        return ""
    match settings:
        case {"base_uri": str(base_uri)}:
            return base_uri.rstrip("/")
        case _:
            return ""


def _parsed(content: bytes, address: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NotARegistry(address, f"answered something that is not JSON: {error}") from error
