"""Bands of STAC assets: `bands` of STAC 1.1, or `eo:bands` and `raster:bands` of 1.0, side by side."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from swath_registry.crosswalks.report import Draft

BAND_SOURCES = ("bands", "eo:bands", "raster:bands")

_FROM_1_1 = {
    "name": "name",
    "description": "description",
    "eo:common_name": "commonName",
    "eo:center_wavelength": "centerWavelength",
    "eo:full_width_half_max": "fullWidthHalfMax",
    "eo:solar_illumination": "solarIllumination",
    "gsd": "gsd",
    "data_type": "dataType",
    "nodata": "nodata",
    "unit": "unit",
    "raster:scale": "scale",
    "raster:offset": "offset",
    "raster:bits_per_sample": "bitsPerSample",
    "raster:spatial_resolution": "gsd",
}
_EO_NAMES = ("common_name", "center_wavelength", "full_width_half_max", "solar_illumination")
_RASTER_NAMES = ("scale", "offset", "bits_per_sample", "spatial_resolution", "sampling")
_FROM_EO = {name: f"eo:{name}" for name in _EO_NAMES}
_FROM_RASTER = {name: f"raster:{name}" for name in _RASTER_NAMES}
_OF_ALL = ("data_type", "nodata", "unit", "raster:scale", "raster:offset", "raster:bits_per_sample")
_UCUM = {
    "kelvin": "K",
    "meter": "m",
    "metre": "m",
    "kilometer": "km",
    "degree": "deg",
    "percent": "%",
    "watt/steradian/square_meter/micrometer": "W/(sr.m2.um)",
}
_LONGEST_NAME = 255
_POLARIZATIONS = ("HH", "VV", "HV", "VH")

Band = dict[str, tuple[Any, str]]
"""What is said of a band, by its name in STAC 1.1, with where it is said."""


def put_bands(draft: Draft, sources: Mapping[str, tuple[Any, str]]) -> None:
    """Say the bands, and what all of them have in common."""
    bands = _bands(draft, sources)
    polarizations = _polarizations(draft, sources, len(bands))
    if not bands and polarizations:
        bands = [{"name": one} for one in polarizations]
    if not bands:
        return _put_whole(draft, sources)
    draft.document["bands"] = [{} for _ in bands]
    for index, band in enumerate(bands):
        for name in _OF_ALL:  # what the asset says of all its bands
            if name in sources and name not in band and sources[name][0] is not None:
                band[name] = sources[name]
        if index < len(polarizations):
            band["polarization"] = polarizations[index]
        _put_band(draft, index, band)
    _put_common(draft, bands)
    return _put_classes(draft, sources, bands)


def are_objects(value: Any) -> bool:
    """Whether a value is a list of objects."""
    return isinstance(value, list) and all(isinstance(one, dict) for one in cast("list[Any]", value))


def _bands(draft: Draft, sources: Mapping[str, tuple[Any, str]]) -> list[Band]:
    if "bands" in sources:
        for name in ("eo:bands", "raster:bands"):
            if name in sources:
                draft.leave(sources[name][1], "bands says it.")
        return _read(sources["bands"])
    spectral = _read(sources.get("eo:bands"), _FROM_EO)
    raster = _read(sources.get("raster:bands"), _FROM_RASTER)
    if spectral and raster and len(spectral) != len(raster):
        told = f"It has {len(spectral)} bands, and raster:bands, which is of the file, has {len(raster)}."
        draft.leave(sources["eo:bands"][1], told)
        spectral = []
    both = max(spectral, raster, key=len)
    empty: Band = {}
    return [
        (raster[index] if raster else empty) | (spectral[index] if spectral else empty) for index in range(len(both))
    ]


def _read(said: tuple[Any, str] | None, names: Mapping[str, str] | None = None) -> list[Band]:
    """Each band's members, under their names of STAC 1.1."""
    if said is None or not isinstance(said[0], list):
        return []
    bands = cast("Sequence[Mapping[str, Any]]", said[0])
    known: Mapping[str, str] = names or {}
    return [
        {
            known.get(name, name): (value, f"{said[1]}/{index}/{name}")
            for name, value in band.items()
            if value is not None
        }
        for index, band in enumerate(bands)
    ]


def _put_band(draft: Draft, index: int, band: Band) -> None:
    """Members of a band; one without a name is called by its number, counted from 1."""
    place = f"/bands/{index}"
    said = band.get("name")
    if said is None or not isinstance(said[0], str) or not 0 < len(said[0]) <= _LONGEST_NAME:
        if said:
            draft.leave(said[1], "It is no name that a band can have; the band is called by its number.")
        band["name"] = (str(index + 1), next(iter(band.values()), ("", place))[1].rpartition("/")[0] or place)
    if "polarization" in band:
        draft.put(f"{place}/polarization", *band["polarization"])
    for name, member in _FROM_1_1.items():
        if name not in band:
            continue
        value, source = band[name]
        if name == "raster:spatial_resolution" and ("gsd" in band or "/gsd" in draft.mapped):
            draft.leave(source, "gsd says it.")
        else:
            draft.put(f"{place}/{member}", _UCUM.get(str(value), value) if name == "unit" else value, source)
    for name, (_, source) in band.items():
        if name not in _FROM_1_1 and name not in ("polarization", "classification:classes"):
            draft.leave(source, "A band has no member for it.")


def _put_common(draft: Draft, bands: list[Band]) -> None:
    """What is the same of all bands is said of the image too."""
    for name, member in (("data_type", "/dataType"), ("raster:bits_per_sample", "/bitsPerSample")):
        values = [band.get(name, (None, ""))[0] for band in bands]
        if values[0] is not None and all(value == values[0] for value in values):
            draft.put(member, *bands[0][name])


def _put_whole(draft: Draft, sources: Mapping[str, tuple[Any, str]]) -> None:
    """What is said of samples without saying which bands there are."""
    for name, member in (
        ("data_type", "/dataType"),
        ("nodata", "/nodata"),
        ("raster:bits_per_sample", "/bitsPerSample"),
    ):
        if name in sources and sources[name][0] is not None:
            draft.put(member, *sources[name])


def _polarizations(draft: Draft, sources: Mapping[str, tuple[Any, str]], count: int) -> list[tuple[str, str]]:
    """Of each band, where the asset itself lists as many as it has bands."""
    if "sar:polarizations" not in sources:
        return []
    value, source = sources["sar:polarizations"]
    if not source.startswith("/assets/"):
        draft.leave(source, "An item's own polarizations are a summary of all its assets.")
        return []
    if count not in (0, len(value)) or not all(one in _POLARIZATIONS for one in value):
        draft.leave(source, f"Which of the {count} bands has which isn't said.")
        return []
    return [(one, source) for one in value]


def _put_classes(draft: Draft, sources: Mapping[str, tuple[Any, str]], bands: list[Band]) -> None:
    """Classes of the values of one band."""
    said = sources.get("classification:classes") or bands[0].get("classification:classes")
    if said is None:
        return
    if len(bands) > 1:
        return draft.leave(said[1], "Classes are said of an image of one band.")
    if not are_objects(said[0]):
        return draft.leave(said[1], "It isn't the list that STAC says it is.")
    draft.put("/classes", [_class(one) for one in said[0]], said[1])
    return None


def _class(said: Mapping[str, Any]) -> dict[str, Any]:
    color = said.get("color_hint") or said.get("color-hint")
    found = {"value": said.get("value"), "name": said.get("name") or said.get("description")}
    found |= {"description": said["description"]} if said.get("description") else {}
    return found | ({"color": color} if color else {})
