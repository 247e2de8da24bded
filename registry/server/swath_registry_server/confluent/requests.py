"""What clients send to the Confluent API, read and checked."""

from typing import Any, cast

import orjson

from swath_registry_server.confluent.records import Reference, Schema
from swath_registry_server.errors import Problem, Refusal
from swath_registry_server.http import Request

_LONGEST_NAME = 255  # characters of a subject
_METADATA = frozenset({"properties", "tags", "sensitive"})


def schema_in(request: Request) -> Schema:
    """The schema of a body `{"schema": "…", "schemaType": "JSON", "references": […], "metadata": …}`.

    Raises Refusal (42201) where it is none that can be registered here.
    """
    body = object_in(request)
    if body.get("schemaType", "AVRO") != "JSON":
        raise Refusal(42201, 'invalid schema: only JSON Schema is kept here; send "schemaType": "JSON"')
    for word in ("ruleSet", "rulesToMerge", "rulesToRemove"):
        if body.get(word):
            raise Refusal(42201, f"invalid schema: {word} is not supported here")
    if body.get("id") not in (None, -1) or body.get("version") not in (None, -1, 0):
        raise Refusal(42205, "ids and versions are given by the registry; importing them is not supported")
    text = body.get("schema")
    if not isinstance(text, str):
        raise Refusal(42201, "invalid schema: `schema` must be the schema as a string of JSON")
    schema = Schema(text, _references(body.get("references")), _metadata(body.get("metadata")))
    _check_text(schema)
    return schema


def object_in(request: Request) -> dict[str, Any]:
    """The body as a JSON object. Raises Problem (415) unless it is sent as JSON, Refusal (42200) otherwise.

    Only a body that is called JSON is taken: a page of another origin can't send one without asking first.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        raise Problem(415, "the body must be sent as application/vnd.schemaregistry.v1+json or application/json")
    try:
        found = request.json()
    except Problem as problem:
        raise Refusal(400, problem.title) from problem
    if not isinstance(found, dict):
        raise Refusal(400, "the body must be a JSON object")
    return cast("dict[str, Any]", found)


def check_subject(subject: str) -> None:
    """Raises Refusal (42208) for a name that nothing may be registered under."""
    if len(subject) > _LONGEST_NAME or not subject.isprintable() or subject.startswith(":"):
        raise Refusal(42208, f"a subject has 1 to {_LONGEST_NAME} printable characters and no context before it")


def _check_text(schema: Schema) -> None:
    try:
        document = schema.document
    except orjson.JSONDecodeError as error:
        raise Refusal(
            42201, f"invalid schema: not JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from error
    if not isinstance(document, dict | bool):
        raise Refusal(42201, "invalid schema: a JSON Schema is an object or a boolean")


def _references(told: Any) -> tuple[Reference, ...]:
    if not isinstance(told, list | None):
        raise Refusal(42201, "invalid schema: references must be a list")
    found: list[Reference] = []
    for each in cast("list[Any]", told or []):
        match each:
            case {"name": str(name), "subject": str(subject), "version": int(version)}:
                found.append(Reference(name, subject, version))
            case _:
                raise Refusal(42201, "invalid schema: a reference has a name, a subject and a version")
    return tuple(found)


def _metadata(told: Any) -> dict[str, Any] | None:
    if told is None or told == {}:
        return None
    if not isinstance(told, dict):
        raise Refusal(42201, "invalid schema: metadata must be an object")
    metadata = cast("dict[str, Any]", told)
    unknown = sorted(set(metadata) - _METADATA)
    properties: Any = metadata.get("properties") or {}
    if unknown or not isinstance(properties, dict) or not all(isinstance(text, str) for text in properties.values()):  # pyright: ignore
        raise Refusal(42201, f"invalid schema: metadata holds {', '.join(sorted(_METADATA))}; properties are texts")
    return {key: value for key, value in metadata.items() if value} or None
