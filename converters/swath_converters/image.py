"""The registry type `image`: a text, or an object that says more of the image than its file does.

Text: base64, `data:`, `cid:NAME` (a part of the request), or a URI that the policy allows. Object: such a URI
in `href`, or base64 in `data`, beside what completes the file (see `declared`).
"""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import pybase64
from numpy.typing import NDArray

from . import declared, source
from .contradictions import check_media_type
from .errors import ConversionError, MalformedValue
from .memory import Image
from .parts import Buffer, Part
from .policy import Policy
from .reader import read_raster
from .writer import ENCODABLE, ENCODABLE_BY_NAME, is_encodable, write

__all__ = [
    "ENCODABLE",
    "ENCODABLE_BY_NAME",
    "decode_image",
    "encode_image",
    "encoded_image",
    "from_wire",
    "is_encodable",
    "memory",
    "to_wire",
]

memory = "Image"
"""What algorithms annotate."""


def decode_image(content: Buffer, policy: Policy, *, media_type: str | None = None) -> Image:
    """The image that a file's bytes hold: GeoTIFF, PNG, JPEG, JPEG 2000, NPY or NPZ.

    Args:
        content: the whole file. GDAL reads `bytes` in place; other buffers cost a copy.
        policy: the largest image accepted.
        media_type: what the sender says that it is; None and application/octet-stream say nothing.

    Returns:
        Image: (bands, height, width) in the file's dtype, with all that `Image` can say, as the file has it.

    Raises:
        MediaTypeUnsupported: the sender names a format that is not read here.
        UndecodableImage: it is another format than named, damaged, or cut short.
        TooLarge: it has more pixels, bands or bytes than the policy allows; nothing was decoded.
        DecodeTimedOut: decoding takes longer than the policy allows.
    """
    return read_raster(content, policy, media_type)


def encode_image(image: Image | NDArray[Any], media_type: str = ENCODABLE[0]) -> bytes:
    """The bytes of a file that holds the image; `encoded_image` gives them without a copy.

    Args:
        image: an `Image`, or a bare array, (height, width) or (bands, height, width).
        media_type: one of `ENCODABLE`, without loss, or `ENCODABLE_BY_NAME`; with parameters, see converters/README.md:
            `image/tiff; compression=zstd`, `image/tiff; profile=cloud-optimized`, `image/jpeg; quality=80`.

    Raises:
        MediaTypeUnsupported: nothing is written as that media type; the error names those that are.
        CannotEncode: the format cannot hold the samples; the error names those that can.
    """
    return bytes(encoded_image(image, media_type))


def encoded_image(image: Image | NDArray[Any], media_type: str = ENCODABLE[0]) -> memoryview:
    """As `encode_image`, but a read-only view of the encoder's own memory, which is freed with the last view of it."""
    return write(as_image(image), media_type)


def from_wire(value: Any, parts: Mapping[str, Part], policy: Policy) -> Image:
    """The image that a wire value of type `image` means.

    Args:
        value: a text or an object, valid against the registry's `image`.
        parts: the parts of the request by name, for `cid:NAME`.
        policy: what may be opened, and how large it may be.

    Raises:
        ConversionError: one of its subclasses; `pointer` says where in the value.
    """
    if isinstance(value, str):
        part = source.open_text(value, parts, policy)
        return read_raster(part.content, policy, part.media_type, may_keep=part.take())
    if not isinstance(value, dict):
        raise MalformedValue("An image is a text (a URI or base64) or an object with href or data.")
    return _from_object(cast(dict[str, Any], value), parts, policy)


def to_wire(image: Image | NDArray[Any], media_type: str | None = None) -> str:
    """The image as base64 text (RFC 4648 §4) of a file of that media type, image/tiff if None.

    Raises:
        MediaTypeUnsupported, CannotEncode: as `encode_image`.
    """
    return pybase64.b64encode_as_string(encoded_image(image, media_type or ENCODABLE[0]))


def as_image(value: Image | NDArray[Any]) -> Image:
    """The image itself, or a bare array (height, width) or (bands, height, width) as one.

    Raises:
        ImageMalformed: the array has another number of dimensions.
    """
    if isinstance(value, Image):
        return value
    array = np.asarray(value)
    return Image(array[None] if array.ndim == 2 else array)


def _from_object(value: dict[str, Any], parts: Mapping[str, Part], policy: Policy) -> Image:
    if ("href" in value) == ("data" in value):
        raise MalformedValue("An image object has either href or data, and not both.")
    member = "href" if "href" in value else "data"
    text = str(value[member])
    try:
        is_uri = member == "href"
        part = source.open_uri(text, parts, policy) if is_uri else Part(source.decode_base64(text, policy))
        media_type = value.get("mediaType")
        image = read_raster(part.content, policy, None if media_type else part.media_type, may_keep=part.take())
    except ConversionError as error:
        raise error.within(f"/{member}") from None
    if media_type:
        check_media_type(media_type, part.content)
    return declared.complete(image, value, part.content)
