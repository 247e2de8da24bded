"""Schemas rewritten so that the prover sees more of what they mean: each accepts exactly what it accepted before.

What is added follows from what is there: texts that match `^a{3}$` have three characters and match `^a`, so
`minLength: 3` may stand beside it. What each rewriting rests on stands beside it.
"""

import time
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import jsonschema_rs

from swath_registry.compatibility.formats import IMPLIED, NEAR_MISSES, SAMPLES
from swath_registry.compatibility.landscape import as_dict, as_list, matches
from swath_registry.compatibility.regex import Exhausted, Unsupported, automaton, every_text, find_text
from swath_registry.compatibility.subschemas import ANNOTATIONS, rewritten, walk

_MOST_NAMES = 80
_FEW = 6  # patterns: of more only those are looked into that one of the schemas alone has
_MOST_PATTERNS = 60


def without_annotations(schema: Any) -> Any:
    """A copy without the keywords that only describe."""
    return rewritten(schema, lambda each: {key: value for key, value in each.items() if key not in ANNOTATIONS})


class Strengthening:
    """The rewriting of two schemas that are to be compared.

    Args:
        old: one.
        new: the other.
        seconds: how long thinking about patterns may take; what isn't found out by then stays as it was.
    """

    def __init__(self, old: Any, new: Any, seconds: float = 0.4) -> None:
        every = [*walk(old), *walk(new)]
        named = (name for each in every for name in (*as_dict(each.get("properties")), *_texts(each.get("required"))))
        self._names = list(dict.fromkeys(named))[:_MOST_NAMES]
        ours, theirs = (
            dict.fromkeys(each["pattern"] for each in walk(side) if isinstance(each.get("pattern"), str))
            for side in (old, new)
        )
        all_patterns = list(ours | theirs)
        changed = [each for each in all_patterns if each not in ours or each not in theirs]
        self._patterns = all_patterns if len(all_patterns) <= _FEW else changed
        self._name_patterns = list(
            dict.fromkeys(key for each in every for key in as_dict(each.get("patternProperties")))
        )
        lengths = {each.get(name) for each in every for name in ("minLength", "maxLength")}
        self._lengths = sorted(each for each in lengths if isinstance(each, int) and 0 <= each <= 4000)
        self._until = time.process_time() + seconds

    def of(self, schema: Any) -> Any:
        """One of the two schemas, rewritten."""
        return rewritten(schema, self._changed)

    def _changed(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
        found = _with_known_formats(found)
        found = _with_whole_steps(found)
        found = self._with_texts(found)
        found = self._with_names(found)
        return _with_closed_names(found)

    def _with_texts(self, schema: dict[str, Any]) -> dict[str, Any]:
        """With the patterns, lengths and constants that follow from its patterns and lengths."""
        if isinstance(schema.get("pattern"), str) and _is_within("", schema["pattern"]):
            schema = {key: value for key, value in schema.items() if key != "pattern"}
        about = _Texts(schema)
        if not self._patterns and not about.wanted:
            return schema
        if not about.is_limited or time.process_time() > self._until:
            return schema
        added: list[Any] = []
        for pattern in self._patterns[:_MOST_PATTERNS] if time.process_time() < self._until else ():
            if pattern not in about.wanted and about.has_none(unwanted=(pattern,)):
                added.append({"pattern": pattern})
            elif pattern not in about.unwanted and about.has_none(wanted=(pattern,)):
                added.append({"not": {"type": "string", "pattern": pattern}})
        if about.wanted:
            added += [{"minLength": each} for each in self._lengths if each and about.has_none(most=each - 1)]
            added += [{"maxLength": each} for each in self._lengths if about.has_none(least=each + 1)]
        if about.wanted and schema.get("type") == "string" and (texts := about.every()) is not None:
            added.append({"enum": texts} if texts else {"not": {}})
        return _and(schema, added)

    def _with_names(self, schema: dict[str, Any]) -> dict[str, Any]:
        """With what `additionalProperties` and `patternProperties` say of names that are known anywhere."""
        rest = schema.get("additionalProperties")
        patterned = as_dict(schema.get("patternProperties"))
        if not isinstance(rest, dict) and not patterned:
            return schema
        declared = dict(as_dict(schema.get("properties")))
        for name in self._names:
            applied: list[Any] = [each for pattern, each in patterned.items() if matches(pattern, name)]
            if name in declared:
                applied = [declared[name], *applied] if applied else []
            elif not applied and isinstance(rest, dict):
                applied = [rest]
            if applied:
                declared[name] = applied[0] if len(applied) == 1 else {"allOf": applied}
        found = {**schema, "properties": declared} if declared else dict(schema)
        wider = dict(patterned)
        for inner in self._name_patterns:
            outer = [value for key, value in patterned.items() if key != inner and _is_within(inner, key)]
            if outer:
                own = [patterned[inner]] if inner in patterned else []
                wider[inner] = {"allOf": [*own, *outer]}
        return {**found, "patternProperties": wider} if wider else found


class _Texts:
    """The texts that a schema's own keywords about texts accept."""

    def __init__(self, schema: dict[str, Any]) -> None:
        parts = [schema, *(as_dict(each) for each in as_list(schema.get("allOf")))]
        self.wanted = tuple(dict.fromkeys(each["pattern"] for each in parts if isinstance(each.get("pattern"), str)))
        barred = (as_dict(each.get("not")) for each in parts)
        only = (
            each
            for each in barred
            if each.keys() == {"pattern"} or (each.keys() == {"pattern", "type"} and each["type"] == "string")
        )
        self.unwanted = tuple(dict.fromkeys(each["pattern"] for each in only if isinstance(each["pattern"], str)))
        self.least = max((_whole(each.get("minLength")) or 0 for each in parts), default=0)
        self.most = min((bound for each in parts if (bound := _whole(each.get("maxLength"))) is not None), default=None)

    @property
    def is_limited(self) -> bool:
        return bool(self.wanted or self.unwanted or self.least or self.most is not None)

    def has_none(
        self, wanted: Sequence[str] = (), unwanted: Sequence[str] = (), least: int = 0, most: int | None = None
    ) -> bool:
        """Whether, for certain, no text of these has what is asked for besides."""
        least = max(least, self.least)
        bounds = [each for each in (most, self.most) if each is not None]
        try:
            return (
                find_text(
                    [automaton(each) for each in (*self.wanted, *wanted)],
                    [automaton(each) for each in (*self.unwanted, *unwanted)],
                    least=least,
                    most=min(bounds, default=None),
                    seconds=0.03,
                )
                is None
            )
        except (Exhausted, Unsupported):
            return False

    def every(self) -> list[str] | None:
        """All of them, where they are few."""
        try:
            wanted, unwanted = ([automaton(each) for each in some] for some in (self.wanted, self.unwanted))
            return every_text(wanted, unwanted, least=self.least, most=self.most)
        except (Exhausted, Unsupported):
            return None


def _with_known_formats(schema: dict[str, Any]) -> dict[str, Any]:
    """Without a format that nobody checks; with those that follow from one (RFC 3986: a URI is a URI reference)."""
    name = schema.get("format")
    if not isinstance(name, str):
        return schema
    if name not in SAMPLES and _accepts_anything(name):
        return {key: value for key, value in schema.items() if key != "format"}
    return _and(schema, [{"format": each} for each in IMPLIED.get(name, ())])


def _accepts_anything(name: str) -> bool:
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    return all(validator.is_valid(text) for text in NEAR_MISSES)


def _with_whole_steps(schema: dict[str, Any]) -> dict[str, Any]:
    """A whole number that is a multiple of p/q (in lowest terms) is a multiple of p."""
    step = schema.get("multipleOf")
    if schema.get("type") != "integer" or not isinstance(step, float) or step <= 0:
        return schema
    return {**schema, "multipleOf": Fraction(repr(step)).numerator}


def _with_closed_names(schema: dict[str, Any]) -> dict[str, Any]:
    """Closed by `propertyNames` instead, where patterns say which names there may be: the same names stay."""
    patterned = as_dict(schema.get("patternProperties"))
    if schema.get("additionalProperties") is not False or not patterned or "propertyNames" in schema:
        return schema
    names = [{"pattern": pattern} for pattern in patterned]
    declared = [name for name in as_dict(schema.get("properties")) if not any(matches(key, name) for key in patterned)]
    options = [*names, {"enum": declared}] if declared else names
    rest = {key: value for key, value in schema.items() if key != "additionalProperties"}
    return {**rest, "propertyNames": options[0] if len(options) == 1 else {"anyOf": options}}


def _is_within(inner: str, outer: str) -> bool:
    try:
        return find_text([automaton(inner)], [automaton(outer)], seconds=0.03) is None
    except (Exhausted, Unsupported):
        return False


def _and(schema: dict[str, Any], added: Sequence[Any]) -> dict[str, Any]:
    return {**schema, "allOf": [*as_list(schema.get("allOf")), *added]} if added else schema


def _texts(value: Any) -> list[str]:
    return [each for each in as_list(value) if isinstance(each, str)]


def _whole(value: Any) -> int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number else None
