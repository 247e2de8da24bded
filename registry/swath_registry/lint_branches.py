"""Which branches of a `oneOf` are apart at a glance: by their JSON types, or by a constant that both ask for.

The algebra of schemas says so too, but not of schemas that refer to themselves (a geometry holds geometries).
"""

from typing import Any, cast

from swath_registry.pointers import look_up
from swath_schemas import SchemaError, SchemaStore

_DEEPEST = 8  # references and unions followed to learn a branch's type
_ANY = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})

Schema = dict[str, Any]


def are_apart(one: Any, other: Any, document: Schema, store: SchemaStore) -> bool:
    """Whether no value can match both; False where that takes more than a glance.

    Args:
        one: a schema.
        other: another.
        document: the schema that both stand in.
        store: the schemas that it may refer to.
    """
    if not _kinds(one, document, store) & _kinds(other, document, store):
        return True
    first, second = _target(one, document, store)[0], _target(other, document, store)[0]
    shared = set(first.get("required", [])) & set(second.get("required", []))
    are_objects = first.get("type") == second.get("type") == "object"
    return are_objects and any(_differ(name, first, second) for name in shared)


def _kinds(schema: Any, document: Schema, store: SchemaStore, depth: int = 0) -> frozenset[str]:
    """The JSON types that its values may have."""
    found, root = _target(schema, document, store)
    if "type" in found:
        types = found["type"]
        named = frozenset([types] if isinstance(types, str) else types)
        return named | {"integer"} if "number" in named else named
    branches = found.get("oneOf") or found.get("anyOf")
    if not branches or depth > _DEEPEST:
        return _ANY
    return frozenset(kind for branch in branches for kind in _kinds(branch, root, store, depth + 1))


def _differ(name: str, one: Schema, other: Schema) -> bool:
    """Whether two objects give a property texts of which none is common to both."""
    mine, theirs = (_texts(each.get("properties", {}).get(name)) for each in (one, other))
    return bool(mine and theirs) and not mine & theirs


def _texts(schema: Any) -> set[str]:
    """The texts that a schema lists; none where it allows anything else."""
    if not isinstance(schema, dict):
        return set()
    members = cast("Schema", schema)
    listed: list[Any] = [members["const"]] if "const" in members else members.get("enum", [])
    return set(listed) if all(isinstance(each, str) for each in listed) else set()


def _target(branch: Any, document: Schema, store: SchemaStore) -> tuple[Schema, Schema]:
    """A branch, or what it refers to where it is nothing but a reference; and the document that this stands in."""
    root = document
    for _ in range(_DEEPEST):
        if not isinstance(branch, dict):
            return {}, root
        members = cast("Schema", branch)
        if set(members) != {"$ref"}:
            return members, root
        uri, _, fragment = str(members["$ref"]).partition("#")
        try:
            root = store.load(uri) if uri else root
            branch = look_up(root, fragment)
        except (SchemaError, KeyError):
            return {}, root
    return {}, root
