"""What a comparison of two schemas says."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Status = Literal["proven", "broken", "undecided"]
Direction = Literal["backward", "forward"]
Bump = Literal["patch", "minor", "major"]


@dataclass(frozen=True)
class Limits:
    """How much a comparison may take; what exceeds it is undecided.

    Args:
        prover_s: CPU seconds for a question to the prover.
        search_s: CPU seconds of search for a witness, per direction.
        documents: most documents tried per direction.
        memory_bytes: address space of the process that compares.
    """

    prover_s: float = 4.0
    search_s: float = 1.5
    documents: int = 40_000
    memory_bytes: int = 2 << 30

    @property
    def wall_s(self) -> float:
        """Seconds after which the process that compares is given up: it may have to share the machine."""
        return 4 * (6 * self.prover_s + 4 * self.search_s) + 5  # up to three questions a direction


DEFAULTS = Limits()


@dataclass(frozen=True)
class Witness:
    """A document that one schema accepts and the other refuses: the smallest found.

    Args:
        document: it.
        pointer: RFC 6901 pointer to the value that is refused.
        keyword: the keyword of the refusing schema that refuses it.
        rule: what happened, in a word: `property-required-added`.
        schema_pointer: where that keyword stands in the refusing schema, `#/…`.
    """

    document: Any
    pointer: str
    keyword: str
    rule: str
    schema_pointer: str = ""

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Verdict:
    """One direction's answer.

    Args:
        status: `proven` (no document breaks), `broken` (the witness does), `undecided`.
        witness: of `broken` alone.
        reason: what proved it, or why it is undecided.
    """

    status: Status
    witness: Witness | None
    reason: str


@dataclass(frozen=True)
class Finding:
    """One thing to know about a pair of schemas.

    Args:
        rule: its name, `bound-narrowed`; `undecided`, `prover-disagreement`, `draft-assumed` are of the engine.
        direction: which promise it concerns; "" for both.
        pointer: into the document, of what is refused; into the schema where the finding is of the engine.
        keyword: the keyword that refuses; "" where none does.
        message: a sentence.
        witness: the document; absent from the JSON where there is none.
    """

    rule: str
    direction: Direction | Literal[""]
    pointer: str
    keyword: str
    message: str
    witness: Witness | None = None

    def as_json(self) -> dict[str, Any]:
        """The same as a JSON object, the witness as its document."""
        found = {key: value for key, value in asdict(self).items() if key != "witness"}
        return found | ({"witness": self.witness.document} if self.witness else {})


@dataclass(frozen=True)
class Comparison:
    """Both directions of a pair of schemas.

    Args:
        backward: whether the new schema accepts all that the old one accepts.
        forward: whether the old one accepts all that the new one accepts.
    """

    backward: Verdict
    forward: Verdict
    findings: tuple[Finding, ...] = ()

    @property
    def bump(self) -> Bump | None:
        """The version number that the change asks for; None where that is undecided."""
        if self.backward.status == "broken":
            return "major"
        if "undecided" in (self.backward.status, self.forward.status):
            return None
        return "minor" if self.forward.status == "broken" else "patch"

    def verdict(self, direction: Literal["backward", "forward", "full"]) -> Status:
        """The status of a direction; of `full` the worse one."""
        found = {"backward": self.backward.status, "forward": self.forward.status}
        asked = list(found.values()) if direction == "full" else [found[direction]]
        return "broken" if "broken" in asked else "undecided" if "undecided" in asked else "proven"

    def as_json(self) -> dict[str, Any]:
        """The answer of `swath registry compat --json`; `witness` is of backward, else of forward."""
        directions = {"backward": self.backward, "forward": self.forward}
        shown = next(((name, each.witness) for name, each in directions.items() if each.witness), None)
        return {
            **{name: each.status for name, each in directions.items()},
            "bump": self.bump,
            "witness": shown and {"direction": shown[0], **shown[1].as_json()},
            "reasons": {name: each.reason for name, each in directions.items()},
            "findings": [each.as_json() for each in self.findings],
        }
