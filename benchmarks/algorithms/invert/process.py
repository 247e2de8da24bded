"""All bits of every sample inverted."""

from typing import Any

import numpy as np

from swath_converters import Image


def process(image: Image) -> dict[str, Any]:
    """An image of the same dtype and grid."""
    return {"image": image.like(np.invert(image.array))}
