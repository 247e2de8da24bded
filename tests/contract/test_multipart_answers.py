"""All outputs in one multipart answer, read by a parser that is not ours."""

import email.policy
import json
from email.message import EmailMessage
from email.parser import BytesParser

import numpy as np
import pytest
from clients.answers import Answer
from contract.conftest import base64_of, make_image, tiff
from contract.forms import PROCESS, image_in, post_json, post_raw

from swath_converters.image import decode_image
from swath_converters.policy import Policy

FORM, MIXED = "multipart/form-data", "multipart/mixed"


def parts_of(answer: Answer, kind: str) -> list[EmailMessage]:
    said = answer.expect(200).headers["content-type"]
    assert said.startswith(f"{kind}; boundary=")
    whole = b"Content-Type: " + said.encode() + b"\r\n\r\n" + answer.body
    return list(BytesParser(policy=email.policy.HTTP).parsebytes(whole).iter_parts())


def content_of(part: EmailMessage) -> bytes:
    return part.get_payload(decode=True)


def test_a_form_holds_an_output_a_part(serve, scene: bytes):
    client = serve("cloud-detection")
    expected = post_raw(client, scene, accept="application/json").expect(200).json
    parts = parts_of(post_raw(client, scene, accept=FORM), FORM)
    found = {part.get_param("name", header="content-disposition"): part for part in parts}
    assert set(found) == set(expected)
    assert json.loads(content_of(found["cloudFraction"])) == expected["cloudFraction"]
    assert json.loads(content_of(found["clouds"])) == expected["clouds"]
    assert found["clouds"].get_content_type() == "application/geo+json"
    assert base64_of(content_of(found["mask"])) == expected["mask"]
    assert (found["mask"].get_content_type(), found["mask"].get_filename()) == ("image/tiff", "mask.tif")


def test_mixed_holds_the_json_answer_and_then_the_images_it_names(serve, scene: bytes):
    client = serve("cloud-detection")
    expected = post_raw(client, scene, accept="application/json").expect(200).json
    document, mask = parts_of(post_raw(client, scene, accept=MIXED), MIXED)
    assert json.loads(content_of(document)) == expected | {"mask": "cid:mask"}
    assert mask["content-id"] == "<mask>"
    assert base64_of(content_of(mask)) == expected["mask"]


@pytest.mark.parametrize("kind", [FORM, MIXED])
def test_images_of_a_list_are_parts_that_the_list_names(serve, kind: str):
    sent = [make_image(count=1), make_image("float32", 2)]
    client = serve("reversed_list")
    answer = post_json(client, {"images": [base64_of(tiff(one)) for one in sent]}, accept=kind)
    parts = parts_of(answer, kind)
    values = {part.get_param("name", header="content-disposition"): part for part in parts}
    named = json.loads(content_of(parts[0]))["images"] if kind == MIXED else json.loads(content_of(values["images"]))
    assert named == ["cid:images/0", "cid:images/1"]
    found = [part for part in parts if part.get_content_type() == "application/x-npz"]
    for part, image in zip(found, sent[::-1], strict=True):
        np.testing.assert_array_equal(decode_image(content_of(part), Policy()).array, image.array)


def test_a_form_that_was_answered_is_taken_as_a_request(serve):
    client = serve("echo")
    first = post_raw(client, tiff(make_image()), accept=FORM).expect(200)
    headers = {"Content-Type": first.headers["content-type"], "Accept": "image/tiff"}
    second = client.send("POST", PROCESS, first.body, headers).expect(200)
    np.testing.assert_array_equal(image_in(second).array, make_image().array)


def test_json_stays_the_choice_of_wildcards(serve, geotiff: bytes):
    answer = post_raw(serve("echo"), geotiff, accept="*/*").expect(200)
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("accept", "kind"), [("multipart/*", FORM), ("multipart/mixed, */*;q=0.5", MIXED)])
def test_multipart_is_answered_where_it_is_preferred(serve, geotiff: bytes, accept: str, kind: str):
    parts_of(post_raw(serve("echo"), geotiff, accept=accept), kind)
