"""A registry as an orchestrator uses it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from swath_registry.catalogue import PublishedStore, referred
from swath_registry.client.cache import Cache, default_cache
from swath_registry.client.errors import NotARegistry
from swath_registry.client.reading import Reading, Schema
from swath_registry.client.sources import SETTINGS, Folder, Source, Web
from swath_registry.matching import Match, match
from swath_registry.validation import Validator, Violation
from swath_schemas import PUBLISHED, SchemaId
from swath_schemas.lock import LOCK, Entry


@dataclass(frozen=True, eq=False)
class _Store(PublishedStore):
    """Some published versions, each read when it is needed."""

    prefix: str = ""
    held: tuple[Entry, ...] = ()
    reader: Callable[[SchemaId], Schema] = PUBLISHED.load

    @cached_property
    def base_uri(self) -> str:
        return self.prefix

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        return self.held

    @cached_property
    def _entries(self) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.held}

    def entry(self, schema: SchemaId) -> Entry:
        """What the lock says of a version."""
        return self._entries[str(schema)]

    def load(self, schema: SchemaId | str) -> Schema:
        return self.reader(self.resolve(schema) if isinstance(schema, str) else schema)


class Registry:
    """The published versions of a registry. Every schema is checked against the lock before it is used."""

    def __init__(self, source: Source, cache: Cache | None = None) -> None:
        """Read the lock of a registry; `Registry.open` is how one comes to a source."""
        self._address = source.address
        self._reading = Reading(source, cache)
        self._schemas: dict[SchemaId, Schema] = {}
        self._compiled: dict[str, Validator] = {}
        self._store = self._read_store()

    @classmethod
    def open(
        cls, place: str | Path | None = None, *, cache: Path | None = None, timeout_s: float = 10.0, retries: int = 2
    ) -> "Registry":
        """The registry at a place.

        Args:
            place: the URL of a served registry or of a site; a folder that holds either a site or schemas; None: what
                is installed with Swath.
            cache: where to keep what comes from a URL; without it below SWATH_CACHE, or the user's cache folder.
            timeout_s: how long a URL may take to answer.
            retries: how often it is asked again.

        Raises:
            NotARegistry: there is none.
            Unreachable: the URL doesn't answer, and no lock of it was kept.
            LockRewritten: its lock contradicts the one that was kept.
        """
        text = str(place) if place is not None else ""
        if urlsplit(text).scheme in {"http", "https"}:
            kept = Cache(cache) if cache else default_cache()
            return cls(Web(text.rstrip("/"), timeout_s, retries), kept)
        if "://" in text:
            raise NotARegistry(text, "only http: and https: can be opened, and folders")
        return cls(Folder(Path(text) if text else PUBLISHED.root))

    @property
    def is_offline(self) -> bool:
        """Whether the registry didn't answer when its lock was read, so that the one that was kept is used."""
        return self._reading.is_offline

    def types(self) -> tuple[str, ...]:
        """Names of the types, in alphabetical order."""
        return self._store.types()

    def versions(self, type: str) -> tuple[str, ...]:  # noqa: A002 - the word of the field
        """Versions of a type, oldest first. Raises UnknownSchema."""
        return self._store.versions(type)

    def resolve(self, reference: str) -> SchemaId:
        """The version that a reference means; of an alias (`image@1`) the newest. Raises UnknownSchema."""
        return self._store.resolve(reference)

    def schema(self, reference: str) -> Schema:
        """A schema; don't change it. Raises UnknownSchema, Unreachable, Tampered."""
        return self._store.load(reference)

    def validate(self, reference: str, document: Any) -> list[Violation]:
        """What is wrong with a document; [] means that it is valid.

        Args:
            reference: like image@1. It is compiled once.
            document: JSON values.

        Raises:
            UnknownSchema, Unreachable, Tampered: there is no such schema to be had.
        """
        return self._validator(reference).violations(document)

    def validate_json(self, reference: str, text: bytes | str) -> list[Violation]:
        """As `validate`, of a document that is still text. Raises orjson.JSONDecodeError where it isn't JSON."""
        return self._validator(reference).violations(orjson.loads(text))

    def is_valid(self, reference: str, document: Any) -> bool:
        """Whether a document is valid; what is wrong is not looked for."""
        return self._validator(reference).is_valid(document)

    def match(self, image: Mapping[str, Any] | str, capabilities: Mapping[str, Any]) -> Match:
        """Whether a service with these capabilities takes an image, why, and what would make it fit.

        Args:
            image: a valid document of the type `image`.
            capabilities: a valid document of the type `imageCapabilities`.
        """
        return match(image, capabilities)

    def refresh(self) -> None:
        """Read the lock again, so that aliases mean what has been published since. Raises as `open` does."""
        self._store = self._read_store()
        self._compiled = {}

    def _validator(self, reference: str) -> Validator:
        compiled = self._compiled  # before the store: what a refresh replaces meanwhile must not land in the new one
        found = compiled.get(reference)
        if found is None:
            schema = self._store.resolve(reference)
            found = compiled[reference] = Validator(str(schema), self._closure(schema))
        return found

    def _closure(self, schema: SchemaId) -> _Store:
        """The schema and those that it needs, so that no others are read."""
        needed = {schema}
        pending = [schema]
        while pending:
            new = set(referred(self._load(pending.pop()), self._store)) - needed
            needed |= new
            pending.extend(new)
        held = tuple(self._store.entry(each) for each in needed)
        return _Store(self._store.root, self._store.prefix, held, self._load)

    def _read_store(self) -> _Store:
        lock, base_uri = self._reading.lock(), self._reading.base_uri()
        if not base_uri or not lock:
            raise NotARegistry(self._address, f"its {SETTINGS} or {LOCK} says nothing")
        return _Store(Path(self._address), base_uri, lock, self._load)

    def _load(self, schema: SchemaId) -> Schema:
        found = self._schemas.get(schema)
        if found is None:
            found = self._schemas[schema] = self._reading.schema(self._store.entry(schema), schema)
        return found
