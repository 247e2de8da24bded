"""Documents read with types at hand: the model beside the document, never in its place.

A dump of a model may spell a number, a default or an unknown property otherwise than the document did, so it is the
document that is hashed, stored and sent on. The schema decides what is valid; a model is only asked after it.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from swath_registry.errors import DocumentInvalid
from swath_registry.generator_input import module_name
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaId


@dataclass(frozen=True)
class Typed:
    """A valid document and its model.

    Args:
        document: the very object that was read; this is what is passed on.
        model: of `swath_types`, made from it: for reading, with types.
        schema: the type and version.
    """

    document: Any
    model: Any
    schema: SchemaId


def typed(document: Any, reference: str) -> Typed:
    """A document with its model; pydantic is imported with the first.

    Args:
        document: JSON values.
        reference: a published type: image@1.1.0, or an alias like image@1.

    Raises:
        DocumentInvalid: it isn't valid; the schema says so, before any model is asked.
        swath_schemas.UnknownSchema: there is no such type or version.
    """
    schema = PUBLISHED.resolve(reference)
    violations = _validator(schema).violations(document)
    if violations:
        raise DocumentInvalid(str(schema), violations)
    return Typed(document, model_of(schema).model_validate(document), schema)


@cache
def model_of(schema: SchemaId) -> Any:
    """The generated pydantic model of a version, imported now."""
    module = import_module(f"swath_types.{module_name(schema)}")
    return getattr(module, PUBLISHED.load(schema)["title"])


@cache
def _validator(schema: SchemaId) -> Validator:
    return Validator(schema.uri)
