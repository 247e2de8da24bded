"""What `process.py` takes and gives, read from its source: nothing of it is imported or run.

A `kind` is the JSON Schema word for what an annotation holds (number, integer, string, boolean, object,
array), `image`, `context`, or `any` where the annotation says nothing that can be compared.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

from swath_algorithm.findings import Finding

KINDS = {
    "Image": "image", "ndarray": "image", "NDArray": "image", "ArrayLike": "image",
    "float": "number", "int": "integer", "str": "string", "bool": "boolean",
    "dict": "object", "Mapping": "object", "Dict": "object", "FeatureCollection": "object", "Geometry": "object",
    "list": "array", "List": "array", "Sequence": "array", "tuple": "array",
    "Context": "context",
}  # fmt: skip
BARE_ARRAYS = {"ndarray", "NDArray", "ArrayLike"}
HOOKS = ("on_start", "on_stop")


@dataclass(frozen=True)
class Parameter:
    """One parameter of `process`, as its source has it."""

    name: str
    kind: str
    annotation: str
    is_bare_array: bool
    has_default: bool
    line: int
    column: int


@dataclass(frozen=True)
class Signature:
    """How `process` is called.

    `owner` is the class that holds it, or None for a plain function; `returns` maps output names to kinds where the
    return annotation is a TypedDict or dataclass of the same file, else None; `returns_kind` is the annotation's kind.
    """

    owner: str | None
    parameters: tuple[Parameter, ...]
    takes_any: bool
    returns: dict[str, str] | None
    returns_kind: str
    hooks: tuple[str, ...]
    line: int
    column: int

    @property
    def context_names(self) -> tuple[str, ...]:
        """Parameters that are handed the Context."""
        return tuple(one.name for one in self.parameters if one.kind == "context")

    @property
    def bare_arrays(self) -> frozenset[str]:
        """Image parameters that want the bare array (bands, height, width)."""
        return frozenset(one.name for one in self.parameters if one.is_bare_array)


def read_signature(path: Path) -> Signature | Finding:
    """Signature of the `process` in a file, or the finding that says why it can't be read."""
    if not path.is_file():
        return Finding(
            path, 0, 0, "there is no process.py", "write one with a function process(...) or a class Process"
        )
    try:
        module = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        line, column = getattr(error, "lineno", None) or 0, getattr(error, "offset", None) or 0
        return Finding(path, line, column, f"not valid Python: {getattr(error, 'msg', None) or error}")
    owner, function = _find_process(module)
    if function is None:
        return Finding(
            path,
            1,
            1,
            "no `process` is defined here",
            "write def process(...) or class Process with a method process",
        )
    if isinstance(function, ast.AsyncFunctionDef):
        return Finding(path, function.lineno, function.col_offset + 1, "`process` is async", "write def process(...)")
    return _describe(module, owner, function)


def _find_process(
    module: ast.Module,
) -> tuple[ast.ClassDef | None, ast.FunctionDef | ast.AsyncFunctionDef | None]:
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == "Process":
            return node, _function(node.body, "process")
    return None, _function(module.body, "process")


def _function(body: list[ast.stmt], name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    found = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name]
    return found[-1] if found else None


def _describe(module: ast.Module, owner: ast.ClassDef | None, function: ast.FunctionDef) -> Signature:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = {one.arg for one in positional[len(positional) - len(arguments.defaults) :]} | {
        one.arg for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    }
    is_static = any(_last_name(one) == "staticmethod" for one in function.decorator_list)
    bound = positional[1:] if owner and not is_static else positional
    hooks = tuple(name for name in HOOKS if owner and _function(owner.body, name))
    return Signature(
        owner=owner.name if owner else None,
        parameters=tuple(_parameter(one, one.arg in optional) for one in [*bound, *arguments.kwonlyargs]),
        takes_any=arguments.kwarg is not None,
        returns=_fields(module, function.returns),
        returns_kind=_kind(function.returns),
        hooks=hooks,
        line=function.lineno,
        column=function.col_offset + 1,
    )


def _parameter(argument: ast.arg, has_default: bool) -> Parameter:
    annotation = argument.annotation
    return Parameter(
        name=argument.arg,
        kind=_kind(annotation),
        annotation=ast.unparse(annotation) if annotation else "",
        is_bare_array=_last_name(_without_none(annotation)) in BARE_ARRAYS,
        has_default=has_default,
        line=argument.lineno,
        column=argument.col_offset + 1,
    )


def _kind(annotation: ast.expr | None) -> str:
    return KINDS.get(_last_name(_without_none(annotation)), "any")


def _without_none(node: ast.expr | None) -> ast.expr | None:
    """`X` of `X | None`, `Optional[X]`, `"X"` or `Annotated[X, …]`; the node itself otherwise."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return _without_none(ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [side for side in (node.left, node.right) if not _is_none(side)]
        return _without_none(sides[0]) if len(sides) == 1 else None
    if isinstance(node, ast.Subscript) and _last_name(node.value) in {"Optional", "Annotated"}:
        inner = node.slice
        return _without_none(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
    return node


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _last_name(node: ast.expr | None) -> str:
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _fields(module: ast.Module, annotation: ast.expr | None) -> dict[str, str] | None:
    name = _last_name(_without_none(annotation))
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return {
                item.target.id: _kind(item.annotation)
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
    return None
