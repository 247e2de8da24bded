"""What would make an image fit: the steps, in order, or what stands in their way."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from swath_registry.matching.bands import choose_bands
from swath_registry.matching.casting import Cast, casts_to, exact_casts
from swath_registry.matching.effects import after
from swath_registry.matching.facts import BITS, Facts
from swath_registry.matching.filters import FILTERS
from swath_registry.matching.formats import IN_MEMORY, FileForm, forms_for
from swath_registry.matching.grids import fitting_size, is_cut, is_metric, nearest_crs, tile_count
from swath_registry.matching.ranges import greatest_count, least_count, least_in
from swath_registry.matching.steps import Cost, Operation, Step
from swath_registry.matching.truth import Finding, Truth

GRID_FILTERS = ("gsd", "width", "height", "pixels", "tile")
FILE_FILTERS = ("dataTypes", "mediaTypes", "compressions", "overviews")
REPAIRABLE = frozenset({"bands", "bandCount", "crsCodes", *GRID_FILTERS, *FILE_FILTERS, "passing"})
"""Filters that a conversion can make hold."""

_NOT_SAID = "The image doesn't say it, and such images are refused."
_WARP_SAMPLES = 4  # source samples that go into one of a resampled image, bilinear


@dataclass(frozen=True)
class Plan:
    """How to make an image fit.

    Attributes:
        steps: in order; () where something stands in the way.
        facts: the image after them.
        obstacles: why no conversion helps, by the name of the filter. Which file could hold the image is looked at
            last, and only where nothing else stands in the way.
    """

    steps: tuple[Step, ...]
    facts: Facts
    obstacles: Mapping[str, str]


def plan(
    facts: Facts, capabilities: Mapping[str, Any], findings: Mapping[str, Finding], missing: Collection[str]
) -> Plan:
    """The steps after which no filter fails.

    Args:
        facts: the image.
        capabilities: what is asked.
        findings: of each filter, for the image as it is.
        missing: filters that refuse the image because it doesn't say what they ask.
    """
    planner = _Planner(facts, capabilities, findings, missing)
    for stage in (planner.bands, planner.reference_system, planner.grid):
        stage()
    if not planner.obstacles:  # a file for an image that can't be made to fit needn't be looked for
        planner.file()
        planner.way_of_passing()
    left = {} if planner.obstacles else planner.failing()
    obstacles = planner.obstacles | dict.fromkeys(left, "No conversion that is known here changes it.")
    return Plan(() if obstacles else tuple(planner.steps), planner.facts, obstacles)


class _Planner:
    """An image on its way to fit."""

    def __init__(
        self, facts: Facts, capabilities: Mapping[str, Any], findings: Mapping[str, Finding], missing: Collection[str]
    ) -> None:
        self.facts = facts
        self.steps: list[Step] = []
        self.obstacles: dict[str, str] = {}
        self._parts = 1  # tiles that it is cut into
        self._capabilities = capabilities
        self._wrong = {name for name, finding in findings.items() if finding.truth is Truth.FAILS} | {*missing}
        for name in sorted(self._wrong - REPAIRABLE):
            self._stop((name,), _NOT_SAID if name in missing else _why_not(name))
        known = {*FILE_FILTERS, *(("crsCodes",) if facts.has_transform else ())}  # a CRS in WKT is one to start from
        self._stop(sorted({*missing} & REPAIRABLE - known), _NOT_SAID)

    def failing(self, names: Collection[str] | None = None) -> dict[str, str]:
        """Filters that the image fails as it is now, with what decided."""
        asked = self._capabilities if names is None else {name for name in names if name in self._capabilities}
        found = {name: FILTERS[name](self._capabilities[name], self.facts) for name in FILTERS if name in asked}
        return {name: finding.capability for name, finding in found.items() if finding.truth is Truth.FAILS}

    def bands(self) -> None:
        """Leave bands out, or put them in another order."""
        wrong = self._first("bands", "bandCount")
        if not wrong:
            return
        chosen = choose_bands(self._capabilities.get("bands", {}), self.facts).indexes
        count = self._capabilities.get("bandCount", {})
        if "bands" not in self._capabilities:
            return self._stop(wrong, "Which of the bands to take isn't said.")
        if chosen is None:
            return self._stop(wrong, "A band that is needed isn't there, or which one it is isn't said.")
        indexes = [*chosen]
        if not self._capabilities["bands"].get("exact"):
            others = (index for index in range(len(self.facts.bands)) if index not in chosen)
            indexes += [index for index, _ in zip(others, range(least_count(count) - len(indexes)), strict=False)]
        most = greatest_count(count)
        if len(indexes) < least_count(count) or (most is not None and len(indexes) > most):
            return self._stop(wrong, f"{len(indexes)} bands are taken, and that is no number that is accepted.")
        return self._add("select_bands", {"bands": indexes}, wrong)

    def reference_system(self) -> None:
        """Reproject."""
        if "crsCodes" not in self._wrong:
            return
        if not self.facts.has_transform:
            return self._stop(("crsCodes",), "It has no CRS and transform from which to reproject it.")
        crs = nearest_crs(self._capabilities["crsCodes"], self.facts)
        gsd, arguments = self.facts.gsd, {"crs": crs}
        if gsd and gsd[0] == gsd[1] and is_metric(crs):
            arguments["gsd"] = max(gsd[0], least_in(self._capabilities.get("gsd", {})))
        return self._add("reproject", arguments, ("crsCodes",))

    def grid(self) -> None:
        """Resample, then cut into tiles."""
        failing = self.failing(GRID_FILTERS)
        beyond = [name for name, decider in failing.items() if decider.startswith("/max" if name == "gsd" else "/min")]
        if beyond:
            return self._stop(beyond, "Its pixels would have to be finer, or more, than they are.")
        if failing.keys() - {"tile"}:
            size = fitting_size(self._capabilities, self.facts)
            if size is None:
                return self._stop(failing, "Its size isn't said, so no grid can be worked out.")
            if size != self.facts.size:
                names = ("gsd",) if is_cut(self._capabilities, size) else GRID_FILTERS
                self._add("resample", {"size": list(size)}, tuple(name for name in names if name in failing))
        failing = self.failing(GRID_FILTERS)
        if "tile" in failing:
            tile = self._capabilities["tile"]
            arguments = {"width": tile["width"], "height": tile["height"], "overlap": tile.get("overlap", 0)}
            whole = self.facts.size
            self._add("tile", arguments, tuple(sorted(failing, key=GRID_FILTERS.index, reverse=True)))
            self._parts = tile_count(whole, tile) if whole else 1
        return None

    def file(self) -> None:
        """Cast and write another file, where that is asked for or something was changed."""
        wrong = self._first(*FILE_FILTERS)
        if not wrong and not self.steps:
            return
        found = self._form(self._casts(wrong))
        if found is None:
            names = wrong or ("mediaTypes",)
            return self._stop(names, "No file that is accepted can hold its samples and be written here.")
        cast, form, holds = found
        if cast.data_type is not None:
            because = self._first("dataTypes") or ("mediaTypes",)
            self._add("cast", cast.arguments(), because, cast.caveat, is_lossless=cast.is_lossless)
        caveat = "" if holds is Truth.HOLDS else f"{form.essence} can't hold its samples"
        because = tuple(name for name in wrong if name != "dataTypes") or tuple(wrong)
        self._add("reformat", {"mediaType": form.media_type}, because, caveat, is_lossless=form.is_lossless)

    def way_of_passing(self) -> None:
        """Hand it over the other way."""
        ways = self._capabilities.get("passing")
        if not ways or ("byValue" if self.facts.is_by_value else "byReference") in ways:
            return
        self._add("embed" if "byValue" in ways else "store", {}, ("passing",))

    def _casts(self, wrong: tuple[str, ...]) -> list[Cast]:
        """Ways to a data type that is accepted, to stay with the present one first."""
        accepted = self._capabilities.get("dataTypes")
        present = self._in_memory()
        stay = [Cast()] if accepted is None or (present in accepted and "dataTypes" not in wrong) else []
        return stay + (exact_casts(self.facts) if accepted is None else casts_to(accepted, self.facts))

    def _form(self, casts: list[Cast]) -> tuple[Cast, FileForm, Truth] | None:
        """The first cast for which there is a file, and of its files the one that loses least and changes least."""
        forms = forms_for(self._capabilities)
        needs_place, present = "crs" in self.facts.document, self.facts.media_type
        for cast in casts:
            shape = (cast.data_type or self._in_memory(), len(self.facts.bands) or None, self.facts.size)
            able = [(form, truth) for form in forms if (truth := form.holds(*shape)) is not Truth.FAILS]
            if able:
                form, truth = min(
                    able,
                    key=lambda one: (
                        not one[0].is_lossless,
                        one[1] is not Truth.HOLDS,
                        needs_place and not one[0].has_place,
                        one[0].essence != present,
                    ),
                )
                return cast, form, truth
        return None

    def _in_memory(self) -> str | None:
        found = self.facts.data_type
        return IN_MEMORY.get(found, found) if found else None

    def _first(self, *names: str) -> tuple[str, ...]:
        """Those of the filters that something is wrong with in the image as it was given."""
        return tuple(name for name in names if name in self._wrong)

    def _stop(self, filters: Iterable[str], why: str) -> None:
        self.obstacles |= {name: why for name in filters if name not in self.obstacles}

    def _add(
        self,
        operation: Operation,
        arguments: Mapping[str, Any],
        filters: tuple[str, ...],
        caveat: str = "",
        *,
        is_lossless: bool | None = None,
    ) -> None:
        step = Step(operation, arguments, filters, Cost(), caveat)
        became = after(self.facts, step)
        lossless = is_lossless if is_lossless is not None else operation not in ("reproject", "resample")
        self.steps.append(Step(operation, arguments, filters, self._cost(step, became, lossless), caveat))
        self.facts = became

    def _cost(self, step: Step, became: Facts, is_lossless: bool) -> Cost:
        """Samples of the result, several times where each is made of several; bytes that are read and written."""
        if step.operation in ("embed", "store"):
            known = self.facts.size_bytes
            return Cost(0, known if known is not None else _raw(self.facts, self._parts)[1])
        if step.operation == "tile":  # parts of one array, which nobody copies
            return Cost()
        (_, read), (made, written) = _raw(self.facts, self._parts), _raw(became, self._parts)
        samples = None if made is None else made * (_WARP_SAMPLES if step.operation in ("reproject", "resample") else 1)
        return Cost(samples, None if read is None or written is None else read + written, is_lossless)


def _raw(facts: Facts, parts: int) -> tuple[int | None, int | None]:
    """Samples of so many images of one size, and bytes of them uncompressed."""
    if facts.size is None or not facts.bands:
        return None, None
    pixels = facts.size[0] * facts.size[1] * parts
    bits = [BITS.get(one or "") for one in facts.data_types]
    return pixels * len(facts.bands), None if None in bits else pixels * sum(one or 0 for one in bits) // 8


def _why_not(name: str) -> str:
    return _WHY_NOT.get(name, "No conversion changes that.")


_WHY_NOT = {
    "sizeBytes": "How large another file is shows only once it is written.",
    "bitsPerSample": "A cast changes how samples are stored, not how many bits of them are used.",
    "orthorectified": "Relief can't be taken out, or put back in, here.",
    "georeferenced": "Where it lies on the ground must be said.",
    "georeferencing": "Where it lies on the ground must be said.",
}
