"""Every example does what it says, under jsonschema-rs and under jsonschema, the second opinion."""

import json
from collections.abc import Iterator
from functools import cache, reduce
from operator import getitem
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from swath_registry.examples import examples, failures
from swath_registry.schema_walk import Place, walk
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaId

SCHEMAS = list(PUBLISHED.schemas())

# Keywords that some invalid example must break wherever they stand. `type` goes without saying.
ASSERTED = frozenset(
    {"enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength"}
    | {"minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "format"}
    | {"required", "dependentRequired", "additionalProperties", "propertyNames", "oneOf", "not"}
)


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_examples_do_what_they_say(schema: SchemaId) -> None:
    assert list(failures(Validator(str(schema)), *examples(PUBLISHED, schema))) == []


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_examples_do_what_they_say_in_the_second_opinion(schema: SchemaId) -> None:
    validator = _second_opinion(schema)
    valid, invalid = examples(PUBLISHED, schema)
    for example in valid:
        assert list(validator.iter_errors(example.document)) == [], example.path.name
    for example in invalid:
        found = set(_places(validator.iter_errors(example.document), example.document))
        assert (example.keyword, example.pointer) in found, example.path.name


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_every_property_is_used_by_a_valid_example(schema: SchemaId) -> None:
    document = PUBLISHED.load(schema)
    declared = {name for place in walk(Place(document, ())) for name in place.schema.get("properties", {})}
    valid, _ = examples(PUBLISHED, schema)
    used = {name for example in valid for name in _names(example.document)}
    assert declared - used == set()


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_every_rule_is_broken_by_an_invalid_example(schema: SchemaId) -> None:
    asserted = {
        f"{schema.uri}#{place.pointer}/{keyword}"
        for place in walk(Place(PUBLISHED.load(schema), ()))
        for keyword, value in place.schema.items()
        if _is_rule(keyword, value) and not place.is_condition and not _is_about_kind(place, keyword)
    }
    assert {location for location in asserted if not _is_broken(location)} == set()


def _is_rule(keyword: str, value: Any) -> bool:
    return keyword in ASSERTED and (keyword != "additionalProperties" or value is False)


def _is_about_kind(place: Place, keyword: str) -> bool:
    """Whether it tells the forms of a `oneOf` apart: then it is the `oneOf` that is broken."""
    return "oneOf" in place.path or (keyword == "const" and place.path[:1] == ("$defs",))


def _is_broken(location: str) -> bool:
    return any(each == location or each.startswith(f"{location}/") for each in _broken())


@cache
def _broken() -> frozenset[str]:
    return frozenset(
        violation.schema_pointer
        for schema in SCHEMAS
        for example in examples(PUBLISHED, schema)[1]
        for violation in Validator(str(schema)).violations(example.document)
    )


def _names(value: Any) -> Iterator[str]:
    for member in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names(member)
    if isinstance(value, dict):
        yield from value


def _places(errors: Any, document: Any) -> Iterator[tuple[str, str]]:
    """Keyword and pointer of each error and of those below it; an unknown property is pointed at itself."""
    for error in errors:
        path = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.absolute_path)
        names = "propertyNames" if "propertyNames" in error.absolute_schema_path else error.validator
        yield str(names), path
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            yield from (("additionalProperties", f"{path}/{name}") for name in error.instance if name not in known)
        if error.validator is None:  # a schema that is `false`: it names the object, not the property
            holder = reduce(getitem, error.absolute_path, document)
            yield from (("false", f"{path}/{name}") for name in holder if holder[name] is error.instance)
        yield from _places(error.context, document)


@cache
def _second_opinion(schema: SchemaId) -> Any:
    resources = [(each.uri, Resource.from_contents(PUBLISHED.load(each))) for each in SCHEMAS]
    return jsonschema.Draft202012Validator(
        json.loads(json.dumps(PUBLISHED.load(schema))),
        registry=Registry().with_resources(resources),
        format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER,
    )
