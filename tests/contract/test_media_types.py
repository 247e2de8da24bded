"""Which file an image comes back as: lossless unless a lossy media type is named, parameters as asked for."""

import numpy as np
import pytest
import rasterio
from contract.conftest import make_image, tiff
from contract.forms import image_in, post_json, post_raw

from swath_converters.image import encode_image

NAMED = {
    "image/tiff; application=geotiff; profile=cloud-optimized": "COG",
    "image/tiff; compression=zstd": "ZSTD",
    "IMAGE/TIFF;compression=LZW;q=0.7, application/json;q=0.1": "LZW",
}


@pytest.mark.parametrize("accept", NAMED)
def test_parameters_of_an_accepted_media_type_are_heeded(serve, accept: str):
    source = make_image()
    answer = post_raw(serve("echo"), tiff(source), accept=accept).expect(200)
    assert answer.headers["content-type"].startswith("image/tiff; ")
    np.testing.assert_array_equal(image_in(answer).array, source.array)
    with rasterio.MemoryFile(answer.body) as file, file.open() as dataset:
        assert NAMED[accept] in dataset.tags(ns="IMAGE_STRUCTURE").values()


@pytest.mark.parametrize("kind", ["image/jp2", "application/x-npz", "application/x-npy", "image/png"])
def test_every_lossless_media_type_goes_in_and_out(serve, kind: str):
    source = make_image("uint16")
    answer = post_raw(serve("echo"), encode_image(source, kind), kind, accept=kind).expect(200)
    assert answer.headers["content-type"] == kind
    np.testing.assert_array_equal(image_in(answer).array, source.array)


@pytest.mark.parametrize(
    "accept", ["*/*;q=0.1, image/*", "image/*", "image/jpeg;q=0.1, image/*", "image/webp;q=0, image/*"]
)
def test_a_lossy_media_type_is_no_wildcards_choice(serve, accept: str):
    answer = post_raw(serve("echo"), tiff(make_image("uint8")), accept=accept).expect(200)
    assert answer.headers["content-type"] == "image/tiff"


@pytest.mark.parametrize("accept", ["image/jpeg", "image/jpeg; quality=60, image/*;q=0.5", "image/webp, */*;q=0.1"])
def test_a_lossy_media_type_is_answered_when_named(serve, accept: str):
    answer = post_raw(serve("echo"), tiff(make_image("uint8")), accept=accept).expect(200)
    assert answer.headers["content-type"] == accept.split(",", maxsplit=1)[0]
    assert answer.body[:4] in {b"\xff\xd8\xff\xe0", b"RIFF"}


@pytest.mark.parametrize("accept", ["image/tiff; compression=jpeg", "image/jpeg; quality=0", "image/gif"])
def test_what_no_encoder_writes_is_not_acceptable(serve, accept: str):
    post_raw(serve("echo"), tiff(make_image("uint8")), accept=accept).expect(406)


def test_a_lossy_media_type_that_cannot_hold_the_image_names_those_that_can(serve):
    answer = post_raw(serve("echo"), tiff(make_image("float32")), accept="image/jpeg").expect(406)
    assert "image/tiff" in answer.json["hint"]
    assert "jpeg" not in answer.json["hint"]


def test_parameters_of_json_change_nothing(serve):
    answer = post_json(serve("always_fails"), {}, accept="application/json; charset=utf-8")
    assert answer.status != 406
