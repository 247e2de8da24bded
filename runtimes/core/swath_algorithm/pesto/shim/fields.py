"""Fields of the dataclasses `Input` and `Output` of a project written for PESTO; part of Swath, not of PESTO.

`describe.yml` says what these fields are. Here they only make dataclass fields, so that the class can be imported.
"""

import dataclasses
from enum import Enum
from typing import Any


class Definition(Enum):
    """The types that PESTO knew."""

    Image = "Image"
    Images = "Images"
    Polygon = "Polygon"
    Polygons = "Polygons"
    Metadata = "Metadata"
    Metadatas = "Metadatas"


def field(description: str = "", required: bool = False, **others: Any) -> Any:
    """A dataclass field; `others` are those of dataclasses.field, such as default."""
    return dataclasses.field(metadata={"description": description, "required": required}, **others)


def definition(definition: Definition, description: str = "", required: bool = False, **others: Any) -> Any:
    """A dataclass field of one of PESTO's types."""
    return _typed(definition, description, required, others)


def user_definition(definition: str, description: str = "", required: bool = False, **others: Any) -> Any:
    """A dataclass field of a type that the project defined."""
    return _typed(definition, description, required, others)


def _typed(of: object, description: str, required: bool, others: dict[str, Any]) -> Any:
    return dataclasses.field(metadata={"type": of, "description": description, "required": required}, **others)
