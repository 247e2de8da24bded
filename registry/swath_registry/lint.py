"""Everything that can be wrong with the schemas of a registry.

Rules are for candidates: what is published can't be mended any more, so of that only the bytes are compared
with what was published (and the rules applied where they differ, or on request).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import jsonschema_rs

from swath_registry.documents import Document, Position, read_document
from swath_registry.errors import DocumentUnreadable, SchemaInvalid
from swath_registry.examples import examples, failures
from swath_registry.frozen import ARCHIVE, alterations
from swath_registry.lint_algebra import Undecided, overlaps, unsatisfiable
from swath_registry.lint_rules import RULES
from swath_registry.lock import digest
from swath_registry.pointers import pointer_of
from swath_registry.schema_walk import Place, walk
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaError, SchemaId, SchemaStore
from swath_schemas.lock import LOCK

MOST_LEVELS = 100  # of a schema; validators and generators give up beyond

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

Problem = tuple[str, str, str]  # rule, pointer, message


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

    @property
    def blocks(self) -> bool:
        """Whether it is a fault; else only something that could not be looked at."""
        return self.rule != "undecided"

    def __str__(self) -> str:
        place = f"{self.path}:{self.position.line}:{self.position.column}"
        return f"{place}: {self.schema} {self.pointer or '/'} [{self.rule}] {self.message}"

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "rule": self.rule,
            "schema": self.schema,
            "path": str(self.path),
            "line": self.position.line,
            "column": self.position.column,
            "pointer": self.pointer,
            "message": self.message,
        }


def lint(types: Iterable[str] = (), store: SchemaStore = PUBLISHED, *, published: bool = False) -> list[Finding]:
    """What is wrong with the named types, or with the whole registry.

    Args:
        types: their names; none means all.
        store: the registry.
        published: apply the rules to published versions too, not only to candidates.

    Raises:
        swath_schemas.UnknownSchema: there is no such type.
        swath_schemas.LockDamaged: the lock can't be read.
    """
    chosen = set(types)
    for name in sorted(chosen):
        store.versions(name)
    versions = [schema for schema in store.schemas() if not chosen or schema.type in chosen]
    found = [finding for schema in versions for finding in lint_version(schema, store, published=published)]
    return found if chosen else [*found, *_vanished(store)]


def lint_version(schema: SchemaId, store: SchemaStore, *, published: bool = False) -> Iterator[Finding]:
    """What is wrong with one version: of a candidate by the rules, of a published one by its bytes."""
    if not store.is_published(schema):
        yield from _unfinished(schema, store)
    elif not (altered := list(_altered(schema, store))) and not published:
        return
    else:
        yield from altered
    yield from _by_rules(schema, store)


def published_findings(store: SchemaStore) -> list[Finding]:
    """What was changed or removed of what is published."""
    altered = [each for schema in store.schemas() if store.is_published(schema) for each in _altered(schema, store)]
    return [*altered, *_vanished(store)]


def _by_rules(schema: SchemaId, store: SchemaStore) -> Iterator[Finding]:
    path = store.path(schema)
    try:
        document = read_document(path)
        store.load(schema)
    except (DocumentUnreadable, SchemaError) as error:
        place = Position(getattr(error, "line", 1), getattr(error, "column", 1))
        yield Finding("unreadable", str(schema), path, place, getattr(error, "reason", str(error)))
        return
    if _levels(document.value) > MOST_LEVELS:
        yield _finding("unreadable", schema, document, "", f"is nested more than {MOST_LEVELS} levels deep")
        return
    problems = [*_metaschema(document.value), *_identity(schema, document.value)]
    if not problems:
        problems = list(_rules(document.value, store))
    if not problems:
        problems = list(_algebra(document.value, store))
    for rule, pointer, message in problems:
        yield _finding(rule, schema, document, pointer, message)
    yield from _examples(schema, document, store)


def _finding(rule: str, schema: SchemaId, document: Document, pointer: str, message: str) -> Finding:
    return Finding(rule, str(schema), document.path, document.position(pointer), message, pointer)


def _levels(value: Any) -> int:
    """How deep arrays and objects are nested; counts no further than may be."""
    level: list[Any] = [value]
    levels = 0
    while level and levels <= MOST_LEVELS:
        level = [member for each in level for member in _members(each)]
        levels += 1
    return levels


def _members(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("list[Any]", value) if isinstance(value, list) else ()


def _metaschema(schema: Any) -> Iterator[Problem]:
    if not isinstance(schema, dict):
        yield "metaschema", "", "a type's schema is an object"
        return
    try:
        jsonschema_rs.meta.validate(schema)  # pyright: ignore[reportUnknownArgumentType]
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        yield "metaschema", pointer_of(getattr(error, "instance_path", [])), str(error).partition("\n")[0]


def _identity(schema: SchemaId, document: Any) -> Iterator[Problem]:
    if isinstance(document, dict):
        for keyword, expected in (("$id", schema.uri), ("$schema", _DIALECT)):
            if document.get(keyword) != expected:  # pyright: ignore[reportUnknownMemberType]
                yield "identity", f"/{keyword}", f"{keyword} must be {expected}"


def _rules(document: dict[str, Any], store: SchemaStore) -> Iterator[Problem]:
    for place in walk(Place(document, ())):
        for name, rule in RULES.items():
            for keyword, message in rule(place, document, store):
                yield name, pointer_of((*place.path, keyword) if keyword else place.path), message


def _algebra(document: dict[str, Any], store: SchemaStore) -> Iterator[Problem]:
    """What no document, or more than one branch, can satisfy; asked of schemas only that break no other rule."""
    for rule, ask in (("unsatisfiable", unsatisfiable), ("overlap", overlaps)):
        try:
            for pointer, message in ask(document, store):
                yield rule, pointer, message
        except (Undecided, SchemaError) as error:
            yield "undecided", "", str(error)


def _altered(schema: SchemaId, store: SchemaStore) -> Iterator[Finding]:
    folder, entry = store.path(schema).parent, store.entry(schema)
    for each in alterations(folder, entry.frozen, lambda: digest(store.load(schema)) == entry.digest):
        message = f"{schema} is published, and {each.file} {each.message}; put back what was there"
        yield Finding("published", str(schema), folder / each.file, Position(each.line, 1), message)


def _unfinished(schema: SchemaId, store: SchemaStore) -> Iterator[Finding]:
    path = store.path(schema).parent / ARCHIVE
    if path.is_file():
        message = f"{schema} has an archive but no line in {LOCK}: put the line back, or publish it again"
        yield Finding("unfinished", str(schema), path, Position(1, 1), message)


def _vanished(store: SchemaStore) -> Iterator[Finding]:
    held = {str(schema) for schema in store.schemas()}
    for entry in store.entries:
        if entry.name not in held:
            message = f"{entry.name} is published and has been removed; put it back"
            yield Finding("published", entry.name, store.root / LOCK, Position(1, 1), message)


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
