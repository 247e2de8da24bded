"""What the algebra of schemas says of one: parts that no document satisfies, `oneOf` branches that overlap."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any, cast

import jsonschema_rs
from jsonschema_rs import canonical

from swath_registry.errors import RegistryError
from swath_registry.lint_branches import are_apart
from swath_registry.pointers import pointer_of, shorten
from swath_registry.schema_walk import Place, walk
from swath_registry.validation import registry
from swath_schemas import SchemaError, SchemaStore

Problems = Iterator[tuple[str, str]]  # pointer, message

_WHOLE = "#/$defs/whole"


def unsatisfiable(document: dict[str, Any], store: SchemaStore) -> Problems:
    """The schemas within a schema that no value satisfies, where that isn't written as `false`.

    Args:
        document: a JSON Schema 2020-12.
        store: the schemas that it may refer to.
    """
    try:
        found = canonical.find_unsatisfiable(document, registry=registry(store), validate_formats=True, offline=True)
    except (canonical.CanonicalizationError, jsonschema_rs.ReferencingError):
        return
    reasons = {pointer: parts for pointer, reason in found.items() if (parts := _parts(reason))}
    for pointer, parts in reasons.items():
        if parts == ["$ref"] or any(other.startswith(f"{pointer}/") for other in reasons):
            continue  # the part that is to blame has a line of its own
        if len(parts) == 1:
            yield pointer, f"no value satisfies {parts[0]}"
        else:
            yield pointer, f"no value satisfies {', '.join(parts[:-1])} and {parts[-1]} together"


def overlaps(document: dict[str, Any], store: SchemaStore) -> Problems:
    """The pairs of `oneOf` branches that a document may match both of: `oneOf` refuses it then.

    A pair is named where it is proven to overlap or a document that matches both was found; where neither that nor
    the contrary can be shown, nothing is said. Branches of nothing but `required` say "exactly one of these", and are
    meant to overlap.

    Args:
        document: a JSON Schema 2020-12.
        store: the schemas that it may refer to.
    """
    whole: dict[str, Any] = {}
    for place in walk(Place(document, ())):
        branches = place.schema.get("oneOf", [])
        whole = whole or _moved({key: value for key, value in document.items() if key not in {"$id", "$schema"}})
        for one, other in combinations(range(len(branches)), 2):
            pair = branches[one], branches[other]
            if all(set(branch) == {"required"} for branch in pair) or are_apart(*pair, document, store):
                continue
            evidence = _evidence(_both(place, (one, other), whole), store)
            if evidence is not None:
                yield pointer_of((*place.path, "oneOf", other)), f"overlaps with branch {one} of oneOf{evidence}"


def _both(place: Place, branches: tuple[int, int], whole: dict[str, Any]) -> dict[str, Any]:
    """The schema of what matches two branches and whatever stands beside the `oneOf`."""
    beside = {key: value for key, value in place.schema.items() if key not in {"oneOf", "$id", "$schema", "$defs"}}
    matched = [{"$ref": f"{_WHOLE}{place.pointer}/oneOf/{index}"} for index in branches]
    return {"allOf": [_moved(beside), *matched], "$defs": {"whole": whole}}


def _evidence(both: dict[str, Any], store: SchemaStore) -> str | None:
    """`: a document` where they overlap; None where they don't, or nobody knows."""
    try:
        met = jsonschema_rs.canonicalize(both, registry=registry(store), validate_formats=True, offline=True)
    except (canonical.CanonicalizationError, jsonschema_rs.ReferencingError):
        return None
    verdict = met.satisfiability()
    if verdict == canonical.Satisfiability.NO:
        return None
    document = _sample(both, store)
    if document:
        return f": {shorten(json.dumps(document[0], ensure_ascii=False), 200)} matches both"
    return "" if verdict == canonical.Satisfiability.YES else None


def _sample(schema: dict[str, Any], store: SchemaStore) -> list[Any]:
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
        for key, value in cast("dict[str, Any]", schema).items()
    }


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
