"""Every schema within a schema, with its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from swath_registry.pointers import pointer_of

ONE = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "unevaluatedItems", "unevaluatedProperties"}
    | {"if", "then", "else", "not", "contentSchema"}
)
MANY = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
NAMED = frozenset({"properties", "patternProperties", "$defs", "dependentSchemas"})
OTHERS = frozenset(
    {"$schema", "$id", "$ref", "$anchor", "$comment", "$dynamicRef", "$dynamicAnchor", "$vocabulary"}
    | {"type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"}
    | {"maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains"}
    | {"maxProperties", "minProperties", "required", "dependentRequired", "format"}
    | {"contentEncoding", "contentMediaType", "title", "description", "default", "deprecated"}
    | {"readOnly", "writeOnly", "examples"}
)
KEYWORDS = ONE | MANY | NAMED | OTHERS

_CONDITIONS = frozenset({"if", "then", "else", "not", "dependentSchemas", "propertyNames"})


@dataclass(frozen=True)
class Place:
    """A schema within another.

    Args:
        schema: it.
        path: how it is reached.
        is_condition: whether it only narrows what stands elsewhere (below `if`, `not` and the like).
        is_named: whether it is a property or a definition, which people look up by name.
    """

    schema: dict[str, Any]
    path: tuple[str | int, ...]
    is_condition: bool = False
    is_named: bool = False

    @property
    def pointer(self) -> str:
        """RFC 6901 pointer to it."""
        return pointer_of(self.path)


def walk(place: Place) -> Iterator[Place]:
    """A schema and all schemas within it, parents first; boolean schemas are passed over."""
    yield place
    for keyword, value in place.schema.items():
        for path, below in _below(keyword, value):
            if isinstance(below, dict):
                yield from walk(
                    Place(
                        cast("dict[str, Any]", below),
                        (*place.path, *path),
                        place.is_condition or keyword in _CONDITIONS,
                        keyword in {"properties", "$defs"} and not place.is_condition,
                    )
                )


def _below(keyword: str, value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if keyword in ONE:
        yield (keyword,), value
    elif keyword in MANY and isinstance(value, list):
        for index, schema in enumerate(cast("list[Any]", value)):
            yield (keyword, index), schema
    elif keyword in NAMED and isinstance(value, dict):
        for name, schema in cast("dict[str, Any]", value).items():
            yield (keyword, name), schema
