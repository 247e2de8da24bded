"""Pairs of schemas as lines of JSON: `{"old": …, "new": …, "examples": […]}` in, one answer a line out."""

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any, cast

from swath_registry.compatibility.comparing import Pair, compare_each
from swath_registry.compatibility.verdicts import DEFAULTS, Comparison, Limits
from swath_registry.errors import RegistryError, SchemaInvalid
from swath_registry.pointers import shorten
from swath_schemas import PUBLISHED, SchemaError, SchemaStore


class PairUnreadable(RegistryError):
    """A line that holds no pair of schemas.

    Args:
        reason: what is wrong with it.
        pointer: RFC 6901 pointer into the line's object.
    """

    def __init__(self, reason: str, pointer: str = "") -> None:
        self.reason = reason
        self.pointer = pointer
        super().__init__(reason)


def answers(
    lines: Iterable[str], *, store: SchemaStore = PUBLISHED, limits: Limits = DEFAULTS, workers: int | None = None
) -> Iterator[dict[str, Any]]:
    """One answer for each line that isn't blank, in order, while more lines are still to come.

    An answer is `Comparison.as_json()`, or `{"error": {"line": …, "pointer": …, "message": …}}`; a wrong line stops
    nothing.
    """
    numbers: list[int] = []

    def pairs() -> Iterator[Pair | RegistryError]:
        for number, line in enumerate(lines, 1):
            if line.strip():
                numbers.append(number)
                yield read_pair(line)

    for found in compare_each(pairs(), store=store, limits=limits, workers=workers):
        number = numbers.pop(0)
        yield found.as_json() if isinstance(found, Comparison) else {"error": {"line": number, **_error(found)}}


def read_pair(line: str) -> Pair | PairUnreadable:
    """The pair that a line holds, or what is wrong with it."""
    try:
        value: Any = json.loads(line, object_pairs_hook=_members, parse_constant=_no_number, parse_float=_number)
    except RecursionError:
        return PairUnreadable("is nested too deeply")
    except json.JSONDecodeError as error:
        return PairUnreadable(f"is not JSON: {error.msg} at column {error.colno}")
    except ValueError as error:
        return PairUnreadable(f"is not JSON: {error}")
    if not isinstance(value, dict):
        return PairUnreadable('must be an object {"old": …, "new": …}')
    members = cast("dict[str, Any]", value)
    missing = [name for name in ("old", "new") if name not in members]
    if missing:
        return PairUnreadable(f"lacks {missing[0]!r}")
    examples = members.get("examples", [])
    if not isinstance(examples, list):
        return PairUnreadable("must be an array of documents", "/examples")
    return Pair(members["old"], members["new"], cast("list[Any]", examples))


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))
        raise ValueError(f"has the key {shorten(twice)!r} twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _number(text: str) -> float:
    found = float(text)
    if math.isinf(found):
        raise ValueError(f"the number {shorten(text)} is too large")
    return found


def _error(error: RegistryError | SchemaError) -> dict[str, str]:
    match error:
        case SchemaInvalid():
            return {"pointer": f"/{error.name}{error.pointer}", "message": error.reason}
        case PairUnreadable():
            return {"pointer": error.pointer, "message": error.reason}
        case _:
            return {"pointer": "", "message": str(error)}
