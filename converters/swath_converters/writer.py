"""`Image` -> bytes of a raster file, losslessly or not at all, unless a lossy media type is asked for by name.

The options are the fastest that still compress well; the figures are in converters/README.md.
"""

from . import gdal
from .arrays import NPY_ENCODING, NPZ_ENCODING
from .errors import CannotEncode, ConversionError, MediaTypeUnsupported
from .formats import JP2, WEBP, essence, parameters
from .memory import Image
from .pictures import JP2_ENCODING, JPEG_ENCODING, WEBP_ENCODING
from .png import ENCODING as PNG_ENCODING
from .tiff import ENCODING as TIFF_ENCODING
from .writing import Encoding, Parameters

_NEEDED_DRIVERS = {JP2.media_type: JP2.driver, WEBP.media_type: WEBP.driver}
_KNOWN = (TIFF_ENCODING, PNG_ENCODING, JP2_ENCODING, NPZ_ENCODING, NPY_ENCODING, JPEG_ENCODING, WEBP_ENCODING)
_ENCODINGS: dict[str, Encoding] = {
    one.media_type: one
    for one in _KNOWN
    if one.media_type not in _NEEDED_DRIVERS or gdal.has_driver(_NEEDED_DRIVERS[one.media_type])
}
ENCODABLE = tuple(one.media_type for one in _ENCODINGS.values() if one.is_lossless)
"""Lossless media types, the one that holds everything first: what `*/*` may choose from."""
ENCODABLE_BY_NAME = tuple(one.media_type for one in _ENCODINGS.values() if not one.is_lossless)
"""Media types that lose something, or may: only for those who name one."""


def write(image: Image, media_type: str) -> memoryview:
    """The encoded file, read-only; its memory is freed with the last view of it.

    Args:
        image: what to write; booleans become uint8, 1 and 0, except in NPY and NPZ.
        media_type: one of `ENCODABLE` or `ENCODABLE_BY_NAME`, with parameters or without.

    Raises:
        MediaTypeUnsupported: nothing is written as that media type, or not with those parameters.
        CannotEncode: the format cannot hold the samples; the error names those that can.
        ImageMalformed: the image's CRS is not known.
    """
    encoding, chosen = _asked(media_type)
    if reason := encoding.refusal(image):
        raise CannotEncode(encoding.media_type, reason, holders(image))
    return encoding.write(image, chosen)


def holders(image: Image) -> tuple[str, ...]:
    """The lossless media types that can hold an image's samples."""
    return tuple(name for name in ENCODABLE if _ENCODINGS[name].refusal(image) is None)


def is_encodable(media_type: str) -> bool:
    """Whether images are written as that media type, its parameters included."""
    try:
        _asked(media_type)
    except ConversionError:
        return False
    return True


def _asked(media_type: str) -> tuple[Encoding, Parameters]:
    """The encoding that a media type names, with a value for each of its parameters.

    Raises MediaTypeUnsupported, MalformedValue.
    """
    encoding = _ENCODINGS.get(essence(media_type))
    if encoding is None:
        raise MediaTypeUnsupported(media_type, (*ENCODABLE, *ENCODABLE_BY_NAME))
    asked = parameters(media_type)
    for name, value in asked.items():
        if value not in encoding.parameters.get(name, ()):
            raise MediaTypeUnsupported(media_type, _spelled(encoding))
    return encoding, {name: asked.get(name, values[0]) for name, values in encoding.parameters.items()}


def _spelled(encoding: Encoding) -> list[str]:
    """The media type with each of its parameters."""
    listed = [encoding.media_type]
    for name, values in encoding.parameters.items():
        shown = "1 to 100" if name == "quality" else " or ".join(value for value in values if value)
        listed.append(f"{encoding.media_type}; {name}={shown}")
    return listed
