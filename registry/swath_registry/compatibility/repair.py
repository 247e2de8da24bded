"""Making a document valid, error by error."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, cast

import jsonschema_rs

from swath_registry.compatibility.landscape import Landscape, Path
from swath_registry.compatibility.mutation import replaced, value_at
from swath_registry.compatibility.operands import Operand
from swath_registry.compatibility.sampling import DEEPEST, Sampler
from swath_registry.compatibility.values import TYPE_SAMPLES

MOST_REPAIRS = 16
_REMOVE: Any = object()


def repaired(document: Any, side: Operand, land: Landscape, seed: int = 0, most: int = MOST_REPAIRS) -> Any:
    """A valid document near the one given; None where none was found (or where it is null)."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    for _ in range(most):
        error = side.first_error(document)
        if error is None:
            return document
        if len(error.instance_path) > DEEPEST:
            return None
        changed = _repaired_once(document, error, land, chance)
        if changed is _REMOVE:
            return None
        document = changed
    return document if side.accepts(document) else None


def _repaired_once(document: Any, error: jsonschema_rs.ValidationError, land: Landscape, chance: random.Random) -> Any:
    branches: Sequence[Sequence[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", ())
    branches = [branch for branch in branches if branch]
    if branches and chance.random() < 0.9:
        return _repaired_once(document, chance.choice(chance.choice(branches)), land, chance)
    path = tuple(error.instance_path)
    try:
        value = value_at(document, path)
    except (KeyError, IndexError, TypeError):
        return _REMOVE
    fixed = next(_fixed(value, error, path, land, chance), _REMOVE)
    return _without(document, path) if fixed is _REMOVE else replaced(document, path, fixed)


def _fixed(
    value: Any, error: jsonschema_rs.ValidationError, path: Path, land: Landscape, chance: random.Random
) -> Iterator[Any]:
    facts = error.kind.as_dict()
    name = error.kind.name
    if isinstance(value, dict):
        yield from _fixed_object(cast("dict[str, Any]", value), name, facts, path, land, chance)
    if isinstance(value, list):
        yield from _fixed_array(cast("list[Any]", value), name, facts, path, land, chance)
    if name == "const":
        yield facts["expected_value"]
    if name == "enum":
        yield chance.choice(facts["options"])
    if isinstance(value, int | float) and "limit" in facts:
        yield from _fixed_number(facts["limit"], name)
    if name == "multipleOf" and isinstance(facts["multiple_of"], int | float):
        yield facts["multiple_of"] * chance.choice((0, 1, 2, -1))
    if name == "false schema" or isinstance(error.kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        yield _REMOVE
    sample = Sampler("any", chance.randrange(1 << 30)).document(land.above(path))
    yield sample if chance.random() < 0.8 else chance.choice(TYPE_SAMPLES)


def _fixed_number(limit: Any, name: str) -> Iterator[Any]:
    if isinstance(limit, int | float):
        step = {"exclusiveMinimum": 1, "exclusiveMaximum": -1}.get(name, 0)
        yield limit + step


def _fixed_object(
    value: dict[str, Any], name: str, facts: dict[str, Any], path: Path, land: Landscape, chance: random.Random
) -> Iterator[Any]:
    seed = chance.randrange(1 << 30)
    if name == "required":
        missing = facts["property"]
        yield {**value, missing: Sampler("any", seed).document(land.above((*path, missing)))}
    if "unexpected" in facts:
        yield {key: each for key, each in value.items() if key not in facts["unexpected"]}
    if name == "minProperties":
        spare = next(each for each in (f"x{index}" for index in range(1000)) if each not in value)
        yield {**value, spare: Sampler("any", seed).document(land.above((*path, spare)))}
    if name in {"maxProperties", "propertyNames", "not"} and value:
        dropped = chance.choice(list(value))
        yield {key: each for key, each in value.items() if key != dropped}


def _fixed_array(
    value: list[Any], name: str, facts: dict[str, Any], path: Path, land: Landscape, chance: random.Random
) -> Iterator[Any]:
    if name in {"minItems", "contains"}:
        added = Sampler("any", chance.randrange(1 << 30)).document(land.above((*path, len(value))))
        yield [*value, added]
    if name == "maxItems":
        yield value[: facts["limit"]]
    if "unexpected" in facts:
        yield [each for index, each in enumerate(value) if index not in facts["unexpected"]]
    if name in {"uniqueItems", "additionalItems", "not"} and value:
        yield value[:-1]


def _without(document: Any, path: Path) -> Any:
    if not path:
        return _REMOVE
    parent = value_at(document, path[:-1]).copy()
    del parent[path[-1]]
    return replaced(document, path[:-1], parent)
