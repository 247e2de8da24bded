"""A service of yesterday: its images are of the first version of their type, whatever has been published since."""

from typing import Any

from swath_converters import Image


def process(image: Image) -> dict[str, Any]:
    """The very image that was given: same dtype, bands, georeferencing and nodata."""
    return {"image": image}
