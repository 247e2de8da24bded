"""What is known of an image's samples, as a document of the registry type `image`."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from affine import Affine

from .control_documents import points_document, rpcs_document
from .crs import crs_from_text
from .errors import ConversionError
from .memory import PER_BAND, Image, Nodata
from .window_crs import Crossing, one_arc
from .window_grid import applied

LONGITUDE_LATITUDE = "OGC:CRS84"
Document = dict[str, Any]

_STAC_NAMES = {"complex_int16": "cint16", "complex64": "cfloat32", "complex128": "cfloat64", "bool": "other"}
_LATTICE = 33
_SCALE_TOLERANCE = 0.01  # a projection that keeps lengths that well has pixels of the size that it says
_DIGITS = 7
_COARSEST_M = 1_000_000.0  # that an image document can say
_EQUATOR_M, _POLE_M = 6_378_137.0, 6_356_752.314245  # semi-axes of WGS 84
_COMMON_NAMES = frozenset({"red", "green", "blue", "pan", "coastal", "rededge", "nir", "lwir"})
"""What GDAL shows bands as, that is also a common name of STAC."""


def described(image: Image, *, is_located: bool = True) -> Document:
    """All that `image` has members for, but of the file; `is_located`: with gsd and bbox, which take PROJ some ms."""
    facts = {
        name: getattr(image, name) for name in (*PER_BAND, "crs", "transform", "gcps", "gcp_crs", "rpcs", "nodata")
    }
    return described_facts(facts, image.shape, (image.dtype.name,) * image.count, is_located=is_located)


def described_facts(
    facts: Mapping[str, Any], shape: tuple[int, int, int], data_types: Sequence[str], *, is_located: bool = True
) -> Document:
    """The same of what a header says.

    Args:
        facts: arguments of `Image`.
        shape: (bands, height, width).
        data_types: of each band, as rasterio or numpy calls it.
        is_located: with gsd and bbox.
    """
    count, height, width = shape
    names = [data_type_name(one) for one in data_types]
    document: Document = {"size": {"width": width, "height": height}}
    if len({*names}) == 1:
        document["dataType"] = names[0]
    nodata = _each(facts.get("nodata"), count)
    whole = nodata[0] if len({repr(one) for one in nodata}) == 1 else None
    if whole is not None:
        document["nodata"] = json_number(whole)
    own = (None,) * count if whole is not None else nodata
    document["bands"] = [_band(facts, index, own[index]) for index in range(count)]
    if "dataType" not in document:
        document["bands"] = [band | {"dataType": name} for band, name in zip(document["bands"], names, strict=True)]
    place = _place(facts) | (_location(facts, width, height) if is_located else {})
    return document | place | _control(facts)


def _each(nodata: Any, count: int) -> tuple[Nodata, ...]:
    return cast(tuple[Nodata, ...], nodata) if isinstance(nodata, tuple) else (nodata,) * count


def data_type_name(name: str) -> str:
    """STAC's name for a dtype; "other" where it has none."""
    return _STAC_NAMES.get(name, name)


def json_number(value: float | int) -> float | int | str:
    """A number as JSON has it: NaN and the infinities are texts."""
    if isinstance(value, int) or math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def _band(facts: Mapping[str, Any], index: int, nodata: Any) -> Document:
    """A band without a name is called by its number, counted from 1, and is what it is shown as."""
    said: dict[str, Any] = {name: facts[name][index] if facts.get(name) else None for name in PER_BAND}
    name, shown = said["band_names"], said["color_interpretation"]
    is_named = bool(name) and facts["band_names"].count(name) == 1 and len(name) <= 255
    band: Document = {"name": name if is_named else str(index + 1)}
    if said["band_descriptions"]:
        band["description"] = said["band_descriptions"]
    if not is_named and shown in _COMMON_NAMES and facts["color_interpretation"].count(shown) == 1:
        band["commonName"] = shown
    if nodata is not None:
        band["nodata"] = json_number(nodata)
    for ours, theirs, default in (("scales", "scale", 1.0), ("offsets", "offset", 0.0)):
        if said[ours] not in (None, default) and math.isfinite(said[ours]):
            band[theirs] = said[ours]
    if said["units"] and len(said["units"]) <= 64:
        band["unit"] = said["units"]
    return band


def _place(facts: Mapping[str, Any]) -> Document:
    crs, transform = facts.get("crs"), facts.get("transform")
    if crs is None:
        return {}
    return {"crs": crs} if transform is None else {"crs": crs, "transform": list(tuple(transform)[:6])}


