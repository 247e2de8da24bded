"""What filters ask and images say, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

_NOUNS = {
    "mediaTypes": "media type",
    "compressions": "compression",
    "dataTypes": "data type",
    "passing": "way of handing over",
    "sensors": "sensor",
    "processingLevels": "processing level",
    "productTypes": "product type",
    "orthorectified": "orthorectified",
    "georeferenced": "has CRS and transform",
    "georeferencing": "way of lying on the ground",
    "groundControlPoints": "number of ground control points",
    "crsCodes": "CRS",
    "bands": "bands",
    "bandCount": "number of bands",
    "width": "width",
    "height": "height",
    "pixels": "number of pixels",
    "sizeBytes": "size of the file",
    "bitsPerSample": "bits used of a sample",
    "overviews": "overviews",
    "gsd": "ground sample distance",
    "cloudCover": "cloud cover",
    "snowCover": "snow cover",
    "offNadir": "off-nadir angle",
    "incidenceAngle": "incidence angle",
    "sunElevation": "sun elevation",
    "orbitStates": "direction of flight",
    "datetime": "time of acquisition",
    "coverage": "footprint",
    "ephemeris": "ephemeris",
    "tile": "size, against the tiles that the service takes",
}
_UNITS = {
    **dict.fromkeys(("width", "height", "pixels"), "px"),
    **dict.fromkeys(("offNadir", "incidenceAngle", "sunElevation"), "°"),
    **dict.fromkeys(("cloudCover", "snowCover"), "%"),
    **{"sizeBytes": "bytes", "bitsPerSample": "bits", "gsd": "m"},
}
_BOUNDS = (("min", "at least"), ("minExclusive", "more than"), ("max", "at most"), ("maxExclusive", "less than"))
_MOST_LISTED = 8


def noun(name: str) -> str:
    """What a filter is about."""
    return _NOUNS.get(name, name)


def asked(name: str, expected: Any) -> str:
    """What a filter asks."""
    if isinstance(expected, bool):
        return "yes" if expected else "no"
    if name == "bands":
        return _bands(expected)
    if name == "sensors":
        return listed([_members(one) for one in expected], "or")
    if name == "tile":
        return f"at most {expected['width']} × {expected['height']} px"
    if name == "coverage":
        relations = {"intersects": "touching the given area", "within": "within the given area"}
        return listed([words for relation, words in relations.items() if relation in expected], "and")
    if name == "ephemeris":
        frames = expected.get("referenceFrames")
        points = f"at least {expected.get('minPoints', 1)} point(s)"
        return f"{points} in {listed(frames, 'or')}" if frames else points
    if isinstance(expected, Mapping):
        return _range(name, expected)  # pyright: ignore[reportUnknownArgumentType]
    return listed([str(one) for one in expected], "or")


def said(name: str, actual: Any) -> str:
    """What an image says."""
    if isinstance(actual, bool):
        return "yes" if actual else "no"
    if name == "tile":
        return f"{actual['width']} × {actual['height']} px"
    if name == "coverage":
        return "a footprint" if isinstance(actual, Mapping) else "a bounding box"
    if isinstance(actual, Mapping):
        return _members(actual)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(actual, list):
        return listed([str(one) for one in actual], "and") or "none"  # pyright: ignore
    return _measure(name, actual)


def decider(pointer: str, expected: Any) -> str:
    """What of a filter decided that an image fails it, where the filter has several parts."""
    match pointer.split("/")[1:]:
        case ["bands", "exact"]:
            return ", so others too"
        case ["bands", "ordered"]:
            return ", so in another order"
        case ["bands", *path]:
            wanted: Any = expected
            for part in path:
                wanted = wanted[int(part) if part.isdigit() else part]
            return f"; none is left that is {band_in_words(wanted)}" if path else ""
        case ["coverage", relation]:
            return " that is elsewhere" if relation == "intersects" else " that isn't within it"
        case _:
            return ""


def listed(names: Sequence[str], last: str) -> str:
    """A list in words, cut where it is long."""
    shown = [*names[:_MOST_LISTED], *(["…"] if len(names) > _MOST_LISTED else [])]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}" if shown else ""


def band_in_words(wanted: Mapping[str, Any]) -> str:
    """A band filter."""
    parts: list[str] = []
    for name, value in wanted.items():
        if name == "centerWavelength":
            parts.append(f"wavelength {_bounds(value, ' µm')}")
        elif name == "gsd":
            parts.append(f"ground sample distance {_bounds(value, ' m')}")
        elif not name.startswith("x-"):
            parts.append({"name": "named ", "commonName": "", "polarization": ""}.get(name, f"{name} ") + str(value))
    return ", ".join(parts)


def _bands(wanted: Mapping[str, Any]) -> str:
    parts = [band_in_words(one) for one in wanted.get("allOf", ())]
    sets = [" + ".join(f"({band_in_words(one)})" for one in each) for each in wanted.get("anyOf", ())]
    text = listed([f"({one})" for one in parts], "and")
    if sets:
        text = f"{text}{' and ' if text else ''}one of: {'; '.join(sets)}"
    text += ", no others" if wanted.get("exact") else ""
    return text + (", in that order" if wanted.get("ordered") else "")


def _members(value: Mapping[str, Any]) -> str:
    shown = {name: each for name, each in value.items() if not name.startswith("x-")}
    return ", ".join(f"{name} {' '.join(each) if isinstance(each, list) else each}" for name, each in shown.items())  # pyright: ignore


def _range(name: str, wanted: Mapping[str, Any]) -> str:
    unit = _UNITS.get(name, "")
    return _bounds(wanted, unit if unit in ("°", "") else f" {unit}")


def _bounds(wanted: Mapping[str, Any], unit: str) -> str:
    return " and ".join(f"{words} {_number(wanted[bound])}{unit}" for bound, words in _BOUNDS if bound in wanted)


def _measure(name: str, value: Any) -> str:
    unit = _UNITS.get(name, "")
    return f"{_number(value)}{unit if unit in ('°', '') else f' {unit}'}"


def _number(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
