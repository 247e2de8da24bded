"""What jsonschema-rs's schema algebra says of a pair: the one module that knows it.

It is experimental (its version is pinned), so only its yes counts, only where nothing stands in the schemas that it
might read otherwise than the validator, and only while no witness says otherwise.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import jsonschema_rs
from jsonschema_rs import canonical

from swath_registry.compatibility.by_names import covers_by_names
from swath_registry.compatibility.disjoint import with_any
from swath_registry.compatibility.doubts import doubt
from swath_registry.compatibility.dynamic import made_static
from swath_registry.compatibility.induction import Unsuited, questions
from swath_registry.compatibility.landscape import as_dict, as_list
from swath_registry.compatibility.modern import modernised
from swath_registry.compatibility.operands import Operand
from swath_registry.compatibility.pruning import is_prunable, pruned, without_universal_patterns
from swath_registry.compatibility.strengthening import Strengthening, without_annotations
from swath_registry.compatibility.values import key_of

Answer = Literal["same", "yes", "unknown"]
Effort = Literal["quick", "difference", "thorough"]
_UNDECIDED = "can't decide, and no document that breaks"
_BY_NAMES_S = 0.5  # CPU seconds
_ERRORS = (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError)


@dataclass(frozen=True)
class Proof:
    """What the prover says of one direction.

    Args:
        answer: `yes`: the second schema accepts all that the first accepts; `same`: since they say the same.
        reason: what shows it, or why nothing does.
        difference: a schema of what is accepted by the first alone, where it was asked for and can be written down.
    """

    answer: Answer
    reason: str = ""
    difference: Any = None


def prove(old: Operand, new: Operand, effort: Effort = "thorough") -> Proof:
    """Whether `new` accepts all that `old` accepts. May take any time and memory: run it under limits.

    Args:
        old: the schema that documents are valid under.
        new: the schema that they should be valid under.
        effort: `quick`: the schemas as they are; `difference`: and what the first alone accepts is written down;
            `thorough`: the schemas said in other ways too.
    """
    if old.draft != new.draft:
        return _prove_across_drafts(old, new, effort)
    if key_of(without_annotations(old.schema)) == key_of(without_annotations(new.schema)):
        return Proof("same", "the schemas say the same")
    if _is_covered_one_by_one(old, new):
        return Proof("yes", "each of the constants that the one schema accepts was tried")
    old, new = (replace(side, schema=made_static(side.schema)) for side in (old, new))
    if doubtful := doubt(old.schema) or doubt(new.schema):
        return Proof("unknown", doubtful)
    return _said_otherwise(old, new) if effort == "thorough" else _said_as_it_is(old, new, effort)


def _prove_across_drafts(old: Operand, new: Operand, effort: Effort) -> Proof:
    one, other = modernised(old), modernised(new)
    if one is None or other is None:
        return Proof("unknown", f"the schemas are of different drafts ({old.draft}, {new.draft})")
    found = prove(one, other, effort)
    return replace(found, answer="yes") if found.answer == "same" else found  # so that a search looks after it


def _said_as_it_is(old: Operand, new: Operand, effort: Effort) -> Proof:
    try:
        one, other = _canonical(old.schema, old), _canonical(new.schema, new)
        answer = other.covers(one)
    except _ERRORS as error:
        return Proof("unknown", f"the prover can't read the schemas: {error}")
    if answer == canonical.Containment.YES:
        return Proof("yes", "the prover shows it")
    reason = "says that a document breaks, but none" if answer == canonical.Containment.NO else _UNDECIDED
    difference = _difference(one, other) if effort == "difference" else None
    return Proof("unknown", f"the prover {reason} was found", difference)


def _said_otherwise(old: Operand, new: Operand) -> Proof:
    if _covers(old.schema, new.schema, old) or _covers_by_parts(old, new) or _covers_by_names(old, new):
        return Proof("yes", "the prover shows it")
    return Proof("unknown", f"the prover {_UNDECIDED} was found")


def _is_covered_one_by_one(old: Operand, new: Operand) -> bool:
    """Whether the old schema lists what it accepts, and the new one accepts it. Draft 4 tells 1.0 from 1."""
    keywords = as_dict(old.schema)
    if "$ref" in keywords or old.draft == "draft-04" or not keywords.keys() & {"const", "enum"}:
        return False
    listed = [keywords["const"]] if "const" in keywords else as_list(keywords["enum"])
    return all(new.accepts(each) or not old.accepts(each) for each in listed)


def _covers_by_parts(old: Operand, new: Operand) -> bool:
    try:
        short = (_shortened(side) for side in (old, new))
        return all(_covers(one, other, old) for one, other in questions(*short))
    except Unsuited:
        return False


def _covers_by_names(old: Operand, new: Operand) -> bool:
    if not (is_prunable(old.schema) and is_prunable(new.schema)):
        return False
    one, other = (pruned(without_annotations(side.schema)) for side in (old, new))
    until = time.process_time() + _BY_NAMES_S
    return covers_by_names(one, other, lambda mine, theirs: time.process_time() < until and _covers(mine, theirs, old))


def _shortened(side: Operand) -> Any:
    if not is_prunable(side.schema):
        return side.schema
    return with_any(pruned(side.schema), lambda schema: _is_empty(schema, side))


def _is_empty(schema: Any, side: Operand) -> bool:
    try:
        return _canonical(schema, side).satisfiability() == canonical.Satisfiability.NO
    except _ERRORS:
        return False


def _covers(old: Any, new: Any, side: Operand) -> bool:
    """Whether the prover says yes, to the schemas as they are or rewritten."""
    return any(_says_yes(one, other, side) for one, other in _forms(old, new))


def _forms(old: Any, new: Any) -> Iterator[tuple[Any, Any]]:
    """The same two schemas, said in other ways."""
    yield old, new
    one, other = (_without_idle(schema) if is_prunable(schema) else schema for schema in (old, new))
    yield one, other
    strengthening = Strengthening(one, other)
    yield strengthening.of(one), strengthening.of(other)


def _without_idle(schema: Any) -> Any:
    return without_universal_patterns(pruned(schema))


def _says_yes(old: Any, new: Any, side: Operand) -> bool:
    try:
        return _canonical(new, side).covers(_canonical(old, side)) == canonical.Containment.YES
    except _ERRORS:
        return False


def _canonical(schema: Any, side: Operand) -> jsonschema_rs.CanonicalSchema:
    return _canonical_of(json.dumps(schema), side.draft_number)


@lru_cache(64)
def _canonical_of(text: str, draft: int) -> jsonschema_rs.CanonicalSchema:
    """Kept by text: each schema is asked about in two directions, and then beside the version after it."""
    return jsonschema_rs.canonicalize(json.loads(text), draft=draft, validate_formats=True, offline=True)


def _difference(one: jsonschema_rs.CanonicalSchema, other: jsonschema_rs.CanonicalSchema) -> Any:
    try:
        found = one.subtract(other)
        return None if found.satisfiability() == canonical.Satisfiability.NO else found.to_json_schema()
    except _ERRORS:
        return None
