"""What jsonschema-rs's schema algebra says of a pair: the one module that knows it.

It is experimental (its version is pinned), so only its yes counts, only where nothing stands in the schemas that it
might read otherwise than the validator, and only while no witness says otherwise.
"""

from dataclasses import dataclass
from typing import Any, Literal

import jsonschema_rs
from jsonschema_rs import canonical

from swath_registry.compatibility.doubts import doubt
from swath_registry.compatibility.operands import Operand

Answer = Literal["yes", "no", "unknown"]
_ERRORS = (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError)


@dataclass(frozen=True)
class Proof:
    """What the prover says of one direction.

    Args:
        answer: whether the second schema accepts all that the first accepts; `no` and `unknown` prove nothing.
        reason: why it isn't `yes`.
        difference: a schema of what is accepted by the first alone, where it can be written down.
    """

    answer: Answer
    reason: str = ""
    difference: Any = None


def prove(old: Operand, new: Operand) -> Proof:
    """Whether `new` accepts all that `old` accepts. May take any time and memory: run it under limits."""
    if old.draft != new.draft:
        return Proof("unknown", f"the schemas are of different drafts ({old.draft}, {new.draft})")
    doubtful = doubt(old.schema) or doubt(new.schema)
    try:
        one, other = _canonical(old), _canonical(new)
        answer = other.covers(one)
        if answer == canonical.Containment.YES:
            return Proof("unknown", doubtful) if doubtful else Proof("yes", "the prover shows it")
        return Proof("unknown", _why(answer, doubtful), _difference(one, other))
    except _ERRORS as error:
        return Proof("unknown", f"the prover can't read the schemas: {error}")


def _canonical(side: Operand) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(side.schema, draft=side.draft_number, validate_formats=True, offline=True)


def _why(answer: canonical.Containment, doubtful: str) -> str:
    if answer == canonical.Containment.NO:
        return doubtful or "the prover says that a document breaks, but none was found"
    return doubtful or "the prover can't decide, and no document that breaks was found"


def _difference(one: jsonschema_rs.CanonicalSchema, other: jsonschema_rs.CanonicalSchema) -> Any:
    try:
        found = one.subtract(other)
        return None if found.satisfiability() == canonical.Satisfiability.NO else found.to_json_schema()
    except _ERRORS:
        return None
