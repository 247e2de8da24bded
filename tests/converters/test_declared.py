"""What an image object says beside its file."""

import hashlib
import math

import numpy as np
import pybase64
import pytest
from affine import Affine
from converters.rasters import UTM, image, samples

from swath_converters import Image, Policy
from swath_converters.control import GroundControlPoint
from swath_converters.errors import ConversionError, MalformedValue, UndecodableImage
from swath_converters.image import encode_image, from_wire, to_wire
from swath_registry.validation import Validator

POLICY = Policy()
BARE = Image(samples((3, 10, 20), "uint16"))
FILE = encode_image(BARE)
VALIDATOR = Validator("image@1")


def received(image_file: Image = BARE, **document: object) -> Image:
    value = {"data": to_wire(image_file), **document}
    assert VALIDATOR.violations(value) == []
    return from_wire(value, {}, POLICY)


def test_the_object_completes_a_file_that_says_nothing():
    result = received(
        bands=[{"name": "B03", "scale": 1e-4, "offset": -0.1}, {"name": "B04"}, {"name": "B11", "scale": 2e-4}],
        nodata=0,
        crs="EPSG:32631",
        transform=[10, 0, 500_000, 0, -10, 4_000_000],
    )
    np.testing.assert_array_equal(result.array, BARE.array)
    assert result.band_names == ("B03", "B04", "B11")
    assert result.scales == (1e-4, 1.0, 2e-4)
    assert result.offsets == (-0.1, 0.0, 0.0)
    assert (result.nodata, result.crs, result.transform) == (0, "EPSG:32631", UTM)


def test_the_object_wins_where_the_file_says_otherwise():
    result = received(
        image(),
        bands=[{"name": "a", "scale": 2}, {"name": "b"}, {"name": "c"}],
        nodata=7,
        crs="EPSG:3857",
        transform=[1, 2, 3, 4, 5, 6],
    )
    assert result.band_names == ("a", "b", "c")
    assert result.scales == (2, *image().scales[1:])
    assert result.offsets == image().offsets
    assert (result.nodata, result.crs, result.transform) == (7, "EPSG:3857", Affine(1, 2, 3, 4, 5, 6))


def test_an_object_that_says_nothing_leaves_the_file_as_it_is():
    result = received(image())
    assert (result.crs, result.transform, result.nodata) == ("EPSG:32631", UTM, 0)
    assert result.band_names == image().band_names


def test_nodata_is_of_the_bands_where_they_agree():
    assert received(bands=[{"name": name, "nodata": 9} for name in "abc"]).nodata == 9


def test_nodata_may_differ_between_bands_and_goes_before_what_is_said_for_all():
    bands = [{"name": "a", "nodata": 1}, {"name": "b", "nodata": 2}, {"name": "c"}]
    assert received(bands=bands).nodata == (1, 2, None)
    assert received(bands=bands, nodata=7).nodata == (1, 2, 7)
    assert received(image(), bands=bands).nodata == (1, 2, 0)


def test_descriptions_and_units_of_bands_are_taken():
    result = received(bands=[{"name": "a", "description": "near infrared", "unit": "1"}, {"name": "b"}, {"name": "c"}])
    assert result.band_descriptions == ("near infrared", None, None)
    assert result.units == ("1", None, None)


def test_a_transform_in_the_object_replaces_control_points():
    points = (GroundControlPoint(0, 0, 2, 48), GroundControlPoint(9, 9, 3, 47), GroundControlPoint(0, 9, 3, 48))
    file = Image(BARE.array, gcps=points, gcp_crs="EPSG:4326")
    result = received(file, crs="EPSG:32631", transform=[10, 0, 500_000, 0, -10, 4_000_000])
    assert (result.gcps, result.gcp_crs, result.transform) == ((), None, UTM)


def test_nodata_may_be_nan():
    floats = Image(samples((1, 4, 4), "float32"))
    assert math.isnan(received(floats, nodata="nan").nodata or 0)


