"""The comparison itself: prover and search, each checking the other. Run it in a process with limits."""

from collections.abc import Sequence
from typing import Any, Protocol

import jsonschema_rs

from swath_registry.branches import closest_branch, is_unmatched
from swath_registry.compatibility.landscape import Landscape, as_list
from swath_registry.compatibility.operands import Operand, operand
from swath_registry.compatibility.prover import Effort, Proof, prove
from swath_registry.compatibility.rules import rule
from swath_registry.compatibility.search import CROSS_CHECK, FIRST_SEARCH, NEAR_SEARCH, SHORT_SEARCH, Budget, Search
from swath_registry.compatibility.shrinking import shrunk
from swath_registry.compatibility.verdicts import Comparison, Direction, Finding, Limits, Verdict, Witness
from swath_registry.pointers import pointer_of


class Prover(Protocol):
    """What is asked for a proof."""

    def __call__(self, old: Operand, new: Operand, effort: Effort = "thorough") -> Proof:
        """As `prover.prove`."""
        ...


def judge(old: Any, new: Any, examples: Sequence[Any], limits: Limits, prover: Prover = prove) -> Comparison:
    """Both directions of two self-contained schemas.

    Args:
        old: the schema before.
        new: the schema after.
        examples: documents to begin with.
        limits: of the search; those of the prover are the caller's.
        prover: what is asked for a proof.

    Raises:
        SchemaInvalid: one of them is no JSON Schema; it is named `old` or `new`.
    """
    sides = operand(old, "old"), operand(new, "new")
    lands = Landscape(old), Landscape(new)
    back, ahead = (sides, lands), ((sides[1], sides[0]), (lands[1], lands[0]))
    backward, found = _direction("backward", *back, examples, limits, prover)
    forward, also = _direction("forward", *ahead, examples, limits, prover)
    return Comparison(backward, forward, (*_assumed(sides), *found, *also))


def _direction(
    name: Direction,
    sides: tuple[Operand, Operand],
    lands: tuple[Landscape, Landscape],
    examples: Sequence[Any],
    limits: Limits,
    prover: Prover,
) -> tuple[Verdict, list[Finding]]:
    proof = prover(*sides, "quick")
    if proof.answer == "same":
        return Verdict("proven", None, proof.reason), []
    search = Search(*sides, lands, examples)
    found = search.find(Budget.of(*CROSS_CHECK)) if proof.answer == "yes" else search.find_near(Budget.of(*NEAR_SEARCH))
    if not found and proof.answer != "yes":
        found, proof = _looked_further(search, sides, limits, prover)
    if found:
        return _broken(name, shrunk(found[0], search.is_witness), sides[1], lands[0], proof)
    if proof.answer == "yes":
        return Verdict("proven", None, proof.reason), []
    return Verdict("undecided", None, proof.reason), [Finding("undecided", name, "", "", proof.reason)]


def _looked_further(
    search: Search, sides: tuple[Operand, Operand], limits: Limits, prover: Prover
) -> tuple[list[Any], Proof]:
    """A witness or a proof, where neither is near at hand."""
    proof = prover(*sides, "difference")
    search.learn(proof.difference)
    if found := search.find(Budget.of(*(SHORT_SEARCH if proof.difference is None else FIRST_SEARCH))):
        return found, proof
    proof = prover(*sides, "thorough")
    return [] if proof.answer == "yes" else search.find(Budget.of(limits.documents, limits.search_s)), proof


def _broken(
    name: Direction, document: Any, refusing: Operand, accepting: Landscape, proof: Proof
) -> tuple[Verdict, list[Finding]]:
    witness = explained(document, refusing, accepting)
    message = f"{'the new' if name == 'backward' else 'the old'} schema refuses it by {witness.keyword}"
    findings = [Finding(witness.rule, name, witness.pointer, witness.keyword, message, witness)]
    if proof.answer == "yes":
        text = "the prover says that nothing breaks, and this document does; please report it"
        findings.append(Finding("prover-disagreement", name, witness.pointer, witness.keyword, text, witness))
    return Verdict("broken", witness, "a document breaks"), findings


def explained(document: Any, refusing: Operand, accepting: Landscape) -> Witness:
    """A witness with what refuses it, where, and the rule's name; of branches the nearest one's, unless one went."""
    error = refusing.first_error(document)
    assert error is not None  # noqa: S101 - it is a witness
    while is_unmatched(error) and not _has_fewer_branches(error, accepting) and (near := closest_branch(error)):
        error = near[0]
    keyword, path = _keyword(error), (*error.instance_path, *_unexpected(error))
    kind = type(error.kind).__name__
    pointer = "#" + pointer_of(error.schema_path)
    return Witness(document, pointer_of(path), keyword, rule(keyword, path, kind, accepting), pointer)


def _has_fewer_branches(error: jsonschema_rs.ValidationError, accepting: Landscape) -> bool:
    """Whether there is a branch less than where the document was accepted: that it is gone says more than the rest."""
    left = len(getattr(error.kind, "context", []))
    parts = accepting.at(tuple(error.instance_path))
    return any(len(as_list(part.keywords.get(error.kind.name))) > left for part in parts)


def _unexpected(error: jsonschema_rs.ValidationError) -> list[str | int]:
    names: list[str | int] = getattr(error.kind, "unexpected", [])
    return names[:1]


def _keyword(error: jsonschema_rs.ValidationError) -> str:
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.FalseSchema):
        last = next((each for each in reversed(error.schema_path) if isinstance(each, str)), "")
        return last if last in {"items", "additionalProperties", "additionalItems", "contains"} else "false"
    return error.kind.name


def _assumed(sides: tuple[Operand, Operand]) -> list[Finding]:
    return [
        Finding("draft-assumed", "", "", "", f"the {which} schema names no $schema; read as {side.draft}")
        for which, side in zip(("old", "new"), sides, strict=True)
        if side.is_assumed
    ]
