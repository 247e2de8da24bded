"""Whether a PNG is whole is found as its full decoding finds it."""

import struct
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from converters.rasters import naive_write

from swath_converters import Policy
from swath_converters.deadline import Deadline
from swath_converters.errors import DecodeTimedOut
from swath_converters.image import decode_image
from swath_converters.png_whole import is_whole

POLICY = Policy()
ARRAYS = {
    "grey": np.arange(60 * 70, dtype=np.uint8).reshape(1, 60, 70),
    "grey, 16 bits": np.arange(60 * 70, dtype=np.uint16).reshape(1, 60, 70) * 13,
    "grey and alpha": np.arange(2 * 60 * 70, dtype=np.uint8).reshape(2, 60, 70),
    "RGB": np.random.default_rng(1).integers(0, 256, (3, 60, 70), np.uint8),
    "RGBA, 16 bits": np.random.default_rng(1).integers(0, 65536, (4, 60, 70), np.uint16),
}


def whole(content: bytes) -> bool:
    return is_whole(content, Deadline(POLICY))


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(
    rows: bytes, *, width: int = 3, height: int = 2, depth: int = 8, color: int = 0, interlace: int = 0, pieces: int = 1
) -> bytes:
    """A PNG of these rows, each with the number of its filter before it."""
    head = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    pressed = zlib.compress(rows)
    step = -(-len(pressed) // pieces)
    parts = [chunk(b"IDAT", pressed[start : start + step]) for start in range(0, len(pressed), step)]
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(parts) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ARRAYS)
def test_what_was_written_whole_is_whole_and_read_as_it_was(name: str):
    content = naive_write(ARRAYS[name], "PNG")
    assert whole(content)
    np.testing.assert_array_equal(decode_image(content, POLICY).array, ARRAYS[name])


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_samples_of_a_few_bits_fill_whole_bytes(bits: int):
    content = naive_write(ARRAYS["grey"] % 2, "PNG", nbits=bits)
    assert content[24] == bits
    assert whole(content)
    np.testing.assert_array_equal(decode_image(content, POLICY).array, ARRAYS["grey"] % 2)


ROWS = b"\0abc\0def"


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_samples_in_several_chunks_are_one_stream(pieces: int):
    assert whole(png(ROWS, pieces=pieces))


@pytest.mark.parametrize(
    ("what", "content"),
    [
        ("a row is missing", png(ROWS[:4])),
        ("a byte is missing", png(ROWS[:-1])),
        ("a byte too many", png(ROWS + b"x")),
        ("no samples at all", png(ROWS).replace(b"IDAT", b"teXt")),
        ("cut within the samples", png(ROWS)[:-20]),
        ("no end", png(ROWS)[:-12]),
        ("a wrong checksum", png(ROWS)[:-13] + b"\0" + png(ROWS)[-12:]),
        ("nothing but a signature", png(ROWS)[:8]),
        ("no header first", png(ROWS)[:8] + chunk(b"tEXt", b"a\0b") + png(ROWS)[8:]),
        ("a colour type that is none", png(ROWS, color=5)),
        ("interlaced", png(ROWS, interlace=1)),
        ("a chunk as long as no file", png(ROWS)[:8] + b"\xff" * 30),
    ],
)
def test_what_is_not_known_to_be_whole_is_not_said_to_be(what: str, content: bytes):
    assert not whole(content), what


def test_every_cut_is_seen():
    content = png(ROWS)
    assert [cut for cut in range(len(content)) if whole(content[:cut])] == []


def test_what_unpacks_to_more_than_it_says_is_unpacked_no_further():
    bomb = png(bytes(1 << 28))
    tracemalloc.start()
    assert not whole(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 22


def test_looking_ends_with_the_time_that_decoding_may_take():
    class Over(Deadline):
        def check(self) -> Any:
            raise DecodeTimedOut(1.0)

    with pytest.raises(DecodeTimedOut):
        is_whole(png(ROWS), Over(POLICY))
