"""What an algorithm sees: an image as an array with what is known of its pixels.

Arrays are (bands, height, width), row 0 at the top, column 0 at the left, with the dtype of the file. The
transform maps (column, row) of a pixel's upper left corner to (x, y) in the CRS, x before y (easting before
northing, longitude before latitude) whatever the authority's own axis order.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from affine import Affine
from numpy.typing import NDArray

from .control import GroundControlPoint, Rpcs
from .errors import BandMissing, ImageMalformed
from .window_grid import is_bounded

Nodata = float | int | None
Color = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Image:
    """A raster in memory, and all that is known of its pixels.

    It stands for its array in numpy: `np.asarray(image)` copies nothing, `np.sqrt(image)`, `image[0, 5:9]` and
    `array - image` give plain arrays.

    Attributes:
        array: pixels, (bands, height, width), any numeric dtype.
        crs: coordinate reference system, "EPSG:32631" (or another authority's code) or WKT2; None if unknown.
        transform: (column, row) -> (x, y) in `crs` units; None if unknown. May be rotated.
        nodata: value that means "no measurement here", in every band; may be NaN; None if every pixel counts. Where
            the bands differ, a tuple of one for each (see `nodatas`).
        band_names: one for each band, None for one without a name; () if no band has a name.
        scales: physical value = array × scale + offset, one for each band; () means 1 for all.
        offsets: one for each band, in physical units; () means 0 for all.
        tags: free text about the whole image, as GeoTIFF keeps it.
        band_descriptions: what each band holds, for people; None for one without; () if no band has one.
        units: of the physical values, one for each band (UCUM: "1", "K"), None if unknown; () if no band has one.
        gcps: ground control points, instead of `transform`; () if there are none.
        gcp_crs: reference system of the control points, as `crs`.
        rpcs: rational polynomial coefficients; None if there are none.
        mask: where the samples are measurements, bool (height, width), True = valid, whatever `nodata` says; None if
            the image has none. Another dtype is read as 0 = invalid.
        color_map: colour of each sample value of an image of one band: red, green, blue, alpha, 0–255; None if the
            samples are no classes.
        color_interpretation: what each band is shown as: "red", "green", "blue", "alpha", "nir", … as GDAL names them;
            None where a band is not said to be one; () where none is.
        band_tags: free text about each band; () if no band has any.

    Raises:
        ImageMalformed: the array is not (bands, height, width), a list is not as long as there are bands, no sample of
            that dtype can be `nodata`, the mask is of another size, the transform puts pixels beyond all places, there
            are both a transform and control points, or the colours are not of one band of integers.
    """

    array: NDArray[Any]
    crs: str | None = None
    transform: Affine | None = None
    nodata: Nodata | tuple[Nodata, ...] = None
    band_names: tuple[str | None, ...] = ()
    scales: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    band_descriptions: tuple[str | None, ...] = ()
    units: tuple[str | None, ...] = ()
    gcps: tuple[GroundControlPoint, ...] = ()
    gcp_crs: str | None = None
    rpcs: Rpcs | None = None
    mask: NDArray[np.bool_] | None = None
    color_map: Mapping[int, Color] | None = None
    color_interpretation: tuple[str | None, ...] = ()
    band_tags: tuple[Mapping[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.array.ndim != 3 or 0 in self.array.shape:
            raise ImageMalformed(f"An image's array is (bands, height, width), none of them 0, not {self.array.shape}.")
        for name in PER_BAND:
            given = len(getattr(self, name))
            if given not in (0, self.count):
                raise ImageMalformed(f"{given} {name} for {self.count} bands: give one for each, or none.")
        if self.transform is not None and self.gcps:
            raise ImageMalformed("An image has a transform or ground control points, not both.")
        if self.transform is not None and not is_bounded(self.transform, self.width, self.height):
            raise ImageMalformed("The transform puts pixels beyond all places.")
        object.__setattr__(self, "nodata", _checked_nodata(self.nodata, self.count, self.dtype))
        object.__setattr__(self, "mask", _checked_mask(self.mask, self.array))
        _check_colors(self.color_map, self.array)

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
    def nodatas(self) -> tuple[Nodata, ...]:
        """The value that means "no measurement here", one for each band."""
        return self.nodata if isinstance(self.nodata, tuple) else (self.nodata,) * self.count

    @property
    def is_valid(self) -> NDArray[np.bool_]:
        """Where every band holds a measurement: bool (height, width), False where any is nodata or the mask says so."""
        valid = np.ones(self.array.shape[1:], np.bool_) if self.mask is None else self.mask.copy()
        for samples, nodata in zip(self.array, self.nodatas, strict=True):
            if nodata is not None:
                valid &= ~_is_nodata(samples, nodata)
        return valid

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.array, dtype=dtype, copy=copy)

    def __getitem__(self, index: Any) -> Any:
        return self.array[index]

    def __len__(self) -> int:
        return self.count

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
        is_whole = at == list(range(self.count))
        return replace(
            self,
            array=self.array if is_whole else self.array[at],
            nodata=tuple(self.nodatas[i] for i in at),
            color_map=self.color_map if is_whole else None,
            **{name: tuple(getattr(self, name)[i] for i in at) for name in PER_BAND if getattr(self, name)},
        )

    def physical(self) -> NDArray[np.float32]:
        """Measurements: float32 (bands, height, width), array × scale + offset, NaN where a sample is nodata
        or the mask says that it is none.

        Computed in float64 and rounded once.

        Raises:
            ImageMalformed: the samples are complex numbers.
        """
        if np.iscomplexobj(self.array):
            raise ImageMalformed(f"Samples of {self.dtype} have no float32 value; take the real part or the modulus.")
        values = np.empty(self.shape, np.float32)
        scales, offsets = (self.scales or (1.0,) * self.count), (self.offsets or (0.0,) * self.count)
        for band, samples, scale, offset, nodata in zip(values, self.array, scales, offsets, self.nodatas, strict=True):
            # In float64: float32 arithmetic puts 2750 × 1e-4 - 0.1 above 0.175.
            band[...] = samples if (scale, offset) == (1, 0) else samples.astype(np.float64) * scale + offset
            if nodata is not None:
                band[_is_nodata(samples, nodata)] = np.nan
            if self.mask is not None:
                band[~self.mask] = np.nan
        return values

    def like(
        self,
        array: NDArray[Any],
        *,
        nodata: Nodata | tuple[Nodata, ...] = None,
        band_names: Sequence[str | None] = (),
        mask: NDArray[Any] | None = None,
        color_map: Mapping[int, Color] | None = None,
    ) -> "Image":
        """A result on this image's grid: the same CRS, transform, control points and RPCs, its own samples.

        What is said of this image's samples (nodata, mask, scales, units, names, tags, colours) is not said of others.

        Args:
            array: (height, width) or (bands, height, width), any dtype; height and width are this image's.
            nodata: value in `array` that means "no measurement".
            band_names: one for each band of `array`, or none.
            mask: where `array` holds results, (height, width); `image.mask` where they are of the same pixels.
            color_map: colours of the values of one band.

        Raises:
            ImageMalformed: the array is of another size, or what is said of it does not fit it.
        """
        stacked = array[None] if array.ndim == 2 else array
        if stacked.shape[-2:] != self.array.shape[-2:]:
            raise ImageMalformed(
                f"An array of shape {array.shape} is not on the grid of an image of height {self.height} "
                f"and width {self.width}."
            )
        return Image(
            stacked,
            self.crs,
            self.transform,
            nodata,
            tuple(band_names),
            gcps=self.gcps,
            gcp_crs=self.gcp_crs,
            rpcs=self.rpcs,
            mask=mask,
            color_map=color_map,
        )

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


def same_nodata(one: Nodata, other: Nodata) -> bool:
    """Whether two values mean the same samples; NaN is like NaN."""
    return one == other or (one is not None and other is not None and math.isnan(one) and math.isnan(other))


PER_BAND = (
    *("band_names", "scales", "offsets", "band_descriptions", "units"),
    *("color_interpretation", "band_tags"),
)
"""Attributes of `Image` that have one value for each band, or are ()."""


def _checked_nodata(nodata: Any, count: int, dtype: np.dtype[Any]) -> Nodata | tuple[Nodata, ...]:
    """The value, or one for each band where they differ."""
    given: Sequence[Any] = cast(Sequence[Any], nodata) if isinstance(nodata, tuple | list) else (nodata,)
    values: tuple[Nodata, ...] = tuple(getattr(one, "item", lambda one=one: one)() for one in given)
    if isinstance(nodata, tuple | list) and len(values) != count:
        raise ImageMalformed(f"{len(values)} nodata values for {count} bands: give one for each, or one for all.")
    for value in values:
        if value is not None and not can_hold(dtype, value):
            raise ImageMalformed(f"No {dtype} sample can be {value}, so it cannot mean nodata.")
    return values[0] if all(same_nodata(value, values[0]) for value in values) else values


def _checked_mask(mask: NDArray[Any] | None, array: NDArray[Any]) -> NDArray[np.bool_] | None:
    if mask is not None and mask.shape != array.shape[1:]:
        raise ImageMalformed(f"A mask of shape {mask.shape} is not on a grid of {array.shape[1:]}.")
    return None if mask is None else mask.astype(np.bool_, copy=False)


def _check_colors(color_map: Mapping[int, Color] | None, array: NDArray[Any]) -> None:
    if color_map is None:
        return
    if array.shape[0] != 1 or array.dtype.kind not in "iu":
        raise ImageMalformed("A colour map belongs to an image of one band of integers.")
    limits = np.iinfo(array.dtype)
    for value, color in color_map.items():
        if not limits.min <= value <= limits.max:
            raise ImageMalformed(f"No {array.dtype} sample can be {value}, so it has no colour.")
        if len(color) != 4 or not all(0 <= part <= 255 for part in color):
            raise ImageMalformed(f"The colour of {value} is not red, green, blue and alpha, each 0 to 255.")


def _is_nodata(array: NDArray[Any], nodata: float | int) -> NDArray[np.bool_]:
    """Where samples equal `nodata`, of the array's shape; compared in the array's own dtype."""
    return np.isnan(array) if math.isnan(nodata) else array == array.dtype.type(nodata)
