"""Whether a service takes an image, why, and what would make the image fit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from swath_registry.matching.bands import choose_bands
from swath_registry.matching.effects import after
from swath_registry.matching.facts import Facts
from swath_registry.matching.filters import FILTERS, NO_FILTERS
from swath_registry.matching.planning import Plan, plan
from swath_registry.matching.steps import Cost, Step, total
from swath_registry.matching.truth import Finding, Truth
from swath_registry.matching.words import asked, decider, noun, said

Verdict = Literal["accept", "reject", "unknown"]
_VERDICTS: dict[Truth, Verdict] = {Truth.HOLDS: "accept", Truth.FAILS: "reject", Truth.UNKNOWN: "unknown"}
_ON_MISSING = {"accept": Truth.HOLDS, "reject": Truth.FAILS, "unknown": Truth.UNKNOWN}


@dataclass(frozen=True)
class Reason:
    """What one filter says of the image.

    Attributes:
        filter: its name in `imageCapabilities`.
        truth: whether it holds.
        verdict: what becomes of it: the truth, or what `onMissing` makes of something that isn't said.
        capability: pointer into the capabilities, to what decided.
        image: pointer into the image, to what was looked at, whether it is there or not.
        expected: what the filter asks.
        actual: what the image says; None where it says nothing.
    """

    filter: str
    truth: Truth
    verdict: Verdict
    capability: str
    image: str
    expected: Any
    actual: Any

    @property
    def message(self) -> str:
        """In words."""
        subject, wanted = noun(self.filter), asked(self.filter, self.expected)
        if self.actual is None:
            becomes = {"accept": "which is accepted", "reject": "which is refused", "unknown": "so it is undecided"}
            return f"{subject}: {wanted} is asked for; the image doesn't say, {becomes[self.verdict]}"
        is_said = said(self.filter, self.actual)
        if self.truth is Truth.HOLDS:
            return f"{subject}: {is_said}, as asked ({wanted})"
        if self.truth is Truth.FAILS:
            return f"{subject}: {wanted} is asked for; the image has {is_said}{decider(self.capability, self.expected)}"
        return f"{subject}: {wanted} is asked for; the image has {is_said}, which doesn't decide it"

    def as_json(self) -> dict[str, Any]:
        """With the names of JSON."""
        return {
            "filter": self.filter,
            "verdict": self.verdict,
            "said": self.truth is not Truth.UNKNOWN,
            "capability": self.capability,
            "image": self.image,
            "expected": self.expected,
            "actual": self.actual,
            "message": self.message,
        }


@dataclass(frozen=True)
class Match:
    """Whether a service takes an image.

    Attributes:
        verdict: as it is.
        reasons: of every filter, in one order.
        steps: what would make it fit; () where it fits, where too little is said to know that it doesn't, and where
            something stands in the way.
        after: the verdict after the steps. It is "unknown" where a filter asks what isn't said, or shows only once a
            step is done, like the size after a reprojection.
        obstacles: why no conversion helps, by the name of the filter; empty where one does.
    """

    verdict: Verdict
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...] = ()
    after: Verdict = "unknown"
    obstacles: Mapping[str, str] = field(default_factory=dict[str, str])
    _asked: tuple[Facts, Mapping[str, Any]] = field(default=(Facts({}), {}), repr=False, compare=False)

    @property
    def bands(self) -> tuple[int, ...] | None:
        """Indexes, counted from 0, of the bands that the service takes, in its order, in the image as it is given.

        None where it asks for none, or where it isn't known which they are.
        """
        facts, capabilities = self._asked
        return choose_bands(capabilities["bands"], facts).indexes if "bands" in capabilities else None

    @property
    def cost(self) -> Cost:
        """Of all steps."""
        return total(self.steps)

    @property
    def missing(self) -> tuple[str, ...]:
        """Pointers into the image to what would decide what is undecided."""
        return tuple(reason.image for reason in self.reasons if reason.truth is Truth.UNKNOWN)

    @property
    def rank(self) -> tuple[int, int, bool, int, int]:
        """To sort services by, the best first: verdict, verdict after the steps, loss, bytes, number of steps."""
        order = ("accept", "unknown", "reject")
        cost = self.cost
        size = 1 << 62 if cost.bytes is None else cost.bytes
        return order.index(self.after), order.index(self.verdict), not cost.is_lossless, size, len(self.steps)

    def as_json(self) -> dict[str, Any]:
        """With the names of JSON."""
        return {
            "verdict": self.verdict,
            "after": self.after,
            "reasons": [reason.as_json() for reason in self.reasons],
            "steps": [step.as_json() for step in self.steps],
            "cost": self.cost.as_json(),
            "obstacles": dict(self.obstacles),
            "bands": None if (bands := self.bands) is None else list(bands),
            "missing": list(self.missing),
        }


def match(image: Mapping[str, Any] | str, capabilities: Mapping[str, Any]) -> Match:
    """Whether an image fits what a service supports.

    Args:
        image: a document of the registry type `image`, or its text form, of which little is known.
        capabilities: a document of the registry type `imageCapabilities`, of any version.

    Both are taken to be valid; nothing is opened, and neither is changed.
    """
    facts = Facts.of(image)
    findings = _judge(facts, capabilities)
    reasons = tuple(_reason(name, finding, capabilities) for name, finding in findings.items())
    verdict = _verdict(reasons)
    given = (facts, capabilities)
    if verdict != "reject":
        return Match(verdict, reasons, after=verdict, _asked=given)
    missing = [one.filter for one in reasons if one.truth is Truth.UNKNOWN and one.verdict == "reject"]
    found = plan(facts, capabilities, findings, missing)
    if found.obstacles:
        return Match(verdict, reasons, after=verdict, obstacles=found.obstacles, _asked=given)
    return Match(verdict, reasons, found.steps, _after(found, capabilities, findings), _asked=given)


def apply_steps(image: Mapping[str, Any] | str, steps: tuple[Step, ...]) -> dict[str, Any]:
    """The document of the image after the steps: what is sure of it without doing them.

    `href` is "cid:image" where the file would come with the request.
    """
    facts = Facts.of(image)
    for step in steps:
        facts = after(facts, step)
    return dict(facts.document)


def _judge(facts: Facts, capabilities: Mapping[str, Any]) -> dict[str, Finding]:
    """The finding of each filter that is given; of one that isn't known here, that nothing is known."""
    found = {name: judge(capabilities[name], facts) for name, judge in FILTERS.items() if name in capabilities}
    for name in capabilities:
        if name not in found and name not in NO_FILTERS and not name.startswith("x-"):
            found[name] = Finding(Truth.UNKNOWN, capabilities[name], None, "", "")
    return found