def _location(facts: Mapping[str, Any], width: int, height: int) -> Document:
    crs, transform = facts.get("crs"), facts.get("transform")
    if crs is None or transform is None:
        return {}
    try:
        gsd, bbox = _gsd(crs, transform, width, height), _bbox(crs, transform, width, height)
    except ConversionError:  # a CRS that is in the file, and that PROJ doesn't know
        return {}
    is_said = gsd is not None and 0 < gsd <= _COARSEST_M
    return ({"gsd": gsd} if is_said else {}) | ({"bbox": bbox} if bbox else {})


def _gsd(crs: str, transform: Affine, width: int, height: int) -> float | None:
    """The shorter side of the middle pixel on the ground, metres: as the CRS counts it where that is so within 1 %."""
    middle = np.array([[width / 2, height / 2], [width / 2 + 1, height / 2], [width / 2, height / 2 + 1]])
    points = Crossing(crs, LONGITUDE_LATITUDE)(applied(transform, middle))
    if not np.isfinite(points).all():
        return None
    sides = [_distance_m(points[0], other) for other in points[1:]]
    found = crs_from_text(crs)
    if found.is_projected:
        a, b, _, d, e, _ = tuple(transform)[:6]
        said = min(math.hypot(a, d), math.hypot(b, e)) * float(found.linear_units_factor[1])
        if math.isclose(said, min(sides), rel_tol=_SCALE_TOLERANCE):
            return said
    return float(f"{min(sides):.4g}")


def _distance_m(one: Any, other: Any) -> float:
    """Between points that are near to each other: by the ellipsoid's radii of curvature there."""
    latitude = math.radians((one[1] + other[1]) / 2)
    squeezed = 1 - (1 - (_POLE_M / _EQUATOR_M) ** 2) * math.sin(latitude) ** 2
    east_m = math.radians((other[0] - one[0] + 180) % 360 - 180) * math.cos(latitude) * _EQUATOR_M / math.sqrt(squeezed)
    north_m = math.radians(other[1] - one[1]) * _POLE_M**2 / _EQUATOR_M / squeezed**1.5
    return math.hypot(east_m, north_m)


def _bbox(crs: str, transform: Affine, width: int, height: int) -> list[float] | None:
    """West, south, east, north, degrees; west exceeds east where the antimeridian is crossed."""
    columns, rows = np.meshgrid(np.linspace(0, width, _LATTICE), np.linspace(0, height, _LATTICE))
    points = Crossing(crs, LONGITUDE_LATITUDE)(applied(transform, np.column_stack([columns.ravel(), rows.ravel()])))
    if not np.isfinite(points).all() or np.abs(points[:, 1]).max() > 90 + 1e-9:
        return None
    longitudes = one_arc(points[:, 0]) if not crs_from_text(crs).is_geographic else points[:, 0]
    west, east = float(longitudes.min()), float(longitudes.max())
    south, north = max(-90.0, float(points[:, 1].min())), min(90.0, float(points[:, 1].max()))
    poles = [pole for pole in (-90.0, 90.0) if _is_inside(pole, crs, transform, width, height)]
    if poles or east - west >= 360 - 1e-9:
        west, east = -180.0, 180.0
        south, north = min([south, *poles]), max([north, *poles])
    edges = [_wrapped(west, is_east=False), south, _wrapped(east, is_east=True), north]
    return [round(edge, _DIGITS) + 0.0 for edge in edges]


def _is_inside(pole: float, crs: str, transform: Affine, width: int, height: int) -> bool:
    if transform.is_degenerate or crs_from_text(crs).is_geographic:
        return False
    point = Crossing(LONGITUDE_LATITUDE, crs)(np.array([[0.0, pole]]))
    if not np.isfinite(point).all():
        return False
    column, row = applied(~transform, point)[0]
    return bool(0 <= column <= width and 0 <= row <= height)


def _wrapped(longitude: float, *, is_east: bool) -> float:
    turned = (longitude + 180) % 360 - 180
    return 180.0 if is_east and turned == -180 else turned


def _control(facts: Mapping[str, Any]) -> Document:
    document: Document = {}
    if facts.get("gcps") and facts.get("gcp_crs"):
        document["groundControlPoints"] = points_document(facts["gcps"], facts["gcp_crs"])
    if facts.get("rpcs") is not None:
        said = rpcs_document(facts["rpcs"])  # GDAL says -1 of an error that isn't known
        document["rpc"] = {name: said[name] for name in said if not (name.startswith("error") and said[name] < 0)}
    return document
