"""Onto another grid: another reference system, another size of pixel."""

import math
from dataclasses import replace
from typing import Any, cast

import numpy as np
from affine import Affine

from ..crs import crs_from_text, crs_of, crs_to_text
from ..errors import MalformedValue, TooLarge
from ..memory import Image
from ..policy import Policy
from ..window_crs import Crossing, one_arc
from ..window_facts import grid_of, moved_facts
from ..window_grid import applied, scaled
from .record import Change, Fitted
from .warping import Way, warped

RESAMPLINGS = ("nearest", "bilinear", "cubic", "cubic_spline", "lanczos", "average", "mode", "min", "max", "med", "rms")
"""How samples are made on another grid."""

_NOWHERE = "EPSG:3857"  # both grids of an image without a reference system, where they only need to be of the same
_LATTICE = 65
_SLACK_PX = 1e-3


def resample(
    image: Image,
    *,
    gsd_m: float | None = None,
    size: tuple[int, int] | None = None,
    resampling: str | None = None,
    policy: Policy | None = None,
) -> Fitted:
    """The image in larger or smaller pixels, its upper left corner where it was.

    Args:
        image: with or without a place on the ground.
        gsd_m: size of a pixel, metres on the ground, both ways; the CRS must be projected. The extent becomes the
            nearest number of whole pixels. Or:
        size: (width, height), px; the extent stays what it is.
        resampling: of `RESAMPLINGS`. None: nearest for class maps (a colour map, booleans), else bilinear, which
            averages where pixels become larger. Nodata takes no part.
        policy: limits of the result; those of `Policy()` if None.

    Returns:
        The image, dtype and nodata as before. Where a pixel has no valid sample under it, it is nodata; without nodata
        the mask says so. Integers are rounded to the nearest. The mask is resampled by nearest.

    Raises:
        MalformedValue: a gsd is asked for where the CRS has no metres; or 64-bit integers are beyond 2**53.
        TooLarge: the result would have more pixels or bytes than the policy allows.
        ValueError: neither or both of `gsd_m` and `size`; no such resampling.
    """
    if (gsd_m is None) == (size is None):
        raise ValueError("Give gsd_m or size.")
    method = resampling_for(image, resampling)
    base = image.transform or Affine.identity()
    if size is not None:
        width, height = size
        across, down = image.width / width, image.height / height
    else:
        across, down = _pixels_per(image, cast(float, gsd_m))
        width, height = max(1, round(image.width / across)), max(1, round(image.height / down))
    details = {"from": [image.width, image.height], "to": [width, height], "resampling": method}
    if (width, height) == (image.width, image.height) and math.isclose(across, 1) and math.isclose(down, 1):
        return Fitted(image, Change("resample", details, is_needed=False))
    _check_size(image, width, height, policy or Policy())
    target = scaled(base, across, down)
    crs = crs_of(image) or crs_from_text(_NOWHERE)
    result = warped(image, Way((crs, base), (crs, target), (height, width)), method)
    place = {"crs": image.crs, "transform": target if image.transform else None}
    placed = replace(result, **place, **_control(image, width, height))
    return Fitted(placed, Change("resample", details))


def reproject(
    image: Image,
    crs: str,
    *,
    gsd_m: float | None = None,
    resampling: str | None = None,
    policy: Policy | None = None,
) -> Fitted:
    """The image in another reference system, north up.

    Args:
        image: georeferenced by a transform.
        crs: an authority's code or WKT.
        gsd_m: size of a pixel, metres, if the CRS is projected; None: as many along the diagonal as there were.
        resampling: as `resample`.
        policy: limits of the result; those of `Policy()` if None.

    Returns:
        The image, dtype and nodata as before; what it does not cover is nodata, or 0 and False in the mask. Control
        points and RPCs, which are of the old grid, are gone.

    Raises:
        MalformedValue: it has no transform and CRS, the CRS is not known, or has no place for the image.
        TooLarge: the result would have more pixels or bytes than the policy allows.
    """
    if image.crs is None or image.transform is None:
        raise MalformedValue("The image has no CRS and transform to reproject it from.")
    method, source, target = resampling_for(image, resampling), crs_of(image), crs_from_text(crs)
    details = {"from": image.crs, "to": crs_to_text(target), "resampling": method}
    if source == target and gsd_m is None:
        return Fitted(image, Change("reproject", details, is_needed=False))
    transform, width, height = _target_grid(image, crs, gsd_m)
    _check_size(image, width, height, policy or Policy())
    result = warped(image, Way((source, image.transform), (target, transform), (height, width)), method)
    placed = replace(result, crs=details["to"], transform=transform)
    return Fitted(placed, Change("reproject", details | {"size": [width, height]}))


