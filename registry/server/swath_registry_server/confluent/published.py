"""Published types as subjects: the subject is the type, the id its place in the lock, the version its turn.

Nobody can write to them here; publishing is what adds to them.
"""

from functools import cached_property

import orjson

from swath_registry.catalogue import Catalogue, Published
from swath_registry_server.confluent.records import Reference, Schema, Version


class PublishedSubjects:
    """The versions of a catalogue, each made when it is asked for."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._made: dict[Published, Version] = {}

    def all(self) -> tuple[Version, ...]:
        """Every version of every type."""
        return tuple(version for name in self.catalogue.store.types() for version in self.versions(name))

    def versions(self, subject: str) -> tuple[Version, ...]:
        """The versions of a type in the order of publication; none where there is no such type."""
        if subject not in self:
            return ()
        entries = sorted(self.catalogue.versions(subject), key=lambda entry: entry.ordinal)
        return tuple(self._version(entry) for entry in entries)

    def __contains__(self, subject: str) -> bool:
        """Whether a subject is a published type."""
        return subject in self.catalogue.store.types()

    def by_id(self, id_: int) -> tuple[Version, ...]:
        """The version at a place in the lock."""
        entries = self.catalogue.entries
        return (self._version(entries[id_ - 1]),) if 0 < id_ <= len(entries) else ()

    def by_guid(self, guid: str) -> tuple[Version, ...]:
        """The version with a guid."""
        return self._by_guid.get(guid, ())

    @cached_property
    def _by_guid(self) -> dict[str, tuple[Version, ...]]:
        found = (self._version(entry) for entry in self.catalogue.entries)
        return {version.schema.guid: (version,) for version in found}

    def _version(self, entry: Published) -> Version:
        if entry not in self._made:
            needed = (self.catalogue.of(each) for each in self.catalogue.references[entry.schema])
            schema = Schema(
                orjson.dumps(self.catalogue.store.load(entry.schema)).decode(),
                tuple(Reference(each.schema.uri, each.schema.type, each.ordinal) for each in needed),
                {"properties": {"semver": entry.schema.version, "id": entry.schema.uri, "digest": entry.digest}},
            )
            self._made[entry] = Version(entry.schema.type, entry.ordinal, entry.number, schema)
        return self._made[entry]
