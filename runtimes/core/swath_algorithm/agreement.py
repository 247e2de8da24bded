"""Whether `process.py` takes and gives what `describe.yml` says, by name and by type."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from swath_algorithm.findings import Finding, closest, did_you_mean
from swath_algorithm.signature import Parameter, Signature
from swath_algorithm.source import BATCH, PROCESS
from swath_schemas import resolve

# What a parameter of each kind can be handed, by the kinds that a schema can ask for.
HOLDS = {"number": {"number", "integer"}}
ANNOTATION = {
    "image": "Image",
    "number": "float",
    "integer": "int",
    "string": "str",
    "boolean": "bool",
    "object": "dict",
    "array": "list",
}
IMAGE = "image"
TAKES = {PROCESS: "process() takes", BATCH: "an item of process_batch() holds"}
LACKS = {PROCESS: "process() has no parameter for", BATCH: "an item of process_batch() does not hold"}
GIVES = {PROCESS: "process() returns", BATCH: "each result of process_batch() is"}
RESULT = {PROCESS: "process()", BATCH: "a result of process_batch()"}
JSON_OBJECTS = {"featureCollection", "geometry", "metadata", "detection"}


def kind_of(schema: Any) -> str:
    """Kind that a property's schema asks for: image, a JSON Schema type, or any; null aside."""
    if not isinstance(schema, Mapping):
        return "any"
    reference: Any = schema.get("$ref")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(reference, str) and not reference.startswith("#"):
        name = resolve(reference).type
        return IMAGE if name == IMAGE else "object" if name in JSON_OBJECTS else "any"
    named: Any = schema.get("type")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    some: list[Any] = [one for one in (named if isinstance(named, list) else [named]) if one != "null"]  # pyright: ignore[reportUnknownVariableType]
    return some[0] if len(some) == 1 and isinstance(some[0], str) else "any"


