"""Which common names a band may have by its wavelength.

Source: STAC electro-optical extension 2.0, "Common Band Names"; micrometres.
"""

from collections.abc import Mapping
from typing import Any

from swath_registry.matching.truth import Truth

RANGES: dict[str, tuple[float, float]] = {
    "pan": (0.40, 1.00),
    "coastal": (0.40, 0.45),
    "blue": (0.45, 0.53),
    "green": (0.51, 0.60),
    "green05": (0.51, 0.55),
    "yellow": (0.58, 0.62),
    "red": (0.62, 0.69),
    "rededge": (0.69, 0.79),
    "rededge071": (0.69, 0.73),
    "rededge075": (0.73, 0.76),
    "rededge078": (0.76, 0.79),
    "nir": (0.76, 1.00),
    "nir08": (0.80, 0.90),
    "nir09": (0.90, 1.00),
    "cirrus": (1.35, 1.40),
    "swir16": (1.55, 1.75),
    "swir22": (2.08, 2.35),
    "lwir": (10.4, 12.5),
    "lwir11": (10.5, 11.5),
    "lwir12": (11.5, 12.5),
}
_NARROWEST_PAN_UM = 0.2  # a panchromatic band is as wide as several others; none of the others is


def judge_common_name(name: str, band: Mapping[str, Any]) -> Truth:
    """Whether a band is what a common name stands for.

    What the band says decides. Of one that says none, its wavelength does: outside of the name's range it fails, within
    that range alone it holds; where ranges overlap it is unknown.
    """
    said = band.get("commonName")
    if said is not None:
        return Truth.HOLDS if said == name else Truth.FAILS
    centre = band.get("centerWavelength")
    if centre is None or name not in RANGES:
        return Truth.UNKNOWN if "polarization" not in band else Truth.FAILS
    low, high = RANGES[name]
    if not low <= centre <= high:
        return Truth.FAILS
    is_wide = band.get("fullWidthHalfMax", 0) > _NARROWEST_PAN_UM
    others = [
        other
        for other, (least, most) in RANGES.items()
        if other != name and least <= centre <= most and (other != "pan" or is_wide)
    ]
    return Truth.UNKNOWN if others or name == "pan" else Truth.HOLDS


def middle_of(name: str) -> float | None:
    """The middle of a common name's range, µm."""
    return sum(RANGES[name]) / 2 if name in RANGES else None
