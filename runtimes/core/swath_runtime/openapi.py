"""Each service's own OpenAPI 3.1 document, with the real types of its inputs and outputs."""

import copy
from typing import Any, cast

from swath_algorithm.folder import Algorithm
from swath_runtime.description import output_content
from swath_runtime.links import API
from swath_runtime.payload import JSON, MULTIPART, RAW
from swath_runtime.problems import PROBLEM_JSON
from swath_schemas import PUBLISHED, load, resolve

PROBLEMS = {
    "400": "The request can't be read, or its input is not what is described.",
    "406": "No accepted media type can hold the answer.",
    "413": "The request is larger than this service takes.",
    "414": "Path and query are longer than this service takes.",
    "415": "The media type of the request is not supported.",
    "422": "The input can be read but not processed.",
    "500": "The algorithm failed.",
    "503": "Not ready, busy or stopping; Retry-After says when to try again.",
    "504": "The algorithm took longer than it may.",
}


def openapi_document(algorithm: Algorithm, base: str, images: list[str]) -> dict[str, Any]:
    """A valid OpenAPI 3.1 document; registry types are its components, and nothing in it refers to elsewhere."""
    describe = algorithm.describe
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": describe["title"],
            "version": describe["version"],
            "description": describe["description"],
        },
        "servers": [{"url": f"{base}{API}"}],
        "paths": {
            "/health": {
                "get": _operation("getHealth", "Whether the service is alive.", "text/plain", {"type": "string"})
            },
            "/ready": {
                "get": _operation("getReady", "Whether the model is loaded.", JSON, {"type": "object"}, ["503"])
            },
            "/describe": {"get": _operation("getDescribe", "What the service is.", JSON, _ref("describe@1"))},
            "/version": {"get": _operation("getVersion", "Versions of what runs.", JSON, {"type": "object"})},
            "/openapi": {"get": _operation("getOpenapi", "This document.", JSON, {"type": "object"})},
            "/process": {"post": _process(describe, images)},
        },
    }
    return _bundled(document)


def _operation(
    name: str, summary: str, kind: str, schema: dict[str, Any], problems: list[str] | None = None
) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": summary, "content": {kind: {"schema": schema}}}}
    return {
        "operationId": name,
        "summary": summary,
        "responses": responses | _problem_responses(problems or []),
    }


def _process(describe: dict[str, Any], images: list[str]) -> dict[str, Any]:
    schema = describe["input"]
    bodies: dict[str, Any] = {JSON: {"schema": schema}, MULTIPART: {"schema": _form(schema, images)}}
    if len(images) == 1:
        bodies |= {kind: {} for kind in RAW}
    others = {name: one for name, one in schema.get("properties", {}).items() if name not in images}
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"{one.get('description', name)} Instead of giving it in the body.",
            **({"schema": one} if _is_simple(one) else {"content": {JSON: {"schema": one}}}),
        }
        for name, one in others.items()
    ]
    answers: dict[str, Any] = {
        kind: one if kind == JSON else {} for kind, one in output_content(describe["output"]).items()
    }
    return {
        "operationId": "process",
        "summary": describe["title"],
        "description": describe["description"],
        "parameters": parameters,
        "requestBody": {"required": bool(schema.get("required")), "content": bodies},
        "responses": {
            "200": {"description": describe["output"].get("description", "The outputs."), "content": answers},
            **_problem_responses(list(PROBLEMS)),
        },
    }


def _form(schema: dict[str, Any], images: list[str]) -> dict[str, Any]:
    """The input as a form: an image is a file part, or text as in JSON."""
    properties = {
        name: {
            "description": one.get("description", "An image file."),
            "anyOf": [{"type": "string", "contentMediaType": "image/tiff"}, one],
        }
        if name in images
        else one
        for name, one in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties}


def _is_simple(schema: dict[str, Any]) -> bool:
    return schema.get("type") in {"number", "integer", "string", "boolean"}


def _problem_responses(statuses: list[str]) -> dict[str, Any]:
    return {
        one: {"description": PROBLEMS[one], "content": {PROBLEM_JSON: {"schema": _ref("error@1")}}} for one in statuses
    }


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": resolve(name).uri}


def _bundled(document: dict[str, Any]) -> dict[str, Any]:
    """The document with every registry type that it refers to, directly or not, moved into its components."""
    components: dict[str, Any] = {}
    bundled = _rewrite(document, components)
    return {**bundled, "components": {"schemas": dict(sorted(components.items()))}}


def _rewrite(value: Any, components: dict[str, Any], inside: str = "") -> Any:
    if isinstance(value, list):
        return [_rewrite(one, components, inside) for one in cast(list[Any], value)]
    if not isinstance(value, dict):
        return value
    members = cast(dict[str, Any], value)
    changed: dict[str, Any] = {
        key: _rewrite(one, components, inside) for key, one in members.items() if key not in {"$id", "$schema"}
    }
    reference = members.get("$ref")
    if isinstance(reference, str) and reference.startswith(PUBLISHED.base_uri):
        uri, _, fragment = reference.partition("#")
        changed["$ref"] = f"#/components/schemas/{_component(uri, components)}{fragment}"
    elif isinstance(reference, str) and reference.startswith("#") and inside:
        changed["$ref"] = f"#/components/schemas/{inside}{reference[1:]}"
    return changed


def _component(uri: str, components: dict[str, Any]) -> str:
    named = resolve(uri)
    key = f"{named.type}-{named.version}"
    if key not in components:
        components[key] = None  # a type may refer to itself
        components[key] = _rewrite(copy.deepcopy(load(named)), components, key)
    return key
