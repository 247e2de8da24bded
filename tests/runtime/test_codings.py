"""Compressed bodies are unpacked up to their limit and no further."""

import gzip
import tracemalloc

import pytest
from backports import zstd

from swath_runtime.codings import STEP_BYTES, unpacked
from swath_runtime.problems import Problem

BOMB_BYTES = 1 << 30


def bomb(coding: str) -> bytes:
    """A gigabyte of zeros: a thousand gzip members of one mebibyte, or one zstd frame."""
    if coding == "gzip":
        return gzip.compress(bytes(1 << 20)) * (BOMB_BYTES >> 20)
    return zstd.compress(bytes(64 << 20)) * (BOMB_BYTES >> 26)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_bomb_is_refused_without_being_unpacked(coding: str):
    packed = bomb(coding)
    tracemalloc.start()
    try:
        with pytest.raises(Problem) as caught:
            unpacked(packed, coding, 8 << 20)
        assert tracemalloc.get_traced_memory()[1] < (8 << 20) + 4 * STEP_BYTES + len(packed)
    finally:
        tracemalloc.stop()
    assert caught.value.kind.status == 413


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_several_streams_make_one_body(coding: str, pack):
    assert bytes(unpacked(pack(b"one ") + pack(b"two"), coding, 100)) == b"one two"


def test_exactly_the_limit_is_taken():
    assert len(unpacked(gzip.compress(bytes(100)), "gzip", 100)) == 100


def test_a_zstd_window_larger_than_senders_may_ask_for_is_refused():
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    press = zstd.ZstdCompressor(options=options)
    with pytest.raises(Problem) as caught:
        unpacked(press.compress(b"x" * 1000) + press.flush(), "zstd", 1 << 30)
    assert caught.value.kind.status == 400


def test_a_body_without_a_coding_is_handed_on_uncopied():
    body = bytearray(b"{}")
    assert unpacked(body, "identity", 1) is body
