"""A list of inputs in one request: every item its own answer, in their order, of whichever service."""

import json
from email import message_from_bytes
from typing import Any

import numpy as np
import pytest
from clients.answers import Answer
from contract.conftest import base64_of, make_image, tiff
from contract.forms import form_type, image_of, multipart
from openapi_spec_validator import validate

from swath_converters.image import decode_image
from swath_converters.policy import Policy
from swath_registry.validation import Validator
from swath_runtime.settings import Settings

PATH = "/api/v1/process/batch"
JSON = {"Content-Type": "application/json"}


def post(client: Any, items: Any, accept: str = "application/json", path: str = PATH) -> Answer:
    body = items if isinstance(items, bytes) else json.dumps({"items": items}).encode()
    return client.send("POST", path, body, JSON | {"Accept": accept})


def numbers(count: int) -> list[dict[str, Any]]:
    """Images that can be told apart."""
    return [{"image": base64_of(tiff(make_image(nodata=one)))} for one in range(count)]


def test_each_item_has_its_answer_in_order(serve) -> None:
    answers = post(serve("echo"), numbers(5)).expect(200).json["items"]
    assert [one["status"] for one in answers] == [200] * 5
    assert [image_of(one["output"]["image"]).nodata for one in answers] == list(range(5))


@pytest.mark.parametrize("name", ["echo", "batched"])
def test_no_item_is_no_answer(serve, name: str) -> None:
    assert post(serve(name), []).expect(200).json == {"items": []}


BAD = {
    "a number": 7,
    "a null": None,
    "nothing": {},
    "no image": {"image": "bm90aGluZw=="},
    "more": {"image": "", "x": 1},
}


@pytest.mark.parametrize("bad", BAD)
def test_one_bad_item_fails_alone(serve, bad: str) -> None:
    good = numbers(2)
    first, second, third = post(serve("echo"), [good[0], BAD[bad], good[1]]).expect(200).json["items"]
    assert (first["status"], third["status"]) == (200, 200)
    assert second["status"] in {400, 422}
    assert Validator("error@1").violations(second["error"]) == []
    assert second["error"]["correlationId"] == "contract-suite"


def test_an_item_that_the_algorithm_fails_of_fails_alone(serve) -> None:
    items = [{"name": "a"}, {"name": "b", "does": "reject"}, {"name": "c", "does": "fail"}, {"name": "d"}]
    client = serve("batched").backend  # which of them run together is told in the answer, and depends on the moment
    answers = post(client, items).expect(200).json["items"]
    assert [one["status"] for one in answers] == [200, 422, 500, 200]
    assert [answers[one]["output"]["name"] for one in (0, 3)] == ["a", "d"]


def test_items_of_one_request_go_to_the_algorithm_together(serve) -> None:
    answers = post(serve("batched").backend, [{"name": str(one)} for one in range(40)]).expect(200).json["items"]
    assert [one["output"]["name"] for one in answers] == [str(one) for one in range(40)]
    assert max(len(one["output"]["together"]) for one in answers) > 1


def test_a_failed_service_answers_each_item(serve) -> None:
    answers = post(serve("always_fails"), [{}, {}]).expect(200).json["items"]
    assert [(one["status"], one["error"]["type"].rsplit("/", 1)[1]) for one in answers] == [
        (500, "algorithm-failed")
    ] * 2


def test_items_refer_to_parts_of_a_form(serve) -> None:
    items = json.dumps([{"image": "cid:second"}, {"image": {"href": "cid:first", "nodata": 9}}, {"image": "cid:third"}])
    first, second = (tiff(make_image(count=count, crs=None)) for count in (1, 2))
    parts = [
        ("items", items.encode(), "application/json", None),
        ("first", first, "image/tiff", "first.tif"),
        ("second", second, "image/tiff", "second.tif"),
    ]
    answer = serve("echo").send("POST", PATH, multipart(parts), {"Content-Type": form_type()}).expect(200)
    answers = answer.json["items"]
    assert [one["status"] for one in answers] == [200, 200, 400]
    assert [image_of(one["output"]["image"]).count for one in answers[:2]] == [2, 1]
    assert image_of(answers[1]["output"]["image"]).nodata == 9
    assert "third" in answers[2]["error"]["message"]


def test_images_come_as_parts_where_a_multipart_answer_is_wanted(serve) -> None:
    """An error tells the time, which decides on the boundary: the two backends are not compared."""
    answer = post(serve("echo").backend, [*numbers(1), {}, *numbers(2)[1:]], "multipart/mixed").expect(200)
    message = message_from_bytes(
        b"Content-Type: " + answer.headers["content-type"].encode() + b"\r\n\r\n" + answer.body
    )
    document, *images = message.get_payload()
    items = json.loads(document.get_payload(decode=True))["items"]
    assert [one.get("output") for one in items] == [
        {"image": "cid:items/0/image"},
        None,
        {"image": "cid:items/2/image"},
    ]
    assert [one["Content-ID"] for one in images] == ["<items/0/image>", "<items/2/image>"]
    found = decode_image(images[1].get_payload(decode=True), Policy())
    np.testing.assert_array_equal(found.array, make_image().array)
    assert found.nodata == 1


MALFORMED = {
    "no object": b"[]", "no items": b"{}", "items that are no list": b'{"items": {}}', "more": b'{"items": [], "x": 1}',
    "no JSON": b"{",
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_no_list_of_items_is_refused_as_a_whole(serve, name: str) -> None:
    post(serve("echo"), MALFORMED[name]).expect(400)


def test_one_image_alone_is_no_list(serve, geotiff: bytes) -> None:
    answer = serve("echo").send("POST", PATH, geotiff, {"Content-Type": "image/tiff"}).expect(415)
    assert "multipart/form-data" in answer.json["hint"]


def test_more_items_than_one_request_may_hold_are_too_many(serve) -> None:
    items = [{}] * Settings.max_batch_items
    post(serve("batched"), items).expect(200)
    assert "1,001 items" in post(serve("batched"), [*items, {}]).expect(413).json["message"]


def test_an_answer_that_is_no_list_can_not_be_had(serve) -> None:
    assert "multipart/mixed" in post(serve("echo"), [], "image/tiff").expect(406).json["hint"]


def test_it_stands_in_the_openapi_document(serve) -> None:
    document = serve("batched").send("GET", "/api/v1/openapi", headers={"Accept": "application/json"}).expect(200).json
    validate(document)
    posted = document["paths"]["/process/batch"]["post"]
    taken = posted["requestBody"]["content"]["application/json"]["schema"]["properties"]["items"]
    assert (taken["maxItems"], taken["items"]["required"]) == (1000, ["name"])


def test_only_posting_is_allowed(serve) -> None:
    assert serve("echo").send("GET", PATH).expect(405).headers["allow"] == "POST"
