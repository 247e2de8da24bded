"""Lists of images and of detections, through JSON and multipart."""

import json

import numpy as np
from contract.conftest import base64_of, make_image, tiff
from contract.forms import image_of, post_json, post_parts

from swath_converters import Image

SENT = [make_image(count=1), make_image("float32", 2), make_image("uint8", 3)]


def check(answer) -> None:
    received = [image_of(text) for text in answer.expect(200).json["images"]]
    for one, other in zip(received, SENT[::-1], strict=True):
        assert isinstance(one, Image)
        np.testing.assert_array_equal(one.array, other.array)
        assert (one.crs, one.transform) == (other.crs, other.transform)
    ships = answer.json["ships"]
    assert [ship["id"] for ship in ships] == [3, 2, 1]
    assert {tuple(ship["bbox"]) for ship in ships} == {(0, 0, 30, 20)}


def test_a_list_of_images_goes_in_and_out_in_order(serve):
    check(post_json(serve("reversed_list"), {"images": [base64_of(tiff(one)) for one in SENT]}))


def test_a_list_of_images_may_name_parts(serve):
    parts = [(str(index), tiff(one), "image/tiff", f"{index}.tif") for index, one in enumerate(SENT)]
    said = json.dumps(["cid:0", "cid:1", "cid:2"]).encode()
    check(post_parts(serve("reversed_list"), [("images", said, "application/json", None), *parts]))


def test_the_image_of_a_list_that_is_wrong_is_named(serve):
    answer = post_json(serve("reversed_list"), {"images": [base64_of(tiff(SENT[0])), "AAAA"]}).expect(422)
    assert answer.json["errors"][0]["pointer"] == "/images/1"
