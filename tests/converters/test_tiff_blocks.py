"""Blocks of a TIFF: read as GDAL reads them where they are whole, refused where they are not what they should be."""

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from converters.rasters import DTYPES, naive_read, naive_write, samples
from converters.tiffs import deflated, directory, reading, with_block, with_tag

from swath_converters import Policy, tiff_layout
from swath_converters.errors import TooLarge, UndecodableImage
from swath_converters.image import decode_image
from swath_converters.tiff_directory import directories
from swath_converters.tiff_filling import stored_dtype
from swath_converters.tiff_layout import layout_of
from swath_converters.window import read_window

POLICY = Policy()
TILES: dict[str, Any] = {"tiled": True, "blockxsize": 32, "blockysize": 16}
WINDOW = {"window": {"x": 13, "y": 9, "width": 45, "height": 21}}
PART = (slice(None), slice(9, 30), slice(13, 58))
LAYOUTS: dict[str, dict[str, Any]] = {
    "strips": {"blockysize": 7},
    "tiles": TILES,
    "tiles by pixel, big-endian": {**TILES, "interleave": "pixel", "endianness": "BIG"},
    "strips by band, BigTIFF": {"blockysize": 5, "interleave": "band", "bigtiff": "yes"},
    "one strip by pixel, big-endian": {"blockysize": 1000, "interleave": "pixel", "endianness": "BIG"},
}


def predictors(dtype: str) -> tuple[int, ...]:
    return {"i": (1, 2), "u": (1, 2), "f": (1, 2, 3), "c": (1,)}[np.dtype(dtype).kind]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bands", [1, 3])
def test_deflated_samples_are_read_as_gdal_reads_them(dtype: str, layout: str, bands: int):
    array = samples((bands, 47, 75), dtype)
    for predictor in predictors(dtype):
        content = deflated(array, predictor=predictor, **LAYOUTS[layout])
        assert stored_dtype(layout_of(directory(content))) == array.dtype  # without GDAL, that is
        np.testing.assert_array_equal(decode_image(content, POLICY).array, array)
        np.testing.assert_array_equal(read_window(content, POLICY, WINDOW).array, array[PART])


@pytest.mark.parametrize("nbits", [1, 4, 12])
def test_deflated_samples_of_odd_depths_are_read_as_gdal_reads_them(nbits: int):
    array = samples((1, 47, 75), "uint16") % 2**nbits
    content = deflated(array.astype("uint16" if nbits > 8 else "uint8"), nbits=nbits)
    assert stored_dtype(layout_of(directory(content))) is None
    np.testing.assert_array_equal(decode_image(content, POLICY).array, naive_read(content))
    np.testing.assert_array_equal(read_window(content, POLICY, WINDOW).array, array[PART])


@pytest.mark.parametrize("nodata", [None, 7])
def test_blocks_that_a_file_leaves_out_are_nodata_as_gdal_reads_them(nodata: int | None):
    array = np.full((2, 47, 75), nodata or 0, np.uint8)
    array[:, 20:30] = samples((2, 10, 75), "uint8")
    content = deflated(array, SPARSE_OK=True, nodata=nodata, **TILES)
    np.testing.assert_array_equal(decode_image(content, POLICY).array, array)
    np.testing.assert_array_equal(read_window(content, POLICY, WINDOW).array, array[PART])


def test_bands_are_read_in_the_order_wanted_and_as_often():
    array = samples((3, 47, 75), "uint16")
    for interleave in ("band", "pixel"):
        content = deflated(array, predictor=2, interleave=interleave, **TILES)
        np.testing.assert_array_equal(read_window(content, POLICY, bands=[2, 0, 2]).array, array[[2, 0, 2]])


