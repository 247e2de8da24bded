"""A schema with all that it refers to, in one document that validates alone.

A compound schema document as JSON Schema 2020-12 (core, section 9.3) has it: each schema that is needed stands
whole, with its own `$id`, below `$defs`, and every `$ref` stays as it was written.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from swath_registry.catalogue import Catalogue
from swath_schemas import SchemaId

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def bundle(catalogue: Catalogue, schema: SchemaId) -> dict[str, Any]:
    """A published version with every version that it needs."""
    needed = {str(each): catalogue.store.load(each) for each in catalogue.closure(schema)}
    return compound(catalogue.store.load(schema), needed)


def compound(document: dict[str, Any], needed: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """A schema with others embedded, each under a name that no definition of the schema has.

    Args:
        document: the schema; it is not changed.
        needed: the others by name, each with its `$id`.
    """
    if not needed:
        return document
    own: dict[str, Any] = document.get("$defs", {})
    free = {_free(name, own): schema for name, schema in needed.items()}
    return document | {"$defs": own | free}


def _free(name: str, taken: Iterable[str]) -> str:
    return _free(f"{name}'", taken) if name in taken else name
