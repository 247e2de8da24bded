"""What goes in comes out, in every form of request and answer."""

import base64
import json

import numpy as np
import pytest
from contract.conftest import base64_of, make_image, tiff
from contract.forms import image_in, image_of, post_json, post_parts, post_raw

DTYPES = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"]


def same(left, right):
    assert left.dtype == right.dtype
    np.testing.assert_array_equal(left.array, right.array)
    assert (left.crs, left.transform, left.nodata) == (right.crs, right.transform, right.nodata)


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_comes_back_intact(serve, dtype):
    image = make_image(dtype)
    answer = post_raw(serve("echo"), tiff(image), accept="image/tiff").expect(200)
    assert answer.headers["content-type"] == "image/tiff"
    same(image_in(answer), image)


@pytest.mark.parametrize("count", [1, 2, 4, 13])
def test_every_band_count_comes_back_intact(serve, count):
    image = make_image(count=count, nodata=7)
    same(image_in(post_raw(serve("echo"), tiff(image), accept="image/tiff").expect(200)), image)


def test_base64_in_json_comes_back_as_base64_in_json(serve):
    image = make_image(nodata=0)
    answer = post_json(serve("echo"), {"image": base64_of(tiff(image))}).expect(200)
    assert answer.headers["content-type"] == "application/json"
    same(image_of(answer.json["image"]), image)


def test_a_data_uri_is_read(serve, geotiff):
    uri = f"data:image/tiff;base64,{base64_of(geotiff)}"
    same(image_of(post_json(serve("echo"), {"image": uri}).expect(200).json["image"]), make_image())


def test_an_image_object_completes_what_its_file_lacks(serve):
    image = make_image("uint8", crs=None, transform=None)
    document = {"data": base64_of(tiff(image)), "nodata": 3, "crs": "EPSG:4326"}
    found = image_of(post_json(serve("echo"), {"image": document}).expect(200).json["image"])
    assert (found.nodata, found.crs) == (3, "EPSG:4326")


def test_a_raw_body_is_answered_in_json_by_default(serve, geotiff):
    same(image_of(post_raw(serve("echo"), geotiff).expect(200).json["image"]), make_image())


def test_a_raw_body_of_unnamed_type_is_recognized(serve, geotiff):
    post_raw(serve("echo"), geotiff, "application/octet-stream", "image/tiff").expect(200)


def test_a_multipart_file_is_read(serve, geotiff):
    answer = post_parts(serve("echo"), [("image", geotiff, "image/tiff", "scene.tif")], "image/tiff").expect(200)
    same(image_in(answer), make_image())


def test_a_multipart_field_may_describe_the_file_of_another_part(serve):
    plain = tiff(make_image("uint8", crs=None, transform=None))
    described = json.dumps({"href": "cid:pixels", "nodata": 9}).encode()
    parts = [("image", described, "application/json", None), ("pixels", plain, "image/tiff", "pixels.tif")]
    assert image_in(post_parts(serve("echo"), parts, "image/tiff").expect(200)).nodata == 9


def test_text_fields_are_read_as_their_schemas_say(serve, scene):
    parts = [("image", scene, "image/tiff", "scene.tif"), ("threshold", b"0.1", None, None)]
    by_form = post_parts(serve("cloud-detection"), parts).expect(200).json
    by_query = post_raw(serve("cloud-detection"), scene, query="?threshold=0.1").expect(200).json
    assert by_form == by_query


def test_png_is_answered_where_it_is_accepted_and_can_hold_the_image(serve):
    image = make_image("uint16", count=1)
    answer = post_raw(serve("echo"), tiff(image), accept="image/png;q=0.9, application/json;q=0.1").expect(200)
    assert answer.headers["content-type"] == "image/png"
    np.testing.assert_array_equal(image_in(answer).array, image.array)


def test_the_preferred_of_several_accepted_types_is_answered(serve, geotiff):
    answer = post_raw(serve("echo"), geotiff, accept="application/json;q=0.5, image/tiff").expect(200)
    assert answer.headers["content-type"] == "image/tiff"


def test_the_mask_has_the_grid_of_the_scene(serve, scene):
    mask = image_in(post_raw(serve("cloud-detection"), scene, accept="image/tiff").expect(200))
    source = image_in(type("Raw", (), {"body": scene}))
    assert (mask.crs, mask.transform, mask.shape[1:]) == (source.crs, source.transform, source.shape[1:])
    assert (mask.dtype, mask.nodata) == (np.uint8, 255)
    assert set(np.unique(mask.array)) <= {0, 1, 255}


def test_outlines_come_alone_as_geojson(serve, scene):
    answer = post_raw(serve("cloud-detection"), scene, accept="application/geo+json").expect(200)
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json["type"] == "FeatureCollection"


def test_a_default_of_the_description_is_applied(serve, scene):
    body = {"image": base64.b64encode(scene).decode()}
    absent = post_json(serve("cloud-detection"), body).expect(200).json
    given = post_json(serve("cloud-detection"), body | {"threshold": 0.2}).expect(200).json
    other = post_json(serve("cloud-detection"), body | {"threshold": 0.9}).expect(200).json
    assert absent == given
    assert absent["cloudFraction"] != other["cloudFraction"]


def test_a_bare_array_result_stands_on_the_grid_of_its_input(serve, geotiff):
    grey = image_in(post_raw(serve("grayscale"), geotiff, accept="image/tiff").expect(200))
    assert (grey.crs, grey.transform) == (make_image().crs, make_image().transform)


def test_a_real_raster_comes_back_intact(serve, real_raster):
    content = real_raster("RGB.byte.tif").read_bytes()
    source = image_in(type("Raw", (), {"body": content}))
    same(image_in(post_raw(serve("echo"), content, accept="image/tiff").expect(200)), source)
