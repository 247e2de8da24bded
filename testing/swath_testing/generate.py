"""Inputs made up from an algorithm's input schema: at the bounds, with and without what is optional, and wrong ones.

The same seed makes the same inputs. What a schema can't be answered for by construction (patterns, combinations) is
taken from its own examples and default, and from the algorithm's examples.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import orjson

from swath_converters import Image
from swath_schemas import PUBLISHED, resolve
from swath_testing.invented import Size, break_image, invent_image, invent_size

TEXTS = ("", "a", "NDVI", "ünï ☃", "x" * 300, "0", "../x", "<b>&")
NUMBERS = (0, 1, -1, 0.5, 1e-9, 1e9, 2**31, -(2**31) - 1)
ANYTHING: tuple[Any, ...] = (None, True, 0, -1, 1.5, "", "text", [], [None], {}, {"a": 1})


@dataclass(frozen=True)
class Known:
    """What the algorithm's examples give: their documents (images as base64) and the images, by input."""

    documents: Sequence[dict[str, Any]]
    images: Mapping[str, Sequence[Image]]


class Generator:
    """Makes documents for one algorithm, one after another. Files of images in them are bytes."""

    def __init__(self, describe: Mapping[str, Any], known: Known, seed: int) -> None:
        self._schema: dict[str, Any] = describe["input"]
        capabilities: dict[str, Any] = describe.get("inputCapabilities", {}).get("inputs", {})
        self._capabilities: dict[str, dict[str, Any]] = {
            name: one.get("capabilities", {}) for name, one in capabilities.items()
        }
        self._known, self._random = known, np.random.default_rng(seed)

    def document(self) -> dict[str, Any]:
        """The next document: three of four are meant to be right, though nothing promises it."""
        made = self._whole()
        if self._random.random() < 0.25:
            self._spoil(made)
        return made

    def _whole(self) -> dict[str, Any]:
        properties: dict[str, Any] = self._schema.get("properties", {})
        required = set(self._schema.get("required", ()))
        known = self._known.documents
        made = dict(known[self._below(len(known))]) if known and self._chance(0.4) else {}
        names = [one for one in properties if self._chance(0.5) or (one in required and one not in made)]
        size = invent_size(self._random, self._capabilities.get(next(iter(self._capabilities), ""), {}))
        for name in names:
            if self._chance(0.1):
                size = invent_size(self._random, self._capabilities.get(name, {}))
            made[name] = self._value(properties[name], name, size)
        return made

    def _spoil(self, made: dict[str, Any]) -> None:
        names = list(made)
        name = names[self._below(len(names))] if names else "unknown"
        match self._below(4):
            case 0:
                made.pop(name, None)
            case 1:
                made["unknown-input"] = 1
            case 2 if isinstance(made.get(name), bytes):
                made[name] = break_image(self._random, made[name])
            case _:
                made[name] = self._any(ANYTHING)

    def _value(self, schema: Any, name: str, size: Size) -> Any:
        if not isinstance(schema, dict):
            return self._any(ANYTHING)
        members = cast(dict[str, Any], schema)
        reference = members.get("$ref")
        if isinstance(reference, str):
            return self._referred(reference, name, size)
        shown: list[Any] = list(members.get("examples", ()))
        if "default" in members:
            shown.append(members["default"])
        if "const" in members:
            return members["const"]
        if members.get("enum"):
            return self._any(members["enum"])
        if shown and self._chance(0.3):
            return self._any(shown)
        for word in ("oneOf", "anyOf"):
            if members.get(word):
                return self._value({**members, word: None, **self._any(members[word])}, name, size)
        return self._of_type(members, name, size, shown)

    def _of_type(self, schema: dict[str, Any], name: str, size: Size, shown: list[Any]) -> Any:
        kinds: Any = schema.get("type")
        kind = self._any(cast(list[Any], kinds)) if isinstance(kinds, list) else kinds
        match kind:
            case "number" | "integer":
                return self._number(schema, is_whole=kind == "integer")
            case "string":
                return self._text(schema, name, shown)
            case "boolean":
                return self._chance(0.5)
            case "null":
                return None
            case "array":
                return self._array(schema, name, size)
            case "object":
                return self._object(schema, name, size)
            case _:
                return self._any(shown or ANYTHING)

    def _number(self, schema: dict[str, Any], *, is_whole: bool) -> float | int:
        step = schema.get("multipleOf", 1 if is_whole else 0)
        margin = step or 1e-9
        low = schema.get("minimum", schema.get("exclusiveMinimum", -1e6) + margin)
        high = schema.get("maximum", schema.get("exclusiveMaximum", 1e6) - margin)
        inside = low + (high - low) * self._random.random()
        chosen = [low, high, inside, min(max(self._any(NUMBERS), low), high)][self._below(4)]
        if step:
            chosen = round(chosen / step) * step
            chosen += step if chosen < low else -step if chosen > high else 0
        return int(chosen) if is_whole else float(chosen)

    def _text(self, schema: dict[str, Any], name: str, shown: list[Any]) -> str:
        used = [one[name] for one in self._known.documents if isinstance(one.get(name), str)]
        if "pattern" in schema or "format" in schema:
            return str(self._any([*shown, *used] or TEXTS))
        text = str(self._any(TEXTS))
        shortest, longest = schema.get("minLength", 0), schema.get("maxLength", 300)
        return (text + "x" * max(0, shortest - len(text)))[:longest]

    def _array(self, schema: dict[str, Any], name: str, size: Size) -> list[Any]:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 3), least + 3)
        count = least + self._below(max(0, most - least) + 1)
        first: list[Any] = schema.get("prefixItems", [])
        rest = schema.get("items", True)
        return [self._value(first[one] if one < len(first) else rest, name, size) for one in range(count)]

    def _object(self, schema: dict[str, Any], name: str, size: Size) -> dict[str, Any]:
        required = set(schema.get("required", ()))
        members: dict[str, Any] = schema.get("properties", {})
        return {
            key: self._value(one, key, size) for key, one in members.items() if key in required or self._chance(0.5)
        }

    def _referred(self, reference: str, name: str, size: Size) -> Any:
        if reference.startswith("#"):
            target: Any = self._schema
            for part in reference.removeprefix("#").strip("/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")] if part else target
            return self._value(target, name, size)
        found = resolve(reference)
        if found.type == "image":
            return invent_image(self._random, self._capabilities.get(name, {}), size, self._known.images.get(name, ()))
        examples = sorted((PUBLISHED.path(found).parent / "examples" / "valid").glob("*.json"))
        return orjson.loads(self._any(examples).read_bytes()) if examples else self._any(ANYTHING)

    def _any(self, choices: Sequence[Any]) -> Any:
        return choices[self._below(len(choices))]

    def _below(self, count: int) -> int:
        return int(self._random.integers(max(1, count)))

    def _chance(self, share: float) -> bool:
        return bool(self._random.random() < share)
