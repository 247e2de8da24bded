"""Samples of an open dataset, by whoever decodes them safely: we ourselves, or GDAL after a look at the blocks.

Whatever is read, a deadline is looked at between blocks or groups of rows.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasterio.windows import Window

from .deadline import Deadline
from .errors import UndecodableImage
from .formats import JP2, TIFF, Format
from .side_by_side import read_blocks
from .tiff_blocks import check_blocks, read_samples
from .tiff_directory import Read, directories, directory_at
from .tiff_filling import stored_dtype
from .tiff_layout import Layout, is_mask, layout_of
from .window_grid import PixelWindow

_GROUP_BYTES = 8 << 20
_NUMPY_NAME = {"complex_int16": "complex64"}  # numpy has no complex integers


def decoded_dtype(dataset: Any) -> np.dtype[Any]:
    """The one dtype that holds the samples of every band of an open dataset."""
    return np.result_type(*(_NUMPY_NAME.get(name, name) for name in dataset.dtypes))


def read_pixels(
    dataset: Any,
    read: Read,
    form: Format,
    window: PixelWindow,
    bands: Sequence[int],
    deadline: Deadline,
    again: Callable[[], Any] | None = None,
) -> NDArray[Any]:
    """Samples of a window, none of them made smaller: (bands, height, width) of `decoded_dtype`.

    Args:
        dataset: open, of rasterio.
        read: bytes of its file.
        form: its format.
        window: which pixels; within the image.
        bands: from 0, in the order wanted.
        deadline: for all of it.
        again: opens the same dataset on another thread; None where it can't be.

    Raises:
        UndecodableImage: a block is damaged, too short or too long.
        DecodeTimedOut: the deadline has passed.
        gdal.UNREADABLE: GDAL found damage.
    """
    dtype = decoded_dtype(dataset)
    array = np.empty((len(bands), window.height, window.width), dtype)
    if form is TIFF:
        layout = _own_layout(dataset, read)
        stored = stored_dtype(layout)
        is_ours = stored is not None and stored == dtype  # numpy takes None for float64
        if is_ours and read_samples(read, layout, window, bands, array, deadline):
            return array
        check_blocks(read, layout, window, bands, deadline)
    indexes = [band + 1 for band in bands]
    if form is JP2 and again:
        read_blocks(dataset, again, window, indexes, array, deadline)
        return array
    for top, bottom in _groups(dataset, window, array.itemsize * len(bands)):
        deadline.check()
        part = Window(window.x, window.y + top, window.width, bottom - top)  # pyright: ignore[reportCallIssue]
        dataset.read(indexes, out=array[:, top:bottom], window=part)
    return array


def check_file(
    dataset: Any, read: Read, form: Format, window: PixelWindow, bands: Sequence[int], deadline: Deadline
) -> None:
    """Look at the blocks that GDAL will decode for a window; raises as `read_pixels`."""
    if form is TIFF:
        check_blocks(read, _own_layout(dataset, read), window, bands, deadline)


def check_mask(dataset: Any, read: Read, form: Format, window: PixelWindow, deadline: Deadline) -> None:
    """Look at the blocks of the mask that GDAL will decode for a window; raises as `read_pixels`."""
    if form is not TIFF:
        return
    masks = [layout_of(one) for one in directories(read) if is_mask(one)]
    fitting = [one for one in masks if (one.width, one.height) == (dataset.width, dataset.height)]
    if not fitting:
        raise UndecodableImage("The TIFF's mask is not where it is looked for.")
    for layout in fitting:
        check_blocks(read, layout, window, range(layout.count), deadline)


def _own_layout(dataset: Any, read: Read) -> Layout:
    """The layout of the directory that GDAL has open; both must have read the same in it."""
    layout = layout_of(directory_at(read, int(dataset.get_tag_item("IFD_OFFSET", "TIFF", bidx=1))))
    if (layout.width, layout.height, layout.count) != (dataset.width, dataset.height, dataset.count):
        raise UndecodableImage("The TIFF's tags can be read in more than one way.")
    return layout


def _groups(dataset: Any, window: PixelWindow, pixel_bytes: int) -> list[tuple[int, int]]:
    """Rows of a window, from its top, in groups that end with a block: the whole of a block is decoded once."""
    block_rows = dataset.block_shapes[0][0]
    rows = max(1, _GROUP_BYTES // max(1, window.width * pixel_bytes * block_rows)) * block_rows
    first = (window.y // block_rows) * block_rows
    edges = [min(max(row, window.y), window.bottom) for row in range(first, window.bottom + rows, rows)]
    return [(top - window.y, bottom - window.y) for top, bottom in pairwise(edges) if bottom > top]
