"""What the annotations of a `process.py` hold, as far as it can be said without running it.

A `kind` is the JSON Schema word for what an annotation holds (number, integer, string, boolean, object,
array), `image`, `context`, or `any` where the annotation says nothing that can be compared.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

KINDS = {
    "Image": "image", "ndarray": "image", "NDArray": "image", "ArrayLike": "image",
    "float": "number", "int": "integer", "str": "string", "bool": "boolean",
    "dict": "object", "Mapping": "object", "Dict": "object", "FeatureCollection": "object", "Geometry": "object",
    "list": "array", "List": "array", "Sequence": "array", "tuple": "array",
    "Context": "context",
}  # fmt: skip
BARE_ARRAYS = {"ndarray", "NDArray", "ArrayLike"}
MOST_ALIASES = 16  # of aliases of aliases: more are a circle


@dataclass(frozen=True)
class Annotations:
    """Reads annotations with the names that their file gives to types: `Mask = NDArray[np.uint8]`, `Image as Scene`."""

    aliases: Mapping[str, ast.expr]

    @classmethod
    def of(cls, module: ast.Module) -> "Annotations":
        """Those of a file's top level."""
        found: dict[str, ast.expr] = {}
        for node in module.body:
            if isinstance(node, ast.ImportFrom):
                found |= {one.asname: ast.Name(one.name) for one in node.names if one.asname}
            elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                found[node.target.id] = node.value
            elif type(node).__name__ == "TypeAlias":  # `type Mask = …`, from Python 3.12 on
                found[getattr(node, "name").id] = getattr(node, "value")  # noqa: B009 - no such class in 3.11's ast
        return cls(found)

    def kind(self, node: ast.expr | None) -> str:
        """Kind of what an annotation holds."""
        return KINDS.get(self.name(node), "any")

    def is_bare_array(self, node: ast.expr | None) -> bool:
        """True for a numpy array: an image without what stands around it."""
        return self.name(node) in BARE_ARRAYS

    def name(self, node: ast.expr | None) -> str:
        """Last name of the type, without None, Annotated, quotes and type arguments; empty where it has none."""
        for _ in range(MOST_ALIASES):
            node = _bare(node)
            if not (isinstance(node, ast.Name) and node.id in self.aliases):
                break
            node = self.aliases[node.id]
        return last_name(node)


def item_of(node: ast.expr | None) -> ast.expr | None:
    """`X` of `list[X]`, `Sequence[X]` and `"list[X]"`; None for anything else."""
    node = _bare(node)
    if isinstance(node, ast.Subscript) and KINDS.get(last_name(node.value)) == "array":
        return node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
    return None


def last_name(node: ast.expr | None) -> str:
    """`c` of `a.b.c` and of `c[…]`; empty for anything else."""
    if isinstance(node, ast.Subscript):
        return last_name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _bare(node: ast.expr | None) -> ast.expr | None:
    """`X` of `X | None`, `Optional[X]`, `Union[X, None]`, `"X"` or `Annotated[X, …]`; the node itself otherwise."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _bare(ast.parse(node.value.strip(), mode="eval").body)
        except SyntaxError:
            return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _only([node.left, node.right])
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        match last_name(node.value):
            case "Optional" | "Annotated" | "Required" | "NotRequired" if inner:
                return _bare(inner[0])
            case "Union":
                return _only(inner)
            case _:
                return node
    return node


def _only(members: list[ast.expr]) -> ast.expr | None:
    some = [one for one in members if not (isinstance(one, ast.Constant) and one.value is None)]
    return _bare(some[0]) if len(some) == 1 else None
