"""A schema as the code generator is given it: the same meaning, in the forms that it turns into exact models.

What is rewritten, each because datamodel-code-generator 0.89.0 would otherwise lose or change it:

- references become relative files, so that each type is a module of its own;
- objects within objects become definitions (inline, `patternProperties` hides their properties);
- `format` names a checked type of `swath_types.base` (pydantic's own types normalise, or accept numbers), and
  so does `integer`, since pydantic's strict one refuses 1.0;
- a reference to a type that is one of several others becomes those others, beside `null` too;
- `default` goes, since an optional field with a default would accept null;
- `dependentRequired` goes; it is put back as a class attribute (`swath_types.base.Model` checks it).
"""

import re
from collections.abc import Callable
from typing import Any, cast

from swath_registry.schema_walk import Place, walk
from swath_schemas import SchemaId, SchemaStore

BASE = "swath_types.base"

_FORMATS = {"date-time": "DateTime", "uri-reference": "UriReference", "uuid": "Uuid", "email": "Email"}
_LEFT_OUT = frozenset({"$schema", "$id", "$comment", "default", "examples", "dependentRequired"})
_NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
_DATA = frozenset({"const", "enum", "required"})

Schema = dict[str, Any]


def snake(name: str) -> str:
    """A camelCase name as a module is called: `imageCapabilities` gives `image_capabilities`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def module_name(schema: SchemaId) -> str:
    """Its module below `swath_types`: `image@1.0.0` gives `image.v1_0_0`."""
    return f"{snake(schema.type)}.v{schema.version.replace('.', '_')}"


def prepare(schema: Schema, store: SchemaStore) -> Schema:
    """The schema as the generator is given it."""
    prepared = _rewrite(schema, lambda each: _simplified(each, store))
    return _with_definitions(prepared)


def dependents(schema: Schema) -> dict[str, dict[str, list[str]]]:
    """Which properties ask for others, by the title of the object that says so."""
    found: dict[str, dict[str, list[str]]] = {}

    def note(each: Schema) -> Schema:
        if "dependentRequired" in each:
            found[each["title"]] = each["dependentRequired"]
        return each

    _rewrite(schema, note)
    return found


def references(schema: Schema) -> list[str]:
    """What a schema refers to outside of itself, as it is written."""
    found = [place.schema.get("$ref", "#") for place in walk(Place(schema, ()))]
    return [target for target in found if not target.startswith("#")]


def members_of_union(schema: Schema) -> list[str]:
    """Titles of the definitions of which a type is one, in their order; [] for any other type."""
    return [schema["$defs"][name]["title"] for name in _union(schema)]


def _union(schema: Schema) -> list[str]:
    references = [str(each.get("$ref", "")) for each in schema.get("oneOf", [])]
    is_union = all(reference.startswith("#/$defs/") for reference in references)
    return [reference.removeprefix("#/$defs/") for reference in references] if is_union else []


def _rewrite(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """A copy of a schema in which every schema within it, then it itself, has been changed."""
    if isinstance(schema, list):
        return [_rewrite(each, change) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    rewritten: Schema = {}
    for key, value in cast("Schema", schema).items():
        if key in _NAMED:
            rewritten[key] = {name: _rewrite(each, change) for name, each in value.items()}
        else:
            rewritten[key] = value if key in _DATA else _rewrite(value, change)
    return change(rewritten)


def _simplified(schema: Schema, store: SchemaStore) -> Schema:
    kept = {key: value for key, value in schema.items() if key not in _LEFT_OUT and not key.startswith("x-")}
    if "oneOf" in kept:
        kept["oneOf"] = [member for each in kept["oneOf"] for member in each.get("oneOf", [each])]
    members = _foreign_union(kept.get("$ref", ""), store)
    if members:
        uri = _relative(kept.pop("$ref"), store)
        kept["oneOf"] = [{"$ref": f"{uri}#/$defs/{name}"} for name in members]
    elif "$ref" in kept:
        kept["$ref"] = _relative(kept["$ref"], store)
    if kept.get("type") == "string" and kept.get("format") in _FORMATS:
        kept["customTypePath"] = f"{BASE}.{_FORMATS[kept.pop('format')]}"
    if kept.get("type") == "integer":
        kept["customTypePath"] = f"{BASE}.Integer"
    return kept


def _foreign_union(reference: str, store: SchemaStore) -> list[str]:
    return [] if not reference or "#" in reference else _union(store.load(reference))


def _relative(reference: str, store: SchemaStore) -> str:
    uri, mark, fragment = reference.partition("#")
    return f"../{module_name(store.resolve(uri)).replace('.', '/')}.json{mark}{fragment}" if uri else reference


def _with_definitions(root: Schema) -> Schema:
    """The schema with every titled object within it moved to `$defs`, under its title."""
    definitions: Schema = {}

    def lift(schema: Schema) -> Schema:
        if "properties" not in schema or "title" not in schema:
            return schema
        definitions[schema["title"]] = schema
        described = {"description": schema["description"]} if "description" in schema else {}
        return {"$ref": f"#/$defs/{schema['title']}", **described}

    own = cast("Schema", root.get("$defs", {}))
    below = {name: _rewrite_below(schema, lift) for name, schema in own.items()}
    rest = _rewrite_below({key: value for key, value in root.items() if key != "$defs"}, lift)
    return {**rest, "$defs": {**below, **definitions}}


def _rewrite_below(schema: Schema, change: Callable[[Schema], Schema]) -> Schema:
    """A copy in which every schema within this one has been changed, but not this one itself."""
    return _rewrite(schema, lambda each: each if each.get("title") == schema.get("title") else change(each))
