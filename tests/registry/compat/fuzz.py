"""Random pairs of schemas, judged, and the verdicts held against documents tried by brute force.

    python tests/registry/compat/fuzz.py --seconds 300 --seed 7

A `proven` that some document disproves is unsound; a `broken` whose witness is none is false (`unconfirmed` where only
the independent validator says so); an `undecided` for which brute force finds a document is missed. Prints counts;
exit code 1 if any verdict is wrong.
"""

import argparse
import copy
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema
import jsonschema_rs

from swath_registry.compatibility import Limits
from swath_registry.compatibility.judging import judge
from swath_registry.errors import SchemaInvalid

NAMES = ("a", "b", "ab")
PATTERNS = ("^a", "b$", "^[ab]+$", "^a?b$", "^.{2}$", "a|c")
FORMATS = ("date", "ipv4", "no-such-format")
TEXTS = ("", "a", "b", "ab", "ba", "abc", "aab", "2020-01-01", "1.1.1.1")
NUMBERS = (-1, 0, 1, 2, 3, 6, 0.5, 1.5, 1.0, 2.5)
CONSTANTS: tuple[Any, ...] = (None, True, False, 0, 1, 1.0, 2, "a", "ab", [], [1], ["a"], {}, {"a": 1}, {"a": "a"})
TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")


