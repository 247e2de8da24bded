"""What goes in comes out: every dtype, band count and wire form, exactly."""

import numpy as np
import pybase64
import pytest
import rasterio
from affine import Affine
from converters.rasters import DTYPES, UTM, as_png, assert_same, image, naive_write, samples

from swath_converters import Image, Part, Policy
from swath_converters.errors import CannotEncode, ImageMalformed, MalformedValue, MediaTypeUnsupported
from swath_converters.image import ENCODABLE, decode_image, encode_image, from_wire, to_wire
from swath_converters.source import open_text

POLICY = Policy()
COG = "image/tiff; application=geotiff; profile=cloud-optimized"


@pytest.mark.parametrize("bands", [1, 2, 3, 4, 5, 13])
@pytest.mark.parametrize("dtype", DTYPES)
def test_geotiff_keeps_every_sample_and_every_fact(dtype: str, bands: int):
    sent = image(dtype, bands)
    assert_same(decode_image(encode_image(sent), POLICY), sent)


@pytest.mark.parametrize("bands", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_png_keeps_every_sample_of_one_to_four_bands(dtype: str, bands: int):
    sent = Image(samples((bands, 19, 33), dtype))
    assert_same(decode_image(encode_image(sent, "image/png"), POLICY), as_png(sent))


def test_png_keeps_samples_and_nodata_and_drops_the_rest():
    sent = image("uint8", 3)
    assert_same(decode_image(encode_image(sent, "image/png"), POLICY), as_png(Image(sent.array, nodata=0)))


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (64, 65), (511, 512), (512, 512), (600, 1100)])
def test_any_size_comes_back(size: tuple[int, int]):
    sent = image("uint16", 2, *size)
    assert_same(decode_image(encode_image(sent), POLICY), sent)


@pytest.mark.parametrize("media_type", ENCODABLE)
@pytest.mark.parametrize("form", ["base64", "data", "data without base64", "cid", "href", "object data", "file"])
def test_every_wire_form_means_the_same_image(form: str, media_type: str, tmp_path):
    sent = Image(samples((3, 20, 30), "uint16"))
    text = to_wire(sent, media_type)
    content = pybase64.b64decode(text)
    path = tmp_path / "a scene.bin"
    path.write_bytes(content)
    percent = "".join(f"%{byte:02x}" for byte in content)
    values = {
        "base64": text,
        "data": f"data:{media_type};base64,{text}",
        "data without base64": f"data:{media_type},{percent}",
        "cid": "cid:scene",
        "href": {"href": "cid:scene", "mediaType": media_type},
        "object data": {"data": text},
        "file": path.as_uri(),
    }
    parts = {"scene": Part(memoryview(content), media_type)}
    expected = as_png(sent) if media_type == "image/png" else sent
    assert_same(from_wire(values[form], parts, Policy.below(tmp_path)), expected)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_is_read(kind):
    sent = image()
    assert_same(decode_image(kind(encode_image(sent)), POLICY), sent)


def test_a_rotated_transform_is_kept():
    sent = image(transform=Affine(17.3, 5, 100, 10, -8.66, 200.123456789))
    assert decode_image(encode_image(sent), POLICY).transform == sent.transform


@pytest.mark.parametrize(
    ("dtype", "nodata"),
    [
        ("float32", float("nan")),
        ("float64", float("-inf")),
        ("float32", -3.4028234663852886e38),
        ("int8", -128),
        ("int16", -9999),
        ("uint32", 2**32 - 1),
        ("int64", -(2**53)),
        ("uint64", 2**53),
        ("float64", 1 / 3),
        ("uint8", None),
    ],
)
def test_nodata_is_kept(dtype: str, nodata: float | None):
    sent = image(dtype, nodata=nodata)
    received = decode_image(encode_image(sent), POLICY)
    assert_same(received, sent)
    assert type(received.nodata) is type(nodata)


@pytest.mark.parametrize("names", [(), ("red", None, "é"), ("B8A", "B8A", "B09")])
def test_band_names_are_kept(names: tuple[str | None, ...]):
    assert decode_image(encode_image(image(band_names=names)), POLICY).band_names == names


def test_an_image_that_says_nothing_comes_back_saying_nothing():
    sent = Image(samples((2, 9, 9), "float32"))
    assert_same(decode_image(encode_image(sent), POLICY), sent)


def test_a_crs_without_a_code_is_kept_as_wkt():
    wkt = (
        'PROJCRS["mine",BASEGEOGCRS["WGS 84",DATUM["World Geodetic System 1984",ELLIPSOID["WGS 84",6378137,'
        '298.257223563,LENGTHUNIT["metre",1]]],PRIMEM["Greenwich",0,ANGLEUNIT["degree",0.0174532925199433]]],'
        'CONVERSION["mine",METHOD["Lambert Azimuthal Equal Area",ID["EPSG",9820]],'
        'PARAMETER["Latitude of natural origin",41.5,ANGLEUNIT["degree",0.0174532925199433]],'
        'PARAMETER["Longitude of natural origin",2.25,ANGLEUNIT["degree",0.0174532925199433]],'
        'PARAMETER["False easting",0,LENGTHUNIT["metre",1]],PARAMETER["False northing",0,LENGTHUNIT["metre",1]]],'
        'CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],LENGTHUNIT["metre",1]]'
    )
    once = decode_image(encode_image(image(crs=wkt)), POLICY)
    assert once.crs is not None
    assert once.crs.startswith("PROJCRS[")
    assert "41.5" in once.crs
    assert decode_image(encode_image(once), POLICY).crs == once.crs


