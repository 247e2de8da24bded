"""A schema made ready to be compared: its draft known, its references within it, compiled."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

import jsonschema_rs

from swath_registry.compatibility.landscape import as_dict
from swath_registry.compatibility.subschemas import rewritten, walk
from swath_registry.errors import SchemaInvalid
from swath_registry.pointers import pointer_of
from swath_schemas import SchemaStore

LATEST = "2020-12"
_UNNAMED_FALLBACK = "draft-07"  # arrays under `items`, as Confluent's registry takes schemas without `$schema`

_Compile = Callable[..., jsonschema_rs.Validator]
_DRAFTS: dict[str, tuple[int, _Compile]] = {
    "draft-04": (jsonschema_rs.Draft4, jsonschema_rs.Draft4Validator),
    "draft-06": (jsonschema_rs.Draft6, jsonschema_rs.Draft6Validator),
    "draft-07": (jsonschema_rs.Draft7, jsonschema_rs.Draft7Validator),
    "2019-09": (jsonschema_rs.Draft201909, jsonschema_rs.Draft201909Validator),
    LATEST: (jsonschema_rs.Draft202012, jsonschema_rs.Draft202012Validator),
}
_URIS = {f"json-schema.org/{name if name.startswith('draft') else 'draft/' + name}/schema": name for name in _DRAFTS}


@dataclass(frozen=True)
class Operand:
    """One side of a comparison.

    Args:
        schema: it, with everything it refers to inside.
        draft: the JSON Schema draft that it is judged by: `2020-12`, `draft-07`, …
        validator: it, compiled, formats asserted.
        is_assumed: whether the draft was guessed, since the schema names none and isn't valid as 2020-12.
    """

    schema: Any
    draft: str
    validator: jsonschema_rs.Validator
    is_assumed: bool = False

    @property
    def draft_number(self) -> int:
        """The draft as jsonschema-rs counts them."""
        return _DRAFTS[self.draft][0]

    def accepts(self, document: Any) -> bool:
        """Whether a document is valid."""
        return self.validator.is_valid(document)

    def first_error(self, document: Any) -> jsonschema_rs.ValidationError | None:
        """What is wrong with a document first; to make all errors can take long where documents are nested deeply."""
        try:
            self.validator.validate(document)
        except jsonschema_rs.ValidationError as error:
            return error
        return None


def self_contained(schema: Any, store: SchemaStore) -> Any:
    """A schema with the registry types that it refers to among its own definitions. Raises UnknownSchema."""
    pinned: Any = store.load(schema) if isinstance(schema, str) else _pinned(schema, store)
    found: dict[str, Any] = {}
    waiting = [pinned]
    while waiting:
        for uri in _types_within(waiting.pop(), store):
            if uri not in found and uri != as_dict(pinned).get("$id"):
                found[uri] = store.load(uri)
                waiting.append(found[uri])
    if not found:
        return pinned
    names = {uri: f"#/$defs/{uri.rpartition(store.base_uri)[2].strip('/').replace('/', '@')}" for uri in found}
    whole = _local(pinned, "#", names)
    inner = {names[uri].rpartition("/")[2]: _local(each, names[uri], names) for uri, each in found.items()}
    return {**whole, "$defs": {**as_dict(whole.get("$defs")), **inner}}


def _local(schema: Any, place: str, names: dict[str, str]) -> Any:
    """A copy to stand at a place, whose references lead to places."""
    identity = as_dict(schema).get("$id")
    known = {**names, identity: place, "": place}

    def change(each: dict[str, Any]) -> dict[str, Any]:
        found = {key: value for key, value in each.items() if place == "#" or key not in {"$id", "$schema"}}
        reference = found.get("$ref")
        if isinstance(reference, str) and reference.partition("#")[0] in known:
            base, _, fragment = reference.partition("#")
            found["$ref"] = known[base] + fragment
        return found

    return rewritten(schema, change)


def _types_within(schema: Any, store: SchemaStore) -> Iterator[str]:
    for each in walk(schema):
        reference = each.get("$ref")
        if isinstance(reference, str) and reference.startswith(f"{store.base_uri}/"):
            yield reference.partition("#")[0]


def _pinned(schema: Any, store: SchemaStore) -> Any:
    """A copy in which references to registry types, and to parts of them (`image/1#/$defs/size`), are exact."""

    def change(each: dict[str, Any]) -> dict[str, Any]:
        reference = each.get("$ref")
        base, _, fragment = reference.partition("#") if isinstance(reference, str) else ("", "", "")
        if not base or not store.is_reference(base):
            return each
        return {**each, "$ref": store.resolve(base).uri + (f"#{fragment}" if fragment else "")}

    return rewritten(schema, change)


def operand(schema: Any, name: str) -> Operand:
    """A self-contained schema, compiled by its own draft. Raises SchemaInvalid, which names it."""
    if not isinstance(schema, dict | bool):
        raise SchemaInvalid(name, "a JSON Schema is an object or a boolean")
    named = cast("dict[str, Any]", schema).get("$schema") if isinstance(schema, dict) else None
    if named is not None:
        draft = _draft(named, name)
        return Operand(schema, draft, _compile(schema, draft, name))
    try:
        return Operand(schema, LATEST, _compile(schema, LATEST, name))
    except SchemaInvalid:
        if not _has_older_items(schema):
            raise
        return Operand(schema, _UNNAMED_FALLBACK, _compile(schema, _UNNAMED_FALLBACK, name), is_assumed=True)


def _draft(named: Any, name: str) -> str:
    uri = str(named).removeprefix("https://").removeprefix("http://").removesuffix("#")
    if uri not in _URIS:
        known = ", ".join(_DRAFTS)
        raise SchemaInvalid(name, f"$schema is {named!r}, a dialect that isn't known here (known: {known})", "/$schema")
    return _URIS[uri]


def _compile(schema: Any, draft: str, name: str) -> jsonschema_rs.Validator:
    try:
        return _DRAFTS[draft][1](schema, validate_formats=True, offline=True)
    except jsonschema_rs.ValidationError as error:
        raise SchemaInvalid(name, error.message, pointer_of(error.instance_path)) from error
    except (jsonschema_rs.ReferencingError, ValueError, OverflowError) as error:
        raise SchemaInvalid(name, str(error)) from error


def _has_older_items(schema: Any) -> bool:
    """Whether `items` is an array somewhere, as up to draft 2019-09."""
    if isinstance(schema, list):
        return any(_has_older_items(each) for each in cast("list[Any]", schema))
    if not isinstance(schema, dict):
        return False
    members = cast("dict[str, Any]", schema)
    return isinstance(members.get("items"), list) or any(_has_older_items(each) for each in members.values())
