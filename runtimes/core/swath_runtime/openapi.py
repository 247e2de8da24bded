"""Each service's own OpenAPI 3.1 document: its rooms' operations, with the real types of inputs and outputs."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any, cast

from swath_runtime.auth.principal import OPEN
from swath_runtime.links import API
from swath_runtime.operations import problem_responses
from swath_runtime.table import Methods, Room, Routes, scope_of
from swath_schemas import PUBLISHED, load, resolve

BEARER = "bearer"
SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of the operator, or a JSON Web Token of the issuer that the operator trusts.",
}


def openapi_document(
    describe: Mapping[str, Any], base: str, rooms: Iterable[Room], *, is_guarded: bool = False
) -> dict[str, Any]:
    """A valid OpenAPI 3.1 document; registry types are its components, and nothing in it refers to elsewhere.

    Args:
        describe: the algorithm's description, for its title, version and text.
        base: what the caller sees the service under.
        rooms: whose operations it has, in this order.
        is_guarded: whether callers need tokens.
    """
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": describe["title"],
            "version": describe["version"],
            "description": describe["description"],
        },
        "servers": [{"url": f"{base}{API}"}],
        "paths": {
            path: _guarded(path, item, room.routes) if is_guarded else item
            for room in rooms
            for path, item in room.openapi.items()
        },
    }
    schemes = {"securitySchemes": {BEARER: SCHEME}} if is_guarded else {}
    return _bundled(document, schemes)


def _guarded(path: str, item: Mapping[str, Any], routes: Routes) -> dict[str, Any]:
    """A path item whose operations say which scope they need, and how a caller without it is answered."""
    methods = routes.get(f"{API}{path}") or routes[f"{API}{path.removesuffix('}')}*}}"]
    return {name: _guarded_operation(name, said, methods) for name, said in item.items()}


def _guarded_operation(name: str, said: Any, methods: Methods) -> Any:
    handler = methods.get(name.upper())
    if handler is None or (scope := scope_of(name.upper(), handler)) == OPEN:
        return said
    refusals = problem_responses(["401", "403", "429"])
    return {**said, "security": [{BEARER: [scope]}], "responses": {**refusals, **said["responses"]}}


def _bundled(document: dict[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """The document with every registry type that it refers to, directly or not, moved into its components."""
    components: dict[str, Any] = {}
    bundled = _rewrite(document, components)
    return {**bundled, "components": {"schemas": dict(sorted(components.items())), **others}}


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
        changed["$ref"] = _within(_component(uri, components), fragment)
    elif isinstance(reference, str) and reference.startswith("#") and inside:
        changed["$ref"] = _within(inside, reference[1:])
    return changed


def _within(component: str, fragment: str) -> str:
    """The reference to a place in a component; what stands there under `$defs` is a component of its own."""
    return f"#/components/schemas/{component}{fragment.replace('/$defs/', '.', 1)}"


def _component(uri: str, components: dict[str, Any]) -> str:
    named = resolve(uri)
    key = f"{named.type}-{named.version}"
    if key not in components:
        components[key] = None  # a type may refer to itself
        schema: dict[str, Any] = _rewrite(copy.deepcopy(load(named)), components, key)
        parts: dict[str, Any] = schema.pop("$defs", {})  # generators of clients find no schema within another
        components[key] = schema
        components.update({f"{key}.{name}": part for name, part in parts.items()})
    return key
