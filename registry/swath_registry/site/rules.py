"""What an object schema demands beyond its properties, a sentence each."""

from collections.abc import Iterator
from typing import Any, cast

_OTHERS = ("if", "not", "dependentSchemas", "propertyNames", "contains", "allOf", "unevaluatedProperties")

Schema = dict[str, Any]


def rules(schema: Schema) -> Iterator[str]:
    """The sentences, names of properties between backticks; what can't be said in one names its keyword."""
    for word, how in (("oneOf", "Exactly one of"), ("anyOf", "At least one of")):
        groups = _groups(schema.get(word))
        if groups:
            yield f"{how}: {' · '.join(groups)}."
        elif word in schema and "properties" in schema:
            yield f"Further conditions stand in the schema, under `{word}`."
    for name, needed in cast("dict[str, list[str]]", schema.get("dependentRequired", {})).items():
        yield f"`{name}` needs {', '.join(f'`{each}`' for each in needed)} beside it."
    if schema.get("minProperties") and schema.get("type") == "object":
        yield f"At least {schema['minProperties']} of the properties."
    if "properties" in schema:
        yield "Other names are refused." if _is_closed(schema) else "Other names are allowed."
    words = [word for word in _OTHERS if schema.get(word) not in (None, False)]
    if words:
        yield f"Further conditions stand in the schema, under {', '.join(f'`{word}`' for word in words)}."


def _groups(branches: Any) -> list[str]:
    """What each branch requires, where requiring is all that the branches do."""
    if not isinstance(branches, list):
        return []
    found = cast("list[Any]", branches)
    if not all(isinstance(branch, dict) and set(cast("Schema", branch)) <= {"required", "title"} for branch in found):
        return []
    return [" with ".join(f"`{name}`" for name in branch["required"]) for branch in found if "required" in branch]


def _is_closed(schema: Schema) -> bool:
    return schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False
