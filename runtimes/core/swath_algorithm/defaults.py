"""The defaults that a schema names, filled into a document; what is optional and has none stays absent."""

import copy
from collections.abc import Mapping
from typing import Any


def fill_defaults(document: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the document with absent members that have a default filled in, in nested objects too."""
    filled = dict(document)
    properties: Mapping[str, Any] = schema.get("properties", {})
    for name, inner in properties.items():
        if not isinstance(inner, Mapping):
            continue
        if name not in filled and "default" in inner:
            filled[name] = copy.deepcopy(inner["default"])  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(filled.get(name), dict) and "properties" in inner:
            filled[name] = fill_defaults(filled[name], inner)  # pyright: ignore[reportUnknownArgumentType]
    return filled
