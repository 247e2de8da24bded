"""A PNG whose rows are stored holds the same samples; of one that is not whole there is none."""

import struct
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from converters.rasters import naive_write

from swath_converters import Policy, png_stored
from swath_converters.deadline import Deadline
from swath_converters.errors import DecodeTimedOut
from swath_converters.image import decode_image
from swath_converters.png_stored import stored

POLICY = Policy()
ARRAYS = {
    "grey": np.arange(60 * 70, dtype=np.uint8).reshape(1, 60, 70),
    "grey, 16 bits": np.arange(60 * 70, dtype=np.uint16).reshape(1, 60, 70) * 13,
    "grey and alpha": np.arange(2 * 60 * 70, dtype=np.uint8).reshape(2, 60, 70),
    "RGB": np.random.default_rng(1).integers(0, 256, (3, 60, 70), np.uint8),
    "RGBA, 16 bits": np.random.default_rng(1).integers(0, 65536, (4, 60, 70), np.uint16),
}


def whole(content: bytes) -> bool:
    return stored(content, POLICY, Deadline(POLICY)) is not None


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


def test_all_but_the_rows_stays_as_it_was():
    text, palette = chunk(b"tEXt", b"a\0b"), chunk(b"PLTE", bytes(6)) + chunk(b"tRNS", b"\0")
    plain = png(ROWS, color=3, pieces=2)
    begin, end = plain.index(b"IDAT") - 4, len(plain) - 12
    content = plain[:begin] + palette + plain[begin:end] + text + plain[end:] + b"behind the end"
    found = stored(content, POLICY, Deadline(POLICY))
    assert found is not None
    assert found.startswith(content[: begin + len(palette)])
    assert found.endswith(text + plain[end:])
    assert found.count(b"IDAT") == 1
    start = found.index(b"IDAT")
    size = int.from_bytes(found[start - 4 : start])
    assert zlib.decompress(found[start + 4 : start + 4 + size]) == ROWS


@pytest.mark.parametrize("size", [65_534, 65_535, 65_536, 131_070, 131_071, (1 << 20) + 5])
def test_rows_of_any_length_are_one_stream(size: int):
    rows = b"\0" + np.random.default_rng(size).bytes(size - 1)
    found = stored(png(rows, width=size - 1, height=1, pieces=3), POLICY, Deadline(POLICY))
    assert found is not None
    start = found.index(b"IDAT")
    assert zlib.decompress(found[start + 4 : -16]) == rows
    assert zlib.crc32(found[start:-16]) == int.from_bytes(found[-16:-12])


@pytest.mark.parametrize(
    ("limits", "shape"),
    [
        ({"max_pixels": 5}, {}),
        ({"max_decoded_bytes": 5}, {}),
        ({"max_decoded_bytes": 5}, {"depth": 1}),
        ({"max_decoded_bytes": 11}, {"depth": 16}),
        ({"max_bands": 2}, {"color": 2}),
        ({}, {"width": 1 << 20, "height": 1 << 11}),
    ],
)
def test_nothing_is_inflated_of_what_is_too_large(
    limits: dict[str, int], shape: dict[str, int], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(png_stored, "_fill", pytest.fail)
    policy = Policy(**{"max_pixels": 1 << 40, "max_decoded_bytes": 1 << 40, **limits})
    assert stored(png(ROWS, **shape), policy, Deadline(policy)) is None


def test_of_more_chunks_than_any_writer_makes_none_is_kept():
    content = png(ROWS)
    assert not whole(content[:33] + chunk(b"tEXt", b"") * (1 << 16) + content[33:])


def test_the_clock_is_looked_at_among_many_chunks():
    class Seen(Deadline):
        looks = 0

        def check(self) -> None:
            self.looks += 1

    content, deadline = png(ROWS), Seen(POLICY)
    assert stored(content[:33] + chunk(b"tEXt", b"") * 10_000 + content[33:], POLICY, deadline)
    assert deadline.looks >= 10


def test_rows_with_another_chunk_between_are_left_to_gdal():
    content = png(ROWS, pieces=2)
    second = content.rindex(b"IDAT") - 4
    assert not whole(content[:second] + chunk(b"tEXt", b"a\0b") + content[second:])


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
        stored(png(ROWS), POLICY, Over(POLICY))
