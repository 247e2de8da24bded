"""Recording that a maintainer vouches for what the engine can't decide; for nothing else."""

from datetime import date
from pathlib import Path

from swath_registry.attestations import attest
from swath_registry.candidates import NoCandidate, candidates
from swath_registry.compatibility import Limits, compare
from swath_registry.compatibility.verdicts import DEFAULTS, Direction
from swath_registry.errors import RegistryError
from swath_registry.examples import valid_documents
from swath_schemas import SchemaStore


class NothingToVouchFor(RegistryError):
    """An attestation was asked for where none is needed, or none helps.

    Args:
        pair: the candidate and the published version.
        reason: what is known of them.
    """

    hint = "Only what `swath registry check` calls undecided can be attested."

    def __init__(self, pair: str, reason: str) -> None:
        self.pair = pair
        self.reason = reason
        super().__init__(f"{pair}: {reason}")


def vouch(
    name: str,
    against: str,
    direction: Direction,
    *,
    by: str,
    reason: str,
    on: date,
    store: SchemaStore,
    limits: Limits = DEFAULTS,
) -> Path:
    """Record an attestation beside a candidate; gives back the file.

    Args:
        name: the candidate, as type@version.
        against: the published version.
        direction: which promise: `backward`, the candidate accepts all that the published version does; `forward`.
        by: who vouches.
        reason: why it is so.
        on: the day.
        store: the registry.
        limits: of the comparison.

    Raises:
        NoCandidate: the candidate is published, or isn't there.
        NothingToVouchFor: that direction is proven, or broken by a document, or the other version isn't published.
    """
    schema, *others = candidates([name], store)
    if others:
        raise NoCandidate(name, f"has several: {', '.join(map(str, (schema, *others)))}", "Name one of them.")
    old = store.resolve(against)
    pair = f"{schema} against {old}"
    if not by.strip() or not reason.strip():
        raise NothingToVouchFor(pair, "an attestation has a name and a reason")
    if not store.is_published(old):
        raise NothingToVouchFor(pair, f"{old} isn't published")
    documents = valid_documents(store, old) + valid_documents(store, schema)
    status = compare(store.load(old), store.load(schema), examples=documents, store=store, limits=limits).verdict(
        direction
    )
    if status != "undecided":
        raise NothingToVouchFor(pair, f"{direction} is {status}, not undecided")
    return attest(schema, old, direction, by=by.strip(), reason=reason.strip(), on=on, store=store)