def test_a_crs_may_be_wkt():
    wkt = received(crs="EPSG:32631").crs
    assert wkt == "EPSG:32631"
    long = 'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    assert (received(crs=long + 'UNIT["degree",0.0174532925199433]]').crs or "").startswith("GEOGCRS[")


@pytest.mark.parametrize(
    ("document", "pointer", "message"),
    [
        ({"bands": [{"name": "a"}]}, "/bands", "has 3 bands, not 1"),
        ({"size": {"width": 10, "height": 10}}, "/size/width", "20 px of width, not 10"),
        ({"size": {"width": 20, "height": 20}}, "/size/height", "10 px of height, not 20"),
        ({"dataType": "uint8"}, "/dataType", "uint16, not uint8"),
        (
            {"bands": [{"name": "a"}, {"name": "b", "dataType": "cfloat32"}, {"name": "c"}]},
            "/bands/1/dataType",
            "uint16",
        ),
        ({"sizeBytes": 5}, "/sizeBytes", "bytes, not 5"),
        ({"sha256": "0" * 64}, "/sha256", "another SHA-256"),
    ],
)
def test_an_object_that_contradicts_its_file_is_refused(document: dict[str, object], pointer: str, message: str):
    with pytest.raises(UndecodableImage, match=message) as refused:
        received(**document)
    assert refused.value.pointer == pointer


def test_an_object_that_agrees_with_its_file_is_accepted():
    received(
        size={"width": 20, "height": 10},
        dataType="uint16",
        sizeBytes=len(FILE),
        sha256=hashlib.sha256(FILE).hexdigest(),
        mediaType="image/tiff; application=geotiff",
    )


@pytest.mark.parametrize(
    ("document", "pointer", "message"),
    [
        ({"nodata": -1}, "/nodata", "No uint16 sample can be -1"),
        ({"nodata": "nan"}, "/nodata", "No uint16 sample can be nan"),
        ({"crs": "EPSG:999999"}, "/crs", "EPSG:999999 is no CRS"),
        ({"crs": "NOBODY:1"}, "/crs", "NOBODY:1 is no CRS"),
        ({"crs": "PROJCS[]"}, "/crs", "neither AUTHORITY:CODE nor WKT"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(document: dict[str, object], pointer: str, message: str):
    with pytest.raises(MalformedValue, match=message) as refused:
        received(**document)
    assert refused.value.pointer == pointer


def test_an_object_has_one_source():
    for value in ({}, {"href": "cid:a", "data": "AAAA"}):
        with pytest.raises(MalformedValue, match="either href or data"):
            from_wire(value, {}, POLICY)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [({"data": "!!"}, "/data"), ({"href": "cid:a"}, "/href"), ({"href": "AAAA"}, "/href"), ({"data": "AAAA"}, "/data")],
)
def test_the_pointer_names_the_member(value: dict[str, str], pointer: str):
    with pytest.raises(ConversionError) as refused:
        from_wire(value, {}, POLICY)
    assert refused.value.pointer == pointer
    assert refused.value.within("/image").pointer == f"/image{pointer}"
    assert str(refused.value).endswith(f"(at /image{pointer})")


@pytest.mark.parametrize("text", ["!!", "AAA", "AAAA\n", "A AAA", "AA-_", "é===", "AAAA=", "=" * 4])
def test_lenient_base64_is_refused_without_an_echo(text: str):
    with pytest.raises(MalformedValue) as refused:
        from_wire(text, {}, POLICY)
    assert text not in str(refused.value)
    assert "base64" in str(refused.value)


def test_a_number_is_no_image():
    with pytest.raises(MalformedValue, match="text"):
        from_wire(3, {}, POLICY)


def test_base64_of_nothing_known_is_undecodable():
    with pytest.raises(UndecodableImage, match="none of image/tiff, image/png, image/jpeg, image/jp2"):
        from_wire(pybase64.b64encode_as_string(b"hello, world"), {}, POLICY)
