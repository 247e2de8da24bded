"""Blocks of a JPEG 2000 are decoded on several threads, as they would be on one."""

import threading
import time
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
    """One that is read a block at a time; the second thread's reads fail where `error` is given."""

    block_shapes = ((10, 10),)

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.read_by = error, list[int]()
        self.is_met = threading.Barrier(2, timeout=10)

    def __enter__(self) -> "Dataset":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def read(self, indexes: Any, out: Any, window: Any) -> None:
        me = threading.get_ident()
        if me not in self.read_by:
            self.is_met.wait()  # so that both threads take part
        self.read_by.append(me)
        if self.error and me != threading.main_thread().ident:
            raise self.error
        if self.error:
            time.sleep(0.05)  # long enough for the other to fail
        out[...] = window.row_off * 100 + window.col_off


def run(dataset: Dataset, deadline: Deadline) -> np.ndarray[Any, Any]:
    array = np.full((1, 40, 40), -1)
    read_blocks(dataset, lambda: dataset, PixelWindow(0, 0, 40, 40), [1], array, deadline)
    return array


def test_each_block_is_read_once_by_one_of_the_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(side_by_side, "usable_cores", lambda: 2)
    dataset = Dataset()
    array = run(dataset, Deadline(Policy()))
    assert len(dataset.read_by) == 16
    assert len(set(dataset.read_by)) == 2
    assert array[0, 35, 25] == 30 * 100 + 20
    assert array.min() == 0


def test_what_goes_wrong_on_another_thread_is_heard(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(side_by_side, "usable_cores", lambda: 2)
    dataset = Dataset(RasterioIOError("damaged"))
    with pytest.raises(RasterioIOError, match="damaged"):
        run(dataset, Deadline(Policy()))
    assert len(dataset.read_by) < 16


def test_time_counts_for_all_threads():
    with pytest.raises(DecodeTimedOut):
        decode_image(TILED, Policy(decode_timeout_s=0))


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


def test_few_threads_work_for_one_image_on_a_machine_of_many_cores(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(side_by_side, "usable_cores", lambda: 64)
    before, seen = threading.active_count(), list[int]()

    class Counted(Dataset):
        def read(self, indexes: Any, out: Any, window: Any) -> None:
            seen.append(threading.active_count())

    run(Counted(), Deadline(Policy()))
    assert max(seen) - before < MOST_THREADS


def test_a_file_is_the_same_by_whatever_many_threads(monkeypatch: pytest.MonkeyPatch):
    from swath_converters import pictures

    image = Image(samples((3, 300, 300), "uint8"))
    written = []
    for cores in (1, 4):
        monkeypatch.setattr(pictures, "usable_cores", lambda cores=cores: cores)
        written.append(encode_image(image, "image/jp2"))
    assert written[0] == written[1]
