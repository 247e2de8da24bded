"""Mistakes in a describe.yml: each with its place and what to write instead."""

import keyword
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from swath_algorithm.defaults import fill_defaults
from swath_algorithm.findings import Finding, closest, did_you_mean
from swath_algorithm.model import is_elsewhere, path_mistake, uri_mistake
from swath_registry.documents import Document, read_document
from swath_registry.errors import DocumentUnreadable, SchemaInvalid
from swath_registry.validation import Validator, Violation
from swath_schemas import UnknownSchema, is_reference, pin, resolve

DESCRIBE_TYPE = "describe@1"
METASCHEMA = "https://json-schema.org/draft/2020-12/schema"
COPY = "copy one from algorithms/grayscale, or: swath new NAME"
ADVICE = {
    "/name": "write lower-case letters, digits and single hyphens, at most 63: cloud-detection",
    "/version": "write a semantic version, such as 1.0.0",
    "/email": "write an address, such as team@example.org",
    "/input/type": "write type: object, and each input under properties",
    "/output/type": "write type: object, and each output under properties",
}

# Keywords whose values are data, in which a name means nothing.
DATA = {"const", "enum", "default", "example", "examples"}
# Keywords whose members are named by the author.
NAMED = {"properties", "patternProperties", "$defs", "dependentSchemas"}
# Of JSON Schema 2020-12: core, applicators, validation, unevaluated, format, content, metadata.
KEYWORDS = """
    $id $schema $ref $anchor $dynamicRef $dynamicAnchor $vocabulary $comment $defs prefixItems items contains
    additionalProperties properties patternProperties dependentSchemas propertyNames if then else allOf anyOf oneOf not
    unevaluatedItems unevaluatedProperties type enum const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum
    maxLength minLength pattern maxItems minItems uniqueItems maxContains minContains maxProperties minProperties
    required dependentRequired format contentEncoding contentMediaType contentSchema title description default
    deprecated readOnly writeOnly examples example
"""


def read_description(path: Path) -> Document | list[Finding]:
    """The document of a describe.yml, valid against describe@1; or every mistake in it, sorted by place."""
    if not path.is_file():
        return [Finding(path, 0, 0, "there is no describe.yml", COPY)]
    try:
        document = read_document(path)
    except DocumentUnreadable as error:
        return [Finding(path, error.line, error.column, error.reason, _yaml_advice(error.reason))]
    if document.value is None:
        return [Finding(path, 1, 1, "the file is empty", COPY)]
    found = [violated(document, one) for one in Validator(DESCRIBE_TYPE).violations(document.value)]
    return found or sorted(_meaning(path.parent, document)) or document


def violated(document: Document, violation: Violation) -> Finding:
    """The finding of a violation, at its place in the document."""
    where = violation.pointer or "the document"
    is_text = violation.keyword in {"type", "pattern", "format", "const"}
    advice = ADVICE.get(violation.pointer, "") if is_text else ""
    if not advice and violation.message.startswith("must be a string, not "):
        advice = "put it in quotes"
    return place(document, violation.pointer, f"{where}: {violation.message}", advice)


def place(document: Document, pointer: str, message: str, advice: str = "") -> Finding:
    """A finding at a pointer of a document."""
    position = document.position(pointer)
    return Finding(document.path, position.line, position.column, message, advice)


