"""What `process.py` takes and gives, read from its source: nothing of it is imported or run."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from swath_algorithm.annotations import Annotations, item_of
from swath_algorithm.findings import Finding
from swath_algorithm.form import HOOKS, is_static, misshapen
from swath_algorithm.layout import is_taken_over
from swath_algorithm.records import Field, fields_of, record_of
from swath_algorithm.source import BATCH, PROCESS, Function, Source, read_source


@dataclass(frozen=True)
class Parameter:
    """One parameter of `process`, as its source has it; `kind` is a word of annotations.py."""

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
    `folded` names the one parameter whose annotation is a dataclass: it is handed all inputs as one, and `parameters`
    are then the fields of that. `is_taken_over`: written for PESTO, which heeded no other annotation.

    `batch` is how `process_batch` is called, where there is one: `items` is its parameter for the list, `parameters`
    (and `folded`) say what each item holds, and the results of one item are as `returns` says. Without a `process` a
    Signature is its own `batch`.
    """

    owner: str | None
    parameters: tuple[Parameter, ...]
    takes_any: bool
    returns: dict[str, str] | None
    returns_kind: str
    hooks: tuple[str, ...]
    line: int
    column: int
    folded: str | None = None
    is_taken_over: bool = False
    name: str = PROCESS
    items: str = ""
    batch: "Signature | None" = None

    @property
    def batch_context_names(self) -> tuple[str, ...]:
        """Parameters that are handed the Context of a batch; without `process_batch` those of `process`."""
        return (self.batch or self).context_names

    @property
    def context_names(self) -> tuple[str, ...]:
        """Parameters that are handed the Context."""
        return tuple(one.name for one in self.parameters if one.kind == "context")

    @property
    def bare_arrays(self) -> frozenset[str]:
        """Image parameters that want the bare array (bands, height, width)."""
        return frozenset(one.name for one in self.parameters if one.is_bare_array)


WITHOUT_CODE = Signature(
    owner=None,
    parameters=(Parameter("_context", "context", "Context", False, False, 0, 0),),
    takes_any=True,
    returns=None,
    returns_kind="any",
    hooks=(),
    line=0,
    column=0,
)
"""How an algorithm without a process.py is called: with its inputs by name."""


def read_signature(path: Path) -> Signature | list[Finding]:
    """Signature of the `process` in a file, or the findings that say why it can't be called."""
    source = read_source(path)
    if isinstance(source, Finding):
        return [source]
    return list(misshapen(source)) or signature_of(source, is_taken_over(path.parent))


def signature_of(source: Source, taken_over: bool) -> Signature:
    """Signature of a `process` that can be called; of one taken over, without the kinds that its annotations name."""
    batch = _batch_signature(source, source.batch, taken_over) if source.batch else None
    if batch and source.function is source.batch:
        return replace(batch, batch=batch)
    function, annotations = source.function, Annotations.of(source.module)
    parameters = _parameters(source, function, annotations)
    inputs = [one for one in parameters if one.kind != "context"]
    fields = fields_of(source, inputs[0].name) if len(inputs) == 1 else None
    if fields is not None:
        parameters = [one for one in parameters if one.kind == "context"] + _unfolded(inputs[0], fields)
    written = Signature(
        owner=source.owner.name if source.owner else None,
        parameters=tuple(parameters),
        takes_any=function.args.kwarg is not None,
        returns=_fields(source.module, annotations, function.returns),
        returns_kind=annotations.kind(function.returns),
        hooks=tuple(name for name in HOOKS if source.method(name)),
        line=function.lineno,
        column=function.col_offset + 1,
        folded=inputs[0].name if fields is not None else None,
        batch=batch,
    )
    return _heeded(written) if taken_over else written


def _batch_signature(source: Source, function: Function, taken_over: bool) -> Signature:
    """Signature of a `process_batch` that can be called; where no class says what an item holds, it holds anything."""
    annotations = Annotations.of(source.module)
    parameters = _parameters(source, function, annotations)
    (items,) = (one for one in parameters if one.kind != "context")
    every = [*function.args.posonlyargs, *function.args.args]
    record = record_of(source, item_of(next(one.annotation for one in every if one.arg == items.name)))
    result = item_of(function.returns)
    written = Signature(
        owner=source.owner.name if source.owner else None,
        parameters=(
            *(one for one in parameters if one.kind == "context"),
            *(_unfolded(items, record.fields) if record else ()),
        ),
        takes_any=record is None,
        returns=_fields(source.module, annotations, result),
        returns_kind=annotations.kind(result),
        hooks=tuple(name for name in HOOKS if source.method(name)),
        line=function.lineno,
        column=function.col_offset + 1,
        folded=items.name if record and record.is_dataclass else None,
        name=BATCH,
        items=items.name,
    )
    return _heeded(written) if taken_over else written


def _heeded(written: Signature) -> Signature:
    """What is heeded of a signature that was written for PESTO."""
    parameters = tuple(_without_kind(one) for one in written.parameters)
    return replace(written, parameters=parameters, returns=None, returns_kind="any", is_taken_over=True)


def _parameters(source: Source, function: Function, annotations: Annotations) -> list[Parameter]:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    optional = {one.arg for one in positional[len(positional) - len(arguments.defaults) :]} | {
        one.arg for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default
    }
    bound = positional[1:] if source.owner and not is_static(function) else positional
    return [_parameter(one, annotations, one.arg in optional) for one in [*bound, *arguments.kwonlyargs]]


def _unfolded(parameter: Parameter, fields: Sequence[Field]) -> list[Parameter]:
    """The fields as parameters, at the place of the one that they are folded into: they may stand in another file."""
    return [
        replace(
            parameter,
            name=one.name,
            kind=one.kind,
            annotation=one.annotation,
            is_bare_array=one.is_bare_array,
            has_default=one.has_default,
        )
        for one in fields
    ]


def _without_kind(parameter: Parameter) -> Parameter:
    return parameter if parameter.kind == "context" else replace(parameter, kind="any")


def _parameter(argument: ast.arg, annotations: Annotations, has_default: bool) -> Parameter:
    return Parameter(
        name=argument.arg,
        kind=annotations.kind(argument.annotation),
        annotation=ast.unparse(argument.annotation) if argument.annotation else "",
        is_bare_array=annotations.is_bare_array(argument.annotation),
        has_default=has_default,
        line=argument.lineno,
        column=argument.col_offset + 1,
    )


def _fields(module: ast.Module, annotations: Annotations, annotation: ast.expr | None) -> dict[str, str] | None:
    name = annotations.name(annotation)
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return {
                item.target.id: annotations.kind(item.annotation)
                for item in node.body
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
            }
    return None
