"""Old documents sent to new services, and new ones to old services."""

import pytest
from contract.conftest import base64_of, make_image, tiff
from contract.forms import image_of, post_json
from contract.test_bad_input import problem

from swath_registry.examples import examples
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED

PLAIN = base64_of(tiff(make_image("uint8", crs=None, transform=None)))
OLD = {"data": PLAIN, "nodata": 3, "crs": "EPSG:4326", "transform": [0.1, 0, 2, 0, -0.1, 48]}
POINTS = {"crs": "EPSG:4326", "points": [{"row": 0, "column": 0, "x": 2, "y": 48}]}
NEW = {"data": PLAIN, "groundControlPoints": POINTS}


def test_the_documents_are_of_the_versions_that_they_are_taken_for():
    assert Validator("image@1.0.0").is_valid(OLD)
    assert not Validator("image@1.0.0").is_valid(NEW)
    assert Validator("image@1.1.0").is_valid(NEW)


def test_a_service_of_the_newer_version_takes_a_document_of_the_older(serve):
    assert serve("echo").send("GET", "/api/v1/describe").json["types"]["image"] == "1.1.0"
    found = image_of(post_json(serve("echo"), {"image": OLD}).expect(200).json["image"])
    assert (found.nodata, found.crs) == (3, "EPSG:4326")


def test_a_service_of_the_newer_version_heeds_what_is_new(serve):
    found = image_of(post_json(serve("echo"), {"image": NEW}).expect(200).json["image"])
    assert [(one.x, one.y) for one in found.gcps] == [(2, 48)]


def test_a_service_of_the_older_version_takes_a_document_of_the_older(serve):
    found = image_of(post_json(serve("pinned"), {"image": OLD}).expect(200).json["image"])
    assert (found.nodata, found.crs) == (3, "EPSG:4326")


def test_a_service_of_the_older_version_says_where_and_which_version_would_do(serve):
    found = problem(post_json(serve("pinned"), {"image": NEW}), 400)
    assert [(one["pointer"], one["keyword"]) for one in found["errors"]] == [
        ("/image/groundControlPoints", "additionalProperties")
    ]
    assert "image@1.1.0" in found["hint"]


@pytest.mark.parametrize("image", [NEW | {"size": {}}, {"data": PLAIN, "unheardOf": 1}])
def test_a_document_of_no_version_is_told_of_none(serve, image):
    assert "1.1.0" not in problem(post_json(serve("pinned"), {"image": image}), 400)["hint"]


def test_a_service_of_the_newer_version_tells_of_no_other(serve):
    assert "image@" not in problem(post_json(serve("echo"), {"image": {"data": PLAIN, "unheardOf": 1}}), 400)["hint"]


def test_a_service_says_the_version_that_it_is_pinned_to(serve):
    """Of two versions in one service the oldest: what fits that one fits both."""
    assert serve("pinned").send("GET", "/api/v1/describe").json["types"]["image"] == "1.0.0"


def test_every_example_of_the_older_version_is_one_of_the_newer():
    newer = Validator("image@1.1.0")
    for example in examples(PUBLISHED, PUBLISHED.resolve("image@1.0.0"))[0]:
        assert newer.violations(example.document) == []
