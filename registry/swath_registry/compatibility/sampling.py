"""Documents that a schema probably accepts, made from what it says."""

import random
from collections.abc import Sequence
from typing import Any, Literal

from swath_registry.compatibility.differing import Route, Step
from swath_registry.compatibility.formats import SAMPLES
from swath_registry.compatibility.landscape import Part, as_dict, as_list, below
from swath_registry.compatibility.texts import matching, patterns
from swath_registry.compatibility.values import TYPE_SAMPLES, constants, numbers

Style = Literal["least", "most", "any"]
DEEPEST = 24
MOST_VALUES = 400  # of one document: what refers to itself in many ways would never end
_NOWHERE = Step(frozenset())
_KINDS = ("object", "array", "string", "number", "boolean", "null")
_HINTS = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties",
               "maxProperties", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "dependencies"),
    "array": ("items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip


class Sampler:
    """Makes documents; each call of `document` may choose otherwise.

    Args:
        style: `least`: what must be there alone; `most`: everything that may be; `any`: by chance.
        seed: of the chance.
    """

    def __init__(self, style: Style = "any", seed: int = 0) -> None:
        self._style = style
        self._left = MOST_VALUES
        self._random = random.Random(seed)  # noqa: S311 - repeatable, not secret

    def document(self, parts: Sequence[Part], depth: int = 0, route: Route = ()) -> Any:
        """A value that all the parts probably accept together, and that goes the given way where it may."""
        self._left -= 1
        here, ahead = (route[0], route[1:]) if route else (_NOWHERE, ())
        flat = self._flat(parts, here.chosen)
        if named := self._constant(flat):
            return named[0]
        kinds = self._kinds(flat)
        if depth > DEEPEST or self._left < 0 or not kinds:
            return None
        kind = kinds[0] if self._style != "any" else self._random.choice(kinds)
        if here.key is not None and (leading := "object" if isinstance(here.key, str) else "array") in kinds:
            kind = leading
        match kind:
            case "object":
                return self._object(flat, depth, here.key, ahead)
            case "array":
                return self._array(flat, depth, here.key, ahead)
            case "string":
                return self.text(flat)
            case "number" | "integer":
                return self._number(flat, is_whole=kind == "integer")
            case "boolean":
                return self._random.random() < 0.5
            case _:
                return None

    def _flat(self, parts: Sequence[Part], wanted: frozenset[int]) -> list[Part]:
        """The parts, and what applies with them where one branch of each choice is taken."""
        found: list[Part] = []
        waiting, seen = list(parts), set[int]()
        while waiting and len(found) < 200:
            part = waiting.pop(0)
            if part.keywords and id(part.schema) in seen:
                continue
            seen.add(id(part.schema))
            found.append(part)
            waiting += self._chosen(part, wanted)
        return found

    def _chosen(self, part: Part, wanted: frozenset[int]) -> list[Part]:
        keywords = part.keywords
        found = [*part.references, *(part.of(each) for each in as_list(keywords.get("allOf")))]
        for name in ("anyOf", "oneOf"):
            if branches := as_list(keywords.get(name)):
                leading = [each for each in branches if id(each) in wanted]
                found.append(part.of(leading[0] if leading else self._random.choice(branches)))
        if "if" in keywords and (id(keywords.get("then")) in wanted or self._random.random() < 0.7):
            found += [part.of(keywords[name]) for name in ("if", "then") if name in keywords]
        elif "else" in keywords:
            found.append(part.of(keywords["else"]))
        return found

    def _constant(self, flat: Sequence[Part]) -> list[Any]:
        limited = [part for part in flat if "const" in part.keywords or "enum" in part.keywords]
        if limited:
            first = limited[0].keywords
            options = [first["const"]] if "const" in first else as_list(first.get("enum"))
            rest = [constants([part], []) for part in limited[1:]]
            fitting = [each for each in options if all(each in other for other in rest)] or options
            return [self._random.choice(fitting)] if fitting else []
        if self._style == "any" and self._random.random() < 0.3 and (named := constants(flat, [])):
            return [self._random.choice(named)]
        return []

    def _kinds(self, flat: Sequence[Part]) -> list[str]:
        kinds: list[str] | None = None
        for part in flat:
            named = part.keywords.get("type")
            here = [named] if isinstance(named, str) else as_list(named)
            if here:
                kinds = here if kinds is None else _common(kinds, here)
        if kinds is not None:
            return self._preferred(flat, kinds)
        hinted = [kind for kind in _HINTS if _is_hinted(flat, kind)]
        return hinted if hinted and (self._style != "any" or self._random.random() < 0.8) else list(_KINDS)

    def _preferred(self, flat: Sequence[Part], kinds: list[str]) -> list[str]:
        hinted = [kind for kind in kinds if _is_hinted(flat, kind)]
        return hinted + [kind for kind in kinds if kind not in hinted]

    def text(self, flat: Sequence[Part]) -> str:
        """A text of the lengths, patterns and formats that parts ask for."""
        least = int(max(_bounds(flat, "minLength"), default=0))
        most = int(min(_bounds(flat, "maxLength"), default=least + 40))
        wanted = patterns(flat)
        if self._style == "any" and most > least:
            least = self._random.randint(least, min(most, least + 6))
        if wanted:
            found = matching(wanted, (), least, max(most, least))
            return matching(wanted) or "" if found is None else found
        names = [part.keywords.get("format") for part in flat]
        fitting = [text for name in names for text in SAMPLES.get(str(name), ()) if least <= len(text) <= most]
        return self._random.choice(fitting) if fitting else "a" * min(least, 100_000)

    def _number(self, flat: Sequence[Part], *, is_whole: bool) -> Any:
        low = max([*_bounds(flat, "minimum"), *_bounds(flat, "exclusiveMinimum")], default=None)
        high = min([*_bounds(flat, "maximum"), *_bounds(flat, "exclusiveMaximum")], default=None)
        found = [
            each for each in (0, 1, *numbers(flat)) if (low is None or each >= low) and (high is None or each <= high)
        ]
        if low is not None and high is not None:
            found.append((low + high) / 2)
        if is_whole:
            found = [int(each) for each in found if each == int(each)]
        barred = {each for name in ("exclusiveMinimum", "exclusiveMaximum") for each in _bounds(flat, name)}
        for step in _bounds(flat, "multipleOf"):
            found = [each for each in found if each % step == 0] or found
        found = [each for each in found if each not in barred] or found
        return self._random.choice(found) if self._style == "any" and found else found[0] if found else low or high or 0

    def _array(self, flat: Sequence[Part], depth: int, key: str | int | None = None, ahead: Route = ()) -> list[Any]:
        least = int(max([*_bounds(flat, "minItems"), *_bounds(flat, "minContains")], default=0))
        most = int(min(_bounds(flat, "maxItems"), default=least + 3))
        wanted = least
        contains = [part.of(part.keywords["contains"]) for part in flat if "contains" in part.keywords]
        if contains and part_least(flat):
            wanted = max(wanted, 1)
        if depth > DEEPEST // 2:
            most = wanted
        elif self._style == "most":
            prefix = max((len(as_list(part.keywords.get("prefixItems"))) for part in flat), default=0)
            wanted = max(wanted, min(most, max(1, prefix + 1)))
        if self._style == "any":
            wanted = self._random.randint(min(wanted, most), max(wanted, min(most, wanted + 3)))
        if isinstance(key, int):
            wanted = max(wanted, key + 1)
        found: list[Any] = []
        for index in range(min(wanted, 300) if self._left > 0 else least):
            parts = [child for part in flat for child in below(part, index) if child.schema is not False]
            found.append(self.document(parts, depth + 1, ahead if index == key else ()))
        if any(part.keywords.get("uniqueItems") is True for part in flat):
            found = _distinct(found, self._random)
        return found

    def _object(
        self, flat: Sequence[Part], depth: int, key: str | int | None = None, ahead: Route = ()
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in self._names(flat, depth, [key] if isinstance(key, str) else []) if self._left > 0 else ():
            parts = [child for part in flat for child in below(part, name)]
            if any(part.schema is False for part in parts) and name not in required(flat):
                continue
            found[name] = self.document(parts, depth + 1, ahead if name == key else ())
        least = int(max(_bounds(flat, "minProperties"), default=0))
        spare = (name for name in property_names(flat, least + 4) if name not in found)
        while len(found) < min(least, 300) and (name := next(spare, None)) is not None:
            found[name] = self.document([child for part in flat for child in below(part, name)], depth + 1)
        return found

    def _names(self, flat: Sequence[Part], depth: int, leading: Sequence[str]) -> list[str]:
        must = list(dict.fromkeys([*required(flat), *leading]))
        may = [name for part in flat for name in as_dict(part.keywords.get("properties")) if name not in must]
        may = list(dict.fromkeys(may))
        if self._style == "least" or depth > DEEPEST // 2:
            may = []
        elif self._style == "any":
            may = [name for name in may if self._random.random() < (0.6 if depth < 4 else 0.25)]
            if self._random.random() < 0.3:
                may += property_names(flat, 2)
        names = list(dict.fromkeys([*must, *may]))
        needing = [as_dict(part.keywords.get("dependentRequired")) for part in flat]
        for name in names:  # grows
            needed = [each for needs in needing for each in as_list(needs.get(name)) if each not in names]
            names += dict.fromkeys(needed)
        return names


def part_least(flat: Sequence[Part]) -> bool:
    """Whether an array must hold something that `contains` asks for."""
    return any(part.keywords.get("minContains", 1) != 0 for part in flat if "contains" in part.keywords)


def required(flat: Sequence[Part]) -> list[str]:
    """Names that must be there."""
    return list(dict.fromkeys(name for part in flat for name in as_list(part.keywords.get("required"))))


def property_names(parts: Sequence[Part], count: int) -> list[str]:
    """Names of properties that nobody declared, and some that patterns and `propertyNames` ask for."""
    found: list[str] = []
    for part in parts:
        found += [text for pattern in as_dict(part.keywords.get("patternProperties")) if (text := matching((pattern,)))]
        if "propertyNames" in part.keywords:
            inner = part.of(part.keywords["propertyNames"])
            found += [Sampler("any", seed).text([inner]) for seed in range(4)]
            found += [text for text in constants([inner], []) if isinstance(text, str)]
    return list(dict.fromkeys([*found, *(f"x{index}" for index in range(min(count, 300)))]))


def _is_hinted(flat: Sequence[Part], kind: str) -> bool:
    return any(name in part.keywords for part in flat for name in _HINTS.get(kind, ()))


def _bounds(flat: Sequence[Part], name: str) -> list[Any]:
    found = (part.keywords.get(name) for part in flat)
    return [each for each in found if isinstance(each, int | float) and not isinstance(each, bool)]


def _common(one: list[str], other: list[str]) -> list[str]:
    found = [kind for kind in one if kind in other]
    if "integer" in (*one, *other) and "number" in (*one, *other) and "integer" not in found:
        found.append("integer")
    return found


def _distinct(items: list[Any], chance: random.Random) -> list[Any]:
    found: list[Any] = []
    for item in items:
        spare = [each for each in (item, *TYPE_SAMPLES) if each not in found]
        if isinstance(item, int | float) and not isinstance(item, bool) and item in found:
            spare = [max(each for each in found if isinstance(each, int | float)) + 1]
        found.append(spare[0] if spare else chance.random())
    return found
