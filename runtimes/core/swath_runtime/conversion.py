"""Between a JSON document and what the algorithm is handed: found once from the schema, then followed.

A schema is compiled to a tree that holds only the paths at which a registry type with a converter stands; all
other values pass through untouched.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from swath_converters.errors import ConversionError
from swath_converters.leaves import Converter, converter_for

Visit = Callable[[Any, "Leaf", str], Any]


@dataclass(frozen=True)
class Leaf:
    """A place where a registry type stands: its converter and the media type that the schema names."""

    converter: Converter
    type: str
    media_type: str | None

    def apply(self, value: Any, pointer: str, visit: Visit) -> Any:
        """The converted value; a ConversionError says where."""
        try:
            return visit(value, self, pointer)
        except ConversionError as error:
            raise error.within(pointer) from error


@dataclass(frozen=True)
class Members:
    """An object some of whose members are converted."""

    nodes: Mapping[str, "Node"]

    def apply(self, value: Any, pointer: str, visit: Visit) -> Any:
        """The object with those members converted; whatever is no object passes, and fails its schema later."""
        if not isinstance(value, dict):
            return value
        changed: dict[Any, Any] = dict(value)  # pyright: ignore[reportUnknownArgumentType]
        for name, node in self.nodes.items():
            if name in changed:
                changed[name] = node.apply(changed[name], f"{pointer}/{name}", visit)
        return changed


@dataclass(frozen=True)
class Items:
    """A list whose items are converted."""

    node: "Node"

    def apply(self, value: Any, pointer: str, visit: Visit) -> Any:
        """The list with its items converted."""
        if not isinstance(value, list | tuple):
            return value
        return [self.node.apply(one, f"{pointer}/{index}", visit) for index, one in enumerate(value)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


Node = Leaf | Members | Items


def compile_schema(schema: Mapping[str, Any]) -> Node | None:
    """The tree of a pinned schema; None where nothing in it is converted."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and (converter := converter_for(reference)):
        return Leaf(converter, reference.rsplit("/", 2)[-2], schema.get("contentMediaType"))
    if isinstance(schema.get("items"), dict) and (node := compile_schema(schema["items"])):
        return Items(node)
    nodes = {
        name: node
        for name, inner in schema.get("properties", {}).items()
        if isinstance(inner, dict) and (node := compile_schema(inner))  # pyright: ignore[reportUnknownArgumentType]
    }
    return Members(nodes) if nodes else None


def leaves_of(node: Node | None, type_name: str) -> list[str]:
    """Names of the top-level members that are one value of a registry type."""
    if not isinstance(node, Members):
        return []
    return [name for name, inner in node.nodes.items() if isinstance(inner, Leaf) and inner.type == type_name]
