"""Blocks that take long to decode, on several threads, each with the file open a second time.

JPEG 2000 takes 60 ms for 512 × 512 × 3 bytes. GDAL's own threads would do as well, but nobody hears their errors.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from numpy.typing import NDArray
from rasterio.windows import Window

from . import gdal
from .cores import usable_cores
from .deadline import Deadline
from .window_grid import PixelWindow

MOST_THREADS = 4
"""For one image: others wait for theirs too."""
_MOST_BYTES = 256 << 20  # of the blocks that are decoded at once: a limit on the image says nothing of these


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

    def taken() -> PixelWindow | None:
        try:
            return waiting.popleft()
        except IndexError:
            return None

    def read(own: Any) -> None:
        try:
            while block := taken():
                _read(own, block, window, indexes, array, deadline)
        except BaseException:
            waiting.clear()  # the other threads need not go on
            raise

    def read_too() -> None:
        with gdal.sandbox(), again() as own:
            read(own)

    count = min(len(waiting), MOST_THREADS, usable_cores(), _MOST_BYTES // _block_bytes(dataset))
    if count < 2:
        read(dataset)
        return
    others: list[Future[None]] = []
    with ThreadPoolExecutor(count - 1, thread_name_prefix="blocks") as pool:
        with suppress(RuntimeError):  # no more threads may be started: this one reads it all
            others += (pool.submit(read_too) for _ in range(count - 1))
        read(dataset)
    for other in others:
        other.result()


def _block_bytes(dataset: Any) -> int:
    """Of a block as the decoder holds it: four bytes a sample, whatever their type."""
    rows, columns = dataset.block_shapes[0]
    return 4 * rows * columns * dataset.count


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
