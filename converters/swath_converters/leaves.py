"""Which converter a registry type has: looked up in the generated bindings by the type's exact URI."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from .bindings import BINDINGS
from .parts import Part
from .policy import Policy


class Converter(Protocol):
    """What the module of a registry type offers."""

    memory: str
    """The name of what algorithms annotate: "Image", "dict"."""

    def from_wire(self, value: Any, parts: Mapping[str, Part], policy: Policy) -> Any:
        """What the algorithm gets for a wire value, valid against the type."""
        ...

    def to_wire(self, value: Any, media_type: str | None = None) -> Any:
        """The JSON value for what the algorithm returned; `media_type` as `describe` names it."""
        ...


@cache
def converter_for(uri: str) -> Converter | None:
    """The converter of a type's URI, None where the type has none: then its values are plain JSON."""
    binding = BINDINGS.get(uri)
    if binding is None:
        return None
    return cast(Converter, import_module(binding[0]))
