"""Scenes handed over and results handed back as folders with a STAC catalog, as the EO Application Package has it.

Source: OGC 20-089r1, Best Practice for Earth Observation Application Package, section 7.5 (data stage-in and -out).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from swath_converters import Image
from swath_converters.errors import ConversionError
from swath_converters.ground import to_world
from swath_runtime.errors import RuntimeFailure
from swath_runtime.results import SUFFIXES

STAC = "1.1.0"
CATALOG = "catalog.json"
MEDIA_TYPES = {suffix: kind for kind, suffix in SUFFIXES.items()} | {
    ".tif": "image/tiff; application=geotiff",
    ".geojson": "application/geo+json",
    ".json": "application/json",
}
_ASIDE = {"thumbnail", "overview", "metadata"}


class StagingUnusable(RuntimeFailure):
    """A folder that should hold one scene with its STAC catalog holds something else."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(f"{folder}: {reason}")
        self.hint = "a staged folder holds catalog.json, which links one item, which has one image with the role 'data'"


@dataclass(frozen=True)
class Scene:
    """One scene of a staged folder: its image's file, the item's id, and its time as the item says it ("" if not)."""

    path: Path
    item: str
    time: str


def staged_scene(folder: Path) -> Scene:
    """The one scene of a folder with a STAC catalog; raises StagingUnusable."""
    found = list(_items(folder, folder / CATALOG, set()))
    if len(found) != 1:
        raise StagingUnusable(folder, f"its catalog links {len(found)} items, and one is wanted")
    place, item = found[0]
    assets: Mapping[str, Mapping[str, Any]] = item.get("assets", {})
    data = [one for one in assets.values() if "data" in one.get("roles", ())]
    images = [one for one in assets.values() if _is_image(one)]
    chosen = data if len(data) == 1 else [one for one in data if _is_image(one)] or images
    if len(chosen) != 1:
        raise StagingUnusable(folder, f"its item has no single image among its assets ({', '.join(assets) or 'none'})")
    path = _inside(folder, place.parent, str(chosen[0].get("href", "")))
    return Scene(path, str(item.get("id", "")), str(item.get("properties", {}).get("datetime") or ""))


def write_catalog(
    folder: Path, name: str, title: str, files: Sequence[Path], images: Sequence[Image], scene: Scene | None
) -> None:
    """Write catalog.json and one item beside results that lie in a folder already.

    Args:
        folder: holds the files.
        name, title: of the algorithm.
        files: each becomes an asset, named by its file.
        images: what gives the item its footprint: the first that is georeferenced.
        scene: what the results were made from; its time becomes theirs. None takes the present.
    """
    ident = f"{name}-{scene.item}" if scene and scene.item else name
    box = next((one for one in map(_box, images) if one), None)
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": STAC,
        "id": ident,
        "geometry": _polygon(box) if box else None,
        **({"bbox": box} if box else {}),
        "properties": {"datetime": (scene and scene.time) or _now(), "title": title},
        "links": [_link("root", CATALOG), _link("parent", CATALOG)],
        "assets": {one.name: _asset(one) for one in files},
    }
    catalog = {
        "type": "Catalog",
        "stac_version": STAC,
        "id": name,
        "description": f"Results of {title}.",
        "links": [_link("root", CATALOG), {**_link("item", f"{ident}.json"), "type": "application/geo+json"}],
    }
    for path, document in ((f"{ident}.json", item), (CATALOG, catalog)):
        (folder / path).write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))


def _items(folder: Path, path: Path, seen: set[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """(path, document) of each item that a catalog links, directly or by a child."""
    if path in seen:
        return
    seen.add(path)
    try:
        document: dict[str, Any] = orjson.loads(path.read_bytes())
        links: list[dict[str, Any]] = document["links"] if document["type"] != "Feature" else []
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise StagingUnusable(folder, f"{path.name} is not there, or no STAC document") from error
    if document["type"] == "Feature":
        yield path, document
    for link in links:
        if link.get("rel") in ("item", "child"):
            yield from _items(folder, _inside(folder, path.parent, str(link.get("href", ""))), seen)


def _inside(folder: Path, base: Path, href: str) -> Path:
    """A file that a document of the folder names; it may name none outside, nor elsewhere."""
    path = (base / href).resolve()
    if not path.is_relative_to(folder.resolve()) or not path.is_file():
        raise StagingUnusable(folder, f"{href!r} is no file in it")
    return path


def _is_image(asset: Mapping[str, Any]) -> bool:
    aside = _ASIDE & set(asset.get("roles", ()))
    return str(asset.get("type", "")).startswith("image/") and not aside


def _box(image: Image) -> list[float] | None:
    """West, south, east, north of an image in degrees, or None where it has no place on the ground."""
    if not image.is_georeferenced:
        return None
    steps = np.linspace(0, 1, 21)
    edge = [(x, y) for x in steps for y in (0, 1)] + [(x, y) for x in (0, 1) for y in steps]
    try:
        ground = to_world(np.array(edge) * (image.width, image.height), image)
    except ConversionError:
        return None  # placed by control points, or in a system that is not known here
    return [round(float(one), 7) for one in (*ground.min(axis=0), *ground.max(axis=0))]


def _polygon(box: Sequence[float]) -> dict[str, Any]:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _asset(path: Path) -> dict[str, Any]:
    looks = path.name.endswith(".quicklook.png")
    role = "overview" if looks else "metadata" if path.name == "result.json" else "data"
    return {"href": f"./{path.name}", "type": MEDIA_TYPES.get(path.suffix, "application/octet-stream"), "roles": [role]}


def _link(relation: str, name: str) -> dict[str, str]:
    return {"rel": relation, "href": f"./{name}", "type": "application/json"}


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
