"""What an `Image` knows besides its samples, as JSON and back.

Written beside the samples in an NPZ, and in a GeoTIFF for the few facts that it has no field for. NaN and the
infinities are the texts "nan", "inf" and "-inf". What comes from outside is checked, never trusted.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, fields
from math import isfinite, isnan
from typing import Any, cast

from affine import Affine

from .control import POLYNOMIALS, GroundControlPoint, Rpcs
from .crs import crs_from_text, crs_to_text
from .errors import MalformedValue
from .memory import Image

_NUMBER_WORDS = {"nan": float("nan"), "inf": float("inf"), "-inf": float("-inf")}
_MOST_CHARACTERS = 16 << 20


def facts_to_text(image: Image, names: Iterable[str] | None = None) -> str:
    """JSON of the facts that the image has; only those `names` (of `FACTS`), or all but mask and samples."""
    found = {name: to_json(getattr(image, name)) for name, (to_json, _) in FACTS.items() if _is_said(image, name)}
    chosen = found if names is None else {name: found[name] for name in names if name in found}
    return json.dumps(chosen, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def facts_from_text(text: str) -> dict[str, Any]:
    """Arguments of `Image` by name.

    Raises:
        MalformedValue: it is no such JSON, or its CRS is not known.
    """
    try:
        members = _members(text)
        return {name: FACTS[name][1](value) for name, value in members.items() if name in FACTS}
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
        raise MalformedValue("What the file says of its samples is not what Swath writes.") from None


def _members(text: str) -> dict[str, Any]:
    if len(text) > _MOST_CHARACTERS:
        raise ValueError
    document = json.loads(text, parse_constant=_refuse)
    if not isinstance(document, dict):
        raise TypeError
    return cast(dict[str, Any], document)


def number(value: Any) -> float | int | None:
    """A number, or the text that stands for NaN or an infinity; None stays None."""
    if isinstance(value, str):
        return _NUMBER_WORDS[value]
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise TypeError


def _is_said(image: Image, name: str) -> bool:
    value = getattr(image, name)
    return value is not None and (isinstance(value, float | int) or len(value) > 0 if name != "rpcs" else True)


def _refuse(word: str) -> float:
    raise ValueError(word)


def _from_number(value: Any) -> Any:
    """The number, or the text that stands for it."""
    if isinstance(value, tuple):
        return [_from_number(one) for one in cast(tuple[Any, ...], value)]
    if value is None or isinstance(value, int):
        return value
    if isfinite(value):
        return float(value)
    return "nan" if isnan(value) else "inf" if value > 0 else "-inf"


def _to_numbers(value: Any) -> Any:
    return tuple(number(one) for one in _list(value)) if isinstance(value, list) else number(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return cast(list[Any], value)


def _float(value: Any) -> float:
    found = number(value)
    if found is None:
        raise TypeError
    return float(found)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _floats(value: Any) -> tuple[float, ...]:
    return tuple(_float(one) for one in _list(value))


def _texts(value: Any) -> tuple[str | None, ...]:
    return tuple(None if one is None else _text(one) for one in _list(value))


def _crs(value: Any) -> str | None:
    return crs_to_text(crs_from_text(_text(value)))


def _from_points(points: tuple[GroundControlPoint, ...]) -> list[list[Any]]:
    return [[*map(_from_number, (one.row, one.column, one.x, one.y, one.z)), one.id] for one in points]


def _to_points(value: Any) -> tuple[GroundControlPoint, ...]:
    return tuple(
        GroundControlPoint(*(_float(part) for part in _list(one)[:5]), id=_text(one[5])) for one in _list(value)
    )


def _from_rpcs(rpcs: Rpcs) -> dict[str, Any]:
    return {name: _from_number(value) for name, value in asdict(rpcs).items()}


def _to_rpcs(value: Any) -> Rpcs:
    said: dict[str, Any] = {}
    for one in fields(Rpcs):
        if one.name in POLYNOMIALS:
            said[one.name] = _floats(value[one.name])
        else:
            said[one.name] = None if value.get(one.name) is None else _float(value[one.name])
    return Rpcs(**said)


def _to_colors(value: Any) -> dict[int, tuple[int, ...]]:
    return {int(sample): tuple(int(part) for part in _list(color)) for sample, color in value.items()}


def _to_tags(value: Any) -> dict[str, str]:
    return {_text(name): _text(text) for name, text in value.items()}


def _same(value: Any) -> Any:
    return value


def _as_list(value: Iterable[Any]) -> list[Any]:
    return [one if isinstance(one, str) else _from_number(one) for one in value]


def _as_dicts(value: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    return [dict(one) for one in value]


def _from_colors(colors: Mapping[int, tuple[int, ...]]) -> dict[str, list[int]]:
    return {str(sample): [int(part) for part in color] for sample, color in colors.items()}


FACTS: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "crs": (_same, _crs),
    "transform": (lambda transform: _as_list(transform[:6]), lambda value: Affine(*_floats(value))),
    "nodata": (_from_number, _to_numbers),
    "band_names": (_as_list, _texts),
    "band_descriptions": (_as_list, _texts),
    "scales": (_as_list, _floats),
    "offsets": (_as_list, _floats),
    "units": (_as_list, _texts),
    "tags": (dict, _to_tags),
    "gcps": (_from_points, _to_points),
    "gcp_crs": (_same, _crs),
    "rpcs": (_from_rpcs, _to_rpcs),
    "color_map": (_from_colors, _to_colors),
    "color_interpretation": (_as_list, _texts),
    "band_tags": (_as_dicts, lambda value: tuple(_to_tags(one) for one in _list(value))),
}
"""Each fact's name in JSON, which is its name in `Image`, with how it is written and read."""
