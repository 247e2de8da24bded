"""What a document says of an image once a step is done to it.

Only what is sure: the size after a reprojection is left out, since PROJ alone knows it, and so is the size of a file
that isn't written yet. Cut into tiles, the document is that of the first; its footprint stays that of the whole.
"""

from collections.abc import Callable, Mapping
from typing import Any

from swath_registry.matching.facts import BITS, Facts, is_unnamed
from swath_registry.matching.formats import FORMS, IN_MEMORY
from swath_registry.matching.steps import Step

IN_HAND = "cid:image"
"""`href` of an image whose file comes with the request."""
STORED = "stored"
"""`href` of an image that is to be put where it can be referred to."""

_OF_THE_FILE = (
    "data",
    "sizeBytes",
    "sha256",
    "compression",
    "compressionLossless",
    "tileSize",
    "overviews",
    "mediaType",
)
_Document = dict[str, Any]


def after(facts: Facts, step: Step) -> Facts:
    """The image after a step."""
    document = dict(facts.document)
    if step.operation not in ("embed", "store"):
        _to_memory(document)
    _EFFECTS[step.operation](document, step.arguments)
    return Facts(document, facts.is_placed or (step.operation == "reproject"))


def _to_memory(document: _Document) -> None:
    """What is said of the file goes; complex integers are complex floats once they are read."""
    for name in _OF_THE_FILE:
        document.pop(name, None)
    document["href"] = IN_HAND
    if "dataType" in document:
        document["dataType"] = IN_MEMORY.get(document["dataType"], document["dataType"])
    if "bands" in document:
        types = [IN_MEMORY.get(band.get("dataType", ""), band.get("dataType")) for band in document["bands"]]
        document["bands"] = [
            {**band, **({"dataType": own} if own else {})} for band, own in zip(document["bands"], types, strict=True)
        ]


def _select(document: _Document, arguments: Mapping[str, Any]) -> None:
    old = document["bands"]
    chosen = [(number, old[index], is_unnamed(old[index], index)) for number, index in enumerate(arguments["bands"])]
    document["bands"] = [{**band, "name": str(number + 1)} if is_new else band for number, band, is_new in chosen]
    if len(old) != len(chosen):
        document.pop("classes", None)


def _reproject(document: _Document, arguments: Mapping[str, Any]) -> None:
    for name in ("transform", "size", "gsd", "groundControlPoints", "rpc"):
        document.pop(name, None)
    document["crs"] = arguments["crs"]
    if "bands" in document:
        document["bands"] = [{name: band[name] for name in band if name != "gsd"} for band in document["bands"]]
    if "gsd" in arguments:
        document["gsd"] = arguments["gsd"]


def _resample(document: _Document, arguments: Mapping[str, Any]) -> None:
    (width, height), size = arguments["size"], document["size"]
    across, down = size["width"] / width, size["height"] / height
    document["size"] = {"width": width, "height": height}
    if "gsd" in document:
        document["gsd"] = document["gsd"] * min(across, down)
    if "bands" in document:
        larger = min(across, down)
        document["bands"] = [
            {**band, "gsd": band["gsd"] * larger} if "gsd" in band else band for band in document["bands"]
        ]
    if "transform" in document:
        a, b, c, d, e, f = document["transform"]
        document["transform"] = [a * across, b * down, c, d * across, e * down, f]
    _move_control(document, 1 / across, 1 / down)


def _move_control(document: _Document, across: float, down: float) -> None:
    """Ground control points and polynomials, counted in other pixels."""
    if control := document.get("groundControlPoints"):
        points = [
            {**point, "column": point["column"] * across, "row": point["row"] * down} for point in control["points"]
        ]
        document["groundControlPoints"] = {**control, "points": points}
    if rpc := document.get("rpc"):
        document["rpc"] = {
            **rpc,
            "sampleOffset": (rpc["sampleOffset"] + 0.5) * across - 0.5,
            "lineOffset": (rpc["lineOffset"] + 0.5) * down - 0.5,
            "sampleScale": rpc["sampleScale"] * across,
            "lineScale": rpc["lineScale"] * down,
        }


def _cast(document: _Document, arguments: Mapping[str, Any]) -> None:
    target = arguments["dataType"]
    document["dataType"] = target
    is_whole = "float" not in target
    for part in (document, *_own_bands(document)):
        if part is not document:
            part.pop("dataType", None)
        if not is_whole or part.get("bitsPerSample", 0) > BITS[target]:
            part.pop("bitsPerSample", None)
        if "nodata" in part and "nodata" in arguments:  # given where one of them can't be held
            part["nodata"] = arguments["nodata"]
    if not is_whole:
        document.pop("classes", None)


def _own_bands(document: _Document) -> list[_Document]:
    if "bands" in document:
        document["bands"] = [dict(band) for band in document["bands"]]
    return document.get("bands", [])


def _tile(document: _Document, arguments: Mapping[str, Any]) -> None:
    if size := document.get("size"):
        sides = ("width", "height")
        document["size"] = {side: min(size[side], arguments[side]) for side in sides}


def _reformat(document: _Document, arguments: Mapping[str, Any]) -> None:
    form = next(one for one in FORMS if one.media_type == arguments["mediaType"])
    document |= {"mediaType": form.essence, "compression": form.compression, "compressionLossless": form.is_lossless}
    size = document.get("size")
    overviews = form.overviews((size["width"], size["height"])) if size else [] if form.has_overviews is False else None
    if overviews is not None:
        document["overviews"] = overviews


def _embed(document: _Document, arguments: Mapping[str, Any]) -> None:
    document["href"] = IN_HAND


def _store(document: _Document, arguments: Mapping[str, Any]) -> None:
    document.pop("data", None)
    document["href"] = STORED


_EFFECTS: dict[str, Callable[[_Document, Mapping[str, Any]], None]] = {
    "select_bands": _select,
    "reproject": _reproject,
    "resample": _resample,
    "cast": _cast,
    "tile": _tile,
    "reformat": _reformat,
    "embed": _embed,
    "store": _store,
}
