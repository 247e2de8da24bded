"""Every mistake in an algorithm folder, found at once and without importing it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_algorithm.agreement import compare
from swath_algorithm.cases import EXPECTED, INPUT, case_folders, files_named, read_case
from swath_algorithm.findings import Finding, did_you_mean
from swath_algorithm.folder import DESCRIBE, PROCESS, complete
from swath_algorithm.signature import Signature, read_signature
from swath_registry.documents import Document, read_document
from swath_registry.errors import DocumentUnreadable
from swath_registry.validation import Validator, Violation
from swath_schemas import UnknownSchema, is_reference, pin, resolve

DESCRIBE_TYPE = "describe@1"
METASCHEMA = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class Examined:
    """A folder as found: its raw description and signature where they could be read, and all findings, sorted."""

    describe: dict[str, Any] | None
    signature: Signature | None
    findings: tuple[Finding, ...]


def check(folder: Path) -> list[Finding]:
    """All mistakes in a folder, examples included, sorted by place; empty where there is none."""
    examined = examine(folder)
    if examined.describe is None or examined.findings:
        return list(examined.findings)
    return sorted(_examples(folder, complete(examined.describe)))


def examine(folder: Path) -> Examined:
    """What must be right before the algorithm can be served: description, signature, model."""
    path = folder / DESCRIBE
    read = read_signature(folder / PROCESS)
    signature = read if isinstance(read, Signature) else None
    findings = [read] if isinstance(read, Finding) else []
    document = _describe_document(path)
    if isinstance(document, Finding):
        return Examined(None, signature, (document, *findings))
    findings += _description(document)
    if findings:
        return Examined(None, signature, tuple(sorted(findings)))
    findings += _model(folder, document)
    if signature:
        findings += compare(folder / PROCESS, signature, document.value)
    return Examined(document.value, signature, tuple(sorted(findings)))


def _describe_document(path: Path) -> Document | Finding:
    if not path.is_file():
        return Finding(path, 0, 0, "there is no describe.yml", "copy one from algorithms/grayscale, or: swath new NAME")
    try:
        return read_document(path)
    except DocumentUnreadable as error:
        return Finding(path, error.line, error.column, error.reason)


def _description(document: Document) -> list[Finding]:
    found = [_at(document, one) for one in Validator(DESCRIBE_TYPE).violations(document.value)]
    return found or [*_schemas(document, "input"), *_schemas(document, "output")]


def _schemas(document: Document, part: str) -> Iterator[Finding]:
    declared: dict[str, Any] = document.value[part].get("properties", {})
    for name, schema in declared.items():
        pointer = f"/{part}/properties/{_escape(name)}"
        unknown = list(_unknown_references(document, schema, pointer))
        wrong = Validator({"$ref": METASCHEMA}).violations(schema)
        yield from unknown
        for one in wrong:
            yield _finding(document, pointer + one.pointer, f"{pointer + one.pointer}: {one.message}")
        if not (unknown or wrong) and "default" in schema:
            for one in Validator(pin(schema)).violations(schema["default"]):
                yield _finding(document, f"{pointer}/default", f"the default is not valid: {one.message}")
    for index, name in enumerate(document.value[part].get("required", ())):
        if name not in declared:
            yield _finding(
                document,
                f"/{part}/required/{index}",
                f"'{name}' is required but not among the properties",
                did_you_mean(name, list(declared)) or f"declare it under {part}.properties",
            )


def _unknown_references(document: Document, schema: Any, pointer: str) -> Iterator[Finding]:
    """Findings for each `$ref` that is neither local (`#/…`) nor a type of the registry."""
    if isinstance(schema, list):
        for index, one in enumerate(schema):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from _unknown_references(document, one, f"{pointer}/{index}")
    if not isinstance(schema, dict):
        return
    for key, value in schema.items():  # pyright: ignore[reportUnknownVariableType]
        if key != "$ref" or not isinstance(value, str):
            yield from _unknown_references(document, value, f"{pointer}/{_escape(str(key))}")  # pyright: ignore
        elif not value.startswith("#"):
            yield from _unresolved(document, f"{pointer}/$ref", value)


def _unresolved(document: Document, pointer: str, reference: str) -> Iterator[Finding]:
    try:
        found = resolve(reference)
    except UnknownSchema as error:
        yield _finding(document, pointer, str(error), error.hint)
        return
    if not is_reference(reference):
        major = found.version.partition(".")[0]
        yield _finding(document, pointer, f"'{reference}' names no version", f"write {found.type}/{major}")


def _model(folder: Path, document: Document) -> Iterator[Finding]:
    model = document.value.get("model")
    if not model:
        return
    path = folder / model["href"]
    if not path.resolve().is_relative_to(folder.resolve()):
        yield _finding(document, "/model/href", "the model lies outside the folder", "put it beside describe.yml")
    elif not path.is_file():
        yield _finding(document, "/model/href", f"there is no file {model['href']}", "put it beside describe.yml")
    elif "sha256" in model and (actual := _sha256(path)) != model["sha256"]:
        yield _finding(document, "/model/sha256", f"{model['href']} has another digest", f"write {actual}")


def _examples(folder: Path, describe: Mapping[str, Any]) -> Iterator[Finding]:
    for case_folder in case_folders(folder):
        try:
            case = read_case(case_folder)
        except DocumentUnreadable as error:
            yield Finding(Path(error.path), error.line, error.column, error.reason)
            continue
        yield from _example(case_folder / INPUT, case.inputs, describe["input"], case_folder)
        if case.expected is not None:
            partial: dict[str, Any] = {**describe["output"], "required": []}
            yield from _example(case_folder / EXPECTED, _inlined(case.expected), partial, case_folder, case.expected)
        declared = describe["output"].get("properties", {})
        for name in case.tolerances.keys() - declared.keys():
            yield Finding(case_folder / "tolerances.json", 0, 0, f"there is no output '{name}'")


def _example(
    path: Path, value: Any, schema: dict[str, Any], folder: Path, named: Any | None = None
) -> Iterator[Finding]:
    document = read_document(path)
    for one in Validator(schema).violations(value):
        yield _at(document, one)
    for pointer, name in files_named(value if named is None else named):
        if not (folder / name).is_file():
            yield _finding(document, pointer, f"there is no file {name} beside it")


def _inlined(expected: Mapping[str, Any]) -> dict[str, Any]:
    """Expected values without those that name a file: the file's own content is compared when the case runs."""
    return {name: value for name, value in expected.items() if not any(True for _ in files_named(value))}


def _at(document: Document, violation: Violation) -> Finding:
    return _finding(document, violation.pointer, f"{violation.pointer or 'the document'}: {violation.message}")


def _finding(document: Document, pointer: str, message: str, advice: str = "") -> Finding:
    position = document.position(pointer)
    return Finding(document.path, position.line, position.column, message, advice)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
