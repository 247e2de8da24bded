"""Every media type that is written: exact where it is lossless, refused where it cannot hold, lossy by name only."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import rasterio
from converters.rasters import DTYPES, UTM, as_png, assert_same, image, naive_read, samples

from swath_converters import Image, Policy
from swath_converters.control import GroundControlPoint, Rpcs
from swath_converters.errors import CannotEncode, MalformedValue, MediaTypeUnsupported, UndecodableImage
from swath_converters.image import (
    ENCODABLE,
    ENCODABLE_BY_NAME,
    decode_image,
    encode_image,
    encoded_image,
    from_wire,
    is_encodable,
    to_wire,
)

POLICY = Policy()
NUMPY_DTYPES = (*DTYPES, "float16", "bool")
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
HOLD_EVERYTHING = {
    **{f"image/tiff; compression={name}": DTYPES for name in ("deflate", "zstd", "lzw", "none")},
    COG: DTYPES,
    f"{COG}; compression=zstd": DTYPES,
    "application/x-npz": NUMPY_DTYPES,
}
HOLD_SAMPLES = {
    "application/x-npy": (NUMPY_DTYPES, 13),
    "image/png": (("uint8", "uint16"), 4),
    "image/jp2": (("uint8", "int16", "uint16"), 13),
}
MATRIX = [(kind, dtype, 13) for kind, dtypes in HOLD_EVERYTHING.items() for dtype in dtypes] + [
    (kind, dtype, most) for kind, (dtypes, most) in HOLD_SAMPLES.items() for dtype in dtypes
]
RPCS = Rpcs(
    *(12.5, 500.25, 48.123456789012345, 0.1, 2.3, 1 / 3, 5000.5, 5000, 6000.25, 6000),
    *(tuple(float(number) / 3e7 for number in range(start, start + 20)) for start in (1, 30, 60, 90)),
    err_bias=1.5,
    err_rand=0.25,
)
POINTS = (
    GroundControlPoint(0.5, 1.25, 2.1, 48.1, 30.5, "corner"),
    GroundControlPoint(0, 33, 2.2, 48.1, id="b"),
    GroundControlPoint(20.75, 0, 2.1, 48 + 1 / 3, -4, "c"),
)
MASK = np.arange(21 * 34).reshape(21, 34) % 5 > 0
COLORS = {0: (1, 2, 3, 255), 7: (255, 128, 0, 40), 255: (9, 9, 9, 0)}


def filled(dtype: str, bands: int, seed: int = 7) -> np.ndarray[Any, Any]:
    if dtype == "bool":
        return samples((bands, 21, 34), "int8", seed) > 0
    return samples((bands, 21, 34), dtype, seed)


@pytest.mark.parametrize(("media_type", "dtype", "most_bands"), MATRIX)
def test_every_sample_comes_back_in_every_wire_form_with_1_to_13_bands(media_type: str, dtype: str, most_bands: int):
    for bands in range(1, most_bands + 1):
        sent = Image(filled(dtype, bands))
        text = to_wire(sent, media_type)
        essence = media_type.partition(";")[0]
        expected = as_png(sent) if essence == "image/png" else sent
        for value in (text, f"data:{essence};base64,{text}", {"data": text, "mediaType": media_type}):
            if bands in {1, most_bands} or value is text:
                assert_same(from_wire(value, {}, POLICY), expected)


@pytest.mark.parametrize("media_type", HOLD_EVERYTHING)
@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"mask": MASK},
        {"nodata": (1, 2, None), "units": ("1", None, "K"), "band_descriptions": ("near infrared", None, "é")},
        {"gcps": POINTS, "gcp_crs": "EPSG:4326", "transform": None, "crs": None},
        {"gcps": POINTS, "gcp_crs": "EPSG:4326", "transform": None, "mask": MASK, "tags": {}},
        {"rpcs": RPCS, "transform": None, "crs": None},
        {"rpcs": replace(RPCS, err_bias=None, err_rand=None)},
        {"color_interpretation": ("red", "green", "blue")},
        {"color_interpretation": ("blue", None, "alpha"), "mask": MASK},
        {"color_interpretation": ("red", "nir", "sar_x")},
        {"band_tags": ({"wavelength": "665 nm"}, {}, {"é": "<&>"})},
    ],
    ids=[
        *("facts", "mask", "bands", "points", "points and crs", "rpcs", "rpcs without errors"),
        *("colours", "colours, mask and alpha", "spectral colours", "tags of bands"),
    ],
)
def test_every_fact_comes_back(media_type: str, facts: dict[str, Any]):
    sent = image(**facts)
    assert_same(decode_image(encode_image(sent, media_type), POLICY), sent)


@pytest.mark.parametrize("media_type", [*HOLD_EVERYTHING, "image/png"])
@pytest.mark.parametrize("nodata", [None, 7])
def test_colours_come_back(media_type: str, nodata: int | None):
    sent = Image(samples((1, 21, 34), "uint8"), color_map=COLORS, nodata=nodata)
    received = decode_image(encode_image(sent, media_type), POLICY)
    np.testing.assert_array_equal(received.array, sent.array)
    assert received.color_map is not None
    if media_type == "image/png":
        assert {value: received.color_map[value] for value in COLORS} == COLORS
    else:
        assert_same(received, sent)


def test_colours_of_uint16_come_back():
    sent = Image(samples((1, 9, 9), "uint16"), color_map={0: (1, 2, 3, 255), 65535: (4, 5, 6, 255)})
    assert_same(decode_image(encode_image(sent), POLICY), sent)


@pytest.mark.parametrize("nodata", [float("nan"), (float("nan"), 0.0, float("-inf"))])
@pytest.mark.parametrize("media_type", HOLD_EVERYTHING)
def test_nan_may_be_nodata(media_type: str, nodata: Any):
    sent = image("float32", nodata=nodata)
    assert_same(decode_image(encode_image(sent, media_type), POLICY), sent)


@pytest.mark.parametrize("shown", [("gray", "alpha"), ("red", "green", "blue"), ("red", "green", "blue", "alpha")])
@pytest.mark.parametrize("media_type", ["image/jp2", "image/png"])
def test_alpha_stays_alpha(media_type: str, shown: tuple[str, ...]):
    sent = Image(samples((len(shown), 20, 30), "uint16"), color_interpretation=shown)
    assert_same(decode_image(encode_image(sent, media_type), POLICY), sent)


def test_an_rgba_geotiff_of_16_bits_comes_back_as_one():
    sent = Image(samples((4, 20, 30), "uint16"), color_interpretation=("red", "green", "blue", "alpha"))
    with rasterio.MemoryFile(encode_image(sent)) as file, file.open() as dataset:
        assert [one.name for one in dataset.colorinterp] == ["red", "green", "blue", "alpha"]


def test_statistics_that_another_program_left_are_not_taken_along():
    content = encode_image(image(band_tags=({"STATISTICS_MEAN": "5", "sensor": "A"}, {}, {})))
    assert decode_image(content, POLICY).band_tags == ({"sensor": "A"}, {}, {})


def test_jpeg_2000_keeps_crs_and_transform():
    sent = image("int16")
    received = decode_image(encode_image(sent, "image/jp2"), POLICY)
    assert_same(received, Image(sent.array, sent.crs, sent.transform))


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (513, 600)])
@pytest.mark.parametrize("media_type", [COG, "image/jp2", "application/x-npz", "application/x-npy", "image/png"])
def test_any_size_comes_back(media_type: str, size: tuple[int, int]):
    sent = Image(samples((2, *size), "uint16"))
    expected = as_png(sent) if media_type == "image/png" else sent
    assert_same(decode_image(encode_image(sent, media_type), POLICY), expected)


def test_a_cloud_optimized_geotiff_is_laid_out_as_one_with_overviews_of_the_images_own_pixels():
    sent = image("uint8", 1, 1300, 1100)
    with rasterio.MemoryFile(encode_image(sent, COG)) as file, file.open() as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.overviews(1) == [2, 4]
        assert dataset.block_shapes == [(512, 512)]
    two = Image(np.where(samples((1, 1300, 1100), "int8") > 0, 3, 200).astype(np.uint8))
    with rasterio.MemoryFile(encode_image(two, COG)) as file, file.open(overview_level=0) as dataset:
        assert set(np.unique(dataset.read())) == {3, 200}


@pytest.mark.parametrize(
    ("compression", "expected"), [("deflate", "DEFLATE"), ("zstd", "ZSTD"), ("lzw", "LZW"), ("none", None)]
)
def test_the_compression_asked_for_is_used(compression: str, expected: str | None):
    for kind, predictor in (("uint16", "2"), ("float32", "3")):
        content = encode_image(image(kind), f"IMAGE/TIFF; Compression={compression}")
        with rasterio.MemoryFile(content) as file, file.open() as dataset:
            structure = dataset.tags(ns="IMAGE_STRUCTURE")
            assert structure.get("COMPRESSION") == expected
            assert structure.get("PREDICTOR") == (predictor if expected else None)


def test_lossy_media_types_are_no_default():
    assert ENCODABLE[0] == "image/tiff"
    assert set(ENCODABLE) == {"image/tiff", "image/png", "image/jp2", "application/x-npz", "application/x-npy"}
    assert set(ENCODABLE_BY_NAME) == {"image/jpeg", "image/webp"}


@pytest.mark.parametrize(
    ("media_type", "bands"),
    [("image/jpeg", 1), ("image/jpeg; quality=95", 3), ("image/webp; quality=95", 3), ("image/webp", 4)],
)
def test_a_lossy_media_type_is_written_when_named(media_type: str, bands: int):
    rows, columns = np.mgrid[0:64, 0:80]
    smooth = np.stack([(rows + columns + 9 * band) for band in range(bands)]).astype(np.uint8)
    content = encode_image(smooth, media_type)
    received = decode_image(content, POLICY).array if "jpeg" in media_type else naive_read(content)
    np.testing.assert_allclose(received.astype(int), smooth, atol=0 if media_type == "image/webp" else 6)


@pytest.mark.parametrize(
    "media_type",
    [
        "image/tiff; compression=jpeg",
        "image/tiff; colour=red",
        "image/jpeg; quality=101",
        "image/png; compression=zstd",
        "image/gif",
    ],
)
def test_what_is_not_written_is_refused_naming_what_is(media_type: str):
    assert not is_encodable(media_type)
    with pytest.raises(MediaTypeUnsupported, match=media_type.partition(";")[0]):
        encode_image(image(), media_type)


@pytest.mark.parametrize("media_type", ["image/tiff; compression", "image/tiff; compression=zstd; compression=lzw"])
def test_a_malformed_parameter_is_refused(media_type: str):
    assert not is_encodable(media_type)
    with pytest.raises(MalformedValue):
        encode_image(image(), media_type)


@pytest.mark.parametrize(
    ("media_type", "dtype", "bands", "holder"),
    [
        ("image/jpeg", "uint16", 3, "image/tiff"),
        ("image/jpeg", "uint8", 4, "image/png"),
        ("image/webp", "uint8", 1, "image/png"),
        ("image/jp2", "float32", 1, "application/x-npz"),
        ("image/tiff", "float16", 1, "application/x-npy"),
    ],
)
def test_what_a_format_cannot_hold_is_refused_naming_those_that_can(
    media_type: str, dtype: str, bands: int, holder: str
):
    with pytest.raises(CannotEncode) as refused:
        encode_image(np.zeros((bands, 8, 8), dtype), media_type)
    assert holder in refused.value.alternatives
    assert set(refused.value.alternatives) <= set(ENCODABLE)
    for other in refused.value.alternatives:
        encode_image(np.zeros((bands, 8, 8), dtype), other)


def test_an_encoded_view_outlives_what_it_was_made_from():
    views = [
        encoded_image(image(seed_bands), "image/tiff")[8:] for seed_bands in ("uint8", "uint16") for _ in range(20)
    ]
    contents = [encode_image(image(kind))[8:] for kind in ("uint8", "uint16") for _ in range(20)]
    assert [bytes(view) for view in views] == contents
    assert views[0].readonly


@pytest.mark.parametrize(
    "said",
    ["", "[]", "{", '{"nodata":[1,2]}', '{"nodata":"x"}', '{"band_descriptions":["a"]}', '{"rpcs":5}', '{"gcps":[]}'],
)
def test_a_geotiff_whose_extra_tag_is_not_of_it_is_read_without_it(said: str):
    with rasterio.MemoryFile() as file:
        with file.open(
            driver="GTiff", count=3, height=4, width=4, dtype="uint8", crs="EPSG:32631", transform=UTM
        ) as dataset:
            dataset.update_tags(SWATH_IMAGE=said)
        received = decode_image(file.read(), POLICY)
    assert_same(received, as_png(Image(np.zeros((3, 4, 4), np.uint8), "EPSG:32631", UTM)))  # GDAL calls 3 bands RGB


def test_a_geotiff_whose_mask_is_cut_off_is_refused():
    whole = encode_image(Image(samples((1, 300, 300), "uint8"), mask=samples((1, 300, 300), "int8")[0] > 0))
    assert decode_image(whole, POLICY).mask is not None
    with pytest.raises(UndecodableImage):
        decode_image(whole[:-200], POLICY)
