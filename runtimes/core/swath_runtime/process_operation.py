"""POST /process of one algorithm as an OpenAPI operation."""

from collections.abc import Mapping
from typing import Any

from swath_runtime.description import output_content
from swath_runtime.operations import OF_A_CALL, operation
from swath_runtime.payload import JSON, MULTIPART, RAW


def process_operation(describe: Mapping[str, Any], images: list[str]) -> dict[str, Any]:
    """What POST /process takes and gives: inputs as JSON, as a form, or the one image alone.

    Args:
        describe: the algorithm's description.
        images: names of the inputs that are images.
    """
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
    success = {"200": {"description": describe["output"].get("description", "The outputs."), "content": answers}}
    body = {"required": bool(schema.get("required")), "content": bodies}
    return operation(
        "process",
        describe["title"],
        success,
        OF_A_CALL,
        description=describe["description"],
        parameters=parameters,
        requestBody=body,
    )


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
