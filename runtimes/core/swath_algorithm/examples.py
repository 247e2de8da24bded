"""Mistakes in the examples of an algorithm, found without running them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from swath_algorithm.cases import (
    EXAMPLES,
    EXPECTED,
    INPUT,
    TOLERANCES,
    Case,
    file_beside,
    files_named,
    read_case,
    with_files,
)
from swath_algorithm.description import escape, place, violated
from swath_algorithm.findings import Finding
from swath_registry.documents import read_document
from swath_registry.errors import DocumentUnreadable
from swath_registry.validation import Validator
from swath_schemas import resolve

RULES: Mapping[str, Any] = {
    "abs": {"type": "number", "minimum": 0},
    "rel": {"type": "number", "minimum": 0},
    "differingPixels": {"type": "number", "minimum": 0, "maximum": 1},
    "iou": {"type": "number", "minimum": 0, "maximum": 1},
    "distance": {"type": "number", "minimum": 0},
    "distanceMetres": {"type": "number", "minimum": 0},
    "order": {"enum": ["any", "same"]},
}
OF_TYPES: Mapping[str, frozenset[str]] = {
    "differingPixels": frozenset({"image"}),
    "iou": frozenset({"image", "featureCollection"}),
    "distance": frozenset({"geometry", "featureCollection"}),
    "distanceMetres": frozenset({"geometry", "featureCollection"}),
    "order": frozenset({"featureCollection"}),
}
LISTS = frozenset({"list"})


def example_findings(folder: Path, describe: Mapping[str, Any]) -> list[Finding]:
    """All mistakes in the examples of a folder whose completed description is `describe`, sorted by place."""
    return sorted(found for one in _inside(folder / EXAMPLES) for found in _folder(one, describe))


def _inside(examples: Path) -> list[Path]:
    named = [one for one in examples.iterdir() if not one.name.startswith((".", "__"))] if examples.is_dir() else []
    return [one for one in named if one.is_dir() or one.name in {INPUT, EXPECTED, TOLERANCES}]


def _folder(folder: Path, describe: Mapping[str, Any]) -> Iterator[Finding]:
    if not folder.is_dir():
        yield Finding(folder, 0, 0, "belongs to no example", f"put it into a folder: examples/first/{folder.name}")
        return
    if not (folder / INPUT).is_file():
        yield Finding(
            folder, 0, 0, f"there is no {INPUT}, so this example is never run", "write one, or remove the folder"
        )
        return
    try:
        case = read_case(folder)
    except DocumentUnreadable as error:
        yield Finding(Path(error.path), error.line, error.column, error.reason)
        return
    yield from _values(folder / INPUT, case.inputs, describe["input"])
    if case.expected is not None:
        yield from _values(folder / EXPECTED, case.expected, {**describe["output"], "required": []})
    if (folder / TOLERANCES).is_file():
        yield from _tolerances(case, describe["output"].get("properties", {}))


def _values(path: Path, values: dict[str, Any], schema: dict[str, Any]) -> Iterator[Finding]:
    document, folder = read_document(path), path.parent
    unusable = [(pointer, name) for pointer, name in files_named(values) if file_beside(folder, name) is None]
    for pointer, name in unusable:
        is_elsewhere = (folder / name).is_file() or Path(name).is_absolute() or ".." in Path(name).parts
        message = f"'{name}' lies outside the example's folder" if is_elsewhere else f"there is no file '{name}'"
        yield place(document, pointer, message, f"put the file beside {path.name}")
    if unusable:
        return
    try:
        whole = with_files(values, folder, lambda file, others: {"href": file.name, **others})
    except DocumentUnreadable as error:
        yield Finding(Path(error.path), error.line, error.column, error.reason)
        return
    for one in Validator(schema).violations(whole):
        yield violated(document, one)


def _tolerances(case: Case, outputs: Mapping[str, Any]) -> Iterator[Finding]:
    document = read_document(case.folder / TOLERANCES)
    rules = {"type": "object", "minProperties": 1, "properties": dict(RULES), "additionalProperties": False}
    schema = {"type": "object", "properties": dict.fromkeys(outputs, rules), "additionalProperties": False}
    violations = Validator(schema).violations(document.value)
    for one in violations:
        yield violated(document, one)
    if case.expected is None:
        yield place(document, "", f"there is no {EXPECTED} that these tolerances could apply to", "write one")
    for name, given in case.tolerances.items() if not violations else ():
        for rule in given.keys() & OF_TYPES.keys():
            if not (_holds(outputs[name], OF_TYPES[rule]) or (rule == "order" and _is_list(outputs[name]))):
                kinds = sorted(OF_TYPES[rule] | LISTS if rule == "order" else OF_TYPES[rule])
                message = f"'{rule}' does not apply to '{name}': it compares {' and '.join(kinds)} outputs"
                advice = "write abs or rel for numbers, or nothing where it must be equal"
                yield place(document, f"/{escape(name)}/{rule}", message, advice)


def _is_list(schema: Any) -> bool:
    named: Any = schema.get("type") if isinstance(schema, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return "array" in (named if isinstance(named, list) else [named])


def _holds(schema: Any, types: frozenset[str]) -> bool:
    if isinstance(schema, list):
        return any(_holds(one, types) for one in schema)  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(schema, dict):
        return False
    reference: Any = schema.get("$ref")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(reference, str) and not reference.startswith("#") and resolve(reference).type in types:
        return True
    return any(_holds(one, types) for one in schema.values())  # pyright: ignore[reportUnknownVariableType]
