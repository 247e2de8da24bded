"""NPY and NPZ: what numpy writes is read, what is damaged is refused."""

import io
import json
import zipfile
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from converters.rasters import DTYPES, image, samples

from swath_converters import Image, Policy
from swath_converters.arrays import read_npy
from swath_converters.errors import MediaTypeUnsupported, TooLarge, UndecodableImage
from swath_converters.image import decode_image, encode_image, from_wire
from swath_converters.parts import Part

POLICY = Policy()


NUMPY_DTYPES = (*DTYPES, "float16", "bool")


MASK = np.arange(21 * 34).reshape(21, 34) % 5 > 0


def filled(dtype: str, bands: int, seed: int = 7) -> np.ndarray[Any, Any]:
    if dtype == "bool":
        return samples((bands, 21, 34), "int8", seed) > 0
    return samples((bands, 21, 34), dtype, seed)


def test_numpy_reads_what_is_written():
    sent = image(mask=MASK)
    loaded = np.load(io.BytesIO(encode_image(sent, "application/x-npz")))
    np.testing.assert_array_equal(loaded["array"], sent.array)
    np.testing.assert_array_equal(loaded["mask"], MASK)
    np.testing.assert_array_equal(np.load(io.BytesIO(encode_image(sent, "application/x-npy"))), sent.array)


@pytest.mark.parametrize("dtype", [">u2", "<f4", ">c8", "?", "<f2"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_what_numpy_writes_is_read(dtype: str, order: Any):
    array = np.asarray(samples((2, 5, 7), "int8"), dtype, order=order)
    for save in (np.save, np.savez, np.savez_compressed):
        file = io.BytesIO()
        save(file, array)
        received = decode_image(file.getvalue(), POLICY)
        np.testing.assert_array_equal(received.array, array)
        assert received.dtype == array.dtype.newbyteorder("=")
        assert received.array.flags.writeable
        assert received.array.flags.c_contiguous


def saved(array: np.ndarray[Any, Any], before: int = 0) -> memoryview:
    """An NPY in memory that can be written to, behind so many other bytes."""
    file = io.BytesIO()
    np.save(file, array)
    return memoryview(bytearray(before) + file.getvalue())[before:]


def test_samples_stay_where_they_lie_in_content_that_is_given():
    content = saved(np.ones((2, 5, 7), np.uint16))
    kept = read_npy(content, POLICY, may_keep=True).array
    kept[:] = 7
    assert bytes(content[-2:]) == b"\x07\x00"
    own = read_npy(content, POLICY).array
    own[:] = 9
    assert bytes(content[-2:]) == b"\x07\x00"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(saved(np.ones((2, 5, 7), ">u2")), id="of the other byte order"),
        pytest.param(saved(np.ones((2, 5, 7), np.uint16, order="F")), id="in Fortran's order"),
        pytest.param(saved(np.ones((2, 5, 7), np.uint16), before=1), id="not aligned"),
        pytest.param(saved(np.ones((2, 5, 7), np.uint16)).toreadonly(), id="not to be written to"),
        pytest.param(bytes(saved(np.ones((2, 5, 7), np.uint16))), id="bytes"),
    ],
)
def test_given_samples_that_no_algorithm_could_use_are_copied(content: Any):
    before = bytes(content)
    array = read_npy(content, POLICY, may_keep=True).array
    assert array.flags.carray
    assert array.dtype.isnative
    array[:] = 7
    assert bytes(content) == before


def test_a_part_is_given_once():
    parts = {"scene": Part(saved(np.ones((2, 5, 7), np.uint16)), is_given=True)}
    first, second = (from_wire("cid:scene", parts, POLICY).array for _ in range(2))
    assert not np.shares_memory(first, second)


def test_a_given_part_is_held_against_its_document_first():
    content = saved(np.ones((2, 5, 7), np.uint16))
    document = {"href": "cid:scene", "sha256": sha256(content).hexdigest()}
    assert from_wire(document, {"scene": Part(content, is_given=True)}, POLICY).shape == (2, 5, 7)


def test_an_array_of_two_axes_is_one_band():
    file = io.BytesIO()
    np.save(file, np.ones((4, 6), np.uint8))
    assert decode_image(file.getvalue(), POLICY).shape == (1, 4, 6)


