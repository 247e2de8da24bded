"""The JSON Schemas of the field, one folder per type and version, and how to reach them by name.

>>> str(resolve("image@1"))
'image@1.0.0'
"""

from pathlib import Path

from swath_schemas.errors import LockDamaged, SchemaError, SchemaUnreadable, UnknownSchema
from swath_schemas.store import SchemaId, SchemaStore

PUBLISHED = SchemaStore(Path(__file__).parent)

types = PUBLISHED.types
versions = PUBLISHED.versions
resolve = PUBLISHED.resolve
load = PUBLISHED.load
is_reference = PUBLISHED.is_reference
pin = PUBLISHED.pin

__all__ = [
    "PUBLISHED",
    "LockDamaged",
    "SchemaError",
    "SchemaId",
    "SchemaStore",
    "SchemaUnreadable",
    "UnknownSchema",
    "is_reference",
    "load",
    "pin",
    "resolve",
    "types",
    "versions",
]
