"""`swath registry explain`: every rule that a finding may name, and comparisons in sentences."""

import json

import pytest
from click.testing import CliRunner, Result

from swath_registry.cli import registry
from swath_registry.compatibility.landscape import Landscape
from swath_registry.compatibility.rules import rule
from swath_registry.explaining import UnknownRule, rule_text
from swath_registry.lint_rules import RULES
from swath_registry.rule_texts import LINT
from swath_registry.schema_walk import KEYWORDS

_NEVER_REFUSE = {
    "$schema",
    "$id",
    "$ref",
    "$anchor",
    "$comment",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "$defs",
}
_NEVER_REFUSE |= {"title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples", "contentSchema"}
_BY_THE_PARTS = {"properties", "patternProperties", "prefixItems", "allOf", "then", "else"}


def run(*arguments: str) -> Result:
    return CliRunner().invoke(registry, ["explain", *arguments])


@pytest.mark.parametrize("name", sorted({*RULES, *LINT}))
def test_every_rule_of_lint_is_explained(name: str) -> None:
    text = rule_text(name)
    assert text.asks
    assert text.why
    assert text.mend


@pytest.mark.parametrize("keyword", sorted(KEYWORDS - _NEVER_REFUSE - _BY_THE_PARTS))
def test_every_rule_that_the_engine_names_is_explained(keyword: str) -> None:
    for other in ({}, {keyword: {}}):
        assert rule_text(rule(keyword, (), "", Landscape(other))).mend


def test_a_rule_names_its_keyword() -> None:
    assert "has a lower `exclusiveMaximum` than the other" in rule_text("exclusive-maximum-decreased").asks


@pytest.mark.parametrize("name", ["overlp", "foo-added", "", "added-"])
def test_an_unknown_rule_is_named(name: str) -> None:
    with pytest.raises(UnknownRule, match=repr(name)):
        rule_text(name)


def test_a_misspelt_rule_gets_a_suggestion() -> None:
    assert "Did you mean overlap?" in UnknownRule("overlp").hint


def test_two_types_are_explained_by_a_document() -> None:
    said = run("link@1.0.0", "batch@1.0.0").stdout
    assert 'batch@1.0.0 refuses what link@1.0.0 accepts: {"href": ' in said
    assert "is refused by required at the root" in said
    assert "[property-required-added]" in said
    assert "is a major." in said


def test_a_type_and_itself_are_proven_alike() -> None:
    said = run("batch@1.0.0", "batch@1.0.0").stdout
    assert said.count(": proven.") == 2
    assert "is a patch." in said


def test_as_json() -> None:
    told = json.loads(run("link@1.0.0", "batch@1.0.0", "--json").stdout)
    assert told["backward"] == "broken"
    assert told["sentences"]
    assert json.loads(run("overlap", "--json").stdout)["wrong"] == LINT["overlap"].wrong
