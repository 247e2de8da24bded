"""The file that a service takes."""

from typing import NamedTuple

from ..formats import essence
from ..image import encode_image
from ..memory import Image
from .record import Change


class File(NamedTuple):
    """Bytes of a file, and what was done for it."""

    content: bytes
    change: Change


def reformat(image: Image, media_type: str) -> File:
    """The image as a file of a media type, its samples unchanged; errors as `encode_image`."""
    content = encode_image(image, media_type)
    return File(content, Change("reformat", {"to": essence(media_type), "sizeBytes": len(content)}))
