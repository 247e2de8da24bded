"""What a candidate breaks of the versions published before it, and the version number that it therefore needs.

Every published version of the candidate's major must be covered: a minor accepts whatever they accept (`backward`), a
patch accepts just what its minor does (`backward` and `forward`). Versions 0.x promise nothing: what breaks is told,
and blocks nothing.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from swath_registry.attestations import attested
from swath_registry.candidates import Asked, asked, published, successors
from swath_registry.compatibility import Comparison, Limits, Pair, compare_all
from swath_registry.compatibility.verdicts import DEFAULTS, Bump, Direction, Status
from swath_registry.diff import changes
from swath_registry.errors import SchemaInvalid
from swath_registry.examples import valid_documents
from swath_schemas import SchemaId, SchemaStore

_RANK: dict[str, int] = {"patch": 0, "minor": 1, "major": 2}
_DIRECTIONS: tuple[Direction, ...] = ("backward", "forward")
_CLAIMS: dict[Direction, str] = {
    "backward": "the candidate accepts all that was accepted",
    "forward": "the published version accepts all that the candidate does",
}


@dataclass(frozen=True)
class Objection:
    """Why a candidate may not be published as it is numbered.

    Args:
        rule: its name: of the compatibility engine, or `undecided`, `meaning-changed`, `bump`, `version-number`.
        against: the published version that it concerns, as type@version; "" for none.
        direction: which promise is broken; "" for none.
        pointer: into the document that breaks, or into the schema.
        message: a sentence.
        witness: `{"document": …}` where one was found.
        blocks: whether it stands in the way.
    """

    rule: str
    against: str
    direction: Direction | Literal[""]
    pointer: str
    message: str
    witness: dict[str, Any] | None = None
    blocks: bool = True

    def __str__(self) -> str:
        where = " ".join(part for part in (self.against and f"against {self.against}", self.pointer) if part)
        shown = f"\n    {json.dumps(self.witness['document'], ensure_ascii=False)}" if self.witness else ""
        return f"[{self.rule}] {where + ': ' if where else ''}{self.message}{shown}"


@dataclass(frozen=True)
class Review:
    """A candidate compared with every published version of its major.

    Args:
        schema: the candidate.
        against: the published versions that it was compared with.
        asked: the bump that its number asks for.
        needed: the bump that its changes need; None where that is undecided, or nothing is published to compare with.
        objections: what speaks against publishing it.
    """

    schema: SchemaId
    against: tuple[SchemaId, ...]
    asked: Asked
    needed: Bump | None
    objections: tuple[Objection, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether it may not be published like this."""
        return any(each.blocks for each in self.objections)

    def __str__(self) -> str:
        if self.against:
            needs = f"the change is a {self.needed}" if self.needed else "what the change is, is undecided"
            said = f"numbered as a {self.asked}, {needs}; compared with {', '.join(map(str, self.against))}"
        else:
            said = "the first version of its type"
        return "\n".join([f"{self.schema}: {said}", *(f"  {each}" for each in self.objections)])

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "schema": str(self.schema),
            "against": [str(each) for each in self.against],
            "asked": self.asked,
            "needed": self.needed,
            "blocked": self.is_blocked,
            "objections": [asdict(each) for each in self.objections],
        }


def review_all(schemas: Sequence[SchemaId], store: SchemaStore, *, limits: Limits = DEFAULTS) -> Iterator[Review]:
    """A review of each candidate, in order; comparisons run on all cores.

    Raises:
        SchemaInvalid: a candidate is no JSON Schema (lint says more).
        DocumentUnreadable: an example or attestation can't be read.
    """
    plans = [_plan(schema, published(schema.type, store)) for schema in schemas]
    yield from _carry_out(plans, store, limits)


def review_published(types: Sequence[str], store: SchemaStore, *, limits: Limits = DEFAULTS) -> Iterator[Review]:
    """Each published version against the one before it in its major, as if it were to be published now.

    What holds from each to the next holds between all of them. Raises as `review_all` does.
    """
    chains = [published(type_, store) for type_ in types or store.types()]
    plans = [
        _Plan(schema, chain[:index], chain[index - 1 : index])
        for chain in chains
        for index, schema in enumerate(chain)
        if index and chain[index - 1].order[0] == schema.order[0]
    ]
    yield from _carry_out(plans, store, limits)


@dataclass(frozen=True)
class _Plan:
    """A candidate, the published versions of its type, and those of them that it is compared with."""

    schema: SchemaId
    before: tuple[SchemaId, ...]
    against: tuple[SchemaId, ...]


def _plan(schema: SchemaId, before: tuple[SchemaId, ...]) -> _Plan:
    """Every published version of its major; for the first of a major the newest of all, to tell the bump needed."""
    of_major = tuple(each for each in before if each.order[0] == schema.order[0])
    return _Plan(schema, before, of_major or before[-1:])