def resampling_for(image: Image, asked: str | None) -> str:
    """The name asked for, or what does no harm to such samples.

    Raises:
        ValueError: no such resampling.
    """
    if asked is None:
        return "nearest" if image.color_map is not None or image.dtype.kind == "b" else "bilinear"
    if asked not in RESAMPLINGS:
        raise ValueError(f"{asked!r} is no resampling; known: {', '.join(RESAMPLINGS)}.")
    return asked


def pixel_size_m(image: Image) -> tuple[float, float] | None:
    """Length of a pixel's sides, metres in the CRS: along a row, along a column. None where the CRS has no metres."""
    crs = crs_of(image)
    if image.transform is None or crs is None or not crs.is_projected:
        return None
    a, b, _, d, e, _ = tuple(image.transform)[:6]
    metres = float(crs.linear_units_factor[1])
    return math.hypot(a, d) * metres, math.hypot(b, e) * metres


def _pixels_per(image: Image, gsd_m: float) -> tuple[float, float]:
    sides = pixel_size_m(image)
    if sides is None:
        raise MalformedValue(
            "The image's pixels have no size in metres.",
            hint="Reproject it to a projected CRS first, or ask for a size in px.",
        )
    return gsd_m / sides[0], gsd_m / sides[1]


def _target_grid(image: Image, crs: str, gsd_m: float | None) -> tuple[Affine, int, int]:
    """North up, around the image; pixels square and, without a gsd, as many along its diagonal as there were.

    Source: GDAL, GDALSuggestedWarpOutput.
    """
    target = crs_from_text(crs)
    if gsd_m is not None and not target.is_projected:
        raise MalformedValue("The reference system has no metres.", hint="Leave the gsd out, or name a projected one.")
    columns, rows = np.meshgrid(np.linspace(0, image.width, _LATTICE), np.linspace(0, image.height, _LATTICE))
    way = Crossing(cast(str, image.crs), crs)
    points = way(applied(cast(Affine, image.transform), np.column_stack([columns.ravel(), rows.ravel()])))
    if np.isnan(points).any():
        raise MalformedValue("The reference system has no place for the whole image.", hint="Cut it first.")
    if way.to_degrees and not way.from_degrees:
        points[:, 0] = one_arc(points[:, 0])
    (left, bottom), (right, top) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    diagonal = float(np.hypot(*(points[-1] - points[0])))
    size = diagonal / math.hypot(image.width, image.height)
    if gsd_m is not None:
        size = gsd_m / float(target.linear_units_factor[1])
    width, height = (max(1, math.ceil(side / size - _SLACK_PX)) for side in (right - left, top - bottom))
    return Affine(size, 0, left, 0, -size, top), width, height


def _check_size(image: Image, width: int, height: int, policy: Policy) -> None:
    size_bytes = width * height * image.count * image.dtype.itemsize
    for what, actual, limit in (
        ("pixels in a band", width * height, policy.max_pixels),
        ("bytes", size_bytes, policy.max_decoded_bytes),
    ):
        if actual > limit:
            raise TooLarge(what, actual, limit)


def _control(image: Image, width: int, height: int) -> dict[str, Any]:
    """Control points and RPCs of the image when it is shown in so many pixels."""
    control = {"transform": None, "gcps": image.gcps, "rpcs": image.rpcs}
    facts = moved_facts(control, grid_of(image).window, (height, width))
    return {"gcps": facts["gcps"], "gcp_crs": image.gcp_crs, "rpcs": facts["rpcs"]}
