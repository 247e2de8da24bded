"""Decoding ends when its time is over, between blocks or groups of rows."""

from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from converters.rasters import naive_write, samples
from converters.tiffs import deflated

from swath_converters import Image, Policy, deadline
from swath_converters.errors import DecodeTimedOut
from swath_converters.image import decode_image, encode_image
from swath_converters.window import read_window

NO_TIME = Policy(decode_timeout_s=0)
FILES = {
    "deflated TIFF": deflated,
    "TIFF by GDAL": lambda array: naive_write(array, "GTiff", compress="lzw"),
    "PNG": lambda array: naive_write(array, "PNG"),
    "JPEG": lambda array: naive_write(array, "JPEG"),
    "JPEG 2000": lambda array: naive_write(array, "JP2OpenJPEG"),
    "NPZ": lambda array: encode_image(Image(array), "application/x-npz"),
}


@pytest.mark.parametrize("kind", FILES)
def test_decoding_that_takes_too_long_is_an_error_that_says_what_is_allowed(kind: str):
    content = FILES[kind](samples((3, 40, 50), "uint8"))
    with pytest.raises(DecodeTimedOut, match="than the 0 s that are allowed"):
        decode_image(content, NO_TIME)
    with pytest.raises(DecodeTimedOut):
        read_window(content, NO_TIME, max_size=20)


@pytest.mark.parametrize("compression", ["deflate", "lzw"])
def test_decoding_ends_in_the_middle_of_an_image(compression: str, monkeypatch: pytest.MonkeyPatch):
    array = np.zeros((1, 5_000, 5_000), np.uint8)
    content = naive_write(array, "GTiff", compress=compression, tiled=True, blockxsize=1024, blockysize=1024)
    decode_image(content, Policy())
    seconds = count()
    clock = SimpleNamespace(monotonic=lambda: float(next(seconds)))  # not time's own, which other threads look at too
    monkeypatch.setattr(deadline, "time", clock)
    with pytest.raises(DecodeTimedOut):
        decode_image(content, Policy(decode_timeout_s=2))
    assert next(seconds) <= 5  # looks at the clock: at the start, before each of three blocks
