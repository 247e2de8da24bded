"""What an image object says beside its file, and what happens where the two differ.

The object completes the file: band names, descriptions, units, scales, offsets, nodata, CRS, transform, control points,
rational polynomials and colours of classes. Where both say something, the object wins, since its sender knows the file
and took the trouble to say otherwise. What it cannot change is what the samples are: a size, a band count, a data type,
more bits than a sample has or a number of bytes that differs from the file's is an error, because then it describes
another file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from affine import Affine

from .contradictions import HINT, check_file, check_itself, check_place
from .control_documents import points_of, rpcs_of
from .crs import crs_from_text, crs_to_text
from .errors import MalformedValue, UndecodableImage
from .facts import number
from .memory import Color, Image, can_hold
from .parts import Buffer

_NUMPY_NAMES = {  # STAC data_type -> numpy, where they differ
    "cint16": "complex64",
    "cint32": "complex128",
    "cfloat32": "complex64",
    "cfloat64": "complex128",
}


def complete(image: Image, document: Mapping[str, Any], content: Buffer) -> Image:
    """The image with what its document adds.

    Args:
        image: as its file says.
        document: a value of the registry type `image`, in its object form.
        content: the file.

    Raises:
        UndecodableImage: the document contradicts the file.
        MalformedValue: it contradicts itself, its CRS is unknown, or no sample can be its nodata or of a class.
            `pointer` says where.
    """
    bands: Sequence[Mapping[str, Any]] = document.get("bands", ())
    check_itself(document)
    _check_file(document, content)
    _check_samples(image, document, bands)
    _check_bits(image, document, bands)
    check_file(document, content)
    check_place(image, document)
    told = _grid(document) | _control(document) | _nodata(image, document, bands) | _bands(image, bands)
    return replace(image, **told, **_colors(image, document))


def _check_file(document: Mapping[str, Any], content: Buffer) -> None:
    """Compare what is said of the file with what it is."""
    if document.get("sizeBytes", len(content)) != len(content):
        message = f"The file has {len(content)} bytes, not {document['sizeBytes']}."
        raise UndecodableImage(message, pointer="/sizeBytes", hint=HINT)
    if "sha256" in document and sha256(content).hexdigest() != document["sha256"]:
        raise UndecodableImage("The file has another SHA-256 digest.", pointer="/sha256", hint=HINT)


def _check_samples(image: Image, document: Mapping[str, Any], bands: Sequence[Mapping[str, Any]]) -> None:
    """Compare what is said of the samples with what they are."""
    size: Mapping[str, int] = document.get("size", {})
    for pointer, what, said, actual in (
        ("/bands", "bands", len(bands) or None, image.count),
        ("/size/width", "px of width", size.get("width"), image.width),
        ("/size/height", "px of height", size.get("height"), image.height),
    ):
        if said is not None and said != actual:
            raise UndecodableImage(f"The file has {actual} {what}, not {said}.", pointer=pointer, hint=HINT)
    types = [("/dataType", document.get("dataType"))]
    types += [(f"/bands/{index}/dataType", band.get("dataType")) for index, band in enumerate(bands)]
    for pointer, said in types:
        if said not in (None, "other") and _NUMPY_NAMES.get(said, said) != image.dtype.name:
            message = f"The file's samples are {image.dtype.name}, not {said}."
            raise UndecodableImage(message, pointer=pointer, hint=HINT)


def _check_bits(image: Image, document: Mapping[str, Any], bands: Sequence[Mapping[str, Any]]) -> None:
    """Compare how many bits of a sample are said to be used with those that it has."""
    said = [
        ("/bitsPerSample", document),
        *((f"/bands/{index}/bitsPerSample", band) for index, band in enumerate(bands)),
    ]
    most = image.dtype.itemsize * 8
    for pointer, place in said:
        if place.get("bitsPerSample", 0) > most:
            message = f"The file's samples have {most} bits, not {place['bitsPerSample']}."
            raise UndecodableImage(message, pointer=pointer, hint=HINT)


def _grid(document: Mapping[str, Any]) -> dict[str, Any]:
    """CRS (a code or WKT2) and transform (a, b, c, d, e, f)."""
    changes: dict[str, Any] = {}
    if "crs" in document:
        try:
            changes["crs"] = crs_to_text(crs_from_text(document["crs"]))
        except MalformedValue as error:
            raise error.within("/crs") from None
    if "transform" in document:
        changes["transform"] = Affine(*(float(coefficient) for coefficient in document["transform"]))
        changes |= {"gcps": (), "gcp_crs": None}  # the sender knows better than the file's control points
    return changes


def _control(document: Mapping[str, Any]) -> dict[str, Any]:
    """Control points, unless there is a transform, which goes before; and rational polynomials."""
    changes: dict[str, Any] = {}
    if "groundControlPoints" in document and "transform" not in document:
        try:
            changes["gcps"], changes["gcp_crs"] = points_of(document["groundControlPoints"])
        except MalformedValue as error:
            raise error.within("/groundControlPoints") from None
        changes["transform"] = None  # an image lies on the ground in one way
    if "rpc" in document:
        changes["rpcs"] = rpcs_of(document["rpc"])
    return changes


def _colors(image: Image, document: Mapping[str, Any]) -> dict[str, Any]:
    """The colours of the classes that have one; the file's own for other values."""
    classes: Sequence[Mapping[str, Any]] = document.get("classes", ())
    if classes and (image.count != 1 or image.dtype.kind not in "iu"):
        message = f"Classes are the values of one band of integers; the file has {image.count} of {image.dtype.name}."
        raise UndecodableImage(message, pointer="/classes", hint=HINT)
    colors: dict[int, Color] = dict(image.color_map or {})
    for index, each in enumerate(classes):
        value = int(each["value"])
        if not can_hold(image.dtype, value):
            raise MalformedValue(f"No {image.dtype.name} sample can be {value}.", pointer=f"/classes/{index}/value")
        if "color" in each:
            red, green, blue, *alpha = bytes.fromhex(each["color"])
            colors[value] = (red, green, blue, alpha[0] if alpha else 255)
    return {"color_map": colors} if colors else {}


def _nodata(image: Image, document: Mapping[str, Any], bands: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One value for all bands, or of each; a band's own goes before the document's, and that before the file's."""
    if "nodata" not in document and not any("nodata" in band for band in bands):
        return {}
    whole = document.get("nodata")
    values = [_held(image, whole, "/nodata") if "nodata" in document else own for own in image.nodatas]
    for index, band in enumerate(bands):
        if "nodata" in band:
            values[index] = _held(image, band["nodata"], f"/bands/{index}/nodata")
    return {"nodata": tuple(values)}


def _held(image: Image, value: Any, pointer: str) -> float | int | None:
    found = number(value)
    if found is not None and not can_hold(image.dtype, found):
        raise MalformedValue(f"No {image.dtype.name} sample can be {found}.", pointer=pointer)
    return found


def _bands(image: Image, bands: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Names, scales, offsets, descriptions and units, where a band has one; the file's own for the others."""
    changes: dict[str, Any] = {}
    for member, field, default in (
        ("name", "band_names", None),
        ("scale", "scales", 1.0),
        ("offset", "offsets", 0.0),
        ("description", "band_descriptions", None),
        ("unit", "units", None),
    ):
        if any(member in band for band in bands):
            own = getattr(image, field) or (default,) * image.count
            changes[field] = tuple(band.get(member, kept) for band, kept in zip(bands, own, strict=True))
    return changes
