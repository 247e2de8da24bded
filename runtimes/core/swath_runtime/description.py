"""The describe document as it is served: describe.yml, completed with what only the running service knows."""

from typing import Any

from swath_algorithm.folder import Algorithm
from swath_runtime.conversion import compile_schema, leaves_of
from swath_runtime.links import API
from swath_runtime.multiparts import GEOJSON
from swath_runtime.multiparts import KINDS as MULTIPARTS
from swath_schemas import SchemaId, resolve

DESCRIBE = resolve("describe@1")
LINKS = {
    "self": ("describe", "GET", "application/json"),
    "execution": ("process", "POST", "application/json"),
    "config": ("config", "GET", "application/json"),
    "jobs": ("jobs", "GET", "application/json"),
    "version": ("version", "GET", "application/json"),
    "metrics": ("metrics", "GET", "application/json"),
    "health": ("health", "GET", "text/plain"),
    "documentation": ("docs", "GET", "text/html"),
    "openapi": ("openapi", "GET", "application/json"),
}


def served_description(algorithm: Algorithm, base: str) -> dict[str, Any]:
    """A valid describe@1 document with the types' versions, each media type of the answer, and links below `base`."""
    describe = algorithm.describe
    return {
        **describe,
        "schemaVersion": DESCRIBE.version,
        "output": {
            "description": f"The outputs of {describe['title']}.",
            **describe["output"],
            "content": output_content(describe["output"]),
        },
        "types": types_used(describe),
        "_links": {
            name: {"href": f"{base}{API}/{path}", "method": method, "type": kind}
            for name, (path, method, kind) in LINKS.items()
        },
    }


def output_content(output: dict[str, Any]) -> dict[str, Any]:
    """Media types of the answer, each with the schema of what it then holds (geoprocessing-api's `content`)."""
    schema = {key: value for key, value in output.items() if key != "content"}
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    for kind, name in single_answers(output).items():
        content[kind] = {"schema": output["properties"][name]}
    return content | {kind: {"schema": schema} for kind in MULTIPARTS}


def single_answers(output: dict[str, Any]) -> dict[str, str]:
    """Media types in which one output alone can be the whole answer, and which output that is."""
    from swath_converters.image import ENCODABLE

    node = compile_schema(output)
    images, collections = leaves_of(node, "image"), leaves_of(node, "featureCollection")
    answers = dict.fromkeys(ENCODABLE, images[0]) if len(images) == 1 else {}
    return answers | ({GEOJSON: collections[0]} if len(collections) == 1 else {})


def types_used(document: Any) -> dict[str, str]:
    """Registry types that a pinned document refers to, with their versions; of several the oldest.

    What fits the oldest fits the others of its major too.
    """
    found: set[SchemaId] = set()
    _collect(document, found)
    newest_first = sorted(found, key=lambda each: each.order, reverse=True)
    return dict(sorted({each.type: each.version for each in newest_first}.items()))


def _collect(value: Any, found: set[SchemaId]) -> None:
    if isinstance(value, list):
        for one in value:  # pyright: ignore[reportUnknownVariableType]
            _collect(one, found)
    elif isinstance(value, dict):
        reference = value.get("$ref")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if isinstance(reference, str) and not reference.startswith("#"):
            found.add(resolve(reference))
        for one in value.values():  # pyright: ignore[reportUnknownVariableType]
            _collect(one, found)
