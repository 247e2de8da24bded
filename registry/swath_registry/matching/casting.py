"""Which data type to cast to, and what that does to the samples.

Source of what a cast refuses: `swath_converters.fit.cast`, which neither wraps nor clips.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from swath_registry.matching.facts import BITS, Facts

_EXACT_BITS = {"float16": 11, "float32": 24, "float64": 53, "cfloat32": 24, "cfloat64": 53}  # of whole numbers
_LARGEST = {"float16": 65504.0, "float32": 3.4028234663852886e38, "float64": 1.7976931348623157e308}
_PART = {"cfloat32": "float32", "cfloat64": "float64"}
_NOT_NUMPY = ("other", "cint16", "cint32")


@dataclass(frozen=True)
class Cast:
    """A way to another data type.

    Attributes:
        data_type: the one to cast to; None leaves the samples as they are.
        rounding: "exact" or "nearest".
        nodata: value that means nodata afterwards; None leaves it as it is.
        is_lossless: the numbers are the same, or it is refused.
        caveat: when it is refused; "" never.
    """

    data_type: str | None = None
    rounding: str = "exact"
    nodata: float | str | None = None
    is_lossless: bool = True
    caveat: str = ""

    def arguments(self) -> dict[str, Any]:
        """Of the step."""
        said = {"dataType": self.data_type, "rounding": self.rounding}
        return said if self.nodata is None else said | {"nodata": self.nodata}


def casts_to(accepted: Sequence[str], facts: Facts) -> list[Cast]:
    """Casts to each of the data types, best first: certain and exact, exact or refused, rounded; then the smallest."""
    source = facts.data_type
    ways = [
        _with_nodata(_cast(source, target, facts), facts)
        for target in accepted
        if target not in _NOT_NUMPY and source != "other"
    ]
    return sorted(ways, key=lambda way: (not way.is_lossless, bool(way.caveat), BITS[str(way.data_type)]))


def exact_casts(facts: Facts) -> list[Cast]:
    """Casts that change no number of any image of the data type."""
    every = [name for name in BITS if name not in _NOT_NUMPY and name != facts.data_type]
    return [way for way in casts_to(every, facts) if way.is_lossless and not way.caveat]


def _cast(source: str | None, target: str, facts: Facts) -> Cast:
    if source is None:
        return Cast(target, "nearest", None, False, "its data type isn't said")
    if source in _PART and target not in _PART:
        inner = _cast(_PART[source], target, facts)
        return Cast(target, inner.rounding, None, inner.is_lossless, "a sample has an imaginary part")
    return _cast_parts(source, _PART.get(target, target), target, facts)


def _cast_parts(source: str, part: str, target: str, facts: Facts) -> Cast:
    source = _PART.get(source, source)
    if "float" in source:
        if "float" not in part:
            return Cast(target, "nearest", None, False, f"a sample is out of the range of {part}, or NaN")
        is_wider = BITS[part] >= BITS[source]
        refused = "" if is_wider else f"a sample is out of the range of {part}"
        return Cast(target, "exact" if is_wider else "nearest", None, is_wider, refused)
    low, high = _whole_range(source, _bits_used(source, facts))
    if "float" in part:
        is_exact = max(-low, high + 1) <= 2 ** _EXACT_BITS[part]
        refused = "" if high <= _LARGEST[part] else f"a sample is out of the range of {part}"
        return Cast(target, "exact" if is_exact else "nearest", None, is_exact, refused)
    least, most = _whole_range(part, BITS[part])
    is_inside = least <= low and high <= most
    return Cast(target, "exact", None, True, "" if is_inside else f"a sample is out of the range of {part}")


def _whole_range(data_type: str, bits: int) -> tuple[int, int]:
    return (0, 2**bits - 1) if data_type.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def _bits_used(source: str, facts: Facts) -> int:
    return min(BITS[source], max((high for _, high in facts.bits), default=BITS[source]))


def _with_nodata(way: Cast, facts: Facts) -> Cast:
    """With a nodata value that the data type has, where that of the image is none of it."""
    target = str(way.data_type)
    values = [facts.document.get("nodata"), *(band.get("nodata") for band in facts.bands)]
    if all(value is None or can_hold(target, value) for value in values):
        return way
    nodata = "nan" if "float" in target else 0 if target.startswith("u") else _whole_range(target, BITS[target])[0]
    refused = f"a sample that isn't nodata is {nodata}"
    caveat = f"{way.caveat}; or {refused}" if way.caveat else refused
    return Cast(target, way.rounding, nodata, way.is_lossless, caveat)


def can_hold(data_type: str, value: float | str) -> bool:
    """Whether a sample of a data type can have a nodata value of `image`."""
    if "float" in data_type:
        return isinstance(value, str) or abs(value) <= _LARGEST[_PART.get(data_type, data_type)]
    if isinstance(value, str) or not math.isfinite(value) or not float(value).is_integer():
        return False
    low, high = _whole_range(data_type, BITS[data_type])
    return low <= value <= high
