"""A part of an image, read without the rest: a region, some bands, fewer pixels.

From a GeoTIFF only the blocks that the part lies in are read, of the overview that is nearest in size: of a file on
the web (`access.open_ranges`) nothing else is fetched. Other formats are limited by the whole image; PNG and those of
numpy are also decoded as a whole, since only at their end is it known whether they are damaged.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.windows import Window

from .deadline import Deadline
from .errors import BandMissing, MalformedValue, TooLarge
from .fit.bands import selected
from .fit.grids import resample
from .formats import JP2, JPEG, TIFF
from .memory import Image
from .parts import Buffer
from .policy import Policy
from .reader import facts_of, has_mask, read_raster
from .roi import Roi, parse_roi
from .samples import check_file, check_mask, decoded_dtype, read_pixels
from .window_facts import chosen_facts, cropped, grid_of, moved_facts
from .window_grid import Grid, PixelWindow
from .window_mask import area_mask
from .window_open import Opened, Seekable, begins_as, opened, whole
from .window_place import Placement, place

RESAMPLINGS = ("nearest", "average", "mode", "bilinear", "cubic", "cubic_spline", "lanczos", "rms")
"""How pixels can be made fewer."""

Bands = Sequence[int | str]
_BY_PARTS = (TIFF, JP2, JPEG)


@dataclass(frozen=True)
class ImageWindow:
    """A part of an image.

    Attributes:
        image: the part, with its own transform.
        grid: of the whole image.
        window: which of the grid's pixels `image` shows, the margin included.
        inner: those of the region alone: `inner.relative_to(window)` cuts the margin off a result.
    """

    image: Image
    grid: Grid
    window: PixelWindow
    inner: PixelWindow


def read_window(
    source: Buffer | Seekable,
    policy: Policy,
    roi: Roi | Mapping[str, Any] | None = None,
    *,
    bands: Bands | None = None,
    max_size: int | None = None,
    decimation: float | None = None,
    resampling: str = "nearest",
    media_type: str | None = None,
) -> Image:
    """The part of an image that is asked for; arguments, errors and limits as `read_part`, which says more of it."""
    part = read_part(
        source,
        policy,
        roi,
        bands=bands,
        max_size=max_size,
        decimation=decimation,
        resampling=resampling,
        media_type=media_type,
    )
    return part.image


def read_part(
    source: Buffer | Seekable,
    policy: Policy,
    roi: Roi | Mapping[str, Any] | None = None,
    *,
    bands: Bands | None = None,
    max_size: int | None = None,
    decimation: float | None = None,
    resampling: str = "nearest",
    media_type: str | None = None,
) -> ImageWindow:
    """The part of an image that is asked for, and where it lies.

    Args:
        source: bytes of a file, or a seekable file, read from its start; for one thread at a time.
        policy: the largest part accepted. `max_pixels` and `max_decoded_bytes` limit what is decoded, which for a
            GeoTIFF is the part alone (before it is made smaller), for other formats the whole image.
        roi: the region, clipped to the image; the whole image if None.
        bands: indexes, counted from 0, or names, in the order wanted; all if None.
        max_size: most columns and most rows of the result, px.
        decimation: pixels of the image to one of the result, along each side, 1 or more; not with `max_size`.
        resampling: of `RESAMPLINGS`; how a pixel is made of several. `nearest` takes one and invents nothing; the
            others leave nodata out. Ignored where the result has the image's own pixels.
        media_type: what the sender says that it is.

    Returns:
        The part. Its `image` has the file's dtype, nodata, names, scales and tags; transform, control points and
        RPCs moved to the part. `mask` is the file's; of a polygon also: False more than the margin away from it,
        samples there left as they are. A bbox has no mask, though its window may be larger than it.

    Raises:
        RoiOutside, MalformedValue: the region has no pixel in the image, or is none; `pointer` says where in it.
        BandMissing: no band has that name; MalformedValue: none has that index.
        UndecodableImage: the file is none that is read here, or is damaged where it is read.
        TooLarge: the part has more pixels, bands or bytes than the policy allows; nothing was decoded.
        DecodeTimedOut: decoding takes longer than the policy allows.
        FetchFailed, TooLarge: of the source's own `read`.
        ValueError: `resampling`, `max_size` or `decimation` is none.
    """
    if resampling not in RESAMPLINGS:
        raise ValueError(f"{resampling!r} is no resampling; known: {', '.join(RESAMPLINGS)}.")
    sizes = [size for size in (max_size, decimation) if size is not None]
    if len(sizes) > 1 or not all(1 <= size < math.inf for size in sizes):
        raise ValueError("max_size is 1 px or more, or decimation is 1 or more; not both.")
    asked = _Asked(roi if isinstance(roi, Roi | None) else parse_roi(roi), bands, max_size, decimation, resampling)
    if begins_as(source, media_type) not in _BY_PARTS:
        return _part_of_whole(read_raster(whole(source, policy), policy, media_type), asked)
    with opened(source, media_type) as file:
        return _part_of_file(file, policy, asked)


@dataclass(frozen=True)
class _Asked:
    region: Roi | None
    bands: Bands | None
    max_size: int | None
    decimation: float | None
    resampling: str

    def placement(self, grid: Grid) -> Placement:
        return place(self.region, grid) if self.region else Placement(grid.window, grid.window)

    def shape(self, window: PixelWindow) -> tuple[int, int]:
        """Rows and columns of the result."""
        factor = max(1.0, self.decimation or max(window.width, window.height) / (self.max_size or math.inf))
        return max(1, math.ceil(window.height / factor - 1e-9)), max(1, math.ceil(window.width / factor - 1e-9))

    def mask(self, placement: Placement, own: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        margin = self.region.margin if self.region else 0
        return area_mask(placement, margin, self.shape(placement.window), own)

    def indexes(self, names: Sequence[str | None]) -> list[int]:
        """Of the bands, from 0."""
        if self.bands is None:
            return list(range(len(names)))
        if not self.bands:
            raise MalformedValue("At least one band must be asked for.")
        return [_index(names, band) for band in self.bands]


def _part_of_file(file: Opened, policy: Policy, asked: _Asked) -> ImageWindow:
    with file.dataset() as dataset:
        _check_bands(dataset, policy)
        facts = facts_of(dataset, decoded_dtype(dataset), file.form)
        grid = Grid(dataset.width, dataset.height, facts["crs"], facts["transform"])
        placement = asked.placement(grid)
        shape = asked.shape(placement.window)
        indexes = asked.indexes(dataset.descriptions)
        facts = chosen_facts(moved_facts(facts, placement.window, shape), indexes, dataset.count)
        level = _level(dataset, placement.window, shape)
    options = {} if level is None else {"OVERVIEW_LEVEL": level}
    with file.dataset(**options) as dataset:
        part = _scaled(placement.window, grid, dataset)
        _check_part(dataset, file, indexes, part, shape, policy)
        again = partial(file.dataset, **options) if file.is_in_memory else None
        array, mask = _pixels(dataset, file, indexes, part, shape, asked.resampling, Deadline(policy), again)
    image = Image(array, mask=asked.mask(placement, mask), **facts)
    return ImageWindow(image, grid, placement.window, placement.inner)


def _part_of_whole(image: Image, asked: _Asked) -> ImageWindow:
    """A part of samples that are in memory as a whole."""
    placement = asked.placement(grid_of(image))
    window, indexes = placement.window, asked.indexes(image.band_names or (None,) * image.count)
    height, width = asked.shape(window)
    cut = selected(cropped(image, window), indexes)
    part = resample(cut, size=(width, height), resampling=asked.resampling).image
    masked = replace(part, mask=asked.mask(placement, part.mask))
    return ImageWindow(masked, grid_of(image), window, placement.inner)


def _check_bands(dataset: Any, policy: Policy) -> None:
    if dataset.count > policy.max_bands:
        raise TooLarge("bands", dataset.count, policy.max_bands)


def _index(names: Sequence[str | None], band: int | str) -> int:
    if isinstance(band, str):
        if band not in names:
            raise BandMissing(band, names)
        return names.index(band)
    if not 0 <= band < len(names):
        raise MalformedValue(f"The image has no band {band}; its bands are 0 to {len(names) - 1}.")
    return band


def _level(dataset: Any, window: PixelWindow, shape: tuple[int, int]) -> int | None:
    """The overview to read: the smallest that has at least the pixels wanted; None: the image itself."""
    factor = min(window.height / shape[0], window.width / shape[1])
    fitting = [(size, level) for level, size in enumerate(dataset.overviews(1)) if 1 < size <= factor * 1.01]
    return max(fitting)[1] if fitting else None


def _scaled(window: PixelWindow, grid: Grid, dataset: Any) -> tuple[float, float, float, float]:
    """The window in pixels of an overview: x, y, width, height."""
    across, down = dataset.width / grid.width, dataset.height / grid.height
    return window.x * across, window.y * down, window.width * across, window.height * down


def _check_part(
    dataset: Any,
    file: Opened,
    indexes: Sequence[int],
    part: tuple[float, float, float, float],
    shape: tuple[int, int],
    policy: Policy,
) -> None:
    """Refuse by the header alone. Blocks count too: a small part may lie in one huge tile."""
    sample_bytes = decoded_dtype(dataset).itemsize
    is_whole = file.form is not TIFF
    decoded = dataset.width * dataset.height if is_whole else math.ceil(part[2]) * math.ceil(part[3])
    block = max(rows * columns for rows, columns in dataset.block_shapes)
    for what, actual, limit in (
        ("pixels to decode in a band", decoded, policy.max_pixels),
        ("bytes to decode", decoded * sample_bytes * len(indexes), policy.max_decoded_bytes),
        ("bytes once decoded", shape[0] * shape[1] * sample_bytes * len(indexes), policy.max_decoded_bytes),
        ("bytes in a block once decoded", block * sample_bytes * dataset.count, policy.max_decoded_bytes),
    ):
        if actual > limit:
            raise TooLarge(what, actual, limit)


def _pixels(
    dataset: Any,
    file: Opened,
    indexes: list[int],
    part: tuple[float, float, float, float],
    shape: tuple[int, int],
    resampling: str,
    deadline: Deadline,
    again: Callable[[], Any] | None,
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Samples and mask of a part of a dataset, in `shape` rows and columns."""
    touched = _touched(dataset, part)
    window = Window(*part)  # pyright: ignore[reportCallIssue]
    if (touched.height, touched.width) == shape and part == (touched.x, touched.y, touched.width, touched.height):
        array = read_pixels(dataset, file.read, file.form, touched, indexes, deadline, again)
    else:
        check_file(dataset, file.read, file.form, touched, indexes, deadline)
        array = np.empty((len(indexes), *shape), decoded_dtype(dataset))
        deadline.check()
        bands = [index + 1 for index in indexes]
        dataset.read(bands, out=array, window=window, resampling=Resampling[resampling])
    if not has_mask(dataset):
        return array, None
    check_mask(dataset, file.read, file.form, touched, deadline)
    return array, dataset.read_masks(1, window=window, out_shape=shape) > 0


def _touched(dataset: Any, part: tuple[float, float, float, float]) -> PixelWindow:
    """The whole pixels that a part lies in."""
    x, y, width, height = part
    left, top = math.floor(x), math.floor(y)
    right, bottom = min(math.ceil(x + width), dataset.width), min(math.ceil(y + height), dataset.height)
    return PixelWindow(left, top, right - left, bottom - top)