def test_an_array_in_any_memory_order_is_written_as_it_reads():
    array = samples((3, 40, 50), "uint16")
    for other in (array.transpose(0, 2, 1), array[:, ::-1, ::2], array.astype(">u2"), np.asfortranarray(array)):
        received = decode_image(encode_image(Image(other)), POLICY).array
        np.testing.assert_array_equal(received, other)


def test_a_mask_of_booleans_is_written_as_zero_and_one():
    mask = samples((1, 20, 20), "int8")[0] > 0
    received = decode_image(encode_image(mask), POLICY)
    assert received.dtype == np.uint8
    np.testing.assert_array_equal(received.array[0], mask)


@pytest.mark.parametrize("dtype", ["float32", "int16", "uint32", "int8", "complex64"])
def test_what_png_cannot_hold_is_refused_naming_tiff(dtype: str):
    with pytest.raises(CannotEncode, match=f"{dtype}.*uint16") as refused:
        encode_image(image(dtype, 1), "image/png")
    assert refused.value.alternatives[0] == "image/tiff"
    assert "image/tiff" in refused.value.hint


def test_five_bands_as_png_are_refused_naming_tiff():
    with pytest.raises(CannotEncode, match="5 bands") as refused:
        encode_image(image("uint8", 5), "image/png")
    assert "image/tiff" in refused.value.hint


def test_float16_as_geotiff_is_refused_naming_those_that_hold_it():
    with pytest.raises(CannotEncode, match="float16") as refused:
        encode_image(Image(np.zeros((1, 4, 4), np.float16)))
    assert refused.value.alternatives == ("application/x-npz", "application/x-npy")


@pytest.mark.parametrize("media_type", ["image/tiff", COG, "application/x-npz"])
def test_a_nodata_beyond_doubles_is_kept(media_type: str):
    sent = image("int64", nodata=2**60 + 1)
    assert_same(decode_image(encode_image(sent, media_type), POLICY), sent)


def test_an_unknown_media_type_is_refused_naming_the_known_ones():
    with pytest.raises(MediaTypeUnsupported, match=r"'image/gif'.*image/tiff, image/png"):
        encode_image(image(), "image/gif")


def test_parameters_of_a_media_type_are_allowed():
    sent = image()
    assert_same(decode_image(encode_image(sent, "image/tiff; application=geotiff"), POLICY), sent)


def test_an_array_of_four_dimensions_is_no_image():
    with pytest.raises(ImageMalformed, match="bands, height, width"):
        encode_image(np.zeros((1, 1, 2, 2), np.uint8))


@pytest.mark.parametrize(("driver", "options"), [("JPEG", {}), ("JP2OpenJPEG", {"REVERSIBLE": "YES", "QUALITY": 100})])
def test_jpeg_and_jpeg_2000_are_read(driver: str, options: dict[str, object]):
    smooth = np.linspace(0, 255, 64 * 64).reshape(1, 64, 64).astype(np.uint8)
    received = decode_image(naive_write(smooth, driver, **options), POLICY)
    np.testing.assert_allclose(received.array.astype(int), smooth, atol=4 if driver == "JPEG" else 0)


def test_complex_integers_are_read_as_complex64():
    values = np.array([[[1 + 2j, -3 - 4j]]], np.complex64)
    with rasterio.MemoryFile() as file:
        with file.open(driver="GTiff", count=1, height=1, width=2, dtype="complex_int16", transform=UTM) as dataset:
            dataset.write(values)
        received = decode_image(file.read(), POLICY)
    assert received.dtype == np.complex64
    np.testing.assert_array_equal(received.array, values)


def test_a_data_uri_may_have_any_byte_plain_or_escaped():
    sent = image("uint8", 1, 4, 5)
    content = encode_image(sent)
    for escape in (
        lambda byte: f"%{byte:02X}",
        lambda byte: chr(byte) if 32 < byte < 127 and byte != 37 else f"%{byte:02x}",
    ):
        assert_same(from_wire("data:image/tiff," + "".join(map(escape, content)), {}, POLICY), sent)


@pytest.mark.parametrize("size", [2**18 - 2, 2**18 - 1, 2**18, 2**18 + 1, 10**6])
def test_an_escape_is_never_cut(size: int):
    part = open_text(f"data:,{'a' * (size % 7)}{'%25' * (size // 3)}b%41", {}, POLICY)
    assert part.content == b"a" * (size % 7) + b"%" * (size // 3) + b"bA"


@pytest.mark.parametrize("body", ["%", "%4", "II%4", "%zz", "II%%4141", "é", "%é0"])
def test_a_wrong_escape_in_a_data_uri_is_refused(body: str):
    with pytest.raises(MalformedValue, match="data: URI"):
        from_wire(f"data:image/tiff,{body}", {}, POLICY)
