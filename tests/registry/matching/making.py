"""Random images and capabilities that are valid, and ways to narrow, widen and enrich them."""

import copy
import random
from typing import Any

Document = dict[str, Any]
TYPES = ["uint8", "int16", "uint16", "int32", "float32", "float64", "cint16", "cfloat32", "float16"]
COMPRESSIONS = ["none", "deflate", "lzw", "zstd", "jpeg", "jpeg2000", "webp", "lerc"]
MEDIA = ["image/tiff", "image/png", "image/jp2", "image/jpeg", "application/x-npy", "application/x-npz", "image/webp"]
CODES = ["EPSG:32631", "EPSG:32632", "EPSG:4326", "EPSG:3857", "OGC:CRS84"]
SPECTRUM = [("blue", 0.49), ("green", 0.56), ("red", 0.665), ("nir", 0.842), ("nir08", 0.865), ("swir16", 1.61)]
NAMES = [name for name, _ in SPECTRUM]
LEVELS = ["L1C", "L2A", "primary"]
SENSORS = {
    "constellation": ["Sentinel-2", "Pleiades"],
    "platform": ["sentinel-2a", "PHR1B"],
    "sensorType": ["OPTICAL", "RADAR"],
    "mode": ["PX", "IW"],
}
SIDES = {"width": (1, 3000), "height": (1, 3000), "pixels": (1, 9_000_000)}
COUNTS = {"bandCount": (1, 6), "sizeBytes": (1, 10**7), **SIDES}
COVERS = {"cloudCover": (0, 100), "snowCover": (0, 100)}
NUMBERS = {"gsd": (1, 60), "offNadir": (0, 40), "incidenceAngle": (0, 40), **COVERS}
LISTS = ("mediaTypes", "compressions", "dataTypes", "crsCodes", "sensors", "passing", "orbitStates", "georeferencing")


def box(source: random.Random) -> Document:
    west, south = source.randint(0, 6), source.randint(40, 46)
    east, north = west + source.randint(1, 4), south + source.randint(1, 4)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def time(source: random.Random) -> str:
    return f"20{source.randint(10, 30)}-0{source.randint(1, 9)}-1{source.randint(0, 9)}T00:00:00Z"


def band(source: random.Random, index: int) -> Document:
    found: Document = {"name": source.choice([str(index + 1), f"B{index:02}"])}
    common_name, wavelength = source.choice(SPECTRUM)
    if source.random() < 0.6:
        found["commonName"] = common_name
    if source.random() < 0.6:
        found["centerWavelength"] = wavelength
    if source.random() < 0.3:
        found["gsd"] = source.choice([10, 20, 60])
    if source.random() < 0.2:
        found = {"name": found["name"], "polarization": source.choice(["VV", "VH"])}
    return found


def full_image(source: random.Random) -> Document:
    """An image that says everything."""
    width, height = source.randint(1, 3000), source.randint(1, 3000)
    footprint = box(source)
    ring = footprint["coordinates"][0]
    bands = [band(source, index) for index in range(source.randint(1, 5))]
    gsd = min([one["gsd"] for one in bands if "gsd" in one], default=source.choice([5, 10, 20, 30]))
    points = [{"row": 0, "column": 0, "x": 2, "y": 48}, {"row": 9, "column": 9, "x": 3, "y": 47}]
    start, end = sorted([time(source), time(source)])
    return {
        "href": "scene.tif",
        "mediaType": source.choice(MEDIA),
        "compression": source.choice(COMPRESSIONS),
        "sizeBytes": source.randint(1, 10**7),
        "size": {"width": width, "height": height},
        "dataType": source.choice(TYPES),
        "bitsPerSample": source.randint(1, 8),
        "nodata": source.choice([0, -9999, "nan", 255]),
        "overviews": source.choice([[], [2, 4]]),
        "bands": bands,
        "crs": source.choice(CODES),
        "transform": [gsd, 0, 500_000, 0, -gsd, 5_000_000],
        "groundControlPoints": {"crs": "EPSG:4326", "points": points[: source.randint(1, 2)]},
        "bbox": [ring[0][0], ring[0][1], ring[2][0], ring[2][1]],
        "geometry": footprint,
        "gsd": gsd,
        "datetime": start,
        "startDatetime": start,
        "endDatetime": end,
        "sensor": {name: source.choice(values) for name, values in SENSORS.items()} | {"instruments": ["msi"]},
        "processing": {
            "level": source.choice(LEVELS),
            "productType": source.choice(["mono", "bundle"]),
            "orthorectified": source.random() < 0.5,
        },
        "acquisition": {
            **{name: source.randint(0, 40) for name in ("offNadir", "incidenceAngle", "cloudCover", "snowCover")},
            "sunElevation": source.randint(0, 60),
            "orbitState": source.choice(["ascending", "descending"]),
        },
        "ephemeris": {
            "referenceFrame": source.choice(["ITRF", "GCRF"]),
            "timeScale": "UTC",
            "points": [{"time": start, "position": [1, 2, 3]}] * source.randint(1, 3),
        },
    }


def _without(source: random.Random, document: Document) -> Document:
    """The document with some of its members, and some of theirs, left out."""
    dropped = copy.deepcopy(document)
    for name in list(dropped):
        if name != "href" and source.random() < 0.35:
            del dropped[name]
    for name in ("sensor", "processing", "acquisition"):
        if name in dropped:
            for member in list(dropped[name])[1:]:
                if source.random() < 0.4:
                    del dropped[name][member]
    for one in dropped.get("bands", ()):
        for member in ("commonName", "centerWavelength", "gsd"):
            if member in one and source.random() < 0.3:
                del one[member]
    if "crs" not in dropped:
        dropped.pop("transform", None)
    if "endDatetime" not in dropped or "startDatetime" not in dropped:
        dropped.pop("endDatetime", None)
        dropped.pop("startDatetime", None)
    return dropped


