"""What is published: the versions that the lock names, in the order of their publication, and nothing else.

A version that lies in the folder without a line in the lock is a candidate, which no reader may see yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from swath_registry.errors import RegistryError
from swath_registry.lock import digest
from swath_registry.schema_walk import Place, walk
from swath_schemas import SchemaId, SchemaStore


class NothingPublished(RegistryError):
    """A folder of schemas has no lock, or an empty one."""

    hint = "Publish a version with: swath registry publish; or name another folder with --root."
    exit_code = 3

    def __init__(self, root: str) -> None:
        self.root = root
        super().__init__(f"{root}: no version is published there")


class PublishedAltered(RegistryError):
    """Published schemas are no longer what was published; nothing is shown of such a registry."""

    hint = "Say `swath registry lint` to see what changed, and how to put it back."

    def __init__(self, root: str, names: tuple[str, ...]) -> None:
        self.root = root
        self.names = names
        super().__init__(f"{root}: {', '.join(names)} changed after publication")


class PublishedStore(SchemaStore):
    """The schemas of a folder that its lock names, and no others."""

    @cached_property
    def _versions(self) -> dict[str, tuple[SchemaId, ...]]:
        found: dict[str, list[SchemaId]] = {}
        for name in sorted(entry.name for entry in self.entries):
            type_, _, version = name.partition("@")
            found.setdefault(type_, []).append(SchemaId(type_, version, self.base_uri))
        return {name: tuple(sorted(each, key=lambda schema: schema.order)) for name, each in found.items()}


@dataclass(frozen=True)
class Published:
    """One published version.

    Args:
        schema: what it is.
        digest: `sha256:` and 64 hexadecimal digits, of its canonical JSON.
        number: its place in the lock, from 1; it never changes.
        ordinal: its place among the versions of its type in the order of publication, from 1.
    """

    schema: SchemaId
    digest: str
    number: int
    ordinal: int

    def __str__(self) -> str:
        return str(self.schema)


class Catalogue:
    """The published versions of a folder of schemas.

    Attributes:
        store: these versions alone, to resolve and load.

    Raises:
        NothingPublished: its lock is empty or absent.
    """

    def __init__(self, root: Path) -> None:
        self.store: SchemaStore = PublishedStore(root)
        if not self.store.entries:
            raise NothingPublished(str(root))

    @cached_property
    def entries(self) -> tuple[Published, ...]:
        """Every version in the order of publication."""
        ordinals: dict[str, count[int]] = {}
        found: list[Published] = []
        for entry in self.store.entries:
            type_, _, version = entry.name.partition("@")
            schema = SchemaId(type_, version, self.store.base_uri)
            ordinal = next(ordinals.setdefault(type_, count(1)))
            found.append(Published(schema, entry.digest, entry.number, ordinal))
        return tuple(found)

    @cached_property
    def _by_schema(self) -> dict[SchemaId, Published]:
        return {entry.schema: entry for entry in self.entries}

    @cached_property
    def _by_type(self) -> dict[str, tuple[Published, ...]]:
        found: dict[str, list[Published]] = {}
        for entry in sorted(self.entries, key=lambda entry: entry.schema.order):
            found.setdefault(entry.schema.type, []).append(entry)
        return {name: tuple(versions) for name, versions in found.items()}

    @cached_property
    def _before(self) -> dict[SchemaId, Published | None]:
        return {
            entry.schema: before
            for versions in self._by_type.values()
            for before, entry in zip((None, *versions), versions, strict=False)
        }

    @cached_property
    def references(self) -> Mapping[SchemaId, tuple[SchemaId, ...]]:
        """Which versions each version refers to directly, in the order of their names."""
        return {entry.schema: referred(self.store.load(entry.schema), self.store) for entry in self.entries}

    @cached_property
    def users(self) -> Mapping[SchemaId, tuple[SchemaId, ...]]:
        """Which versions refer to each version directly."""
        found: dict[SchemaId, list[SchemaId]] = {entry.schema: [] for entry in self.entries}
        for schema, needed in self.references.items():
            for each in needed:
                found[each].append(schema)
        return {schema: tuple(sorted(each, key=_by_name)) for schema, each in found.items()}

    def verify(self) -> None:
        """Raises PublishedAltered where a schema hasn't the digest that the lock has."""
        altered = [str(each) for each in self.entries if digest(self.store.load(each.schema)) != each.digest]
        if altered:
            raise PublishedAltered(str(self.store.root), tuple(altered))

    def of(self, schema: SchemaId) -> Published:
        """The entry of a version. Raises KeyError where it isn't published."""
        return self._by_schema[schema]

    def resolve(self, reference: str) -> Published:
        """The entry that a reference means; of an alias (`image@1`) the newest. Raises UnknownSchema."""
        return self._by_schema[self.store.resolve(reference)]

    def versions(self, type_: str) -> tuple[Published, ...]:
        """The versions of a type, oldest (by number, not by date) first. Raises UnknownSchema."""
        self.store.versions(type_)
        return self._by_type[type_]

    def before(self, entry: Published) -> Published | None:
        """The version of the same type that comes before this one, or None for the first."""
        return self._before[entry.schema]

    def closure(self, schema: SchemaId) -> tuple[SchemaId, ...]:
        """Every version that a version needs, itself not among them, in the order of their names."""
        found: set[SchemaId] = set()
        pending = [schema]
        while pending:
            new = set(self.references[pending.pop()]) - found
            found |= new
            pending.extend(new)
        return tuple(sorted(found - {schema}, key=_by_name))


def referred(document: Any, store: SchemaStore) -> tuple[SchemaId, ...]:
    """The versions that a schema refers to by `$ref`, in the order of their names."""
    if not isinstance(document, dict):
        return ()
    places = walk(Place(document, ()))  # pyright: ignore[reportUnknownArgumentType]
    uris = {str(place.schema["$ref"]).partition("#")[0] for place in places if "$ref" in place.schema}
    found = {store.resolve(uri) for uri in uris if uri.startswith(f"{store.base_uri}/")}
    return tuple(sorted(found, key=_by_name))


def _by_name(schema: SchemaId) -> tuple[str, tuple[int, ...]]:
    return schema.type, schema.order
