"""Coordinate reference systems as text: an authority's code where it says the same, WKT2 otherwise.

A CRS that comes from outside is never given to GDAL's "any input" parser, which opens files and fetches URLs.
"""

import re
from typing import Any

from rasterio.crs import CRS as _CRS  # pyright: ignore[reportUnknownVariableType]
from rasterio.errors import CRSError

from . import gdal
from .errors import ImageMalformed, MalformedValue
from .memory import Image

CRS: Any = _CRS  # rasterio has no types  # pyright: ignore[reportUnknownVariableType]
_AUTHORITY_CODE = re.compile(r"([A-Za-z]{2,16}):([A-Za-z0-9_.]{1,32})")


def crs_from_text(text: str) -> Any:
    """Rasterio's CRS for "EPSG:32631" or WKT (1 or 2).

    Raises:
        MalformedValue: no authority that PROJ knows has that code, or the text is not WKT.
    """
    code = _AUTHORITY_CODE.fullmatch(text)
    try:
        with gdal.sandbox():
            return CRS.from_authority(code[1].upper(), code[2]) if code else CRS.from_wkt(text)
    except (CRSError, ValueError):  # rasterio reads an EPSG code with int()
        what = f"{text} is no CRS that is known here" if code else "The text is neither AUTHORITY:CODE nor WKT"
        raise MalformedValue(f"{what}.", hint='Give a code such as "EPSG:32631", or WKT2.') from None


def is_in_degrees(crs: Any) -> bool:
    """Whether rasterio's CRS counts longitude and latitude in degrees; None does not."""
    return bool(crs) and crs.is_geographic and crs.units_factor[0] == "degree"


def crs_of(image: Image) -> Any:
    """Rasterio's CRS of an image, None where it has none; errors as `known_crs`."""
    return known_crs(image.crs)


def known_crs(text: str | None) -> Any:
    """Rasterio's CRS for what an image says of itself, None for None.

    Raises:
        ImageMalformed: it is not known; whoever made the image made the mistake.
    """
    try:
        return crs_from_text(text) if text else None
    except MalformedValue as error:
        raise ImageMalformed(f"The image's CRS: {error.message}", hint=error.hint) from None


def crs_to_text(crs: Any) -> str | None:
    """The text of rasterio's CRS, None where it is empty."""
    if not crs:
        return None
    with gdal.sandbox():
        named = crs.to_authority(confidence_threshold=100)
        if named and CRS.from_authority(*named) == crs:
            return ":".join(named)
        return crs.to_wkt(version="WKT2_2019")
