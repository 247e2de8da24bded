"""Brightness of a colour image."""

from typing import Any

import numpy as np

from swath_converters import Image
from swath_runtime import InputRejected

# Red, green, blue. Recommendation ITU-R BT.709-6, item 3.2: E'Y = 0.2126 E'R + 0.7152 E'G + 0.0722 E'B.
WEIGHTS = (0.2126, 0.7152, 0.0722)


def process(image: Image) -> dict[str, Any]:
    """The image in one band.

    Args:
        image: red, green, blue; (3, height, width), any real dtype.

    Returns:
        image: (1, height, width), same dtype, grid and nodata; nodata where any of the three bands is.
            Integers are rounded to the nearest, halves to even.

    Raises:
        InputRejected: the image has not three bands.
    """
    if image.count != len(WEIGHTS):
        raise InputRejected(f"The image has {image.count} bands; send red, green and blue.", "/image")
    red, green, blue = image.array
    brightness = WEIGHTS[0] * red + WEIGHTS[1] * green + WEIGHTS[2] * blue
    if image.dtype.kind in "iu":
        brightness = np.rint(brightness)
    nodata = next((one for one in image.nodatas if one is not None), None)
    if nodata is not None:
        brightness[~image.is_valid] = nodata
    return {"image": image.like(brightness.astype(image.dtype), nodata=nodata, band_names=("gray",))}
