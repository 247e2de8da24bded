"""What the algebra of schemas says of one: parts that no document satisfies, `oneOf` branches that overlap.

The algebra may take any time and memory, so another process is asked, under limits. Where it fails, a search for
documents is left; where that finds nothing either, `Undecided` is raised.
"""

import atexit
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, cast

from swath_registry.catalogue import referred
from swath_registry.compatibility.process import Died, Process
from swath_registry.errors import RegistryError
from swath_registry.lint_branches import are_apart
from swath_registry.pointers import pointer_of, shorten
from swath_registry.schema_walk import Place, walk
from swath_schemas import SchemaError, SchemaStore

Problems = Iterator[tuple[str, str]]  # pointer, message
Schema = dict[str, Any]

CPU_S = 3.0
MEMORY_BYTES = 2 << 30
MOST_SEARCHES = 20  # pairs of branches of one schema that documents are searched for; each takes up to a second

_WHOLE = "#/$defs/whole"


class Undecided(RegistryError):
    """The algebra gave no answer within its limits."""

    def __init__(self, question: str) -> None:
        self.question = question
        super().__init__(f"{question} could not be looked for within {CPU_S:g} s and {MEMORY_BYTES >> 30} GiB")


def unsatisfiable(document: Schema, store: SchemaStore) -> Problems:
    """The schemas within a schema that no value satisfies, where that isn't written as `false`.

    Args:
        document: a JSON Schema 2020-12.
        store: the schemas that it may refer to.

    Raises:
        Undecided: it can't be told within the limits.
    """
    answer = _ask({"document": document, "known": _known(document, store)})
    if answer is None:
        raise Undecided("contradictions")
    reasons: dict[str, list[str]] = answer["parts"]
    for pointer, parts in reasons.items():
        if parts == ["$ref"] or any(other.startswith(f"{pointer}/") for other in reasons):
            continue  # the part that is to blame has a line of its own
        if len(parts) == 1:
            yield pointer, f"no value satisfies {parts[0]}"
        else:
            yield pointer, f"no value satisfies {', '.join(parts[:-1])} and {parts[-1]} together"


def overlaps(document: Schema, store: SchemaStore) -> Problems:
    """The pairs of `oneOf` branches that a document may match both of: `oneOf` refuses it then.

    A pair is named where it is proven to overlap or a document that matches both was found; where neither that nor
    the contrary can be shown, nothing is said. Branches of nothing but `required` say "exactly one of these", and are
    meant to overlap.

    Args:
        document: a JSON Schema 2020-12.
        store: the schemas that it may refer to.
    """
    pairs = list(_pairs(document, store))
    if not pairs:
        return
    answer = _ask({"schemas": [pair.both for pair in pairs], "known": _known(document, store)})
    verdicts: list[str] = answer["satisfiable"] if answer else ["unknown"] * len(pairs)
    open_pairs = [(pair, verdict) for pair, verdict in zip(pairs, verdicts, strict=True) if verdict != "no"]
    for index, (pair, verdict) in enumerate(open_pairs):
        found = _sample(pair.both, store) if index < MOST_SEARCHES else []
        if found:
            shown = shorten(json.dumps(found[0], ensure_ascii=False), 200)
            yield pair.pointer, f"overlaps with branch {pair.other} of oneOf: {shown} matches both"
        elif verdict == "yes":
            yield pair.pointer, f"overlaps with branch {pair.other} of oneOf"


@dataclass(frozen=True)
class _Pair:
    """Two branches of a `oneOf`: where the later one stands, which the other is, the schema of what matches both."""

    pointer: str
    other: int
    both: Schema


def _pairs(document: Schema, store: SchemaStore) -> Iterator[_Pair]:
    """Those that aren't apart at a glance."""
    whole = _moved({key: value for key, value in document.items() if key not in {"$id", "$schema"}})
    for place in walk(Place(document, ())):
        branches = place.schema.get("oneOf", [])
        for one, other in combinations(range(len(branches)), 2):
            pair = branches[one], branches[other]
            if all(set(branch) == {"required"} for branch in pair) or are_apart(*pair, document, store):
                continue
            yield _Pair(pointer_of((*place.path, "oneOf", other)), one, _both(place, (one, other), whole))


def _both(place: Place, branches: tuple[int, int], whole: Schema) -> Schema:
    """The schema of what matches two branches and whatever stands beside the `oneOf`."""
    beside = {key: value for key, value in place.schema.items() if key not in {"oneOf", "$id", "$schema", "$defs"}}
    matched = [{"$ref": f"{_WHOLE}{place.pointer}/oneOf/{index}"} for index in branches]
    return {"allOf": [_moved(beside), *matched], "$defs": {"whole": whole}}


def _sample(schema: Schema, store: SchemaStore) -> list[Any]:
    """A document that a schema accepts: the witness that it isn't empty; [] where none was found."""
    from swath_registry.compatibility import Limits, compare

    try:
        verdict = compare(schema, False, store=store, limits=Limits(prover_s=1, search_s=0.5)).backward
    except (RegistryError, SchemaError):
        return []
    return [verdict.witness.document] if verdict.witness else []


def _moved(schema: Any) -> Any:
    """The schema with references within its document made to lead there from below `$defs`."""
    if isinstance(schema, list):
        return [_moved(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    return {
        key: f"{_WHOLE}{value[1:]}" if key == "$ref" and str(value).startswith("#") else _moved(value)
        for key, value in cast("Schema", schema).items()
    }


def _known(document: Schema, store: SchemaStore) -> dict[str, Any]:
    """Every schema that a schema needs, by its URI."""
    found: dict[str, Any] = {}
    waiting: list[Schema] = [document]
    while waiting:
        for schema in referred(waiting.pop(), store):
            if schema.uri not in found:
                found[schema.uri] = store.load(schema)
                waiting.append(found[schema.uri])
    return found


def _ask(request: dict[str, Any]) -> dict[str, Any] | None:
    """The worker's answer; None where it took too much."""
    try:
        return _worker().ask({**request, "cpu_s": CPU_S, "memory_bytes": MEMORY_BYTES}, wall_s=10 * CPU_S)
    except Died:
        return None


@cache
def _worker() -> Process:
    process = Process("swath_registry.lint_worker")
    atexit.register(process.close)
    return process
