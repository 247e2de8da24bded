"""Patterns as sets of texts: as the validator matches them, and compared for certain."""

import random

import jsonschema_rs
import pytest

from swath_registry.compatibility.regex import Exhausted, Unsupported, automaton, every_text, find_text

PATTERNS = (
    *("", "a", "^$", "^[a-z]+$", "^a|b$", "(ab)+c?", "^(a|b)*abb$", "a{2,3}$", r"^\d{3}-\d{4}$", "[^a-z]", "x*"),
    *(
        r"^[\w.-]+@[a-z]+\.[a-z]{2,}$",
        "(^a)|(b$)",
        "a$|^b|c",
        "^a.c$",
        "(a|^)b",
        r"^\S+$",
        r"[\d-]x",
        "(?<n>a)b",
        r"\/a",
    ),
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_what_the_validator_says(pattern: str) -> None:
    validator, machine = jsonschema_rs.Draft202012Validator({"pattern": pattern}), automaton(pattern)
    chance = random.Random(pattern)  # noqa: S311
    for _ in range(500):
        text = "".join(chance.choice("abcfo xyz019-@.é\n/_A") for _ in range(chance.randint(0, 6)))
        states = machine.begin()
        for character in text:
            states = machine.step(states, ord(character))
        assert machine.accepts(states, is_empty=not text) == validator.is_valid(text), text


@pytest.mark.parametrize(
    ("inner", "outer", "text"),
    [
        ("^[a-z]{1,8}$", "^[a-z]{1,9}$", None),
        ("^[a-z]{1,9}$", "^[a-z]{1,8}$", "a" * 9),
        ("^(a|b)*$", "^[ab]*$", None),
        ("^a", "^ab", "a"),
        (r"^\d+$", r"^\w+$", None),
    ],
)
def test_a_pattern_lies_within_another_or_a_text_shows_that_it_does_not(
    inner: str, outer: str, text: str | None
) -> None:
    assert find_text([automaton(inner)], [automaton(outer)]) == text


def test_lengths_are_kept_to() -> None:
    assert find_text([automaton("^a*$")], least=5, most=7) == "aaaaa"
    assert find_text([automaton("^a{3}$")], least=4) is None


def test_few_texts_are_listed() -> None:
    assert sorted(every_text([automaton("^(foo|ba[rz])$")]) or []) == ["bar", "baz", "foo"]
    assert every_text([automaton("^a+$")]) is None


def test_what_takes_too_many_steps_is_given_up() -> None:
    with pytest.raises(Exhausted):
        find_text([automaton("(a|b)*a(a|b){14}$")], [automaton("(a|b)*b(a|b){13}$")])


@pytest.mark.parametrize("pattern", ["(?=a)b", "(?!a)b", r"(a)\1", r"\p{L}", "(?i)a", "(a{1000}){1000}", r"\bword"])
def test_what_is_not_regular_or_too_large_is_said_so(pattern: str) -> None:
    with pytest.raises(Unsupported):
        automaton(pattern)