FORGERIES = {
    "holds more than its place": lambda block: zlib.compress(zlib.decompress(block) + bytes(300)),
    "is one match too long": lambda block: zlib.compress(zlib.decompress(block)[:-1] + b"ab" * 200),
    "holds less": lambda block: zlib.compress(zlib.decompress(block)[:-1]),
    "is cut": lambda block: block[: len(block) // 2],
    "lacks its checksum": lambda block: block[:-4],
    "has another checksum": lambda block: block[:-1] + bytes([block[-1] ^ 1]),
    "has another bit": lambda block: block[:-30] + bytes([block[-30] ^ 4]) + block[-29:],
    "is nothing deflated": lambda block: bytes(range(256)),
}


@pytest.mark.parametrize("forgery", FORGERIES)
@pytest.mark.parametrize("options", [{"predictor": 2}, {"nbits": 12}], ids=["read here", "read by GDAL"])
def test_a_deflated_block_that_is_not_what_it_should_be_is_an_error(forgery: str, options: dict[str, Any]):
    whole = deflated(samples((1, 47, 75), "uint16") % 4096, blockysize=16, **options)
    content = with_block(whole, FORGERIES[forgery], index=1)
    with pytest.raises(UndecodableImage):
        decode_image(content, POLICY)
    for source in (content, io.BytesIO(content)):
        with pytest.raises(UndecodableImage):
            read_window(source, POLICY, WINDOW)
        with pytest.raises(UndecodableImage):
            read_window(source, POLICY, max_size=20)


def test_a_naive_reader_takes_what_is_forged_for_whole():
    whole = deflated(samples((1, 47, 75), "uint16"), blockysize=16)
    naive_read(with_block(whole, FORGERIES["holds more than its place"], index=1))


def test_a_damaged_block_beside_the_window_is_no_matter():
    array = samples((1, 47, 75), "uint16")
    content = with_block(deflated(array, blockysize=16), FORGERIES["is cut"], index=2)
    part = read_window(content, POLICY, {"window": {"x": 0, "y": 0, "width": 75, "height": 32}})
    np.testing.assert_array_equal(part.array, array[:, :32])


@pytest.mark.parametrize("forgery", ["holds more than its place", "holds less", "has another checksum"])
def test_a_block_of_a_mask_is_looked_at_too(forgery: str):
    mask = np.arange(47 * 75).reshape(47, 75) % 3 > 0
    whole = masked(samples((1, 47, 75), "uint8"), mask)
    np.testing.assert_array_equal(decode_image(whole, POLICY).mask, mask)
    number = next(index for index, one in enumerate(directories(reading(whole))) if one.number(254) & 4)
    content = with_block(whole, FORGERIES[forgery], number=number)
    assert naive_read(content).shape == (1, 47, 75)
    with pytest.raises(UndecodableImage):
        decode_image(content, POLICY)
    with pytest.raises(UndecodableImage):
        read_window(content, POLICY, WINDOW)


def masked(array: np.ndarray[Any, Any], mask: np.ndarray[Any, Any]) -> bytes:
    from swath_converters import Image
    from swath_converters.image import encode_image

    return encode_image(Image(array, mask=mask))


def jpeg_tiff(seed: int = 7) -> bytes:
    return naive_write(
        samples((1, 64, 64), "uint8", seed), "GTiff", compress="jpeg", tiled=True, blockxsize=64, blockysize=64
    )


def test_a_jpeg_smaller_than_its_tile_never_shows_memory_that_nobody_wrote():
    small = naive_write(np.full((1, 8, 64), 100, np.uint8), "JPEG")
    content = with_block(jpeg_tiff(), lambda _: small)
    assert naive_read(content).shape == (1, 64, 64)  # 8 rows of it are the JPEG's
    with pytest.raises(UndecodableImage):
        decode_image(content, POLICY)
    with pytest.raises(UndecodableImage):
        read_window(content, POLICY, {"window": {"x": 0, "y": 0, "width": 8, "height": 8}})


JPEG_FORGERIES = {
    "cut": lambda block: block[: len(block) // 2],
    "cut, with an end put on": lambda block: block[: len(block) // 2] + b"\xff\xd9",
    "a smaller frame hidden behind a marker without a length": lambda block: block[:2] + b"\xff\x01" + block[2:],
    "empty": lambda block: b"\xff\xd8\xff\xd9",
}


@pytest.mark.parametrize("forgery", JPEG_FORGERIES)
def test_a_damaged_jpeg_in_a_tiff_is_an_error(forgery: str):
    with pytest.raises(UndecodableImage):
        decode_image(with_block(jpeg_tiff(), JPEG_FORGERIES[forgery]), POLICY)


def test_a_jpeg_in_a_tiff_is_read_as_gdal_reads_it():
    for options in ({"photometric": "ycbcr"}, {"jpegtablesmode": 0}, {"interleave": "band"}):
        content = naive_write(samples((3, 47, 75), "uint8"), "GTiff", compress="jpeg", **options)
        np.testing.assert_array_equal(decode_image(content, POLICY).array, naive_read(content))


@pytest.mark.parametrize("compression", ["lzw", "packbits", "zstd", "lzma", "lerc", "lerc_zstd", "lerc_deflate"])
def test_a_block_of_another_compression_that_is_cut_is_an_error(compression: str):
    whole = naive_write(samples((1, 47, 75), "uint16"), "GTiff", compress=compression, blockysize=16)
    np.testing.assert_array_equal(decode_image(whole, POLICY).array, naive_read(whole))
    for keep in (0.3, 0.9):
        with pytest.raises(UndecodableImage):
            decode_image(with_block(whole, lambda block, keep=keep: block[: int(len(block) * keep)], index=1), POLICY)


@pytest.mark.parametrize("compression", ["none", "lzw", "lerc"])
def test_a_file_that_does_not_say_where_its_blocks_are_is_an_error(compression: str):
    whole = naive_write(samples((1, 47, 75), "uint16"), "GTiff", compress=compression, blockysize=16)
    lengths = directory(whole).entries[279]
    assert lengths.many == 3
    fewer = bytearray(whole)
    at = whole.index(struct.pack("<HHI", 279, {"u2": 3, "u4": 4}[lengths.kind], 3))
    fewer[at : at + 8] = struct.pack("<HHI", 279, 4, 1)
    with pytest.raises(UndecodableImage):
        decode_image(bytes(fewer), POLICY)
    with pytest.raises(UndecodableImage):
        read_window(bytes(fewer), POLICY, WINDOW)


@pytest.mark.parametrize("place", [2**31, 2**62, 2**63 - 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("compression", ["deflate", "none", "jpeg"])
def test_a_block_that_is_said_to_be_beyond_the_file_is_an_error(compression: str, place: int, tmp_path: Path):
    whole = naive_write(samples((1, 47, 75), "uint8"), "GTiff", compress=compression, bigtiff="yes", blockysize=16)
    content = with_tag(whole, 273, place)
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(UndecodableImage):
        decode_image(content, POLICY)
    with (tmp_path / "a.tif").open("rb") as file:
        for source in (content, io.BytesIO(content), file):
            with pytest.raises(UndecodableImage):
                read_window(source, POLICY, WINDOW)


def test_an_overview_is_looked_at_as_the_image_is():
    array = samples((1, 600, 600), "uint8")
    whole = naive_write(array, "COG", blocksize=256, compress="deflate")
    assert read_window(whole, POLICY, max_size=300).shape == (1, 300, 300)
    content = with_block(whole, FORGERIES["holds more than its place"], number=1)
    np.testing.assert_array_equal(decode_image(content, POLICY).array, array)
    for size in (300, 200):
        with pytest.raises(UndecodableImage):
            read_window(content, POLICY, max_size=size)


def test_more_blocks_than_anybody_needs_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tiff_layout, "_MOST_BLOCKS", 2)
    with pytest.raises(TooLarge, match="3 blocks in a band"):
        decode_image(deflated(samples((1, 47, 75), "uint8"), blockysize=16), POLICY)


def test_a_plain_block_shorter_than_its_place_is_an_error():
    whole = naive_write(samples((1, 47, 75), "uint16"), "GTiff", blockysize=16)
    with pytest.raises(UndecodableImage):
        decode_image(with_block(whole, lambda block: block[:-1], index=1), POLICY)


@pytest.mark.parametrize("compression", ["ccittfax4", "ccittrle"])
def test_a_compression_that_is_not_allowed_never_reaches_its_decoder(compression: str):
    fax = naive_write(samples((1, 47, 75), "uint8") % 2, "GTiff", compress=compression, nbits=1)
    assert naive_read(fax).shape == (1, 47, 75)
    with pytest.raises(UndecodableImage, match="compression has the number"):
        decode_image(fax, POLICY)
    with pytest.raises(UndecodableImage, match="compression has the number"):
        read_window(fax, POLICY, WINDOW)


@pytest.mark.parametrize(("tag", "value"), [(277, 2), (257, 40), (256, 74), (258, 0)])
def test_a_directory_that_can_be_read_in_two_ways_is_an_error(tag: int, value: int):
    content = with_tag(deflated(samples((1, 47, 75), "uint8")), tag, value)
    with pytest.raises(UndecodableImage):
        decode_image(content, POLICY)


def test_a_block_that_inflates_without_end_takes_no_more_memory_than_its_place():
    import tracemalloc

    content = with_block(deflated(samples((1, 47, 75), "uint8")), lambda _: zlib.compress(bytes(200_000_000), 9))
    tracemalloc.start()
    try:
        with pytest.raises(UndecodableImage):
            decode_image(content, POLICY)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
