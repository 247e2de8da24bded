"""Blocks that take long to decode, on several threads, each with the file open a second time.

JPEG 2000 takes 60 ms for 512 × 512 × 3 bytes. GDAL's own threads would do as well, but nobody hears their errors.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from numpy.typing import NDArray
from rasterio.windows import Window

from . import gdal
from .cores import usable_cores
from .deadline import Deadline
from .window_grid import PixelWindow

MOST_THREADS = 4
"""For one image: each holds a block as the decoder sees it, and others wait for their images too."""


def read_blocks(
    dataset: Any,
    again: Callable[[], Any],
    window: PixelWindow,
    indexes: Sequence[int],
    array: NDArray[Any],
    deadline: Deadline,
) -> None:
    """Decode a window, block by block.

    Args:
        dataset: open, of rasterio; this thread's.
        again: opens the same; each further thread's.
        window: which pixels; within the image.
        indexes: bands, from 1.
        array: where they go, (bands, height, width).
        deadline: for all of it.

    Raises:
        DecodeTimedOut: the deadline has passed.
        gdal.UNREADABLE: GDAL found damage.
    """
    waiting = deque(_blocks(dataset.block_shapes[0], window))

    def read(own: Any) -> None:
        try:
            while waiting:
                _read(own, waiting.popleft(), window, indexes, array, deadline)
        except IndexError:  # another thread took the last
            return
        except BaseException:
            waiting.clear()
            raise

    def read_too() -> None:
        with gdal.sandbox(), again() as own:
            read(own)

    count = min(len(waiting), MOST_THREADS, usable_cores())
    if count < 2:
        read(dataset)
        return
    with ThreadPoolExecutor(count - 1, thread_name_prefix="blocks") as pool:
        others = [pool.submit(read_too) for _ in range(count - 1)]
        read(dataset)
    for other in others:
        other.result()


def _blocks(shape: tuple[int, int], window: PixelWindow) -> Iterator[PixelWindow]:
    """The part of each block that lies in a window."""
    rows, columns = shape
    for top in range(window.y // rows * rows, window.bottom, rows):
        for left in range(window.x // columns * columns, window.right, columns):
            x, y = max(left, window.x), max(top, window.y)
            yield PixelWindow(x, y, min(left + columns, window.right) - x, min(top + rows, window.bottom) - y)


def _read(
    dataset: Any,
    block: PixelWindow,
    window: PixelWindow,
    indexes: Sequence[int],
    array: NDArray[Any],
    deadline: Deadline,
) -> None:
    deadline.check()
    x, y = block.x - window.x, block.y - window.y
    part = Window(block.x, block.y, block.width, block.height)  # pyright: ignore[reportCallIssue]
    dataset.read(indexes, out=array[:, y : y + block.height, x : x + block.width], window=part)
