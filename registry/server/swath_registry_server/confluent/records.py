"""What the Confluent API speaks of: schemas with references, versions of a subject."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

import orjson
from jsonschema_rs import canonical


@dataclass(frozen=True)
class Reference:
    """What a `$ref` of a schema leads to.

    Args:
        name: the `$ref` as it stands in the schema.
        subject: where it is registered.
        version: and in which version.
    """

    name: str
    subject: str
    version: int

    def as_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {"name": self.name, "subject": self.subject, "version": self.version}


@dataclass(frozen=True)
class Schema:
    """A schema as it is registered.

    Args:
        text: JSON.
        references: what its `$ref`s lead to.
        metadata: `properties`, `tags` and `sensitive`, as they were sent; None for none.
    """

    text: str
    references: tuple[Reference, ...] = ()
    metadata: Mapping[str, Any] | None = None

    @cached_property
    def document(self) -> Any:
        """The parsed text."""
        return orjson.loads(self.text)

    @cached_property
    def guid(self) -> str:
        """What it is known by anywhere: equal for equal content, whatever its layout (RFC 8785)."""
        content = [self.document, [each.as_json() for each in self.references], self.metadata]
        return str(UUID(bytes=sha256(canonical.json.to_string(content).encode()).digest()[:16]))

    @property
    def properties(self) -> Mapping[str, str]:
        """The properties of its metadata."""
        return (self.metadata or {}).get("properties") or {}

    def as_json(self) -> dict[str, Any]:
        """As the API tells it."""
        told = {
            "schema": self.text,
            "schemaType": "JSON",
            "references": [each.as_json() for each in self.references],
            "guid": self.guid,
        }
        return told | ({"metadata": dict(self.metadata)} if self.metadata else {})


@dataclass(frozen=True)
class Version:
    """A schema's place under a subject.

    Args:
        subject: its name.
        number: the version, from 1.
        id: of the schema; one schema has one, under however many subjects.
        schema: it.
        is_deleted: softly: only who asks for deleted ones sees it, and readers by id.
    """

    subject: str
    number: int
    id: int
    schema: Schema
    is_deleted: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the API tells it."""
        return {"subject": self.subject, "version": self.number, "id": self.id, **self.schema.as_json()}


class Subjects(Protocol):
    """Where versions are found. Deleted ones are among them."""

    def all(self) -> tuple[Version, ...]:
        """Every version, subjects in alphabetical order, versions oldest first."""
        ...

    def versions(self, subject: str) -> tuple[Version, ...]:
        """The versions of a subject, oldest first; none where there is no such subject."""
        ...

    def by_id(self, id_: int) -> tuple[Version, ...]:
        """Every version with the schema of an id."""
        ...

    def by_guid(self, guid: str) -> tuple[Version, ...]:
        """Every version with the schema of a guid."""
        ...
