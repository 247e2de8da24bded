"""Rules and comparisons in words."""

import json
import re
from difflib import get_close_matches

from swath_registry.compatibility.verdicts import Comparison, Verdict, Witness
from swath_registry.errors import RegistryError
from swath_registry.rule_texts import LINT, PUBLISHING, RuleText
from swath_registry.schema_walk import KEYWORDS

# What the refusing version does differently from the accepting one, and how it would accept again.
_SPECIAL = {
    "forbidden": ("refuses a value whatever it is, which the other accepts", "accept it again"),
    "one-of-overlap": ("has two branches of a `oneOf` that a document matches at once", "tell the branches apart"),
    "property-removed-from-closed": ("is closed to a property that the other names", "name the property"),
}
_ENDINGS = {
    "property-required-added": ("asks for a property that the other lets be left out", "leave it optional"),
    "value-removed": ("lacks a value of the other's `{}`", "keep the value"),
    "branch-removed": ("lacks a branch of the other's `{}`, or its branch accepts less", "keep the branch"),
    "added": ("has `{}` where the other has none", "leave it out"),
    "removed": ("refuses by `{}` what the other does not look at", "allow it again"),
    "narrowed": ("has a `{}` that accepts less than the other's", "accept what was accepted"),
    "increased": ("has a higher `{}` than the other", "keep the lower one"),
    "decreased": ("has a lower `{}` than the other", "keep the higher one"),
    "extended": ("asks for more by `{}` than the other", "ask for no more than before"),
    "changed": ("has another `{}`", "let it accept whatever the former did"),
}

# Names in rules that aren't their keyword's, and keywords of older drafts.
_CALLED = {"condition": "if", "dependency": "dependencies", "dependent-schema": "dependentSchemas"}
_KEYWORDS = KEYWORDS | {"dependencies", "additionalItems"}


class UnknownRule(RegistryError):
    """No rule is called like this.

    Args:
        name: what was asked for.
    """

    exit_code = 2

    def __init__(self, name: str) -> None:
        self.name = name
        known = sorted({*LINT, *PUBLISHING, *_SPECIAL})
        near = get_close_matches(name, known, n=1)
        guess = f"Did you mean {near[0]}? " if near else ""
        self.hint = (
            f"{guess}Rules of lint: {', '.join(sorted(LINT))}. Rules of publishing: {', '.join(sorted(PUBLISHING))}."
        )
        super().__init__(f"{name[:80]!r} is no rule.")


def rule_text(name: str) -> RuleText:
    """What a rule of lint, of publishing or of the compatibility engine asks. Raises UnknownRule."""
    known = LINT.get(name) or PUBLISHING.get(name)
    if known:
        return known
    what, back = _SPECIAL.get(name) or _by_ending(name)
    return RuleText(
        f"One version {what}: a document that the other accepts is refused.",
        "Whoever wrote or reads such a document by the other version meets a refusal, without having changed anything.",
        f"Backward (the new version refuses): {back}, or publish a major. Forward (the old version refuses): a patch "
        "may not accept more; publish a minor.",
    )


def sentences(old: str, new: str, comparison: Comparison) -> str:
    """A comparison in sentences: each direction with what shows it, then the bump that it asks for."""
    bump = comparison.bump
    asks = f"From {old} to {new} is a {bump}." if bump else f"Which bump {new} needs is undecided."
    return "\n".join([*_backward(comparison.backward, old, new), *_forward(comparison.forward, old, new), asks])


def _backward(verdict: Verdict, old: str, new: str) -> list[str]:
    if verdict.witness is None:
        return [_without(verdict, f"whatever {old} accepts, {new} accepts too")]
    text = rule_text(verdict.witness.rule)
    return [
        f"{new} refuses what {old} accepts: {_refused(verdict.witness)}",
        f"  [{verdict.witness.rule}] {text.asks}",
    ]


def _forward(verdict: Verdict, old: str, new: str) -> list[str]:
    if verdict.witness is None:
        return [_without(verdict, f"{new} accepts nothing that {old} refuses")]
    return [f"{new} accepts what {old} refuses: {_refused(verdict.witness)}"]


def _without(verdict: Verdict, claim: str) -> str:
    if verdict.status == "proven":
        return f"{claim[0].upper()}{claim[1:]}: proven."
    return f"Undecided whether {claim}: {verdict.reason}."


def _refused(witness: Witness) -> str:
    document = json.dumps(witness.document, ensure_ascii=False)
    return f"{document} is refused by {witness.keyword} at {witness.pointer or 'the root'}."


def _by_ending(name: str) -> tuple[str, str]:
    for ending, (what, back) in _ENDINGS.items():
        stem = name.removesuffix(ending).rstrip("-")
        keyword = _CALLED.get(stem) or re.sub("-([a-z])", lambda found: found[1].upper(), stem)
        if name == ending or (name.endswith(f"-{ending}") and keyword in _KEYWORDS):
            return what.format(keyword), back
    raise UnknownRule(name)
