"""Whether a service takes its inputs: each image by its input's capabilities, and what inputs must have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from swath_registry.matching.facts import document_of
from swath_registry.matching.matching import Match, Verdict, match
from swath_registry.matching.truth import Truth, all_of, held

_VERDICTS: dict[Truth, Verdict] = {Truth.HOLDS: "accept", Truth.FAILS: "reject", Truth.UNKNOWN: "unknown"}


@dataclass(frozen=True)
class Sameness:
    """Whether images have something in common that they must have.

    Attributes:
        inputs: their names.
        what: a member of `image`.
        verdict: "unknown" where one of them doesn't say it.
    """

    inputs: tuple[str, ...]
    what: str
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        """With the names of JSON."""
        return {"inputs": list(self.inputs), "same": self.what, "verdict": self.verdict}


@dataclass(frozen=True)
class InputsMatch:
    """Whether a service takes its inputs.

    Attributes:
        verdict: of all.
        matches: of each image, by the name of its input; of a list of images one for each.
        constraints: what must be the same, and whether it is.
    """

    verdict: Verdict
    matches: Mapping[str, tuple[Match, ...]]
    constraints: tuple[Sameness, ...]

    def as_json(self) -> dict[str, Any]:
        """With the names of JSON."""
        return {
            "verdict": self.verdict,
            "inputs": {name: [one.as_json() for one in found] for name, found in self.matches.items()},
            "constraints": [one.as_json() for one in self.constraints],
        }


def match_inputs(values: Mapping[str, Any], service: Mapping[str, Any]) -> InputsMatch:
    """Whether a service takes the images among its inputs; other inputs are for its schema to judge.

    Args:
        values: inputs by their names: an image document or text, or a list of them.
        service: a document of the registry type `inputCapabilities`, or of `describe`, whose part that is.
    """
    told = _capabilities(service)
    matches = {
        name: tuple(match(image, input_["capabilities"]) for image in _images(values[name]))
        for name, input_ in told.get("inputs", {}).items()
        if name in values and "capabilities" in input_
    }
    constraints = tuple(
        Sameness(tuple(one["inputs"]), what, _VERDICTS[_judge_same(what, one["inputs"], values)])
        for one in told.get("constraints", ())
        for what in one["same"]
    )
    verdicts = {found.verdict for each in matches.values() for found in each} | {one.verdict for one in constraints}
    verdict: Verdict = "reject" if "reject" in verdicts else "unknown" if "unknown" in verdicts else "accept"
    return InputsMatch(verdict, matches, constraints)


def _capabilities(service: Mapping[str, Any]) -> Mapping[str, Any]:
    is_describe = "inputCapabilities" in service or "input" in service
    return service.get("inputCapabilities", {}) if is_describe else service


def _images(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else [value]


def _judge_same(what: str, names: list[str], values: Mapping[str, Any]) -> Truth:
    """Whether all images of the inputs that are given say the same; those that say nothing leave it open."""
    said = [document_of(image).get(what) for name in names if name in values for image in _images(values[name])]
    known = [_comparable(what, one) for one in said if one is not None]
    is_same = held(all(one == known[0] for one in known))
    return all_of([is_same, *(Truth.UNKNOWN for one in said if one is None and len(said) > 1)])


def _comparable(what: str, value: Any) -> Any:
    """Bands are the same where their names are; codes of CRS whatever their case."""
    if what == "bands":
        return [band["name"] for band in value]
    return value.upper() if what == "crs" else value
