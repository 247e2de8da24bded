"""Between the wire and what an algorithm sees: every pixel intact, nothing read that was not allowed.

The memory types stand here; what reads and writes them is in one module for each registry type
(`swath_converters.image`, `.geometry`, …), imported when needed, since it loads GDAL.
"""

from .errors import ConversionError
from .memory import Image
from .parts import Part
from .policy import Policy

__all__ = ["ConversionError", "Image", "Part", "Policy"]
