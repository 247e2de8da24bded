"""A graph and a description are a service like any other."""

import numpy as np
import pytest
import yaml
from contract.conftest import base64_of, tiff
from contract.forms import image_in, image_of, post_json, post_raw
from openapi_spec_validator import validate

from swath_converters import Image
from swath_registry.validation import Validator

pytest.importorskip("onnxruntime")
SUMS = np.add.outer(np.arange(20), np.arange(0, 210, 7))  # (20, 30): larger than a tile of 8 × 8 px, 0 to 222


@pytest.fixture
def image() -> Image:
    """Bands in another order than the graph takes them, one that it doesn't take, and a pixel without data."""
    left, right = SUMS // 2, SUMS - SUMS // 2
    array = np.stack([right, np.full_like(left, 9), left]).astype(np.uint8)
    array[2, 0, 29] = 255
    return Image(array, nodata=255, band_names=("right", "other", "left"))


def test_what_it_says_of_itself_is_a_valid_describe_document(serve) -> None:
    document = serve("no_code").send("GET", "/api/v1/describe").expect(200).json
    assert Validator("describe@1").violations(document) == []
    assert document["model"]["input"]["bands"] == ["left", "right"]
    assert [one["name"] for one in document["model"]["output"]["classes"]] == ["bright", "dark"]


def test_its_openapi_is_a_valid_document_in_json_and_yaml(serve) -> None:
    client = serve("no_code")
    document = client.send("GET", "/api/v1/openapi", headers={"Accept": "application/json"}).expect(200).json
    validate(document)
    body = document["paths"]["/process"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert list(body["properties"]) == ["image"]
    answer = client.send("GET", "/api/v1/openapi", headers={"Accept": "application/yaml"}).expect(200)
    assert yaml.safe_load(answer.body) == document


def test_the_classes_of_every_pixel_come_back(serve, image: Image) -> None:
    answer = post_json(serve("no_code"), {"image": base64_of(tiff(image))}).expect(200)
    found = image_of(answer.json["classes"])
    expected = np.where(SUMS >= 100, 10, 20)
    expected[0, 29] = 255
    np.testing.assert_array_equal(found.array[0], expected)
    assert (found.dtype, found.nodata) == (np.uint8, 255)


def test_classes_have_the_colours_that_describe_yml_gives_them(serve, image: Image) -> None:
    found = image_in(post_raw(serve("no_code"), tiff(image), accept="image/tiff").expect(200))
    assert found.color_map is not None
    assert (found.color_map[10][:3], found.color_map[20][:3]) == ((255, 255, 0), (0, 0, 128))


def test_a_missing_band_is_named_with_those_that_there_are(serve, image: Image) -> None:
    answer = post_raw(serve("no_code"), tiff(image.select(["left", "other"]))).expect(422)
    (error,) = answer.json["errors"]
    assert error["pointer"] == "/image"
    assert "right" in error["message"]
    assert "other" in answer.body.decode()


def test_an_input_that_it_does_not_declare_is_refused(serve, image: Image) -> None:
    answer = post_json(serve("no_code"), {"image": base64_of(tiff(image)), "threshold": 0.5}).expect(400)
    assert answer.json["errors"][0]["pointer"] == "/threshold"
