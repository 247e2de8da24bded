"""Samples of an inflated block of a TIFF, its predictor undone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tiff_layout import DEFLATE, Block, Layout
from .window_grid import PixelWindow

_KINDS = {1: "u", 2: "i", 3: "f", 6: "c"}  # of SampleFormat
_BITS = {"u": (8, 16, 32, 64), "i": (8, 16, 32, 64), "f": (32, 64), "c": (64, 128)}
_PREDICTORS = {"u": (1, 2), "i": (1, 2), "f": (1, 2, 3), "c": (1,)}
_DIFFERENCES, _OF_BYTES = 2, 3
_GROUP_BYTES = 1 << 20

Target = tuple[int, NDArray[Any]]
"""Which of a block's bands, from 0; where its samples go, (height, width)."""


def stored_dtype(layout: Layout) -> np.dtype[Any] | None:
    """The dtype of samples that `fill` can make; None for layouts whose samples are to be had from GDAL alone."""
    kind = _KINDS.get(layout.sample_format, "")
    is_read = (
        layout.compression in DEFLATE
        and not layout.is_reversed
        and layout.bits in _BITS.get(kind, ())
        and layout.predictor in _PREDICTORS[kind]
    )
    return np.dtype(f"{kind}{layout.bits // 8}") if is_read else None


def fill(targets: Sequence[Target], content: bytes, layout: Layout, block: Block, part: PixelWindow) -> None:
    """Put the samples of a part of a block where they belong.

    Args:
        targets: of the size of the part, of the layout's `stored_dtype`.
        content: of the block, inflated, `block.size_bytes` long.
        layout: of a `stored_dtype`.
        block: what it is.
        part: pixels of the block, counted from its top left.
    """
    if layout.predictor == _OF_BYTES:
        _fill_from_bytes(targets, content, layout, block, part)
        return
    rows = slice(part.y, part.bottom)
    dtype = targets[0][1].dtype if targets else np.dtype(np.uint8)
    stored = dtype if layout.predictor != _DIFFERENCES else np.dtype(f"u{dtype.itemsize}")
    samples = np.frombuffer(content, stored.newbyteorder(layout.directory.order)).reshape(_shape(layout, block))
    for band, target in targets:
        if layout.predictor != _DIFFERENCES:
            target[...] = samples[rows, part.x : part.right, band]
        elif part.x == 0:
            np.cumsum(samples[rows, : part.right, band], axis=1, dtype=stored, out=target.view(stored))
        else:
            summed = np.cumsum(samples[rows, : part.right, band], axis=1, dtype=stored)
            target.view(stored)[...] = summed[:, part.x :]


def _shape(layout: Layout, block: Block) -> tuple[int, int, int]:
    return block.window.height, block.window.width, layout.count if layout.is_by_pixel else 1


def _fill_from_bytes(
    targets: Sequence[Target], content: bytes, layout: Layout, block: Block, part: PixelWindow
) -> None:
    """Floating point numbers of differences of their bytes: in a row first the highest bytes of all samples.

    Source: Adobe Photoshop TIFF Technical Note 3 (2005).
    """
    rows, columns, count = _shape(layout, block)
    itemsize = layout.bits // 8
    steps = np.frombuffer(content, np.uint8).reshape(rows, -1, count)
    group = max(1, _GROUP_BYTES // (columns * count * itemsize))
    for top in range(part.y, part.bottom, group):
        chosen = steps[top : min(top + group, part.bottom)]
        planes = np.cumsum(chosen, axis=1, dtype=np.uint8).reshape(len(chosen), itemsize, columns * count)
        highest_first = np.ascontiguousarray(planes.transpose(0, 2, 1)).view(f">f{itemsize}")
        samples = highest_first.reshape(len(chosen), columns, count)
        for band, target in targets:
            target[top - part.y : top - part.y + len(chosen)] = samples[:, part.x : part.right, band]
