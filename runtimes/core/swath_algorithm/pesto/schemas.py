"""PESTO's schemas (JSON Schema draft-06, its definitions and the project's) as those of describe.yml (2020-12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from swath_algorithm.pesto.declared import DEFINED
from swath_algorithm.pesto.notes import Notes
from swath_registry.errors import SchemaInvalid
from swath_registry.validation import Validator
from swath_schemas import pin

Json = dict[str, Any]
POLYGON: Json = {"$ref": "geometry/1", "properties": {"type": {"const": "Polygon"}}}
# PESTO's own six, by registry types; and as it had them, for projects whose values these types refuse.
AS_TYPES: Mapping[str, Json] = {"Image": {"$ref": "image/1"}, "Polygon": POLYGON, "Metadata": {"$ref": "metadata/1"}}
AS_THERE: Mapping[str, Json] = {
    "Image": {"$ref": "image/1"},
    "Polygon": {
        "type": "object",
        "required": ["type", "coordinates"],
        "properties": {"type": {"enum": ["Polygon"]}, "coordinates": {"type": "array"}},
    },
    "Metadata": {"type": "object"},
}
TYPES = {"Image": "image/1", "Polygon": "geometry/1 (a Polygon)", "Metadata": "metadata/1"}
BESIDE_REFERENCE = {"description", "title", "default", "examples"}  # draft-06 heeds nothing beside $ref
NAMED = {"properties", "patternProperties"}
SUBSCHEMAS = {"items", "contains", "additionalProperties", "propertyNames", "not"}
LISTS = {"allOf", "anyOf", "oneOf"}
GONE = {"$schema", "id", "$id", "additionalItems", *DEFINED}
COLLECTION = ("type", "features")


@dataclass(frozen=True)
class _Place:
    """Where a keyword stands, what PESTO's own types are there, and the references that led there."""

    pointer: str
    natives: Mapping[str, Json]
    seen: tuple[str, ...]


