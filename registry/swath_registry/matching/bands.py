"""Which bands of an image are those that a service takes.

A set of band filters is solved as a bipartite matching, each filter a band of its own. Of several solutions the one is
taken in which each filter, in its order, has the band that is nearest in wavelength, then the first, among those that
leave a band to every filter after it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from swath_registry.matching.facts import Facts, is_unnamed
from swath_registry.matching.ranges import judge_range, least_in
from swath_registry.matching.spectrum import judge_common_name, middle_of
from swath_registry.matching.truth import Finding, Truth, held, one_of

Band = Mapping[str, Any]
BandFilter = Mapping[str, Any]
_Edges = list[list[int]]


@dataclass(frozen=True)
class BandChoice:
    """What a `bands` filter finds.

    Attributes:
        truth: whether the image has the bands, in the way asked for.
        indexes: of the bands that are taken, counted from 0, in the order of the filters; None where the image lacks
            one, or doesn't say enough to know.
        unmet: pointer below `bands` to the first band filter that no band fits, or to what else fails; "" if none.
    """

    truth: Truth
    indexes: tuple[int, ...] | None
    unmet: str = ""


def judge_bands(wanted: Mapping[str, Any], facts: Facts) -> Finding:
    """The filter `bands`."""
    choice = choose_bands(wanted, facts)
    actual = [band["name"] for band in facts.bands] or None
    return Finding(choice.truth, dict(wanted), actual, choice.unmet, "/bands")


def choose_bands(wanted: Mapping[str, Any], facts: Facts) -> BandChoice:
    """The bands that are taken: all of `allOf`, then the first set of `anyOf` with which everything holds."""
    if not facts.bands:
        return BandChoice(Truth.UNKNOWN, None)
    choices = [_solved(filters, pointers, wanted, facts.bands) for filters, pointers in _sets(wanted)]
    best = one_of(choice.truth for choice in choices)
    first = next(choice for choice in choices if choice.truth is best)
    if best is Truth.FAILS:  # rather one whose bands are there, if in another order or among others
        return next((choice for choice in choices if choice.indexes is not None), first)
    return first


def _sets(wanted: Mapping[str, Any]) -> list[tuple[list[BandFilter], list[str]]]:
    always: list[BandFilter] = list(wanted.get("allOf", ()))
    places = [f"/allOf/{index}" for index in range(len(always))]
    return [
        (always + list(one), places + [f"/anyOf/{number}/{index}" for index in range(len(one))])
        for number, one in enumerate(wanted.get("anyOf", [()]))
    ]


def _solved(
    filters: Sequence[BandFilter], pointers: Sequence[str], wanted: Mapping[str, Any], bands: Sequence[Band]
) -> BandChoice:
    truths = [[_judge_band(one, band, index) for index, band in enumerate(bands)] for one in filters]
    certain = _edges(truths, filters, bands, Truth.HOLDS)
    indexes = _assigned(certain)
    possible = certain if indexes is not None else _edges(truths, filters, bands, Truth.UNKNOWN)
    if indexes is None and not _is_solvable(possible, set()):
        return BandChoice(Truth.FAILS, None, _first_unmet(possible, pointers))
    if wanted.get("exact") and filters and len(bands) != len(filters):
        return BandChoice(Truth.FAILS, indexes, "/exact")
    if not wanted.get("ordered"):
        return BandChoice(Truth.UNKNOWN if indexes is None else Truth.HOLDS, indexes)
    in_order = _ascending(certain)
    if in_order is not None:
        return BandChoice(Truth.HOLDS, in_order)
    is_possible = _ascending(_edges(truths, filters, bands, Truth.UNKNOWN)) is not None
    return BandChoice(Truth.UNKNOWN if is_possible else Truth.FAILS, indexes, "/ordered")


def _judge_band(wanted: BandFilter, band: Band, index: int) -> Truth:
    worst = Truth.HOLDS
    for name, value in wanted.items():
        if name in _JUDGES:
            worst = min(worst, _JUDGES[name](value, band, index))
            if worst is Truth.FAILS:
                break
    return worst


def _judge_name(name: str, band: Band, index: int) -> Truth:
    if band["name"] == name:
        return Truth.HOLDS
    return Truth.UNKNOWN if is_unnamed(band, index) else Truth.FAILS


def _judge_wavelength(wanted: Any, band: Band, index: int) -> Truth:
    if "centerWavelength" not in band:
        return Truth.FAILS if "polarization" in band else Truth.UNKNOWN
    return judge_range(wanted, (band["centerWavelength"],) * 2)[0]


def _judge_polarization(wanted: str, band: Band, index: int) -> Truth:
    if "polarization" in band:
        return held(band["polarization"] == wanted)
    return Truth.FAILS if "commonName" in band or "centerWavelength" in band else Truth.UNKNOWN


def _judge_gsd(wanted: Any, band: Band, index: int) -> Truth:
    return judge_range(wanted, (band["gsd"],) * 2)[0] if "gsd" in band else Truth.UNKNOWN


_JUDGES: dict[str, Callable[[Any, Band, int], Truth]] = {
    "name": _judge_name,
    "commonName": lambda name, band, index: judge_common_name(name, band),
    "centerWavelength": _judge_wavelength,
    "polarization": _judge_polarization,
    "gsd": _judge_gsd,
}
BAND_FILTERS = frozenset(_JUDGES)
"""Members of a band filter that are looked at."""


def _edges(truths: list[list[Truth]], filters: Sequence[BandFilter], bands: Sequence[Band], least: Truth) -> _Edges:
    """Of each filter the bands that fit it at least so surely: the sure ones first, then the nearest in wavelength."""
    found: _Edges = []
    for one, row in zip(filters, truths, strict=True):
        fitting = [index for index, truth in enumerate(row) if truth >= least]
        if len(fitting) > 1:
            fitting.sort(key=lambda index: (-row[index], _distance_um(one, bands[index]), index))
        found.append(fitting)
    return found


def _distance_um(wanted: BandFilter, band: Band) -> float:
    """Between the band's wavelength and the middle of what is asked for; 0 where one of them isn't said."""
    middle = middle_of(wanted["commonName"]) if "commonName" in wanted else None
    limits = wanted.get("centerWavelength")
    if limits:
        low, high = least_in(limits), min(limits.get("max", 1e6), limits.get("maxExclusive", 1e6))
        middle = (low + high) / 2
    return abs(band["centerWavelength"] - middle) if middle is not None and "centerWavelength" in band else 0.0


def _assigned(edges: _Edges) -> tuple[int, ...] | None:
    """A band for each filter, by the rule above; None where there is none."""
    taken: list[int] = []
    for candidates in edges:  # what is found without looking ahead is what the rule finds
        free = next((one for one in candidates if one not in taken), None)
        if free is None:
            return _assigned_ahead(edges)
        taken.append(free)
    return tuple(taken)


def _assigned_ahead(edges: _Edges) -> tuple[int, ...] | None:
    if not _is_solvable(edges, set()):
        return None
    taken: list[int] = []
    for number, candidates in enumerate(edges):
        rest = edges[number + 1 :]
        taken.append(next(one for one in candidates if one not in taken and _is_solvable(rest, {*taken, one})))
    return tuple(taken)


def _is_solvable(edges: _Edges, taken: set[int]) -> bool:
    """Whether each filter can have a band of its own that isn't taken (augmenting paths)."""
    holders: dict[int, int] = {}

    def found(number: int, seen: set[int]) -> bool:
        for band in edges[number]:
            if band not in taken and band not in seen:
                seen.add(band)
                if band not in holders or found(holders[band], seen):
                    holders[band] = number
                    return True
        return False

    return all(found(number, set()) for number in range(len(edges)))


def _ascending(edges: _Edges) -> tuple[int, ...] | None:
    """Bands in the order of the filters: for each the nearest that leaves bands behind it to the rest."""
    latest: list[int] = []  # of each filter, from the last: the greatest index with which the rest can be had
    bound = 1 << 62
    for candidates in reversed(edges):
        bound = max((one for one in candidates if one < bound), default=-1)
        if bound < 0:
            return None
        latest.append(bound)
    taken: list[int] = []
    for candidates, last in zip(edges, reversed(latest), strict=True):
        taken.append(next(one for one in candidates if (not taken or one > taken[-1]) and one <= last))
    return tuple(taken)


def _first_unmet(edges: _Edges, pointers: Sequence[str]) -> str:
    """The first filter with which those up to it can't all have a band."""
    for number in range(len(edges)):
        if not _is_solvable(edges[: number + 1], set()):
            return pointers[number]
    return ""