def npy_of(array: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        npy_of(np.array([{"a": 1}], object), allow_pickle=True),
        npy_of(np.zeros((2, 2), [("a", "u1")])),
        npy_of(np.zeros((2, 2), "U3")),
        npy_of(np.zeros((2, 2), "M8[s]")),
        npy_of(np.zeros(4)),
        npy_of(np.zeros((1, 1, 2, 2))),
        npy_of(np.zeros((0, 2, 2))),
        npy_of(np.zeros((2, 2)))[:-1],
        npy_of(np.zeros((2, 2))) + b"\0",
        npy_of(np.zeros((2, 2)))[:9],
        npy_of(np.zeros((2, 2))).replace(b"'shape': (2, 2)", b"'shape': (-2,2)"),
        npy_of(np.zeros((2, 2))).replace(b"'shape': (2, 2)", b"'shape': exit()"),
        npy_of(np.zeros((2, 2))).replace(b"\x93NUMPY\x01", b"\x93NUMPY\x09"),
        b"\x93NUMPY\x02\0\xff\xff\xff\xff" + b"(" * 20_000,
    ],
)
def test_an_npy_that_is_no_image_is_refused(content: bytes):
    with pytest.raises(UndecodableImage):
        decode_image(content, POLICY)


def test_the_size_in_a_header_is_checked_before_memory_is_taken():
    huge = npy_of(np.zeros((2, 2), np.uint8)).replace(b"(2, 2), }         ", b"(900000, 900000), }")
    with pytest.raises(TooLarge, match="pixels"):
        decode_image(huge, POLICY)
    with pytest.raises(TooLarge, match="pixels"):
        decode_image(zip_of({"array.npy": huge}), POLICY)


def zip_of(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


ONE = npy_of(np.arange(400, dtype=np.uint8).reshape(1, 20, 20))


@pytest.mark.parametrize(
    "content",
    [
        zip_of({"readme.txt": b"no array"}),
        zip_of({"a.npy": ONE, "b.npy": ONE}),
        zip_of({"array.npy": ONE[:-1]}),
        zip_of({"array.npy": ONE + b"\0"}),
        zip_of({"array.npy": ONE}, zipfile.ZIP_BZIP2),
        zip_of({"array.npy": ONE, **{str(number): b"" for number in range(20)}}),
        zip_of({"array.npy": ONE, "mask.npy": npy_of(np.ones((3, 3), bool))}),
        zip_of({"array.npy": ONE, "image.json": b"\xff"}),
        zip_of({"array.npy": ONE, "image.json": b"[" * 100_000}),
        *(
            zip_of({"array.npy": ONE, "image.json": json.dumps(facts).encode()})
            for facts in (
                [1],
                {"nodata": "0"},
                {"nodata": 256},
                {"nodata": [1, 2]},
                {"crs": "EPSG:999999"},
                {"crs": 'http://127.0.0.1/"'},
                {"transform": [1, 2]},
                {"transform": [1, 2, 3, 4, 5, "NaN"]},
                {"band_names": "red"},
                {"tags": {"a": 1}},
                {"gcps": [[1, 2]]},
                {"rpcs": {}},
                {"rpcs": 1},
                {"color_map": {"x": [1, 2, 3, 4]}},
                {"color_map": {"1": [1, 2, 3]}},
                {"color_map": {"1": [1, 2, 3, 400]}},
                {"scales": [1, 2]},
                {"scales": [None]},
            )
        ),
        zip_of({"array.npy": ONE, "image.json": b'{"nodata": NaN}'}),
    ],
)
def test_an_npz_that_is_no_image_is_refused(content: bytes):
    with pytest.raises(UndecodableImage):
        decode_image(content, POLICY)


def test_an_npz_with_changed_or_missing_bytes_is_refused_or_the_same():
    sent = image("uint8", 1)
    whole = encode_image(sent, "application/x-npz")
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        try:
            received = decode_image(bytes(damaged), POLICY).array
        except (UndecodableImage, MediaTypeUnsupported, TooLarge):
            continue
        np.testing.assert_array_equal(received, sent.array)
    for end in range(0, len(whole), 101):
        with pytest.raises(UndecodableImage):
            decode_image(whole[:end], POLICY)


def test_an_npy_header_with_an_open_bracket_is_damaged() -> None:
    content = encode_image(samples_of("uint16"), "application/x-npy").replace(b"), }", b" , }")
    with pytest.raises(UndecodableImage, match="header is damaged"):
        decode_image(content, Policy())


def samples_of(dtype: str) -> Image:
    return Image(np.ones((2, 3, 4), dtype))
