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
from .errors import ConversionError, MalformedValue
from .memory import Image
from .parts import Buffer, Part
from .policy import Policy
from .reader import read_raster
from .writer import ENCODABLE, written

__all__ = ["ENCODABLE", "decode_image", "encode_image", "from_wire", "memory", "to_wire"]

memory = "Image"
"""What algorithms annotate."""


def decode_image(content: Buffer, policy: Policy, *, media_type: str | None = None) -> Image:
    """The image that a file's bytes hold: GeoTIFF, PNG, JPEG or JPEG 2000.

    Args:
        content: the whole file. `bytes` are read in place; other buffers cost a copy.
        policy: the largest image accepted.
        media_type: what the sender says that it is; None and application/octet-stream say nothing.

    Returns:
        Image: (bands, height, width) in the file's dtype, with CRS, transform, nodata, band names, scales,
        offsets and tags as the file has them.

    Raises:
        MediaTypeUnsupported: the sender names a format that is not read here.
        UndecodableImage: it is another format than named, damaged, or cut short.
        TooLarge: it has more pixels, bands or bytes than the policy allows; nothing was decoded.
    """
    return read_raster(content, policy, media_type)


def encode_image(image: Image | NDArray[Any], media_type: str = ENCODABLE[0]) -> bytes:
    """The bytes of a file that holds the image without loss.

    Args:
        image: an `Image`, or a bare array, (height, width) or (bands, height, width).
        media_type: image/tiff holds everything; image/png holds samples only, 1 to 4 bands, uint8 or uint16.

    Raises:
        MediaTypeUnsupported: nothing is written as that media type; the error names those that are.
        CannotEncode: the format cannot hold the samples; the error names one that can.
    """
    with written(as_image(image), media_type) as content:
        return bytes(content)


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
        return read_raster(part.content, policy, part.media_type)
    if not isinstance(value, dict):
        raise MalformedValue("An image is a text (a URI or base64) or an object with href or data.")
    return _from_object(cast(dict[str, Any], value), parts, policy)


def to_wire(image: Image | NDArray[Any], media_type: str | None = None) -> str:
    """The image as base64 text (RFC 4648 §4) of a file of that media type, image/tiff if None.

    Raises:
        MediaTypeUnsupported, CannotEncode: as `encode_image`.
    """
    with written(as_image(image), media_type or ENCODABLE[0]) as content:
        return pybase64.b64encode_as_string(content)


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
        image = read_raster(part.content, policy, value.get("mediaType") or part.media_type)
    except ConversionError as error:
        raise error.within(f"/{member}") from None
    return declared.complete(image, value, part.content)