def escape(name: str) -> str:
    """A name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _meaning(folder: Path, document: Document) -> Iterator[Finding]:
    yield from _properties(document, "input")
    yield from _properties(document, "output")
    for name in document.value["input"]["properties"]:
        if keyword.iskeyword(name):
            message = f"'{name}' is a word of Python's own, and can't be a parameter of process()"
            yield place(document, f"/input/properties/{name}", message, f"write another name, such as {name}_value")
    yield from _capabilities(document)
    yield from _configuration(document)
    yield from _model(folder, document)
    yield from _execution(document)


def _execution(document: Document) -> Iterator[Finding]:
    execution: dict[str, Any] = document.value.get("execution", {})
    if "callsPerProcess" in execution and execution.get("isolation") != "process":
        message = "calls run on threads, so no process is ever replaced after some of them"
        yield place(document, "/execution/callsPerProcess", message, "write isolation: process too, or take it out")


def _capabilities(document: Document) -> Iterator[Finding]:
    """Findings for each name in inputCapabilities that is no input."""
    declared = list(document.value["input"]["properties"])
    said: dict[str, Any] = document.value.get("inputCapabilities", {})
    named = [(f"/inputs/{name}", name) for name in said.get("inputs", {})]
    for index, one in enumerate(said.get("constraints", ())):
        named += [(f"/constraints/{index}/inputs/{at}", name) for at, name in enumerate(one.get("inputs", ()))]
    for pointer, name in named:
        if name not in declared:
            message = f"'{name}' is no input"
            yield place(document, f"/inputCapabilities{pointer}", message, did_you_mean(name, declared))


def _configuration(document: Document) -> Iterator[Finding]:
    """Findings of a configSchema that is no JSON Schema, or of a config that does not fit it."""
    schema: Any = document.value.get("configSchema")
    if schema is None:
        return
    found = [*_schema(document, schema, "/configSchema")]
    for name, inner in schema.get("properties", {}).items() if not found else ():
        found += _default(document, inner, f"/configSchema/properties/{escape(name)}")
    yield from found
    if not found:
        config = fill_defaults(document.value.get("config", {}), schema)
        for one in Validator(pin(schema)).violations(config):
            where = f"/config{one.pointer}"
            yield place(document, where, f"{where}: {one.message}", "configSchema says what it may be")


def _properties(document: Document, part: str) -> Iterator[Finding]:
    declared: dict[str, Any] = document.value[part].get("properties", {})
    for name, schema in declared.items():
        yield from _schema(document, schema, f"/{part}/properties/{escape(name)}")
    for index, name in enumerate(document.value[part].get("required", ())):
        if name not in declared:
            advice = did_you_mean(name, list(declared)) or f"declare it under {part}.properties"
            message = f"'{name}' is required but not among the properties"
            yield place(document, f"/{part}/required/{index}", message, advice)


def _schema(document: Document, schema: Any, pointer: str) -> Iterator[Finding]:
    found = [*_keywords(document, schema, pointer)]
    for one in Validator({"$ref": METASCHEMA}).violations(schema):
        found.append(place(document, pointer + one.pointer, f"{pointer + one.pointer}: {one.message}"))
    yield from found or _default(document, schema, pointer)


def _default(document: Document, schema: Any, pointer: str) -> Iterator[Finding]:
    try:
        validator = Validator(pin(schema))
    except SchemaInvalid as error:
        at = f"{pointer}/$ref" if "$ref" in schema else pointer
        yield place(document, at, f"{pointer}: {error.reason}", "refer to a registry type, such as image/1")
        return
    if isinstance(schema, dict) and "default" in schema:
        for one in validator.violations(schema["default"]):
            yield place(document, f"{pointer}/default{one.pointer}", f"the default is not valid: {one.message}")


def _keywords(document: Document, schema: Any, pointer: str) -> Iterator[Finding]:
    """Findings for each `$ref` that leads nowhere, and each keyword that is one letter from a real one."""
    if isinstance(schema, list):
        for index, one in enumerate(schema):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
            yield from _keywords(document, one, f"{pointer}/{index}")
    if not isinstance(schema, dict):
        return
    members: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
    known = KEYWORDS.split()
    for key, value in members.items():
        at = f"{pointer}/{escape(key)}"
        if key == "$ref" and isinstance(value, str):
            yield from [] if value.startswith("#") else _reference(document, at, value)
        elif key in NAMED and isinstance(value, dict):
            for name, named in value.items():  # pyright: ignore[reportUnknownVariableType]
                yield from _keywords(document, named, f"{at}/{escape(str(name))}")  # pyright: ignore[reportUnknownArgumentType]
        elif key in known:
            yield from [] if key in DATA else _keywords(document, value, at)
        elif meant := closest(key, known, likeness=0.8):
            yield place(document, at, f"{at}: there is no keyword '{key}'", f"did you mean '{meant}'?")


def _reference(document: Document, pointer: str, reference: str) -> Iterator[Finding]:
    try:
        found = resolve(reference)
    except UnknownSchema as error:
        name = reference.rpartition("/")[0] or reference
        near = closest(name, error.known) or closest(reference, error.known)
        advice = f"did you mean {near}/1? " if near and "@" not in near else ""
        message = str(error).rstrip(".")
        yield place(document, pointer, message, f"{advice}known: {', '.join(error.known)}")
        return
    if not is_reference(reference):
        major = found.version.partition(".")[0]
        yield place(document, pointer, f"'{reference}' names no version", f"write {found.type}/{major}")


def _model(folder: Path, document: Document) -> Iterator[Finding]:
    model = document.value.get("model")
    if not model:
        return
    href: str = model["href"]
    if is_elsewhere(href):
        if mistake := uri_mistake(href):
            yield place(document, "/model/href", *mistake)
    elif found := path_mistake(folder, href, model.get("sha256")):
        yield place(document, f"/model/{found[0]}", *found[1:])


def _yaml_advice(reason: str) -> str:
    if "\\t" in reason:
        return "indent with spaces, not with tabs"
    return "look at the indentation here and in the lines above" if "block" in reason or "mapping" in reason else ""
