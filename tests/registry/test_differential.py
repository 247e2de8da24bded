"""Models against schemas, on thousands of documents: a model refuses nothing that its schema accepts.

By default 250 mutants of each valid example are tried, always the same ones; `SWATH_MUTANTS=5000` tries more, from
two changes at a time as well.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from registry.mutants import mutants

from swath_registry.errors import DocumentInvalid
from swath_registry.examples import examples
from swath_registry.typed import model_of, typed
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaId
from swath_types.base import Email, Model

SCHEMAS = list(PUBLISHED.schemas())
MUTANTS = int(os.environ.get("SWATH_MUTANTS", "250"))

# Where a model accepts what its schema refuses, by the schema's place, with the reason. The validator stands before.
WRONGLY_ACCEPTED = json.loads((Path(__file__).parent / "accepted_by_models.json").read_text())


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_model_refuses_nothing_that_its_schema_accepts(schema: SchemaId) -> None:
    validator, model = Validator(str(schema)), model_of(schema)
    accepted_by_schema = 0
    for document in _documents(schema):
        violations = validator.violations(document)
        accepted_by_schema += not violations
        refusal = _refusal(model, document)
        if not violations:
            assert refusal is None, (document, refusal)
        elif refusal is None:
            assert {each.schema_pointer for each in violations} <= set(WRONGLY_ACCEPTED), (document, violations)
    assert accepted_by_schema > 30


def test_every_listed_exception_is_still_one_and_the_validator_stands_before_it() -> None:
    found: set[str] = set()
    for schema in SCHEMAS:
        validator = Validator(str(schema))
        for example in examples(PUBLISHED, schema)[1]:
            if _refusal(model_of(schema), example.document) is None:
                found |= {each.schema_pointer for each in validator.violations(example.document)}
                with pytest.raises(DocumentInvalid):
                    typed(example.document, str(schema))
    assert found == set(WRONGLY_ACCEPTED)


@pytest.mark.parametrize("number", [1.0, 3, 2e2])
def test_an_integer_may_be_written_with_a_point(number: float) -> None:
    assert _refusal(model_of(PUBLISHED.resolve("batch")), {"maxSize": number}) is None


@pytest.mark.parametrize(
    ("address", "is_one"),
    [("a@b", True), ('"a@b"@c', True), ("a@[127.0.0.1]", True), ("a@[ipv6:::1]", True), (f"a@{'c' * 63}", True)]
    + [(text, False) for text in ("a@b@c", "a b@c", "a.@c", "a@-c", "a@c.", f"a@{'c' * 64}", "a@[x]", f"{'a' * 65}@c")],
)
def test_an_address_is_one_for_model_and_schema_alike(address: str, is_one: bool) -> None:
    schema = {"type": "string", "format": "email"}
    assert Validator(schema).is_valid(address) is is_one
    assert (_refusal(_Letter, {"to": address}) is None) is is_one


class _Letter(Model):
    to: Email


def test_the_document_stays_beside_its_model() -> None:
    for schema in SCHEMAS:
        for example in examples(PUBLISHED, schema)[0]:
            before = json.dumps(example.document)
            read = typed(example.document, str(schema))
            assert read.document is example.document
            assert json.dumps(read.document) == before
            assert read.schema == schema


def test_a_dump_is_not_the_document_which_is_why_it_stays() -> None:
    document = {"href": "scene.tif", "sizeBytes": 1024.0, "x-cost": 3}
    read = typed(document, "image@1.1.0")
    assert json.dumps(read.model.model_dump(mode="json")) != json.dumps(document)
    assert json.dumps(read.document) == '{"href": "scene.tif", "sizeBytes": 1024.0, "x-cost": 3}'


def test_no_package_of_ours_sends_a_dump_on() -> None:
    root = Path(__file__).parents[2]
    folders = ("registry", "converters", "runtimes", "packager", "testing", "cli")
    calls = [
        path.relative_to(root)
        for folder in folders
        for path in (root / folder).rglob("*.py")
        if ".model_dump" in (text := path.read_text(encoding="utf-8")) and "model_dump(" in text
    ]
    assert calls == []


def test_a_model_is_read_with_types_at_hand() -> None:
    model = typed({"href": "scene.tif", "size": {"width": 3, "height": 2}}, "image@1.1.0").model
    assert (model.root.size.width, model.root.size.height) == (3, 2)


def _refusal(model: Any, document: Any) -> ValidationError | None:
    try:
        model.model_validate(document)
    except ValidationError as error:
        return error
    return None


def _documents(schema: SchemaId) -> Iterator[Any]:
    valid, invalid = examples(PUBLISHED, schema)
    yield from (example.document for example in (*valid, *invalid))
    for example in valid:
        yield from mutants(example.document, MUTANTS)
