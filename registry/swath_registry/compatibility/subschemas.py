"""Which keywords hold schemas, and copies of a schema in which each schema within was changed."""

from collections.abc import Callable, Iterator
from typing import Any

from swath_registry.compatibility.landscape import as_dict, as_list
from swath_registry.schema_walk import MANY, NAMED, ONE

HOLDS_ONE = ONE | {"additionalItems"}
HOLDS_MANY = MANY
HOLDS_NAMED = NAMED | {"definitions", "dependencies"}
DEFINITIONS = frozenset({"$defs", "definitions"})
# Applied to the same value as the schema that they stand in.
IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"})
# What only describes.
ANNOTATIONS = frozenset(
    {"title", "description", "default", "examples", "$comment", "deprecated", "readOnly", "writeOnly"}
)

Change = Callable[[dict[str, Any]], Any]


def children(schema: Any) -> Iterator[tuple[str, str | int | None, Any]]:
    """The schemas within a schema: keyword, name or index below it, schema."""
    for keyword, value in as_dict(schema).items():
        if isinstance(value, list) and (keyword in HOLDS_MANY or keyword == "items"):
            for index, each in enumerate(as_list(value)):
                yield keyword, index, each
        elif keyword in HOLDS_NAMED:
            for name, each in as_dict(value).items():
                if isinstance(each, dict | bool):
                    yield keyword, name, each
        elif keyword in HOLDS_ONE:
            yield keyword, None, value


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and all schemas within it that aren't booleans."""
    waiting = [schema]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            yield as_dict(here)
            waiting += [child for _, _, child in children(as_dict(here))]


def rewritten(schema: Any, change: Change) -> Any:
    """A copy in which each schema, the inner ones first, was given to `change`."""
    if not isinstance(schema, dict):
        return schema
    found = dict(as_dict(schema))
    for keyword, key, child in children(as_dict(schema)):
        inner = rewritten(child, change)
        if key is None:
            found[keyword] = inner
        else:
            if found[keyword] is as_dict(schema)[keyword]:
                found[keyword] = found[keyword].copy()
            found[keyword][key] = inner
    return change(found)
