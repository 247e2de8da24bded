"""Everything that can be wrong with the schemas of a registry before they are published."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs

from swath_registry.documents import Document, Position, read_document
from swath_registry.errors import DocumentUnreadable, SchemaInvalid
from swath_registry.examples import examples, failures
from swath_registry.lint_rules import RULES
from swath_registry.lock import digest, locked
from swath_registry.pointers import pointer_of
from swath_registry.schema_walk import Place, walk
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaError, SchemaId, SchemaStore

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Args:
        rule: the rule's name.
        schema: type@version.
        path: the file.
        position: where in the file.
        message: what is wrong, and what to write instead.
        pointer: RFC 6901 pointer into the file.
    """

    rule: str
    schema: str
    path: Path
    position: Position
    message: str
    pointer: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.position.line}:{self.position.column}"
        return f"{place}: {self.schema} {self.pointer or '/'} [{self.rule}] {self.message}"


def lint(types: Iterable[str] = (), store: SchemaStore = PUBLISHED) -> list[Finding]:
    """What is wrong with the named types, or with the whole registry. Raises UnknownSchema."""
    chosen = list(types)
    for name in chosen:
        store.versions(name)
    found = [
        finding for schema in store.schemas() if not chosen or schema.type in chosen for finding in _lint(schema, store)
    ]
    return found if chosen else found + list(_vanished(store))


def _lint(schema: SchemaId, store: SchemaStore) -> Iterator[Finding]:
    path = store.path(schema)
    try:
        document = read_document(path)
        store.load(schema)
    except (DocumentUnreadable, SchemaError) as error:
        place = Position(getattr(error, "line", 1), getattr(error, "column", 1))
        yield Finding("unreadable", str(schema), path, place, str(error))
        return
    problems = [*_metaschema(document.value), *_identity(schema, document.value)]
    if not problems:
        problems = [*_rules(document.value, store), *_published(schema, document.value, store)]
    for rule, pointer, message in problems:
        yield _finding(rule, schema, document, pointer, message)
    yield from _examples(schema, document, store)


def _finding(rule: str, schema: SchemaId, document: Document, pointer: str, message: str) -> Finding:
    return Finding(rule, str(schema), document.path, document.position(pointer), message, pointer)


def _metaschema(schema: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(schema, dict):
        yield "metaschema", "", "a type's schema is an object"
        return
    try:
        jsonschema_rs.meta.validate(schema)  # pyright: ignore[reportUnknownArgumentType]
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        yield "metaschema", pointer_of(getattr(error, "instance_path", [])), str(error).partition("\n")[0]


def _identity(schema: SchemaId, document: Any) -> Iterator[tuple[str, str, str]]:
    if isinstance(document, dict):
        for keyword, expected in (("$id", schema.uri), ("$schema", _DIALECT)):
            if document.get(keyword) != expected:  # pyright: ignore[reportUnknownMemberType]
                yield "identity", f"/{keyword}", f"{keyword} must be {expected}"


def _rules(document: dict[str, Any], store: SchemaStore) -> Iterator[tuple[str, str, str]]:
    for place in walk(Place(document, ())):
        for name, rule in RULES.items():
            for keyword, message in rule(place, document, store):
                yield name, pointer_of((*place.path, keyword) if keyword else place.path), message


def _published(schema: SchemaId, document: dict[str, Any], store: SchemaStore) -> Iterator[tuple[str, str, str]]:
    expected = locked(store).get(str(schema))
    if expected is not None and expected != digest(document):
        yield "published", "", f"{schema} is published and has been changed; undo that and add a new version instead"


def _vanished(store: SchemaStore) -> Iterator[Finding]:
    held = {str(schema) for schema in store.schemas()}
    for name in sorted(set(locked(store)) - held):
        message = f"{name} is published and has been removed; put it back"
        yield Finding("published", name, store.root / "registry.lock", Position(1, 1), message)


def _examples(schema: SchemaId, document: Document, store: SchemaStore) -> Iterator[Finding]:
    try:
        valid, invalid = examples(store, schema)
        for kind, found in (("valid", valid), ("invalid", invalid)):
            if not found:
                yield _finding("examples", schema, document, "", f"has no {kind} example in examples/{kind}/")
        for path, message in failures(Validator(schema.uri, store), valid, invalid):
            yield Finding("examples", str(schema), path, Position(1, 1), message)
    except DocumentUnreadable as error:
        place = Position(error.line, error.column)
        yield Finding("examples", str(schema), Path(error.path), place, error.reason)
    except (SchemaInvalid, SchemaError) as error:
        yield _finding("examples", schema, document, "", f"examples can't be checked: {error}")