def _reason(name: str, finding: Finding, capabilities: Mapping[str, Any]) -> Reason:
    decided = finding.truth
    if decided is Truth.UNKNOWN:
        decided = _ON_MISSING[capabilities.get("onMissingOf", {}).get(name, capabilities.get("onMissing", "unknown"))]
    pointer = f"/{name}{finding.capability}"
    return Reason(name, finding.truth, _VERDICTS[decided], pointer, finding.image, finding.expected, finding.actual)


def _verdict(reasons: tuple[Reason, ...]) -> Verdict:
    verdicts = {reason.verdict for reason in reasons}
    return "reject" if "reject" in verdicts else "unknown" if "unknown" in verdicts else "accept"


def _after(found: Plan, capabilities: Mapping[str, Any], before: Mapping[str, Finding]) -> Verdict:
    """What isn't known only because a step isn't done yet is undecided, whatever `onMissing` says."""
    now = _judge(found.facts, capabilities)
    repaired = {name for step in found.steps for name in step.filters}
    undecided = [name for name, finding in now.items() if finding.truth is Truth.UNKNOWN]
    if any(before[name].truth is not Truth.UNKNOWN or name in repaired for name in undecided):
        return "unknown"
    return _verdict(tuple(_reason(name, one, capabilities) for name, one in now.items()))
