"""Rules and comparisons in words."""

import json
import re
from difflib import get_close_matches

from swath_registry.compatibility.verdicts import Comparison, Verdict, Witness
from swath_registry.errors import RegistryError
from swath_registry.rule_texts import LINT, PUBLISHING, RuleText
from swath_registry.schema_walk import KEYWORDS

_SPECIAL = {
    "forbidden": ("a value that was accepted is refused whatever it is", "accept it again"),
    "one-of-overlap": ("a document matches two branches of a `oneOf` now", "tell the branches apart"),
    "property-removed-from-closed": ("a closed object doesn't name a property any more", "keep the property"),
}
# The end of a rule's name, what happened to the keyword, and how to take it back.
_ENDINGS = {
    "property-required-added": ("a property must be there that could be left out", "leave it optional"),
    "value-removed": ("a value was taken from the `{}`", "keep the value"),
    "branch-removed": ("a branch of the `{}` accepts less or is gone", "keep the branch"),
    "added": ("`{}` stands where it didn't", "leave it out"),
    "removed": ("`{}` refuses what was not looked at", "allow it again"),
    "narrowed": ("`{}` accepts less than it did", "accept what was accepted"),
    "increased": ("the `{}` is higher than it was", "keep the lower one"),
    "decreased": ("the `{}` is lower than it was", "keep the higher one"),
    "extended": ("`{}` asks for more than it did", "ask for no more than before"),
    "changed": ("the `{}` is another", "let it accept whatever the former did"),
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
        f"{what[0].upper()}{what[1:]}, so a document that one version accepts is refused by the other.",
        "Who wrote such a document for the one is refused by the other, without having changed anything.",
        f"To stay compatible, {back}; else publish a major.",
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
        f"  [{verdict.witness.rule}] {text.asks} {text.mend}",
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
