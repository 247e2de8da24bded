"""The validators that people know, each as a verdict on JSON text, by its quickest parser: orjson, or its own."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import fastjsonschema
import jsonschema
import jsonschema_rs
import orjson
from pydantic import BaseModel, ValidationError

from swath_registry.bundling import bundle
from swath_registry.catalogue import Catalogue
from swath_schemas import PUBLISHED
from swath_types.feature_collection.v1_0_0 import FeatureCollection
from swath_types.image.v1_1_0 import Image

Accepts = Callable[[bytes], bool]
ENGINE = "jsonschema-rs and orjson"
MODELS: Mapping[str, type[BaseModel]] = {"image@1": Image, "featureCollection@1": FeatureCollection}


def validators(type_name: str) -> dict[str, Accepts]:
    """Each validator of a registry type."""
    catalogue = Catalogue(PUBLISHED.root)
    schema = bundle(catalogue, catalogue.resolve(type_name).schema)
    bare = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True)
    pure = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    model = MODELS[type_name]
    return {
        ENGINE: lambda text: bare.is_valid(orjson.loads(text)),
        "pydantic, generated models": lambda text: _is_quiet(lambda: model.model_validate_json(text)),
        "fastjsonschema": _compiled(schema),
        "jsonschema": lambda text: pure.is_valid(orjson.loads(text)),
    }


def _compiled(schema: dict[str, Any]) -> Accepts:
    validate = fastjsonschema.compile(as_draft7(schema))
    return lambda text: _is_quiet(lambda: validate(orjson.loads(text)))


def _is_quiet(work: Callable[[], object]) -> bool:
    try:
        work()
    except (ValidationError, fastjsonschema.JsonSchemaValueException):
        return False
    return True


def as_draft7(schema: dict[str, Any]) -> dict[str, Any]:
    """A bundled schema in words that fastjsonschema knows: one document, references as pointers from its root."""
    places = {one["$id"]: f"#/$defs/{name}" for name, one in schema["$defs"].items() if "$id" in one}
    flat = {
        name: _flat(value, "#", places) for name, value in schema.items() if name not in {"$id", "$defs", "$schema"}
    }
    flat["$defs"] = {
        name: _flat(value, places.get(value.get("$id", ""), "#"), places) for name, value in schema["$defs"].items()
    }
    return {"$schema": "http://json-schema.org/draft-07/schema#", **flat}


def _flat(value: Any, root: str, places: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_flat(one, root, places) for one in value]
    if not isinstance(value, dict):
        return value
    found = {
        "dependencies" if name == "dependentRequired" else name: _flat(one, root, places)
        for name, one in value.items()
        if not (name == "$id" and isinstance(one, str))
    }
    if isinstance(value.get("$ref"), str):
        place, _, pointer = value["$ref"].partition("#")
        found["$ref"] = (places[place] if place else root) + pointer
    if isinstance(value.get("pattern"), str):  # it takes a $ inside brackets for the end of the text
        found["pattern"] = re.sub(r"\[[^\]]*\]", lambda group: group[0].replace("$", r"\x24"), value["pattern"])
    return found
