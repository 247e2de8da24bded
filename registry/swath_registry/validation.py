"""Checking documents against JSON Schema 2020-12: offline, registry types known, formats asserted.

The engine is jsonschema-rs. Its messages quote the document; ours say only what was expected, because they
travel to callers and into logs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any, cast

import jsonschema_rs

from swath_registry.branches import closest_branch, is_unmatched
from swath_registry.errors import SchemaInvalid
from swath_registry.messages import explain
from swath_registry.pointers import look_up, pointer_of, shorten
from swath_schemas import PUBLISHED, SchemaError, SchemaId, SchemaStore

MOST_VIOLATIONS = 100  # of one document; the rest would help nobody and could be made to fill memory

MOST_LEVELS = 64  # explaining nested `oneOf` takes time that grows with the square of their depth
MOST_VALUES = 10_000  # jsonschema-rs makes every error before it gives the first: 13 to 45 µs each


@dataclass(frozen=True)
class Violation:
    """One way in which a document breaks its schema.

    Args:
        pointer: RFC 6901 pointer to the value, `""` for the whole document; an unknown property is pointed at
            itself, a missing one at the object that lacks it.
        message: what was expected there; never a value of the document.
        keyword: the keyword that failed (`depth`: one did, too deep inside to say which).
        schema_pointer: where that keyword stands: `#/…` in the schema, after the `$id` of a registry type.
    """

    pointer: str
    message: str
    keyword: str
    schema_pointer: str


class Validator:
    """A compiled schema.

    Args:
        schema: a JSON Schema, in which references to registry types may be aliases (`image/1`), or such a
            reference itself.
        store: where registry types are found.

    Raises:
        SchemaInvalid: it isn't JSON Schema 2020-12, or a reference leads nowhere.
        swath_schemas.UnknownSchema: it refers to a type or version that the store doesn't hold.
    """

    def __init__(self, schema: dict[str, Any] | bool | str, store: SchemaStore = PUBLISHED) -> None:
        self._store = store
        self.schema: Any = store.load(schema) if isinstance(schema, str) else store.pin(schema)
        name = schema if isinstance(schema, str) else "the schema"
        try:
            self._compiled = jsonschema_rs.Draft202012Validator(
                self.schema, registry=registry(store), validate_formats=True, offline=True
            )
        except jsonschema_rs.ValidationError as error:
            raise SchemaInvalid(name, error.message, pointer_of(error.instance_path)) from error
        except (jsonschema_rs.ReferencingError, ValueError) as error:
            raise SchemaInvalid(name, str(error)) from error

    def is_valid(self, document: Any) -> bool:
        """Whether the document is valid; stops at the first violation."""
        return self._compiled.is_valid(document)

    def violations(self, document: Any) -> list[Violation]:
        """The first hundred violations in the order of their pointers; none means valid.

        An invalid document nested more than 64 levels deep has that as its one violation; of one with more than
        10,000 values the first error alone is explained. So the time taken stays bounded, whatever is sent.
        """
        if self._compiled.is_valid(document):
            return []
        levels, values = _extent(document)
        if levels > MOST_LEVELS:
            return [Violation("", f"must not be nested more than {MOST_LEVELS} levels deep", "depth", "#")]
        is_large = values > MOST_VALUES
        errors = self._closest(self._first(document) if is_large else self._compiled.iter_errors(document))
        found = islice((each for error in errors for each in self._explained(error)), MOST_VIOLATIONS)
        return sorted(dict.fromkeys(found), key=lambda each: (_order(each.pointer), each.keyword))

    def _first(self, document: Any) -> Iterator[jsonschema_rs.ValidationError]:
        try:
            self._compiled.validate(document)
        except jsonschema_rs.ValidationError as error:
            yield error

    def _closest(self, errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
        for error in errors:
            near = closest_branch(error) if is_unmatched(error) else []
            if near:
                yield from self._closest(near)
            else:
                yield error

    def _explained(self, error: jsonschema_rs.ValidationError) -> Iterator[Violation]:
        schema = self._schema_around(error)
        keyword = _keyword(error)
        location = _location(error)
        for name, message in explain(error, keyword, schema):
            path = error.instance_path if name is None else [*error.instance_path, name]
            yield Violation(pointer_of(path), message, keyword, location)

    def _schema_around(self, error: jsonschema_rs.ValidationError) -> Any:
        uri, _, pointer = (error.absolute_keyword_location or "").rpartition("#")
        try:
            root = self._store.load(uri) if uri.startswith(self._store.base_uri) else self.schema
            return look_up(root, (pointer or _raw_pointer(error.schema_path)).rpartition("/")[0])
        except KeyError:
            return {}


@cache
def registry(store: SchemaStore = PUBLISHED) -> jsonschema_rs.Registry:
    """Every schema of a store under its `$id`, for jsonschema-rs; candidates that can't be read are left out.

    Raises:
        swath_schemas.SchemaUnreadable: a published schema can't be read.
    """
    published = [(schema.uri, store.load(schema)) for schema in store.schemas() if store.is_published(schema)]
    candidates = [
        found for schema in store.schemas() if not store.is_published(schema) for found in _read(schema, store)
    ]
    try:
        return jsonschema_rs.Registry([*published, *candidates], draft=jsonschema_rs.Draft202012)
    except ValueError:  # one is nested too deeply; what is published isn't
        return jsonschema_rs.Registry(published, draft=jsonschema_rs.Draft202012)


def _read(schema: SchemaId, store: SchemaStore) -> list[tuple[str, Any]]:
    try:
        return [(schema.uri, store.load(schema))]
    except SchemaError:
        return []


def _extent(document: Any) -> tuple[int, int]:
    """How many levels arrays and objects are nested (1 for a flat one), and how many values there are.

    Stops counting where either is more than may be.
    """
    level: list[Any] = [document]
    levels, values = 0, 1
    while level and levels <= MOST_LEVELS and values <= MOST_VALUES:
        level = [member for value in level for member in _members(value)]
        levels += bool(level)
        values += len(level)
    return levels, values


def _members(value: Any) -> Iterable[Any]:
    match value:
        case dict():
            return cast("dict[str, Any]", value).values()
        case list():
            return cast("list[Any]", value)
        case _:
            return ()


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        last = error.evaluation_path[-1] if error.evaluation_path else "false"
        return str(last) if last in {"items", "additionalProperties", "contains"} else "false"
    if error.kind.name in {"propertyNames", "if"} or not error.evaluation_path:
        return error.kind.name
    return str(error.evaluation_path[-1])


def _location(error: jsonschema_rs.ValidationError) -> str:
    return shorten(error.absolute_keyword_location or f"#{_raw_pointer(error.schema_path)}", 300)


def _raw_pointer(path: list[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)


def _order(pointer: str) -> list[tuple[int, int, str]]:
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in pointer.split("/")]
