"""Samples from one grid to another by GDAL's warper, in float64, invalid samples taking no part."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio import warp  # pyright: ignore[reportUnknownVariableType]
from rasterio.enums import Resampling

from .. import gdal
from ..errors import MalformedValue
from ..memory import Image, Nodata

_warp: Any = warp
_EXACT_IN_DOUBLE = 2**53
Samples = NDArray[Any]


class Way:
    """From one grid to another: their CRS (of rasterio) and transforms, and the rows and columns of the other."""

    def __init__(self, source: tuple[Any, Affine], target: tuple[Any, Affine], shape: tuple[int, int]) -> None:
        self.shape = shape
        self._grids = dict(zip(("src_crs", "src_transform", "dst_crs", "dst_transform"), source + target, strict=True))

    def __call__(self, band: NDArray[np.float64], method: str) -> NDArray[np.float64]:
        """The band on the other grid, NaN where it has no sample. NaN takes no part.

        Raises:
            MalformedValue: PROJ has no way between the grids.
        """
        moved = np.full(self.shape, np.nan)
        try:
            with gdal.sandbox():
                _warp.reproject(
                    band,
                    moved,
                    **self._grids,
                    src_nodata=math.nan,
                    dst_nodata=math.nan,
                    resampling=Resampling[method],
                    num_threads=1,
                )
        except gdal.UNREADABLE:
            raise MalformedValue("The reference system has no place for the image.") from None
        return moved


def warped(image: Image, way: Way, method: str) -> Image:
    """Samples, mask and what is said of them, on the other grid; without georeferencing.

    Raises:
        MalformedValue: 64-bit integers beyond 2**53.
    """
    _check_exact(image.array)
    array = np.empty((image.count, *way.shape), image.dtype)
    for to, samples, nodata in zip(array, image.array, image.nodatas, strict=True):
        to[...] = _band(samples, nodata, image.mask, way, method)
    placed = replace(image, array=array, mask=_mask(image, way), crs=None, transform=None, gcps=(), gcp_crs=None)
    return replace(placed, rpcs=None)


def _band(samples: Samples, nodata: Nodata, mask: Samples | None, way: Way, method: str) -> Samples:
    if samples.dtype.kind == "c":
        parts = (_band(part, None, mask, way, method) for part in (np.real(samples), np.imag(samples)))
        return next(parts) + 1j * next(parts)
    values = samples.astype(np.float64)
    invalid = np.zeros(samples.shape, np.bool_) if mask is None else ~mask
    if nodata is not None and not math.isnan(nodata):
        invalid = invalid | (samples == samples.dtype.type(nodata))
    values[invalid] = np.nan
    return _as_before(way(values, method), samples.dtype, nodata)


def _as_before(values: NDArray[np.float64], dtype: np.dtype[Any], nodata: Nodata) -> Samples:
    """In the dtype of before: integers rounded half away from 0 and within its limits; nodata where there is none.

    A measurement that comes out as the nodata value is moved by 1, as GDAL does.
    """
    is_absent = np.isnan(values)
    if dtype.kind in "iub":
        limits = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)
        values = np.clip(np.copysign(np.floor(np.abs(values) + 0.5), values), limits.min, limits.max)
        if nodata is not None:
            values[values == nodata] += 1 if nodata < limits.max else -1
    fill = nodata if nodata is not None else math.nan if dtype.kind == "f" else 0
    values[is_absent] = 0
    result = values.astype(dtype)
    result[is_absent] = fill
    return result


def _mask(image: Image, way: Way) -> NDArray[np.bool_] | None:
    """Where the image lies on the other grid, by nearest; None where nodata says so already, or it is everywhere."""
    if image.mask is None and None not in image.nodatas:
        return None
    covered = np.ones(image.array.shape[1:]) if image.mask is None else np.where(image.mask, 1.0, np.nan)
    seen = ~np.isnan(way(covered, "nearest"))
    return None if image.mask is None and seen.all() else seen


def _check_exact(samples: Samples) -> None:
    is_wide = samples.dtype.kind in "iu" and samples.dtype.itemsize == 8
    if is_wide and max(int(samples.max()), -int(samples.min())) > _EXACT_IN_DOUBLE:
        raise MalformedValue(
            "Samples beyond 2**53 cannot be put on another grid exactly.", hint="Cast them to float64 first."
        )
