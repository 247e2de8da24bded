"""References within a schema and out of it, as people call them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from swath_registry.pointers import path_of

_OWN = "#/$defs/"


@dataclass(frozen=True)
class Definitions:
    """A schema and the definitions in its `$defs`."""

    schema: Any

    @cached_property
    def names(self) -> dict[str, Any]:
        """Each definition by its name."""
        schema = self.schema
        return cast("dict[str, Any]", schema).get("$defs", {}) if isinstance(schema, dict) else {}

    def own(self, schema: dict[str, Any]) -> str:
        """The name of the definition that a schema refers to; "" where it refers to none of these."""
        reference = str(schema.get("$ref", ""))
        name = path_of(reference.removeprefix("#"))[-1] if reference.startswith(_OWN) else ""
        return name if name in self.names and reference.count("/") == 2 else ""

    def get(self, name: str) -> dict[str, Any]:
        """A definition; a boolean one as an object that means the same."""
        found = self.names[name]
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {} if found else {"not": {}}


def reference_name(reference: Any) -> str:
    """What a `$ref` leads to, as one says it: `link@1.0.0`, the definition `size`, "described here" without one."""
    if not isinstance(reference, str):
        return "described here"
    uri, _, fragment = reference.partition("#")
    parts = uri.split("/")
    name = f"{parts[-2]}@{parts[-1]}" if len(parts) > 2 and parts[-1][:1].isdigit() else uri
    return " ".join(part for part in (name, fragment.rpartition("/")[2]) if part) or "the whole schema"