class Schemas:
    """Random schemas out of a small vocabulary, so that they often meet."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def schema(self, depth: int = 3) -> Any:
        """A schema nested at most `depth` levels deep."""
        if self.chance.random() < 0.05:
            return self.chance.choice((True, False))
        found: dict[str, Any] = {}
        if self.chance.random() < 0.7:
            kinds = self.chance.sample(TYPES, self.chance.choice((1, 1, 1, 2, 3)))
            found["type"] = kinds[0] if len(kinds) == 1 else kinds
        makers = (self._scalar, self._text, self._object, self._array, self._joined)
        for maker in self.chance.sample(makers, self.chance.choice((1, 1, 2, 3))):
            found |= maker(depth)
        return found

    def pair(self) -> tuple[Any, Any]:
        """Two schemas, mostly one and a change of it."""
        old = self._root(self.schema())
        if self.chance.random() < 0.25:
            return old, self._root(self.schema())
        new = copy.deepcopy(old)
        for _ in range(self.chance.choice((1, 1, 2))):
            new = self._changed(new)
        return (old, new) if self.chance.random() < 0.5 else (new, old)

    def _root(self, schema: Any) -> Any:
        if isinstance(schema, dict) and self.chance.random() < 0.3:
            schema = {**schema, "$defs": {"n": self.schema(2)}}
            if self.chance.random() < 0.5:
                schema["properties"] = {**schema.get("properties", {}), "a": {"$ref": "#/$defs/n"}}
            else:
                schema["$defs"]["n"] = {
                    "type": "object",
                    "properties": {"a": {"$ref": "#/$defs/n"}, "b": self.schema(1)},
                }
                schema["items"] = {"$ref": "#/$defs/n"}
        return schema

    def _changed(self, schema: Any) -> Any:
        """One keyword somewhere added, taken away or changed."""
        if not isinstance(schema, dict) or not schema:
            return self.schema(1)
        inner = [
            key for key, value in schema.items() if isinstance(value, dict | list) and key not in ("const", "enum")
        ]
        if inner and self.chance.random() < 0.6:
            key = self.chance.choice(inner)
            return {**schema, key: self._changed_inside(key, schema[key])}
        action = self.chance.random()
        if action < 0.35:
            key = self.chance.choice([key for key in schema if key != "$defs"] or [""])
            return {name: value for name, value in schema.items() if name != key}
        fresh = self.schema(1)
        if not isinstance(fresh, dict) or not fresh:
            return fresh if action > 0.95 else schema
        if action < 0.7:
            key = self.chance.choice(list(fresh))
            return {**schema, key: fresh[key]}
        return {**schema, **fresh}

    def _changed_inside(self, key: str, value: Any) -> Any:
        if isinstance(value, dict):
            if key in ("properties", "patternProperties", "$defs", "dependentSchemas") and value:
                name = self.chance.choice(list(value))
                return {**value, name: self._changed(value[name])}
            if key == "dependentRequired":
                return {**value, "b": ["a"]}
            return self._changed(value)
        if key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            if self.chance.random() < 0.3:
                return [*value, self.schema(1)]
            place = self.chance.randrange(len(value))
            return [*value[:place], self._changed(value[place]), *value[place + 1 :]]
        return value[:-1] if len(value) > 1 else value

    def _scalar(self, depth: int) -> dict[str, Any]:
        pick = self.chance
        options: list[dict[str, Any]] = [
            {"const": pick.choice(CONSTANTS)},
            {"enum": pick.sample(CONSTANTS, pick.randint(1, 4))},
            {"minimum": pick.choice(NUMBERS)},
            {"maximum": pick.choice(NUMBERS)},
            {"exclusiveMinimum": pick.choice(NUMBERS)},
            {"exclusiveMaximum": pick.choice(NUMBERS)},
            {"multipleOf": pick.choice((1, 2, 3, 0.5, 1.5))},
        ]
        return pick.choice(options) | (pick.choice(options[2:]) if pick.random() < 0.4 else {})

    def _text(self, depth: int) -> dict[str, Any]:
        pick = self.chance
        options: list[dict[str, Any]] = [
            {"minLength": pick.randint(0, 3)},
            {"maxLength": pick.randint(0, 3)},
            {"pattern": pick.choice(PATTERNS)},
            {"pattern": pick.choice(PATTERNS)},
            {"format": pick.choice(FORMATS)},
        ]
        return pick.choice(options) | (pick.choice(options) if pick.random() < 0.4 else {})

    def _object(self, depth: int) -> dict[str, Any]:
        pick, inner = self.chance, self._inner(depth)
        options: list[dict[str, Any]] = [
            {"properties": {name: inner() for name in pick.sample(NAMES, pick.randint(1, 2))}},
            {"properties": {name: inner() for name in pick.sample(NAMES, pick.randint(1, 2))}},
            {"required": pick.sample(NAMES, pick.randint(1, 2))},
            {"additionalProperties": pick.choice((False, False, inner()))},
            {"unevaluatedProperties": pick.choice((False, inner()))},
            {"patternProperties": {pick.choice(PATTERNS): inner()}},
            {"propertyNames": inner()},
            {"minProperties": pick.randint(0, 2)},
            {"maxProperties": pick.randint(0, 2)},
            {"dependentRequired": {"a": ["b"]}},
            {"dependentSchemas": {"a": inner()}},
        ]
        return {key: value for each in pick.sample(options, pick.randint(1, 3)) for key, value in each.items()}

    def _array(self, depth: int) -> dict[str, Any]:
        pick, inner = self.chance, self._inner(depth)
        options: list[dict[str, Any]] = [
            {"items": inner()},
            {"prefixItems": [inner() for _ in range(pick.randint(1, 2))]},
            {"contains": inner()},
            {"contains": inner(), "minContains": pick.randint(0, 2)},
            {"contains": inner(), "maxContains": pick.randint(0, 2)},
            {"minItems": pick.randint(0, 2)},
            {"maxItems": pick.randint(0, 2)},
            {"uniqueItems": True},
            {"unevaluatedItems": pick.choice((False, inner()))},
        ]
        return {key: value for each in pick.sample(options, pick.randint(1, 2)) for key, value in each.items()}

    def _joined(self, depth: int) -> dict[str, Any]:
        pick, inner = self.chance, self._inner(depth)
        options: list[dict[str, Any]] = [
            {"allOf": [inner(), inner()]},
            {"anyOf": [inner(), inner()]},
            {"oneOf": [inner(), inner()]},
            {"oneOf": [inner(), inner(), inner()]},
            {"not": inner()},
            {"if": inner(), "then": inner()},
            {"if": inner(), "then": inner(), "else": inner()},
        ]
        return pick.choice(options)

    def _inner(self, depth: int) -> Any:
        return lambda: (
            self.schema(depth - 1) if depth > 0 else self.chance.choice(({}, {"type": "integer"}, {"type": "string"}))
        )


def documents() -> list[Any]:
    """A few thousand small documents out of the vocabulary of the schemas."""
    scalars = [*TEXTS, *NUMBERS, None, True, False]
    few: list[Any] = ["a", "ab", 0, 1, 1.5, None, True, {}, []]
    inner: list[Any] = [*few, {"a": 1}, {"a": "a"}, {"b": "ab"}, [1], ["a"], {"a": {"a": 1}}, "", "b", 2, 3, {"b": 1}]
    found: list[Any] = [*scalars, *({} for _ in range(1)), []]
    found += [[each] for each in (*scalars, *inner)]
    found += [list(pair) for pair in itertools.product(few, repeat=2)]
    found += [list(three) for three in itertools.product(("a", 1, 0, None), repeat=3)]
    found += [{name: each} for name in (*NAMES, "c", "aab", "") for each in (*scalars, *inner)]
    names = itertools.combinations((*NAMES, "c", "ba"), 2)
    found += [{one: x, other: y} for one, other in names for x in inner for y in few]
    found += [{"a": x, "b": y, "ab": z} for x in few for y in few for z in ("a", 1)]
    return found


def confirms(old: Any, new: Any, document: Any) -> bool:
    """Whether the independent validator says as well that old accepts a document and new refuses it."""
    checks = jsonschema.Draft202012Validator.FORMAT_CHECKER
    accepts, refuses = (jsonschema.Draft202012Validator(each, format_checker=checks) for each in (old, new))
    return accepts.is_valid(document) and not refuses.is_valid(document)


def check(old: Any, new: Any, universe: list[Any], limits: Limits) -> Iterator[tuple[str, Any]]:
    """What is to be counted of one pair: a word, and the facts."""
    verdicts = judge(old, new, (), limits)
    for one, other, verdict in ((old, new, verdicts.backward), (new, old, verdicts.forward)):
        accepts, refuses = (jsonschema_rs.Draft202012Validator(each, validate_formats=True) for each in (one, other))
        yield verdict.status, None
        if verdict.witness:
            document = verdict.witness.document
            if not accepts.is_valid(document) or refuses.is_valid(document):
                yield "FALSE", (one, other, document)
            elif not confirms(one, other, document):
                yield "unconfirmed", (one, other, document)
            continue
        broken = next((each for each in universe if accepts.is_valid(each) and not refuses.is_valid(each)), universe)
        if broken is not universe:
            yield ("UNSOUND" if verdict.status == "proven" else "missed"), (one, other, broken)
    for finding in verdicts.findings:
        if finding.rule == "prover-disagreement":
            yield "disagreement", (old, new, finding)


def main() -> int:
    """Run for some time; tell the counts."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--pairs", type=int, default=10**9)
    options.add_argument("--seed", type=int, default=0)
    asked = options.parse_args()
    counts: Counter[str] = Counter()
    universe, until = documents(), time.monotonic() + asked.seconds
    for number in range(asked.pairs):
        if time.monotonic() > until:
            break
        old, new = Schemas(asked.seed * 1_000_003 + number).pair()
        try:
            for word, facts in check(old, new, universe, Limits()):
                counts[word] += 1
                if facts is not None:
                    print(word, number, json.dumps(facts, default=str), flush=True)
        except SchemaInvalid as error:
            counts["invalid"] += 1
            print("invalid", number, error)
        counts["pairs"] += 1
    print(dict(counts))
    return 1 if counts["UNSOUND"] + counts["FALSE"] else 0


if __name__ == "__main__":
    sys.exit(main())
