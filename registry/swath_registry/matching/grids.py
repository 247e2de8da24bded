"""Which grid an image must be put on to fit: its reference system, pixel size, size and tiles."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from swath_registry.matching.facts import Facts
from swath_registry.matching.ranges import greatest_count, least_in

_UTM = re.compile(r"EPSG:32([67])(0[1-9]|[1-5][0-9]|60)", re.IGNORECASE)
_METRIC = re.compile(
    r"EPSG:(32[67](0[1-9]|[1-5][0-9]|60)|258(2[89]|3[0-8])|2154|3035|27700|31370|28992|21781|2056|3395|3031|3413)",
    re.IGNORECASE,
)  # UTM (WGS 84, ETRS89), national and polar grids in metres; not 3857, whose metres grow towards the poles


def is_metric(crs: str) -> bool:
    """Whether a code is known to be of a reference system in metres of the ground."""
    return _METRIC.fullmatch(crs) is not None


def nearest_crs(codes: Sequence[str], facts: Facts) -> str:
    """Of several reference systems the UTM zone that the image's middle lies in, else the first."""
    middle = _middle(facts.document)
    if middle:
        longitude, latitude = middle
        zone = int((longitude + 180) // 6) % 60 + 1
        wanted = f"EPSG:32{6 if latitude >= 0 else 7}{zone:02}"
        for code in codes:
            if code.upper() == wanted:
                return code
    return codes[0]


def _middle(document: Mapping[str, Any]) -> tuple[float, float] | None:
    bbox = document.get("bbox")
    if not bbox:
        return None
    west, south, east, north = bbox
    east += 360 if west > east else 0
    return (west + east) / 2, (south + north) / 2


def fitting_size(capabilities: Mapping[str, Any], facts: Facts) -> tuple[int, int] | None:
    """Columns and rows with which an image isn't too large nor too fine; None where its size isn't known.

    Sides are made smaller by one factor, so that pixels keep their shape. Where it is cut, it is its tiles that mustn't
    be too large, and only the size of a pixel counts here.
    """
    if facts.size is None:
        return None
    width, height = facts.size
    factor = _coarsening(capabilities, facts)
    if not is_cut(capabilities, (_shrunk(width, factor), _shrunk(height, factor))):
        factor = max(factor, *_excesses(capabilities, width, height))
    return _shrunk(width, factor), _shrunk(height, factor)


def is_cut(capabilities: Mapping[str, Any], size: tuple[int, int]) -> bool:
    """Whether a service takes an image of that size in tiles."""
    tile = capabilities.get("tile")
    return tile is not None and (size[0] > tile["width"] or size[1] > tile["height"])


def _coarsening(capabilities: Mapping[str, Any], facts: Facts) -> float:
    """How many times as large the pixels must become."""
    gsd = facts.gsd
    if gsd is None or gsd[0] != gsd[1] or "gsd" not in capabilities:
        return 1.0
    return max(1.0, least_in(capabilities["gsd"]) / gsd[0])


def _excesses(capabilities: Mapping[str, Any], width: int, height: int) -> list[float]:
    """How many times each limit of size is exceeded."""
    limits = {
        name: greatest_count(capabilities[name]) for name in ("width", "height", "pixels") if name in capabilities
    }
    sides = ((limits.get("width"), width), (limits.get("height"), height))
    found = [side / limit for limit, side in sides if limit]
    most = limits.get("pixels")
    return [1.0, *found, *([math.sqrt(width * height / most)] if most else [])]


def _shrunk(side: int, factor: float) -> int:
    """The most whole pixels that are at least so many times as large; one at least."""
    pixels = max(1, math.floor(side / factor * (1 + 1e-12)))
    return pixels if pixels == 1 or side / pixels >= factor else pixels - 1


def tile_count(size: tuple[int, int], tile: Mapping[str, Any]) -> int:
    """How many tiles an image is cut into, as `swath_converters.fit.tile_windows` cuts it."""
    overlap = tile.get("overlap", 0)
    return math.prod(
        max(1, math.ceil((side - overlap) / max(1, tile[name] - overlap)))
        for name, side in zip(("width", "height"), size, strict=True)
    )
