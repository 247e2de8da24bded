"""Blocks of a JPEG 2000 are decoded on several threads, as they would be on one."""

import threading
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from converters.rasters import naive_write, samples
from rasterio.errors import RasterioIOError

from swath_converters import Image, Policy, side_by_side
from swath_converters.deadline import Deadline
from swath_converters.errors import DecodeTimedOut, UndecodableImage
from swath_converters.image import decode_image, encode_image
from swath_converters.side_by_side import MOST_THREADS, read_blocks
from swath_converters.window import read_window
from swath_converters.window_grid import PixelWindow

ARRAY = samples((3, 200, 300), "uint16")
TILED = naive_write(ARRAY, "JP2OpenJPEG", quality=100, reversible="yes", blockxsize=64, blockysize=64)


@pytest.fixture(autouse=True)
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "usable_cores", lambda: 3)


def test_an_image_of_many_blocks_is_whole():
    np.testing.assert_array_equal(decode_image(TILED, Policy()).array, ARRAY)


@pytest.mark.parametrize("window", [(0, 0, 300, 200), (10, 70, 200, 100), (63, 63, 2, 2), (299, 199, 1, 1)])
def test_a_window_of_many_blocks_is_whole(window: tuple[int, int, int, int]):
    x, y, width, height = window
    roi = {"window": {"x": x, "y": y, "width": width, "height": height}}
    found = read_window(TILED, Policy(), roi, bands=[2, 0]).array
    np.testing.assert_array_equal(found, ARRAY[[2, 0], y : y + height, x : x + width])


class Dataset:
    """One that is read a block at a time, by as many threads as are expected: each waits for all at its first block."""

    block_shapes, count = ((10, 10),), 1

    def __init__(self, threads: int = 2) -> None:
        self.read_by: list[int] = []
        self._all = threading.Barrier(threads, timeout=20)

    def __enter__(self) -> "Dataset":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, indexes: Any, out: Any, window: Any) -> None:
        me = threading.get_ident()
        if me not in self.read_by:
            self._all.wait()
        self.read_by.append(me)
        out[...] = window.row_off * 100 + window.col_off


class Damaged(Dataset):
    """One in which the second thread finds damage, before the first goes on."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error, self._is_found = error, threading.Event()

    def read(self, indexes: Any, out: Any, window: Any) -> None:
        super().read(indexes, out, window)
        if threading.current_thread() is not threading.main_thread():
            self._is_found.set()
            raise self._error
        self._is_found.wait(20)


def run(dataset: Dataset, deadline: Deadline | None = None) -> np.ndarray[Any, Any]:
    array = np.full((1, 40, 40), -1)
    read_blocks(dataset, lambda: dataset, PixelWindow(0, 0, 40, 40), [1], array, deadline or Deadline(Policy()))
    return array


def on_cores(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "usable_cores", lambda: count)


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (4, 4), (64, MOST_THREADS)])
def test_each_block_is_read_once_by_as_many_threads_as_there_are_cores(
    cores: int, threads: int, monkeypatch: pytest.MonkeyPatch
):
    on_cores(cores, monkeypatch)
    dataset = Dataset(threads)
    array = run(dataset)
    assert len(dataset.read_by) == 16
    assert len(set(dataset.read_by)) == threads
    assert array[0, 35, 25] == 30 * 100 + 20
    assert array.min() == 0


def test_blocks_that_are_large_together_are_read_one_after_the_other(monkeypatch: pytest.MonkeyPatch):
    on_cores(4, monkeypatch)
    dataset = Dataset(threads=1)
    dataset.count = 1_000_000
    run(dataset)
    assert len(set(dataset.read_by)) == 1


def test_where_no_thread_can_be_started_one_reads_all(monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    on_cores(4, monkeypatch)
    monkeypatch.setattr(side_by_side.ThreadPoolExecutor, "submit", refuse)
    assert run(Dataset(threads=1)).min() == 0


@pytest.mark.parametrize("error", [RasterioIOError("damaged"), IndexError("band 9"), DecodeTimedOut(1.0)])
def test_what_goes_wrong_on_another_thread_is_heard(error: Exception, monkeypatch: pytest.MonkeyPatch):
    on_cores(2, monkeypatch)
    with pytest.raises(type(error)):
        run(Damaged(error))


def test_what_goes_wrong_on_this_thread_is_heard(monkeypatch: pytest.MonkeyPatch):
    class Wrong(Dataset):
        def read(self, indexes: Any, out: Any, window: Any) -> None:
            raise IndexError("band 9")

    on_cores(1, monkeypatch)
    with pytest.raises(IndexError):
        run(Wrong())


def test_every_thread_looks_at_the_clock(monkeypatch: pytest.MonkeyPatch):
    by = set[int]()

    class Looked(Deadline):
        def check(self) -> None:
            by.add(threading.get_ident())

    on_cores(3, monkeypatch)
    dataset = Dataset(3)
    run(dataset, Looked(Policy()))
    assert by == set(dataset.read_by)


def test_an_overview_of_many_blocks_is_whole(monkeypatch: pytest.MonkeyPatch):
    part = read_window(TILED, Policy(), max_size=150)
    on_cores(1, monkeypatch)
    np.testing.assert_array_equal(part.array, read_window(TILED, Policy(), max_size=150).array)


@pytest.mark.parametrize("harm", ["cut", "flipped"])
@pytest.mark.parametrize("percent", range(10, 100, 12))
def test_damage_is_what_it_is_on_one_thread(harm: str, percent: int, monkeypatch: pytest.MonkeyPatch):
    place = len(TILED) * percent // 100
    harmed = TILED[:place] + (b"" if harm == "cut" else b"\xff\x93\xff\x90" * 8 + TILED[place + 32 :])
    several = outcome(harmed)
    monkeypatch.setattr(side_by_side, "usable_cores", lambda: 1)
    assert several == outcome(harmed)
    assert harm == "flipped" or "damaged" in several


def outcome(content: bytes) -> str:
    """The error's text, or what the samples add up to."""
    try:
        return sha256(decode_image(content, Policy()).array.tobytes()).hexdigest()
    except UndecodableImage as error:
        return str(error)


def test_a_file_is_the_same_by_whatever_many_threads(monkeypatch: pytest.MonkeyPatch):
    from swath_converters import pictures

    image = Image(samples((3, 300, 300), "uint8"))
    written = []
    for cores in (1, 4):
        monkeypatch.setattr(pictures, "usable_cores", lambda cores=cores: cores)
        written.append(encode_image(image, "image/jp2"))
    assert written[0] == written[1]
