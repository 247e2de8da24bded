"""Comparing schemas: what other modules call."""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from swath_registry.compatibility.operands import self_contained
from swath_registry.compatibility.process import Died, Process, processes
from swath_registry.compatibility.verdicts import DEFAULTS, Comparison, Finding, Limits, Verdict, Witness
from swath_registry.errors import RegistryError, SchemaInvalid
from swath_schemas import PUBLISHED, SchemaError, SchemaStore

_AHEAD = 8  # pairs per worker that may be read before the first of them is answered


@dataclass(frozen=True)
class Pair:
    """Two schemas to compare.

    Args:
        old: a JSON Schema, or a registry reference (`image@1.0.0`); references to registry types may be in it.
        new: likewise.
        examples: documents that the search for a witness begins with, valid or not.
    """

    old: Any
    new: Any
    examples: Sequence[Any] = ()


def compare(
    old: Any, new: Any, *, examples: Sequence[Any] = (), store: SchemaStore = PUBLISHED, limits: Limits = DEFAULTS
) -> Comparison:
    """Whether each of two schemas accepts all that the other accepts.

    The work is done by another process, kept for the next call, so that no schema can harm the caller.

    Args:
        old: JSON Schema of draft 4 to 2020-12 by its `$schema` (2020-12 without), references to registry types allowed.
        new: likewise.
        examples: documents that the search for a witness begins with.
        store: where registry types are found.
        limits: time, memory and documents; what exceeds them is undecided.

    Raises:
        SchemaInvalid: one of them is no JSON Schema; `name` says which, `old` or `new`.
        swath_schemas.UnknownSchema: one refers to a type that the store doesn't hold.
    """
    with processes().lend() as process:
        return _compare(Pair(old, new, examples), process, store, limits)


def compare_all(
    pairs: Iterable[Pair], *, store: SchemaStore = PUBLISHED, limits: Limits = DEFAULTS, workers: int | None = None
) -> Iterator[Comparison]:
    """The comparison of each pair, in order, on all cores. Raises as `compare` does, at the first wrong pair."""
    for found in compare_each(pairs, store=store, limits=limits, workers=workers):
        if isinstance(found, Exception):
            raise found
        yield found


def compare_each(
    pairs: Iterable[Pair | RegistryError],
    *,
    store: SchemaStore = PUBLISHED,
    limits: Limits = DEFAULTS,
    workers: int | None = None,
) -> Iterator[Comparison | RegistryError | SchemaError]:
    """The comparison of each pair, or what is wrong with it, in order, on all cores.

    Pairs are read a few ahead of the answers, so that they may be a stream. An error among them comes back in its turn.
    """
    count = workers or os.cpu_count() or 1

    def answer(pair: Pair | RegistryError) -> Comparison | RegistryError | SchemaError:
        if isinstance(pair, RegistryError):
            return pair
        try:
            with processes().lend() as process:
                return _compare(pair, process, store, limits)
        except (RegistryError, SchemaError) as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        waiting = iter(pairs)
        asked: deque[Future[Comparison | RegistryError | SchemaError]] = deque()
        asked.extend(pool.submit(answer, pair) for pair in islice(waiting, count * _AHEAD))
        while asked:
            yield asked.popleft().result()
            asked.extend(pool.submit(answer, pair) for pair in islice(waiting, 1))


def _compare(pair: Pair, process: Process, store: SchemaStore, limits: Limits) -> Comparison:
    request = {
        "old": _contained("old", pair.old, store),
        "new": _contained("new", pair.new, store),
        "examples": list(pair.examples),
        "limits": asdict(limits),
        "unproven": "",
    }
    try:
        try:
            answer = process.ask(request, limits.wall_s)
        except Died as death:
            unproven = f"the prover {death}, and no document that breaks was found"
            answer = process.ask({**request, "unproven": unproven}, limits.wall_s)
    except Died as death:
        return _undecided(f"the comparison {death}")
    except RecursionError:
        raise SchemaInvalid("old or new", "is nested too deeply") from None
    if "invalid" in answer:
        raise SchemaInvalid(**answer["invalid"])
    return _comparison(answer["comparison"])


def _contained(name: str, schema: Any, store: SchemaStore) -> Any:
    try:
        return self_contained(schema, store)
    except RecursionError:
        raise SchemaInvalid(name, "is nested too deeply") from None
    except SchemaInvalid as error:
        raise SchemaInvalid(name, error.reason, error.pointer) from error


def _undecided(reason: str) -> Comparison:
    verdict = Verdict("undecided", None, reason)
    return Comparison(verdict, verdict, (Finding("undecided", "", "", "", reason),))


def _comparison(answer: dict[str, Any]) -> Comparison:
    return Comparison(
        _verdict(answer["backward"]),
        _verdict(answer["forward"]),
        tuple(_finding(each) for each in answer["findings"]),
    )


def _finding(answer: dict[str, Any]) -> Finding:
    facts: dict[str, Any] = {**answer, "witness": _witness(answer["witness"])}
    return Finding(**facts)


def _verdict(answer: dict[str, Any]) -> Verdict:
    return Verdict(answer["status"], _witness(answer["witness"]), answer["reason"])


def _witness(answer: dict[str, Any] | None) -> Witness | None:
    return None if answer is None else Witness(**answer)
