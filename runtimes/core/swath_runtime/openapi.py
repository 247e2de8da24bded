"""Each service's own OpenAPI 3.1 document: its rooms' operations, with the real types of inputs and outputs."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any, cast

from swath_runtime.links import API
from swath_runtime.table import Room
from swath_schemas import PUBLISHED, load, resolve


def openapi_document(describe: Mapping[str, Any], base: str, rooms: Iterable[Room]) -> dict[str, Any]:
    """A valid OpenAPI 3.1 document; registry types are its components, and nothing in it refers to elsewhere.

    Args:
        describe: the algorithm's description, for its title, version and text.
        base: what the caller sees the service under.
        rooms: whose operations it has, in this order.
    """
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": describe["title"],
            "version": describe["version"],
            "description": describe["description"],
        },
        "servers": [{"url": f"{base}{API}"}],
        "paths": {path: item for room in rooms for path, item in room.openapi.items()},
    }
    return _bundled(document)


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
