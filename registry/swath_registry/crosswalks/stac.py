"""STAC items (1.0 and 1.1) -> documents of the registry type `image`, one for each asset that is an image.

What an asset says goes before what the item says of all. Nothing is dropped silently: every member of the properties
and of the asset stands in `mapped` or in `left_out`.

Sources: STAC 1.0.0 and 1.1.0; extensions eo 1–2, raster 1–2, projection 1–2, view 1, sat 1, sar 1, processing 1,
product 0.1, file 2, classification 1–2.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, cast
from urllib.parse import quote, urljoin, urlsplit

from swath_registry.crosswalks.report import AssetUnknown, Crosswalk, Draft, NotAnItem
from swath_registry.crosswalks.stac_bands import BAND_SOURCES, are_objects, put_bands
from swath_registry.pointers import pointer_of
from swath_registry.validation import Validator

Sources = Mapping[str, tuple[Any, str]]
"""What is said of an asset, by its name in STAC, with where it is said."""

_IMAGE_TYPES = ("image/", "application/x-npy", "application/x-npz")
_NO_DATA_ROLES = frozenset({"thumbnail", "overview", "metadata"})
_SHA_256 = re.compile("1220([0-9a-f]{64})")  # multihash: sha2-256, 32 bytes
_FOLLOWS = "It follows from CRS, transform and size."
_NO_MEMBER = "An image has no member for it."

_MEMBERS: tuple[tuple[str, str], ...] = (
    ("file:size", "/sizeBytes"),
    ("gsd", "/gsd"),
    ("platform", "/sensor/platform"),
    ("constellation", "/sensor/constellation"),
    ("mission", "/sensor/mission"),
    ("sar:instrument_mode", "/sensor/mode"),
    ("processing:level", "/processing/level"),
    ("landsat:correction", "/processing/level"),
    ("processing:lineage", "/processing/lineage"),
    ("processing:software", "/processing/software"),
    ("product:type", "/processing/productType"),
    ("sar:product_type", "/processing/productType"),
    ("s2:product_type", "/processing/productType"),
    ("view:off_nadir", "/acquisition/offNadir"),
    ("view:incidence_angle", "/acquisition/incidenceAngle"),
    ("view:azimuth", "/acquisition/azimuth"),
    ("view:sun_azimuth", "/acquisition/sunAzimuth"),
    ("view:sun_elevation", "/acquisition/sunElevation"),
    ("eo:cloud_cover", "/acquisition/cloudCover"),
    ("eo:snow_cover", "/acquisition/snowCover"),
    ("sat:absolute_orbit", "/acquisition/absoluteOrbit"),
    ("sat:relative_orbit", "/acquisition/relativeOrbit"),
    ("sat:orbit_state", "/acquisition/orbitState"),
    ("title", "/title"),
    ("description", "/description"),
)
"""Members that are said with the same unit and meaning. Of two for one member, the first that is there is taken."""

_OBJECT_LISTS = frozenset({"bands", "eo:bands", "raster:bands", "classification:classes"})
_LISTS = frozenset({"sar:polarizations", "instruments", "proj:shape", "proj:transform"})

_NEEDS = {"/transform": "/crs", "/startDatetime": "/endDatetime", "/endDatetime": "/startDatetime"}

_REASONS = {
    "sat:orbit_state_vectors": "It doesn't say in which reference frame it is.",
    "proj:bbox": _FOLLOWS,
    "proj:geometry": _FOLLOWS,
    "proj:centroid": _FOLLOWS,
    "eo:bands": "An item's own list of bands is a summary of all its assets.",
    "raster:bands": "An item's own list of bands is a summary of all its assets.",
}


def is_item(document: Any) -> bool:
    """Whether a document is a STAC item."""
    if not isinstance(document, dict):
        return False
    members = cast("dict[str, Any]", document)
    return members.get("type") == "Feature" and "stac_version" in members


def image_assets(item: Mapping[str, Any]) -> list[str]:
    """Names of the assets that are images, without thumbnails, overviews and metadata. Raises NotAnItem."""
    return [name for name, asset in _assets(item).items() if _is_image(asset)]


def images_of_item(item: Mapping[str, Any]) -> dict[str, Crosswalk]:
    """The images of an item, by the names of their assets. Raises NotAnItem."""
    return {name: image_of_asset(item, name) for name in image_assets(item)}


def image_of_asset(item: Mapping[str, Any], asset: str | None = None) -> Crosswalk:
    """One asset of a STAC item as an image.

    Args:
        item: a STAC item, as JSON.
        asset: its name; None: the one that is an image.

    Returns:
        A valid object of `image`, where each member is from, and what was left out. `href` is absolute where the item
        says where it is itself (link `self`).

    Raises:
        NotAnItem: it is none.
        AssetUnknown: it has no such asset, or none or several images and no name was given.
    """
    assets, images = _assets(item), image_assets(item)
    name = asset if asset is not None else images[0] if len(images) == 1 else ""
    if name not in assets:
        raise AssetUnknown(asset or "", images)
    draft = Draft(_NEEDS)
    sources = dict(_sources(item, name, draft))
    _put_item(draft, item, assets[name], pointer_of(["assets", name]))
    for source, member in _MEMBERS:
        if source in sources and sources[source][0] is not None:
            draft.put(member, *sources[source])
    for put in (_put_media_type, _put_checksum, _put_times, _put_sensor, _put_place):
        put(draft, sources)
    put_bands(draft, sources)
    _leave_the_rest(draft, sources)
    return draft.finished(_validator())


@cache
def _validator() -> Validator:
    return Validator("image")


def _assets(item: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    if not is_item(item):
        raise NotAnItem('"type" isn\'t "Feature", or it has no "stac_version"')
    assets = item.get("assets")
    if not isinstance(assets, dict) or not isinstance(item.get("properties"), dict):
        raise NotAnItem("it has no assets or no properties")
    if not all(isinstance(one, dict) and isinstance(one.get("href"), str) for one in assets.values()):  # pyright: ignore
        raise NotAnItem("an asset has no href")
    return assets  # pyright: ignore[reportUnknownVariableType]


def _is_image(asset: Mapping[str, Any]) -> bool:
    if any(role in _NO_DATA_ROLES for role in _list(asset.get("roles")) if isinstance(role, str)):
        return False
    media_type = str(asset.get("type", ""))
    return media_type.startswith(_IMAGE_TYPES) or (not media_type and any(name in asset for name in BAND_SOURCES))


def _sources(item: Mapping[str, Any], name: str, draft: Draft) -> Iterator[tuple[str, tuple[Any, str]]]:
    asset = item["assets"][name]
    for key, value in item["properties"].items():
        source = pointer_of(["properties", key])
        if key in asset:
            draft.leave(source, "The asset says its own.")
        elif key in ("eo:bands", "raster:bands", "title"):
            draft.leave(source, _REASONS.get(key, "It is the title of the item."))
        elif _has_form(key, value, source, draft):
            yield key, (value, source)
    for key, value in asset.items():
        source = pointer_of(["assets", name, key])
        if key not in ("href", "type") and _has_form(key, value, source, draft):
            yield key, (value, source)


def _has_form(key: str, value: Any, source: str, draft: Draft) -> bool:
    """Whether a list is one; what isn't is left out."""
    is_good = are_objects(value) if key in _OBJECT_LISTS else key not in _LISTS or isinstance(value, list)
    if not is_good:
        draft.leave(source, "It isn't the list that STAC says it is.")
    return is_good


