"""Checking documents against JSON Schema 2020-12: offline, registry types known, formats asserted.

The engine is jsonschema-rs. Its messages quote the document; ours say only what was expected, because they
travel to callers and into logs.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import jsonschema_rs

from swath_registry.errors import SchemaInvalid
from swath_registry.messages import explain
from swath_registry.pointers import look_up, pointer_of, shorten
from swath_schemas import PUBLISHED, SchemaStore

MOST_VIOLATIONS = 100  # of one document; the rest would help nobody and could be made to fill memory

_Branch = list[jsonschema_rs.ValidationError]


@dataclass(frozen=True)
class Violation:
    """One way in which a document breaks its schema.

    Args:
        pointer: RFC 6901 pointer to the value, `""` for the whole document; an unknown property is pointed at
            itself, a missing one at the object that lacks it.
        message: what was expected there; never a value of the document.
        keyword: the keyword that failed.
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
        """The first hundred violations in the order of their pointers; none means valid."""
        if self._compiled.is_valid(document):
            return []
        errors = self._closest(self._compiled.iter_errors(document))
        found = islice((each for error in errors for each in self._explained(error)), MOST_VIOLATIONS)
        return sorted(dict.fromkeys(found), key=lambda each: (_order(each.pointer), each.keyword))

    def _closest(self, errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
        for error in errors:
            near = _closest_branch(_branches(error), error.instance_path) if _is_unmatched(error) else []
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
    """Every schema of a store under its `$id`, for jsonschema-rs."""
    return jsonschema_rs.Registry(
        [(schema.uri, store.load(schema)) for schema in store.schemas()], draft=jsonschema_rs.Draft202012
    )


def _is_unmatched(error: jsonschema_rs.ValidationError) -> bool:
    kinds = jsonschema_rs.ValidationErrorKind
    return isinstance(error.kind, kinds.AnyOf | kinds.OneOfNotValid)  # pyright: ignore


def _closest_branch(branches: list[_Branch], here: list[str | int]) -> _Branch:
    """The errors of the one branch that the document comes nearest to.

    Where several are as near, what is wrong in all of them; [] where that is nothing.
    """
    ranked = sorted((_distance(branch, here), index) for index, branch in enumerate(branches) if branch)
    if not ranked or ranked[0][0][0] == _WRONG_SHAPE:
        return []
    near = [branches[index] for distance, index in ranked if distance[0] == ranked[0][0][0]]
    if len(near) > 1 and ranked[0][0][0] == _WRONG_KIND:
        return []
    if len(ranked) > 1 and ranked[0][0] == ranked[1][0]:
        return [error for error in near[0] if all(_same(error, branch) for branch in near)]
    return branches[ranked[0][1]]


_FITS, _WRONG_KIND, _WRONG_SHAPE = range(3)


def _distance(branch: _Branch, here: list[str | int]) -> tuple[int, int]:
    """How far a document is from a branch: its JSON type is wrong, or a `const` (its kind), or other things."""
    if _has_wrong_type(branch, here):
        return _WRONG_SHAPE, len(branch)
    if any(error.kind.name in {"const", "enum"} and _is_near(error, here) for error in branch):
        return _WRONG_KIND, len(branch)
    return _FITS, len(branch)


def _has_wrong_type(branch: _Branch, here: list[str | int]) -> bool:
    return any(
        error.kind.name == "type"
        or (_is_unmatched(error) and all(_has_wrong_type(each, here) for each in _branches(error)))
        for error in branch
        if error.instance_path == here
    )


def _branches(error: jsonschema_rs.ValidationError) -> list[_Branch]:
    return getattr(error.kind, "context", [])


def _is_near(error: jsonschema_rs.ValidationError, here: list[str | int]) -> bool:
    return len(error.instance_path) <= len(here) + 1


def _same(error: jsonschema_rs.ValidationError, branch: _Branch) -> bool:
    return any(
        other.instance_path == error.instance_path and other.kind.as_dict() == error.kind.as_dict() for other in branch
    )


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