def image_and_more(source: random.Random) -> tuple[Document, Document]:
    """An image, and the same one of which more is said."""
    whole = full_image(source)
    more = _without(source, whole) if source.random() < 0.7 else whole
    return _without(source, more), more


def image(source: random.Random) -> Document:
    return image_and_more(source)[source.randint(0, 1)]


def _range(source: random.Random, low: float, high: float, *, exclusive: bool = True) -> Document:
    one, other = sorted([source.randint(low, high), source.randint(low, high)])  # type: ignore[arg-type]
    bounds: Document = {}
    if source.random() < 0.6:
        bounds[source.choice(["min", "minExclusive"]) if exclusive else "min"] = one
    if source.random() < 0.6 or not bounds:
        bounds[source.choice(["max", "maxExclusive"]) if exclusive else "max"] = other
    return bounds


def _some(source: random.Random, values: list[Any]) -> list[Any]:
    return source.sample(values, source.randint(1, len(values)))


def band_filter(source: random.Random) -> Document:
    kind = source.choice(["name", "commonName", "centerWavelength", "polarization"])
    value: Any = {
        "name": f"B0{source.randint(0, 4)}",
        "commonName": source.choice(NAMES),
        "centerWavelength": {"min": 0.4, "max": source.choice([0.6, 0.9, 2.0])},
        "polarization": source.choice(["VV", "VH"]),
    }[kind]
    return {kind: value} | ({"gsd": {"max": 20}} if source.random() < 0.2 else {})


def _filters(source: random.Random) -> Document:
    return {
        "mediaTypes": _some(source, MEDIA),
        "compressions": _some(source, COMPRESSIONS),
        "dataTypes": _some(source, TYPES),
        "passing": _some(source, ["byValue", "byReference"]),
        "sensors": _some(
            source, [{name: source.choice(SENSORS[name]) for name in _some(source, [*SENSORS])}, {"instrument": "MSI"}]
        ),
        "processingLevels": _some(source, LEVELS),
        "productTypes": _some(source, ["mono", "bundle"]),
        "orthorectified": source.random() < 0.5,
        "georeferenced": True,
        "georeferencing": _some(source, ["transform", "groundControlPoints", "rpc"]),
        "groundControlPoints": {"min": source.randint(1, 3)},
        "crsCodes": _some(source, CODES),
        "bands": {
            "allOf": [band_filter(source) for _ in range(source.randint(1, 3))],
            **({"anyOf": [[band_filter(source)], [band_filter(source)]]} if source.random() < 0.3 else {}),
            **({"exact": True} if source.random() < 0.3 else {}),
            **({"ordered": True} if source.random() < 0.3 else {}),
        },
        **{name: _range(source, *limits) for name, limits in COUNTS.items()},
        "bitsPerSample": _range(source, 1, 16),
        "overviews": source.random() < 0.5,
        **{name: _range(source, *limits) for name, limits in NUMBERS.items()},
        "sunElevation": _range(source, 0, 60),
        "orbitStates": _some(source, ["ascending", "descending"]),
        "datetime": {"min": time(source)} if source.random() < 0.5 else {"max": time(source)},
        "coverage": {source.choice(["intersects", "within"]): box(source)},
        "ephemeris": {"minPoints": source.randint(1, 2)},
        "tile": {"width": source.choice([64, 256, 2000]), "height": source.choice([64, 256, 2000]), "overlap": 8},
    }


def capabilities(source: random.Random, most: int = 6) -> Document:
    every = _filters(source)
    found = {name: every[name] for name in source.sample(list(every), source.randint(0, most))}
    if source.random() < 0.5:
        found["onMissing"] = source.choice(["accept", "reject", "unknown"])
    if source.random() < 0.3:
        found["onMissingOf"] = {"gsd": source.choice(["accept", "reject", "unknown"])}
    return found


def narrowed(source: random.Random, wide: Document) -> Document:
    """Capabilities that support no image that the wide ones don't."""
    found = copy.deepcopy(wide)
    every = _filters(source)
    for name in source.sample(list(every), source.randint(0, 2)):
        found.setdefault(name, every[name])
    for name, value in found.items():
        if source.random() < 0.5:
            found[name] = _narrowed_filter(source, name, value)
    return found


def _narrowed_filter(source: random.Random, name: str, value: Any) -> Any:
    if name == "onMissing":
        return {"accept": "unknown", "unknown": "reject"}.get(value, value)
    if name == "bands":
        return _narrowed_bands(source, value)
    if name in LISTS:
        return value[: source.randint(1, len(value))]
    if name in COUNTS or name in NUMBERS:
        if "min" in value:
            return value | {"min": value["min"] + 1}
        if "max" in value:
            return value | {"max": max(0, value["max"] - 1)}
        return value | {"min": 1}
    if name == "tile":
        return value | {"width": max(1, value["width"] // 2)}
    if name == "overviews":
        return True
    return value


def _narrowed_bands(source: random.Random, value: Document) -> Document:
    """A band more, fewer sets, or an order; with `exact` only an order, since one band more is another number."""
    if value.get("exact"):
        return value | {"ordered": True}
    sets = value.get("anyOf", [[]])
    more = [band_filter(source)] if source.random() < 0.5 else []
    fewer = {"anyOf": sets[: source.randint(1, len(sets))]} if sets[0] else {}
    return value | {"allOf": [*value["allOf"], *more]} | fewer | ({"ordered": True} if source.random() < 0.5 else {})
