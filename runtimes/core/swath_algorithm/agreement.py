"""Whether `process.py` takes and gives what `describe.yml` says, by name and by type."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from swath_algorithm.findings import Finding, did_you_mean
from swath_algorithm.signature import Parameter, Signature
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
JSON_OBJECTS = {"featureCollection", "geometry", "metadata", "detection"}


def kind_of(schema: Mapping[str, Any]) -> str:
    """Kind that a property's schema asks for: image, a JSON Schema type, or any."""
    reference = schema.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        name = resolve(reference).type
        return IMAGE if name == IMAGE else "object" if name in JSON_OBJECTS else "any"
    named = schema.get("type")
    return named if isinstance(named, str) else "any"


def compare(path: Path, signature: Signature, describe: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings at the signature's place in `path`, one for each difference."""
    inputs: dict[str, Any] = describe["input"].get("properties", {})
    required = set(describe["input"].get("required", ()))
    parameters = {one.name: one for one in signature.parameters if one.kind != "context"}
    for name, schema in inputs.items():
        if name in parameters:
            yield from _compare_one(path, parameters[name], schema, name in required)
        elif not signature.takes_any:
            advice = did_you_mean(name, [one for one in parameters if one not in inputs])
            yield Finding(
                path,
                signature.line,
                signature.column,
                f"process() has no parameter for the input '{name}' of describe.yml",
                advice if advice.startswith("did") else f"write {name}: {ANNOTATION.get(kind_of(schema), 'Any')}",
            )
    for name, parameter in parameters.items():
        if name not in inputs:
            yield Finding(
                path,
                parameter.line,
                parameter.column,
                f"process() takes '{name}', which describe.yml does not declare under input.properties",
                did_you_mean(name, [one for one in inputs if one not in parameters]) or "declare it, or remove it",
            )
    yield from _compare_result(path, signature, describe["output"].get("properties", {}))


def _compare_one(path: Path, parameter: Parameter, schema: Mapping[str, Any], is_required: bool) -> Iterator[Finding]:
    wanted = kind_of(schema)
    if not _fits(parameter.kind, wanted):
        yield Finding(
            path,
            parameter.line,
            parameter.column,
            f"'{parameter.name}' is annotated {parameter.annotation}, but describe.yml says {wanted}",
            f"write {parameter.name}: {ANNOTATION.get(wanted, 'Any')}, or change describe.yml",
        )
    if not is_required and "default" not in schema and not parameter.has_default:
        yield Finding(
            path,
            parameter.line,
            parameter.column,
            f"the input '{parameter.name}' is optional, but the parameter has no default",
            f"write {parameter.name}: … = None, list it under required, or give it a default in describe.yml",
        )


def _compare_result(path: Path, signature: Signature, outputs: Mapping[str, Any]) -> Iterator[Finding]:
    if signature.returns is not None:
        for name in signature.returns.keys() - outputs.keys():
            yield Finding(
                path,
                signature.line,
                signature.column,
                f"process() gives '{name}', which describe.yml does not declare under output.properties",
                did_you_mean(name, list(outputs)),
            )
        for name, schema in outputs.items():
            given = signature.returns.get(name)
            if given is None:
                yield Finding(
                    path,
                    signature.line,
                    signature.column,
                    f"process() does not give the output '{name}' of describe.yml",
                    f"add {name} to what it returns",
                )
            elif not _fits(given, kind_of(schema)) and not _fits(kind_of(schema), given):
                yield Finding(
                    path,
                    signature.line,
                    signature.column,
                    f"the output '{name}' is annotated {given}, but describe.yml says {kind_of(schema)}",
                )
    elif signature.returns_kind not in {"any", "object"} and len(outputs) != 1:
        yield Finding(
            path,
            signature.line,
            signature.column,
            f"process() returns one {signature.returns_kind}, but describe.yml declares {len(outputs)} outputs",
            f"return a dict with {', '.join(outputs)}",
        )


def _fits(parameter: str, wanted: str) -> bool:
    return "any" in (parameter, wanted) or wanted in HOLDS.get(parameter, {parameter})