def compare(path: Path, signature: Signature, describe: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings at the place in `path` (its process.py) that differs from the description, one for each difference."""
    if signature.batch and signature.batch.batch is None:
        yield from compare(path, signature.batch, describe)
        yield from _compare_arrays(path, signature, signature.batch)
    inputs: dict[str, Any] = describe["input"].get("properties", {})
    required = set(describe["input"].get("required", ()))
    parameters = {one.name: one for one in signature.parameters if one.kind != "context"}
    is_dict = bool(signature.items) and signature.folded is None  # which holds whatever comes
    for name, schema in inputs.items():
        if name in parameters:  # one taken over is handed None where an input is absent
            is_required = name in required or signature.is_taken_over
            yield from _compare_one(path, parameters[name], schema, is_required, is_dict)
    yield from _compare_names(path, signature, parameters, inputs)
    if describe["input"].get("additionalProperties") and not signature.takes_any and not is_dict:
        advice = "write **others, or additionalProperties: false"
        message = "describe.yml allows inputs that it does not name (additionalProperties), but "
        yield _at(path, signature, f"{message}{signature.name}() can't take them", advice)
    yield from _compare_result(path, signature, describe["output"].get("properties", {}))


def _compare_names(
    path: Path, signature: Signature, parameters: Mapping[str, Parameter], inputs: Mapping[str, Any]
) -> Iterator[Finding]:
    missing = [name for name in inputs if name not in parameters and not signature.takes_any]
    for name, parameter in parameters.items():
        if name in inputs:
            continue
        message = f"{TAKES[signature.name]} '{name}', which describe.yml does not declare under input.properties"
        if meant := closest(name, missing):
            missing.remove(meant)
            yield _at(path, parameter, message, f"did you mean '{meant}', which it declares?")
        elif name in {"context", "ctx"} and not parameter.annotation:
            yield _at(path, parameter, message, f"to be handed the call's context, write {name}: Context")
        else:
            yield _at(path, parameter, message, "declare it, or remove it")
    for name in missing:
        message = f"{LACKS[signature.name]} the input '{name}' of describe.yml"
        yield _at(path, signature, message, f"write {_parameter_for(name, inputs[name])}")


def _compare_arrays(path: Path, signature: Signature, batch: Signature) -> Iterator[Finding]:
    """An image is handed to both of them alike; where only one says how, both get it so."""
    alone = {one.name: one.is_bare_array for one in signature.parameters if one.kind == IMAGE}
    for one in batch.parameters:
        if one.kind == IMAGE and alone.get(one.name, one.is_bare_array) != one.is_bare_array:
            message = f"'{one.name}' is a bare array for one of process() and process_batch(), an Image for the other"
            yield _at(path, one, message, "annotate it alike")


def _compare_one(path: Path, parameter: Parameter, schema: Any, is_required: bool, is_key: bool) -> Iterator[Finding]:
    wanted = kind_of(schema)
    if not _fits(parameter.kind, wanted):
        message = f"'{parameter.name}' is annotated {parameter.annotation}, but describe.yml says {wanted}"
        yield _at(path, parameter, message, f"write {_parameter_for(parameter.name, schema)}, or change describe.yml")
    has_default = parameter.has_default or (isinstance(schema, Mapping) and "default" in schema)
    if not is_required and not has_default:
        lacks = "every item must hold it" if is_key else "the parameter has no default"
        message = f"the input '{parameter.name}' is optional, but {lacks}"
        annotation = ANNOTATION.get(kind_of(schema), "Any")
        optional = (
            f"{parameter.name}: NotRequired[{annotation}]"
            if is_key
            else f"{_parameter_for(parameter.name, schema)} | None = None"
        )
        yield _at(path, parameter, message, f"write {optional}, list it under required, or give it a default there")


def _compare_result(path: Path, signature: Signature, outputs: Mapping[str, Any]) -> Iterator[Finding]:
    if signature.returns is not None:
        yield from _compare_fields(path, signature, signature.returns, outputs)
    elif signature.returns_kind not in {"any", "object"} and len(outputs) != 1:
        given = f"{GIVES[signature.name]} one {signature.returns_kind}"
        message = f"{given}, but describe.yml declares {len(outputs)} outputs"
        yield _at(path, signature, message, f"return a dict with {', '.join(outputs)}")
    elif signature.returns_kind != "object":
        wanted = kind_of(next(iter(outputs.values()), True))
        if not _agree(signature.returns_kind, wanted):
            message = f"{GIVES[signature.name]} {signature.returns_kind}, but describe.yml says {wanted}"
            yield _at(
                path, signature, message, f"write -> {ANNOTATION.get(wanted, 'dict')}, or a dict of outputs by name"
            )


def _compare_fields(
    path: Path, signature: Signature, fields: Mapping[str, str], outputs: Mapping[str, Any]
) -> Iterator[Finding]:
    for name in fields:
        if name not in outputs:
            given = f"{RESULT[signature.name]} gives '{name}'"
            message = f"{given}, which describe.yml does not declare under output.properties"
            yield _at(path, signature, message, did_you_mean(name, list(outputs)))
    for name, schema in outputs.items():
        if name not in fields:
            message = f"{RESULT[signature.name]} does not give the output '{name}' of describe.yml"
            yield _at(path, signature, message, f"add {name} to what it returns")
        elif not _agree(fields[name], kind_of(schema)):
            message = f"the output '{name}' is annotated {fields[name]}, but describe.yml says {kind_of(schema)}"
            yield _at(path, signature, message, "change one of them")


def _at(path: Path, place: Parameter | Signature, message: str, advice: str) -> Finding:
    return Finding(path, place.line, place.column, message, advice)


def _parameter_for(name: str, schema: Any) -> str:
    annotation = ANNOTATION.get(kind_of(schema))
    return f"{name}: {annotation}" if annotation else name


def _fits(parameter: str, wanted: str) -> bool:
    return "any" in (parameter, wanted) or wanted in HOLDS.get(parameter, {parameter})


def _agree(given: str, wanted: str) -> bool:
    return _fits(given, wanted) or _fits(wanted, given)