def _carry_out(plans: Sequence[_Plan], store: SchemaStore, limits: Limits) -> Iterator[Review]:
    pairs = (
        Pair(store.load(old), store.load(plan.schema), _documents(store, old, plan.schema))
        for plan in plans
        for old in plan.against
    )
    found = compare_all(pairs, store=store, limits=limits)
    for plan in plans:
        compared = [_Compared(plan.schema, old, _next(found, plan.schema), store) for old in plan.against]
        yield _review(plan, compared, store)


def _next(found: Iterator[Comparison], schema: SchemaId) -> Comparison:
    try:
        return next(found)
    except SchemaInvalid as error:  # what is published was looked at when it was published
        raise SchemaInvalid(str(schema), error.reason, error.pointer) from error


def _documents(store: SchemaStore, *schemas: SchemaId) -> list[Any]:
    return [document for schema in schemas for document in valid_documents(store, schema)]


class _Compared:
    """A candidate and one published version, side by side."""

    def __init__(self, schema: SchemaId, old: SchemaId, comparison: Comparison, store: SchemaStore) -> None:
        self.old = old
        self.comparison = comparison
        self.meanings = [each for each in changes(store.load(old), store.load(schema)) if each.kind == "meaning"]
        self.promised: tuple[Direction, ...] = _DIRECTIONS if schema.order[:2] == old.order[:2] else ("backward",)
        self._attested = {way for way in _DIRECTIONS if self._is_vouched_for(schema, way, store)}

    def _is_vouched_for(self, schema: SchemaId, way: Direction, store: SchemaStore) -> bool:
        return self.comparison.verdict(way) == "undecided" and attested(schema, self.old, way, store) is not None

    def status(self, way: Direction) -> Status:
        """The verdict; `proven` where a maintainer vouches for it."""
        return "proven" if way in self._attested else self.comparison.verdict(way)


def _review(plan: _Plan, compared: list[_Compared], store: SchemaStore) -> Review:
    bump, needed = asked(plan.schema, plan.before), _needed(compared)
    found = list(_numbered(plan.schema, plan.before))
    if bump in {"patch", "minor"}:
        found += [each for pair in compared for each in _broken(pair)]
        if needed and _RANK[needed] > _RANK[bump]:
            found.append(_too_small(plan, bump, needed))
    if plan.schema.order[0] == 0:
        found = [replace(each, blocks=False) for each in found]
    return Review(plan.schema, plan.against, bump, needed, tuple(found))


def _needed(compared: Sequence[_Compared]) -> Bump | None:
    """The worst of all pairs; forward counts against the newest alone, which the older ones lead up to."""
    if not compared:
        return None
    if any(pair.status("backward") == "broken" or pair.meanings for pair in compared):
        return "major"
    ahead = compared[-1].status("forward")
    if any(pair.status("backward") == "undecided" for pair in compared) or ahead == "undecided":
        return None
    return "minor" if ahead == "broken" else "patch"


def _numbered(schema: SchemaId, before: Sequence[SchemaId]) -> Iterator[Objection]:
    fitting = successors(schema, before)
    is_first = not before and (schema.order[0] == 0 or schema.version == "1.0.0")
    if schema.version not in fitting and not is_first:
        newest = f"after {before[-1]}" if before else "as the first version"
        said = f"{schema.version} does not follow; {newest} comes {' or '.join(fitting)}"
        yield Objection("version-number", str(before[-1]) if before else "", "", "/$id", said)


def _broken(pair: _Compared) -> Iterator[Objection]:
    for way in pair.promised:
        status = pair.status(way)
        if status == "broken":
            yield from _with_witness(pair, way)
        elif status == "undecided":
            reason = getattr(pair.comparison, way).reason
            yield Objection("undecided", str(pair.old), way, "", f"nobody can say whether {_CLAIMS[way]}: {reason}")
    for change in pair.meanings:
        yield Objection(
            "meaning-changed", str(pair.old), "", change.pointer, f"{change.message}; only a major may do that"
        )


def _with_witness(pair: _Compared, way: Direction) -> Iterator[Objection]:
    """What the engine found in a direction: a document that one of the two refuses."""
    ours, theirs = "the candidate", str(pair.old)
    accepts, refuses = (theirs, ours) if way == "backward" else (ours, theirs)
    for each in pair.comparison.findings:
        if each.direction == way and each.witness is not None:
            said = f"{accepts} accepts a document that {refuses} refuses by {each.keyword}"
            yield Objection(each.rule, theirs, way, each.pointer, said, {"document": each.witness.document})


def _too_small(plan: _Plan, bump: Asked, needed: Bump) -> Objection:
    fitting = successors(plan.schema, plan.before)[_RANK[needed]]
    said = f"numbered as a {bump}, but the change is a {needed}: publish it as {plan.schema.type}@{fitting}"
    return Objection("bump", "", "", "/$id", said)
