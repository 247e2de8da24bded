"""Classes that hold all inputs of an algorithm at once, read from the source of its folder."""

import ast
from dataclasses import dataclass
from pathlib import Path

from swath_algorithm.annotations import Annotations, last_name
from swath_algorithm.layout import PACKAGE
from swath_algorithm.source import Source

# Calls that describe a field rather than being its value; the latter two are PESTO's.
MAKERS = {"field", "definition", "user_definition"}
DEFAULTS = {"default", "default_factory"}
MOST_HOPS = 8  # from import to import, and from class to base: more are a circle


@dataclass(frozen=True)
class Field:
    """A field of a dataclass; `kind` is a word of annotations.py."""

    name: str
    kind: str
    annotation: str
    is_bare_array: bool
    has_default: bool


@dataclass(frozen=True)
class Record:
    """A class that holds all inputs: a dataclass, of which instances are handed, or a TypedDict, which is a dict."""

    fields: tuple[Field, ...]
    is_dataclass: bool


def fields_of(source: Source, parameter: str) -> list[Field] | None:
    """Fields of the dataclass that a parameter of `process` is annotated with.

    None where it is annotated with nothing, or no dataclass of this file or of one of its folder that it imports.
    """
    arguments = source.function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    node = next((one.annotation for one in every if one.arg == parameter), None)
    record = record_of(source, node)
    return list(record.fields) if record and record.is_dataclass else None


def record_of(source: Source, node: ast.expr | None) -> Record | None:
    """The dataclass or TypedDict that an annotation names; None where it is none of this folder's."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        node = ast.Name(node.value)
    found = _find(source.path.parent, source.module, node) if isinstance(node, ast.Name | ast.Attribute) else None
    if not found or not (_is_dataclass(found[1]) or _is_typed_dict(*found)):
        return None
    return Record(tuple(_fields(*found)), _is_dataclass(found[1]))


def _find(
    folder: Path, module: ast.Module, node: ast.Name | ast.Attribute, hops: int = 0
) -> tuple[ast.Module, ast.ClassDef] | None:
    """The class of a name (`Input`, or `input_output.Input` of an imported module) and the module that defines it."""
    name = last_name(node)
    if isinstance(node, ast.Attribute):
        other = _imported_module(folder, module, last_name(node.value))
        return _find(folder, other, ast.Name(name), hops + 1) if other and hops < MOST_HOPS else None
    for statement in reversed(module.body):
        if isinstance(statement, ast.ClassDef) and statement.name == name:
            return module, statement
        if isinstance(statement, ast.ImportFrom):
            named = next((one.name for one in statement.names if (one.asname or one.name) == name), None)
            other = _module(folder, statement.module, statement.level) if named else None
            if named and other and hops < MOST_HOPS:
                return _find(folder, other, ast.Name(named), hops + 1)
    return None


def _imported_module(folder: Path, module: ast.Module, name: str) -> ast.Module | None:
    for statement in module.body:
        if not isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        for one in statement.names:
            if name in {one.asname, one.name.rpartition(".")[2]}:
                of = statement.module if isinstance(statement, ast.ImportFrom) else None
                level = statement.level if isinstance(statement, ast.ImportFrom) else 0
                return _module(folder, f"{of}.{one.name}" if of else one.name, level)
    return None


def _module(folder: Path, dotted: str | None, level: int) -> ast.Module | None:
    """A module of the folder; what is imported relatively is of the package that process.py belongs to."""
    place = (folder / PACKAGE if level else folder).joinpath(*(dotted.split(".") if dotted else ()))
    for path in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
        if path.is_file():
            try:
                return ast.parse(path.read_bytes(), filename=str(path))
            except (SyntaxError, ValueError, OSError, RecursionError):
                return None
    return None


def _fields(module: ast.Module, owner: ast.ClassDef, hops: int = 0) -> list[Field]:
    """Fields in the order of the class, those of its bases in the same file first."""
    named = {one.name: one for one in module.body if isinstance(one, ast.ClassDef)}
    bases = [named[last_name(one)] for one in owner.bases if last_name(one) in named]
    found = {one.name: one for base in bases if hops < MOST_HOPS for one in _fields(module, base, hops + 1)}
    annotations = Annotations.of(module)
    is_partial = any(one.arg == "total" and ast.unparse(one.value) == "False" for one in owner.keywords)
    for node in owner.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            kind, text = annotations.kind(node.annotation), ast.unparse(node.annotation)
            is_bare = annotations.is_bare_array(node.annotation)
            is_optional = last_name(node.annotation) == "NotRequired" or is_partial or _has_default(node.value)
            found[node.target.id] = Field(node.target.id, kind, text, is_bare, is_optional)
    return list(found.values())


def _has_default(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call) and last_name(value.func) in MAKERS:
        return any(one.arg in DEFAULTS for one in value.keywords)
    return value is not None


def _is_typed_dict(module: ast.Module, owner: ast.ClassDef, hops: int = 0) -> bool:
    named = {one.name: one for one in module.body if isinstance(one, ast.ClassDef)}
    names = [last_name(one) for one in owner.bases]
    inner = (named[one] for one in names if one in named)
    return "TypedDict" in names or (hops < MOST_HOPS and any(_is_typed_dict(module, one, hops + 1) for one in inner))


def _is_dataclass(owner: ast.ClassDef) -> bool:
    decorators = (one.func if isinstance(one, ast.Call) else one for one in owner.decorator_list)
    return any(last_name(one) == "dataclass" for one in decorators)
