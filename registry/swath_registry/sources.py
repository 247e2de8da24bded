"""A schema by what a command line calls it: a type of the registry, or a file."""

from pathlib import Path
from typing import Any

from swath_registry.documents import read_document
from swath_registry.errors import SchemaInvalid
from swath_schemas import SchemaStore


def schema_named(text: str, store: SchemaStore) -> tuple[str, Any]:
    """What to call it, and the schema.

    Args:
        text: `image@1.0.0`, an alias of it, or the path of a JSON or YAML file.
        store: where types are found.

    Raises:
        DocumentUnreadable: the file can't be read.
        SchemaInvalid: what is in it is no schema.
        swath_schemas.UnknownSchema: it is neither a file nor a type.
    """
    path = Path(text)
    if path.is_file() or path.suffix.lower() in {".json", ".yml", ".yaml"}:
        found = read_document(path).value
        if not isinstance(found, dict | bool):
            raise SchemaInvalid(text, "a JSON Schema is an object or a boolean")
        return text, found  # pyright: ignore[reportUnknownVariableType]
    schema = store.resolve(text)
    return str(schema), store.load(schema)
