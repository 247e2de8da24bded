"""What an input or output schema of PESTO declares: a flat map of parameters, or a full schema."""

import re
from dataclasses import dataclass
from typing import Any, cast

from swath_algorithm.pesto.notes import Notes

Json = dict[str, Any]
DEFINED = ("definitions", "definition")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
ABOUT = {"$schema", "title", "description", "type", "content", "required", "additionalProperties", *DEFINED}


@dataclass(frozen=True)
class Declared:
    """The flat map or full schema of a file: each parameter's schema by name, and what is required."""

    properties: Json
    required: tuple[str, ...]
    definitions: Json


def declared_in(document: Json, source: str, notes: Notes) -> Declared:
    """The parameters of an input or output schema; a parameter called `title` or `type` is one if it has a schema."""
    definitions = {key: value for part in DEFINED for key, value in _mapping(document.get(part)).items()}
    if _looks_full(document):
        properties = _mapping(document["properties"])
        others = {key for key in document if key not in ABOUT and key != "properties"}
    else:
        properties = {key: value for key, value in document.items() if _is_parameter(key, value)}
        others = {key for key in document if key not in ABOUT and key not in properties}
    for key in sorted(others):
        notes.lost(source, f"/{key}", "is no parameter's schema, and was not understood")
    required = document.get("required")
    listed = [one for one in cast(list[Any], required) if isinstance(one, str)] if isinstance(required, list) else []
    for name in listed:
        if name not in properties:
            notes.lost(source, "/required", f"'{name}' is required, but no parameter")
    return Declared(properties, tuple(dict.fromkeys(one for one in listed if one in properties)), definitions)


def _looks_full(document: Json) -> bool:
    return isinstance(document.get("properties"), dict) and document.get("type", "object") == "object"


def _is_parameter(key: str, value: Any) -> bool:
    if key in ABOUT - {"title", "description", "type", "content"}:
        return False
    return isinstance(value, dict) or (isinstance(value, bool) and key not in ABOUT)


def _mapping(value: Any) -> Json:
    return cast(Json, value) if isinstance(value, dict) else {}
