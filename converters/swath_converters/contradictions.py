"""What an image object says against itself, or against its file: each an error with the place of it.

Said against itself (400): two bands of one name, a scale of 0, a transform that puts all pixels on one line or nowhere,
a latitude beyond the poles. Said against the file (422): another media type, compression or tiling, more bits than its
samples have.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from affine import Affine

from .crs import crs_from_text, is_in_degrees
from .errors import ConversionError, MalformedValue, MediaTypeUnsupported, UndecodableImage
from .formats import JP2, JPEG, NPY, NPZ, PNG, TIFF, Format, recognise
from .memory import Image
from .parts import Buffer
from .tiff_directory import directories
from .tiff_layout import DEFLATE, LERC, LZMA, LZW, PACKBITS, WEBP, ZSTD, layout_of
from .tiff_layout import JPEG as JPEG_IN_TIFF
from .tiff_layout import NONE as UNCOMPRESSED
from .window_grid import is_bounded, located

HINT = "Describe the file as it is, or leave the member out."
_IN_TIFF = {
    **dict.fromkeys(DEFLATE, "deflate"),
    **{UNCOMPRESSED: "none", LZW: "lzw", ZSTD: "zstd", PACKBITS: "packbits", JPEG_IN_TIFF: "jpeg"},
    **{WEBP: "webp", LERC: "lerc", LZMA: "lzma"},
}
_OF_FORMAT = {PNG: "deflate", JPEG: "jpeg", JP2: "jpeg2000", NPY: "none"}
_LATITUDES = (1, 3)
_POLE = 90.0


def check_media_type(media_type: str, content: Buffer) -> None:
    """Raise UndecodableImage or MediaTypeUnsupported, at /mediaType, unless the file is what is said of it."""
    recognise(content, None)  # what begins like no image is the file's fault
    try:
        recognise(content, media_type)
    except (UndecodableImage, MediaTypeUnsupported) as error:
        raise error.within("/mediaType") from None


def check_itself(document: Mapping[str, Any]) -> None:
    """Raise MalformedValue where an image object contradicts itself, whatever its file is."""
    _check_bands(document.get("bands", ()))
    _check_box(document.get("bbox"))
    start, end = (_time(document.get(name)) for name in ("startDatetime", "endDatetime"))
    if start and end and start > end:
        raise MalformedValue("It ends before it begins.", pointer="/endDatetime")


def check_place(image: Image, document: Mapping[str, Any]) -> None:
    """Raise MalformedValue where the transform that is said puts pixels of an image of this size nowhere.

    Args:
        image: as its file says.
        document: says a transform, or does not.
    """
    if "transform" not in document:
        return
    transform = Affine(*(float(coefficient) for coefficient in document["transform"]))
    if not is_bounded(transform, image.width, image.height) or transform.is_degenerate:
        raise MalformedValue(
            "The transform puts all pixels on one line, or beyond all places.",
            pointer="/transform",
            hint="It is a, b, c, d, e, f: easting = a × column + b × row + c, northing = d × column + e × row + f.",
        )
    northings = [located(transform, x, y)[1] for x in (0, image.width) for y in (0, image.height)]
    beyond = max(map(abs, northings)) - _POLE
    if beyond > abs(transform.d) + abs(transform.e) and is_in_degrees(_crs(document)):  # a pixel's middle may be a pole
        raise MalformedValue("The transform puts pixels beyond a pole.", pointer="/transform")


def check_file(document: Mapping[str, Any], content: Buffer) -> None:
    """Raise UndecodableImage where the object says of the file what it is not."""
    form = recognise(content, None)
    compression, tile = _stored(form, content)
    _check_same("/compression", "compression", document.get("compression"), compression)
    if document.get("compressionLossless") and compression == "jpeg":
        raise _contradiction("/compressionLossless", "The file's compression is jpeg, which loses something.")
    said: Mapping[str, int] | None = document.get("tileSize")
    if said is not None and form is not JP2 and (said["width"], said["height"]) != tile:
        told = f"tiles of {tile[0]} × {tile[1]} px" if tile else "no tiles"
        raise _contradiction("/tileSize", f"The file has {told}.")


def _check_bands(bands: Sequence[Mapping[str, Any]]) -> None:
    seen = set[str]()
    for index, band in enumerate(bands):
        if band.get("name") in seen:
            raise MalformedValue(f"Two bands are named {band['name']!r}.", pointer=f"/bands/{index}/name")
        seen.add(band.get("name", ""))
        if band.get("scale") == 0:
            raise MalformedValue("A scale of 0 leaves no measurement.", pointer=f"/bands/{index}/scale")
        for name in ("scale", "offset"):
            if not math.isfinite(band.get(name, 1)):
                raise MalformedValue(f"The {name} is beyond all numbers.", pointer=f"/bands/{index}/{name}")


def _check_box(box: Sequence[float] | None) -> None:
    if box is None:
        return
    for index in _LATITUDES:
        if abs(box[index]) > _POLE:
            raise MalformedValue("A latitude is -90 to 90 degrees.", pointer=f"/bbox/{index}")
    if box[1] > box[3]:
        raise MalformedValue("The bbox's south is north of its north: it is west, south, east, north.", pointer="/bbox")


def _crs(document: Mapping[str, Any]) -> Any:
    """Rasterio's CRS of the transform; the schema demands that both are said together."""
    try:
        return crs_from_text(document["crs"]) if "crs" in document else None
    except MalformedValue as error:
        raise error.within("/crs") from None


def _stored(form: Format, content: Buffer) -> tuple[str | None, tuple[int, int] | None]:
    """How the file's pixels are compressed, and the columns and rows of its tiles; None where it is not known."""
    if form is not TIFF:
        return (None if form is NPZ else _OF_FORMAT[form]), None
    view = memoryview(content)
    try:
        layout = layout_of(next(directories(lambda start, size: view[start : start + size])))
    except (ConversionError, StopIteration):
        return None, None
    tile = (layout.block_width, layout.block_height) if layout.is_tiled else None
    return _IN_TIFF[layout.compression], tile


def _check_same(pointer: str, what: str, said: str | None, actual: str | None) -> None:
    if said is not None and actual is not None and said != actual:
        raise _contradiction(pointer, f"The file's {what} is {actual}, not {said}.")


def _contradiction(pointer: str, message: str) -> UndecodableImage:
    return UndecodableImage(message, pointer=pointer, hint=HINT)


def _time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:  # a leap second
        return None