def _put_item(draft: Draft, item: Mapping[str, Any], asset: Mapping[str, Any], place: str) -> None:
    links: list[Any] = item["links"] if are_objects(item.get("links")) else []
    itself: Any = next((link.get("href") for link in links if link.get("rel") == "self"), None)
    href = str(asset["href"])
    if isinstance(itself, str) and urlsplit(itself).scheme and not urlsplit(href).scheme:
        href = urljoin(itself, href)
    draft.put("/href", quote(href, safe="%/:=&?~#+!$,;'@()*[]"), f"{place}/href")
    if asset.get("type") is not None:
        draft.put("/mediaType", asset["type"], f"{place}/type")
    if isinstance(item.get("id"), str):
        draft.put("/id", item["id"], "/id")
    if item.get("geometry"):
        draft.put("/geometry", item["geometry"], "/geometry")
    bbox = item.get("bbox")
    if bbox:
        edges = _list(bbox)
        draft.put("/bbox", [*edges[:2], *edges[3:5]] if len(edges) == 6 else bbox, "/bbox")


def _list(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []


def _put_media_type(draft: Draft, sources: Sources) -> None:
    """A compression that the media type tells."""
    told = {"image/jp2": "jpeg2000", "image/jpeg": "jpeg", "image/png": "deflate", "image/webp": "webp"}
    media_type = str(draft.document.get("mediaType", "")).partition(";")[0].strip().lower()
    if media_type in told:
        draft.put("/compression", told[media_type], draft.mapped["/mediaType"])


def _put_checksum(draft: Draft, sources: Sources) -> None:
    if "file:checksum" not in sources:
        return
    value, source = sources["file:checksum"]
    found = _SHA_256.fullmatch(str(value).lower())
    if found:
        draft.put("/sha256", found[1], source)
    else:
        draft.leave(source, "It is no SHA-256 digest written as a multihash (1220…).")


def _put_times(draft: Draft, sources: Sources) -> None:
    if "datetime" in sources:
        value, source = sources["datetime"]
        if value is None:
            draft.leave(source, "It is null; start_datetime and end_datetime stand for it, where they are given.")
        else:
            draft.put("/datetime", value, source)
    ends = [sources.get(name) for name in ("start_datetime", "end_datetime")]
    known = [one for one in ends if one is not None and one[0] is not None]
    if len(known) == 2:
        draft.put("/startDatetime", *known[0])
        draft.put("/endDatetime", *known[1])
    for _, source in known if len(known) == 1 else ():
        draft.leave(source, "A start needs an end, and an end a start.")


def _put_sensor(draft: Draft, sources: Sources) -> None:
    if "instruments" in sources:
        value, source = sources["instruments"]
        if isinstance(value, list) and value:
            draft.put("/sensor/instruments", list(dict.fromkeys(map(str, value))), source)  # pyright: ignore
        else:
            draft.leave(source, "It names no instrument.")
    for prefix, kind in (("sar:", "RADAR"), ("eo:", "OPTICAL")):
        told = next((source for name, (_, source) in sources.items() if name.startswith(prefix)), None)
        if told and "/sensor/sensorType" not in draft.mapped:
            draft.put("/sensor/sensorType", kind, told)


def _put_place(draft: Draft, sources: Sources) -> None:
    _put_crs(draft, sources)
    if "proj:shape" in sources:
        value, source = sources["proj:shape"]
        if isinstance(value, list) and len(value) == 2:  # pyright: ignore[reportUnknownArgumentType]
            draft.put("/size", {"width": value[1], "height": value[0]}, source)
        else:
            draft.leave(source, "It isn't [height, width].")
    if "proj:transform" not in sources:
        return
    value, source = sources["proj:transform"]
    if "/crs" not in draft.mapped:
        draft.leave(source, "A transform needs a CRS, and none is said.")
    elif len(value) == 9 and value[6:] == [0, 0, 1]:
        draft.put("/transform", value[:6], source)
    else:
        draft.put("/transform", value, source)


def _put_crs(draft: Draft, sources: Sources) -> None:
    """The first that says one: code, EPSG number (projection 1), WKT2, the identifier of PROJJSON."""
    ways: tuple[tuple[str, Callable[[Any], str | None]], ...] = (
        ("proj:code", str),
        ("proj:epsg", lambda number: f"EPSG:{number}"),
        ("proj:wkt2", str),
        ("proj:projjson", _projjson_code),
    )
    for name, read in ways:
        value, source = sources.get(name, (None, ""))
        if not source:
            continue
        found = None if value is None else read(value)
        if found is None:
            draft.leave(source, "It is null." if value is None else "It names no authority and code.")
        elif "/crs" in draft.mapped:
            draft.leave(source, f"{draft.mapped['/crs'].rpartition('/')[2]} says it.")
        else:
            draft.put("/crs", found, source)


def _projjson_code(value: Any) -> str | None:
    try:
        return f"{value['id']['authority']}:{value['id']['code']}"
    except (KeyError, TypeError, IndexError):
        return None


def _leave_the_rest(draft: Draft, sources: Sources) -> None:
    told: set[str] = {*draft.mapped.values(), *(one.pointer for one in draft.left_out)}
    for name, (value, source) in sources.items():
        if source not in told and not any(one.startswith(f"{source}/") for one in told):
            draft.leave(source, "It is null." if value is None else _REASONS.get(name, _NO_MEMBER))
