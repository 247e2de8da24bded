"""Which raster formats may reach GDAL, recognised by their first bytes before it sees any of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import MalformedValue, MediaTypeUnsupported, UndecodableImage
from .parts import Buffer


@dataclass(frozen=True)
class Format:
    """A file format: its media type, the one GDAL driver that may open it, and how its files begin.

    `driver` is "" where GDAL has no part in it: numpy's own formats, which `arrays` reads.
    """

    media_type: str
    driver: str
    suffix: str
    beginnings: tuple[bytes, ...]


TIFF = Format("image/tiff", "GTiff", ".tif", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"))
"""GeoTIFF, BigTIFF and Cloud Optimized GeoTIFF, in either byte order."""
PNG = Format("image/png", "PNG", ".png", (b"\x89PNG\r\n\x1a\n",))
JPEG = Format("image/jpeg", "JPEG", ".jpg", (b"\xff\xd8\xff",))
JP2 = Format("image/jp2", "JP2OpenJPEG", ".jp2", (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"))
WEBP = Format("image/webp", "WEBP", ".webp", ())
"""Written only: one decoder less that strangers reach."""
NPZ = Format("application/x-npz", "", ".npz", (b"PK\3\4",))
NPY = Format("application/x-npy", "", ".npy", (b"\x93NUMPY",))

READABLE = (TIFF, PNG, JPEG, JP2, NPZ, NPY)
DECODABLE = tuple(known.media_type for known in READABLE)
"""Media types that can be read."""

_UNSPECIFIC = (None, "", "application/octet-stream")


def parameters(media_type: str) -> dict[str, str]:
    """The parameters of a media type, names and values in lower case: `…; Profile="cloud-optimized"`.

    Raises:
        MalformedValue: a parameter has no value, or is there twice.
    """
    found: dict[str, str] = {}
    for parameter in media_type.split(";")[1:]:
        name, _, value = (part.strip().lower() for part in parameter.partition("="))
        text = value.strip('"')
        if not name or not text or name in found:
            raise MalformedValue("A parameter of the media type has no value, or is there twice.")
        found[name] = text
    return found


def essence(media_type: str) -> str:
    """The media type in lower case, without parameters: `image/tiff; application=geotiff` -> `image/tiff`."""
    return media_type.partition(";")[0].strip().lower()


def recognise(content: Buffer, media_type: str | None) -> Format:
    """The format that the content begins like.

    Args:
        content: a whole file.
        media_type: what the sender says that it is; None and application/octet-stream say nothing.

    Raises:
        MediaTypeUnsupported: the sender says that it is something that is not read here.
        UndecodableImage: it begins like no format that is read here, or like another than it is said to be.
    """
    declared = essence(media_type) if media_type else None
    if declared not in (*_UNSPECIFIC, *DECODABLE):
        raise MediaTypeUnsupported(str(media_type), DECODABLE)
    begin = bytes(content[:12])
    found = next((known for known in READABLE if begin.startswith(known.beginnings)), None)
    if found is None:
        raise UndecodableImage(f"The content begins like none of {_listed(DECODABLE)}.")
    if declared not in (*_UNSPECIFIC, found.media_type):
        raise UndecodableImage(f"The content is {found.media_type}, but was declared as {declared}.")
    return found


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
