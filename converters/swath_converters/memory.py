"""What an algorithm sees: an image as an array with what is known of its pixels.

Arrays are (bands, height, width), row 0 at the top, column 0 at the left, with the dtype of the file. The
transform maps (column, row) of a pixel's upper left corner to (x, y) in the CRS, x before y (easting before
northing, longitude before latitude) whatever the authority's own axis order.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from .errors import BandMissing, ImageMalformed


@dataclass(frozen=True, eq=False)
class Image:
    """A raster in memory, its georeferencing with it. `np.asarray(image)` gives its array without a copy.

    Attributes:
        array: pixels, (bands, height, width), any numeric dtype.
        crs: coordinate reference system, "EPSG:32631" (or another authority's code) or WKT2; None if unknown.
        transform: (column, row) -> (x, y) in `crs` units; None if unknown. May be rotated.
        nodata: value that means "no measurement here", in every band; may be NaN; None if every pixel counts.
        band_names: one for each band, None for one without a name; () if no band has a name.
        scales: physical value = array × scale + offset, one for each band; () means 1 for all.
        offsets: one for each band, in physical units; () means 0 for all.
        tags: free text about the whole image, as GeoTIFF keeps it.

    Raises:
        ImageMalformed: the array is not (bands, height, width), a list is not as long as there are bands, or
            no sample of that dtype can be `nodata`.
    """

    array: NDArray[Any]
    crs: str | None = None
    transform: Affine | None = None
    nodata: float | int | None = None
    band_names: tuple[str | None, ...] = ()
    scales: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        if self.array.ndim != 3 or 0 in self.array.shape:
            raise ImageMalformed(f"An image's array is (bands, height, width), none of them 0, not {self.array.shape}.")
        for name in ("band_names", "scales", "offsets"):
            given = len(getattr(self, name))
            if given not in (0, self.count):
                raise ImageMalformed(f"{given} {name} for {self.count} bands: give one for each, or none.")
        if self.nodata is not None and not can_hold(self.dtype, self.nodata):
            raise ImageMalformed(f"No {self.dtype} sample can be {self.nodata}, so it cannot mean nodata.")

    @property
    def count(self) -> int:
        """Number of bands."""
        return self.array.shape[0]

    @property
    def height(self) -> int:
        """Rows, px."""
        return self.array.shape[1]

    @property
    def width(self) -> int:
        """Columns, px."""
        return self.array.shape[2]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(bands, height, width)."""
        return (self.count, self.height, self.width)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of a sample."""
        return self.array.dtype

    @property
    def is_georeferenced(self) -> bool:
        """Both CRS and transform are known."""
        return self.crs is not None and self.transform is not None

    @property
    def is_valid(self) -> NDArray[np.bool_]:
        """Where every band holds a measurement: bool (height, width), False where any band is nodata."""
        return np.logical_not(np.any(_is_nodata(self.array, self.nodata), axis=0))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.array, dtype=dtype, copy=copy)

    def band(self, name: str) -> NDArray[Any]:
        """One band by name, (height, width), a view.

        Raises:
            BandMissing: no band has that name.
        """
        return self.array[self._index(name)]

    def select(self, names: Sequence[str]) -> "Image":
        """The named bands, in that order, on the same grid.

        Raises:
            BandMissing: no band has one of the names.
        """
        at = [self._index(name) for name in names]
        return replace(
            self,
            array=self.array if at == list(range(self.count)) else self.array[at],
            band_names=tuple(names),
            scales=tuple(self.scales[i] for i in at) if self.scales else (),
            offsets=tuple(self.offsets[i] for i in at) if self.offsets else (),
        )

    def physical(self) -> NDArray[np.float32]:
        """Measurements: float32 (bands, height, width), array × scale + offset, NaN where a sample is nodata.

        Computed in float64 and rounded once.

        Raises:
            ImageMalformed: the samples are complex numbers.
        """
        if np.iscomplexobj(self.array):
            raise ImageMalformed(f"Samples of {self.dtype} have no float32 value; take the real part or the modulus.")
        values = np.empty(self.shape, np.float32)
        scales, offsets = (self.scales or (1.0,) * self.count), (self.offsets or (0.0,) * self.count)
        for band, samples, scale, offset in zip(values, self.array, scales, offsets, strict=True):
            # In float64: float32 arithmetic puts 2750 × 1e-4 - 0.1 above 0.175.
            band[...] = samples if (scale, offset) == (1, 0) else samples.astype(np.float64) * scale + offset
            if self.nodata is not None:
                band[_is_nodata(samples, self.nodata)] = np.nan
        return values

    def like(
        self,
        array: NDArray[Any],
        *,
        nodata: float | int | None = None,
        band_names: Sequence[str | None] = (),
    ) -> "Image":
        """A result on this image's grid: the same CRS and transform, its own samples.

        Args:
            array: (height, width) or (bands, height, width), any dtype; height and width are this image's.
            nodata: value in `array` that means "no measurement".
            band_names: one for each band of `array`, or none.

        Raises:
            ImageMalformed: the array is of another size.
        """
        stacked = array[None] if array.ndim == 2 else array
        if stacked.shape[-2:] != self.array.shape[-2:]:
            raise ImageMalformed(
                f"An array of shape {array.shape} is not on the grid of an image of height {self.height} "
                f"and width {self.width}."
            )
        return Image(stacked, self.crs, self.transform, nodata, tuple(band_names))

    def _index(self, name: str) -> int:
        if name not in self.band_names:
            raise BandMissing(name, self.band_names)
        return self.band_names.index(name)


def can_hold(dtype: np.dtype[Any], value: float | int) -> bool:
    """Whether a sample of that dtype can be `value`, rounded to the dtype's precision if it is a float."""
    if dtype.kind in "fc":
        with np.errstate(over="ignore"):
            return math.isinf(value) or not np.isinf(dtype.type(value))
    if dtype.kind == "b":
        return value in (0, 1)
    if not math.isfinite(value) or not float(value).is_integer():
        return False
    limits = np.iinfo(dtype)
    return limits.min <= int(value) <= limits.max


def _is_nodata(array: NDArray[Any], nodata: float | int | None) -> NDArray[np.bool_]:
    """Where samples equal `nodata`, of the array's shape; compared in the array's own dtype."""
    if nodata is None:
        return np.zeros(array.shape, bool)
    return np.isnan(array) if math.isnan(nodata) else array == array.dtype.type(nodata)