class Translator:
    """Schemas of one file; `examples` are the values that the project's tests have for each parameter."""

    def __init__(self, source: str, definitions: Json, notes: Notes, *, is_output: bool) -> None:
        self._source, self._definitions, self._notes, self._is_output = source, definitions, notes, is_output

    def parameter(self, name: str, schema: Any, examples: list[Any]) -> Json:
        """The schema of one parameter, such that the tests' values fit it."""
        pointer = f"/{name}"
        as_types = self._schema(schema, pointer, AS_TYPES, ())
        if _fits(as_types, examples):
            self._tell(name, schema, as_types)
            return as_types
        there = self._schema(schema, pointer, AS_THERE, ())
        if _fits(there, examples) or not self._is_output:
            self._notes.decided(self._source, pointer, "a test's value is none of the registry's type: left as it was")
            return there
        message = "a test's own output does not fit the schema, which PESTO never checked: any value is allowed"
        self._notes.decided(self._source, pointer, message)
        return {key: there[key] for key in ("description", "title") if key in there}

    def _tell(self, name: str, schema: Any, translated: Json) -> None:
        reference = _mapping(schema).get("$ref")
        word = str(reference).rpartition("/")[2] if reference else ""
        one = word.removesuffix("s")
        if one in TYPES:
            self._notes.mapped(self._source, f"/{name}", f"{word} is {TYPES[one]}{', a list' if word != one else ''}")
        else:
            self._notes.mapped(self._source, f"/{name}", str(translated.get("$ref") or translated.get("type", "any")))

    def _schema(self, schema: Any, pointer: str, natives: Mapping[str, Json], seen: tuple[str, ...]) -> Json:
        if isinstance(schema, bool):
            return {} if schema else {"not": {}}
        if not isinstance(schema, dict):
            self._notes.lost(self._source, pointer, "is no schema: any value is allowed")
            return {}
        members = cast(Json, schema)
        if "$ref" in members:
            return self._reference(members, pointer, natives, seen)
        translated: Json = {}
        for key, value in members.items():
            translated |= self._member(key, value, members, _Place(f"{pointer}/{key}", natives, seen))
        inner = _mapping(members.get("properties"))
        if asked := [name for name, one in inner.items() if _mapping(one).get("required") is True]:
            translated["required"] = list(dict.fromkeys([*translated.get("required", []), *asked]))
        return _collection(translated)

    def _reference(self, members: Json, pointer: str, natives: Mapping[str, Json], seen: tuple[str, ...]) -> Json:
        reference = str(members["$ref"])
        word = next((reference.removeprefix(f"#/{one}/") for one in DEFINED if reference.startswith(f"#/{one}/")), "")
        if word in natives:
            found = dict(natives[word])
        elif word.endswith("s") and word[:-1] in natives:
            found = {"type": "array", "items": dict(natives[word[:-1]])}
        elif reference in seen:
            self._notes.lost(self._source, pointer, f"{reference} refers to itself: any value is allowed there")
            found = {}
        elif (defined := _at(self._definitions, word)) is not None:
            found = self._schema(defined, pointer, natives, (*seen, reference))
        else:
            self._notes.lost(self._source, pointer, f"{reference} is defined nowhere: any value is allowed")
            found = {}
        for key, value in members.items():
            if key in BESIDE_REFERENCE:
                found[key] = value
            elif key == "content":
                found |= self._content(value, f"{pointer}/content")
            elif key != "$ref":
                self._notes.decided(self._source, f"{pointer}/{key}", "had no effect beside a $ref: left out")
        return found

    def _member(self, key: str, value: Any, beside: Json, place: "_Place") -> Json:
        """A keyword of a schema, as 2020-12 has it."""
        if key in NAMED and isinstance(value, dict):
            return {key: {name: self._inner(one, place, name) for name, one in cast(Json, value).items()}}
        if key in LISTS and isinstance(value, list):
            return {key: self._each(cast(list[Any], value), place)}
        if key == "items" and isinstance(value, list):
            rest = {"items": self._inner(beside["additionalItems"], place, "")} if "additionalItems" in beside else {}
            return {"prefixItems": self._each(cast(list[Any], value), place), **rest}
        if key in SUBSCHEMAS:
            return {key: self._inner(value, place, "")}
        if key == "dependencies" and isinstance(value, dict):
            return self._dependencies(cast(Json, value), place)
        if key == "content":
            return self._content(value, place.pointer)
        return self._plain(key, value, beside, place.pointer)

    def _inner(self, schema: Any, place: "_Place", name: str) -> Any:
        pointer = f"{place.pointer}/{name}" if name else place.pointer
        return schema if isinstance(schema, bool) else self._schema(schema, pointer, place.natives, place.seen)

    def _each(self, schemas: list[Any], place: "_Place") -> list[Any]:
        return [self._inner(one, place, str(index)) for index, one in enumerate(schemas)]

    def _dependencies(self, value: Json, place: "_Place") -> Json:
        names: Json = {name: one for name, one in value.items() if isinstance(one, list)}
        schemas = {name: self._inner(one, place, name) for name, one in value.items() if name not in names}
        return ({"dependentRequired": names} if names else {}) | ({"dependentSchemas": schemas} if schemas else {})

    def _plain(self, key: str, value: Any, beside: Json, at: str) -> Json:
        """A keyword that holds no schema; those that 2020-12 has no more are left out, or written as it has them."""
        if key in GONE:
            return {}
        if key == "required" and not isinstance(value, list):
            self._notes.decided(self._source, at, "required as true or false, as in draft-03: taken into the list")
            return {}
        if key in {"exclusiveMinimum", "exclusiveMaximum"} and isinstance(value, bool):
            bound = key.removeprefix("exclusive").lower()
            return {key: beside[bound]} if value and bound in beside else {}
        if key in {"minimum", "maximum"} and beside.get(f"exclusive{key.capitalize()}") is True:
            return {}  # written as the exclusive one, above
        if key == "default":
            self._notes.decided(self._source, at, "is applied now where the value is absent; PESTO never did")
        return {key: value}

    def _content(self, value: Any, at: str) -> Json:
        if isinstance(value, str) and "/" in value:
            self._notes.mapped(self._source, at, f"contentMediaType {value}")
            return {"contentMediaType": value}
        self._notes.lost(self._source, at, "names no media type")
        return {}


def _fits(schema: Json, examples: list[Any]) -> bool:
    try:
        validator = Validator(pin(schema))
        return not any(validator.violations(one) for one in examples)
    except SchemaInvalid:
        return True  # `swath check` says what is wrong with it, and where


def _collection(schema: Json) -> Json:
    """The registry's featureCollection, of a schema that asks for one; any other as it is."""
    required: list[Any] = schema.get("required", [])
    kind = _mapping(_mapping(schema.get("properties")).get("type"))
    named = kind.get("enum") == ["FeatureCollection"] or kind.get("const") == "FeatureCollection"
    if named and all(one in required for one in COLLECTION):
        about = {key: schema[key] for key in ("title", "description") if key in schema}
        return {"$ref": "featureCollection/1", **about}
    return schema


def _at(definitions: Json, pointer: str) -> Any:
    """What stands at a pointer of the definitions, `geojson/properties/features`; None for nothing."""
    value: Any = definitions
    for part in pointer.split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or name not in value:
            return None
        value = cast(Json, value)[name]
    return value


def _mapping(value: Any) -> Json:
    return cast(Json, value) if isinstance(value, dict) else {}
