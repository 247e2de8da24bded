"""The process that asks the algebra of schemas for lint: a JSON request a line in, an answer a line out, under limits.

`{"known": {uri: schema}, "document": …}` is answered by `{"parts": {pointer: [keyword, …]}}`: what no value satisfies;
`{"known": …, "schemas": […]}` by `{"satisfiable": ["yes" | "no" | "unknown", …]}`. It may die of any of them.
"""

from typing import Any

import jsonschema_rs
from jsonschema_rs import canonical

from swath_registry.answering import answer_lines, limit_cpu, limit_memory

_ERRORS = (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    limit_cpu(request["cpu_s"])
    limit_memory(request["memory_bytes"])
    known = jsonschema_rs.Registry(list(request["known"].items()), draft=jsonschema_rs.Draft202012)
    if "document" in request:
        return {"parts": _unsatisfiable(request["document"], known)}
    return {"satisfiable": [_satisfiable(schema, known) for schema in request["schemas"]]}


def _unsatisfiable(document: dict[str, Any], known: jsonschema_rs.Registry) -> dict[str, list[str]]:
    try:
        found = canonical.find_unsatisfiable(document, registry=known, validate_formats=True, offline=True)
    except _ERRORS:
        return {}
    return {pointer: parts for pointer, reason in found.items() if (parts := _parts(reason))}


def _satisfiable(schema: Any, known: jsonschema_rs.Registry) -> str:
    try:
        met = jsonschema_rs.canonicalize(schema, registry=known, validate_formats=True, offline=True)
        return met.satisfiability().value
    except _ERRORS:
        return "unknown"


def _parts(reason: canonical.UnsatisfiableReason) -> list[str]:
    """What contradicts itself, as keywords; [] where it was meant so (`false`)."""
    match reason:
        case canonical.UnsatisfiableReason.Conflict(causes=causes):
            found = causes
        case canonical.UnsatisfiableReason.Empty(cause=cause):
            found = [cause]
        case _:
            return []
    return list(dict.fromkeys(keyword for cause in found for keyword in (cause.keywords or [cause.pointer or "/"])))


if __name__ == "__main__":
    answer_lines(_answer)
