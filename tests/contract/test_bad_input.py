"""Bad input is answered with 4xx problem+json that names the place, never with 500, never with its own payload."""

import base64
import json
import re

import pytest
from contract.conftest import base64_of, make_image, tiff
from contract.forms import PROCESS, form_type, multipart, post_json, post_parts, post_raw

from swath_registry.validation import Validator

MARKER = "sesame-4711"


def problem(answer, status):
    """The problem document of an answer with that status, checked against error@1."""
    answer.expect(status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert Validator("error@1").violations(answer.json) == []
    assert MARKER not in answer.body.decode()
    return answer.json


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b'{"image": ', b"null", b"[]", b'"text"', b"{'image': 1}", b'{"image": NaN}', b"\xff\xfe", b"[" * 5000],
)
def test_a_body_that_is_no_json_object_is_malformed(serve, body):
    assert problem(post_json(serve("echo"), body), 400)["type"].endswith("/malformed-request")


@pytest.mark.parametrize(
    ("document", "pointer", "keyword"),
    [
        ({}, "", "required"),
        ({"image": 3}, "/image", None),
        ({"image": {}}, "/image", None),
        ({"image": {"href": "x.tif", "data": "AAAA"}}, "/image", None),
        ({"image": "AAAA", "threshold": "high"}, "/threshold", "type"),
        ({"image": "AAAA", "threshold": 1.5}, "/threshold", "maximum"),
        ({"image": "AAAA", "treshold": MARKER}, "/treshold", "additionalProperties"),
        ({"image": None}, "/image", None),
    ],
)
def test_input_that_is_not_as_described_is_named_by_pointer(serve, document, pointer, keyword):
    errors = problem(post_json(serve("cloud-detection"), document), 400)["errors"]
    assert pointer in [one["pointer"] for one in errors]
    assert keyword is None or keyword in [one["keyword"] for one in errors]


@pytest.mark.parametrize(
    ("image", "status"),
    [
        ("not base64!", 400),
        (base64.b64encode(MARKER.encode()).decode(), 422),
        ("data:image/tiff;base64,@@@@", 400),
        ("cid:nowhere", 400),
        ("file:///etc/passwd", 400),
        (f"http://127.0.0.1:9/{MARKER}", 400),
        ("s3://bucket/key.tif", 400),
        ("/vsizip/etc.zip/a.tif", 400),
        ("/etc/passwd", 400),
    ],
)
def test_an_image_that_can_not_be_had_is_named_by_pointer(serve, image, status):
    errors = problem(post_json(serve("echo"), {"image": image}), status)["errors"]
    assert errors[0]["pointer"].startswith("/image")


@pytest.mark.parametrize("part", [0.25, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("kind", ["image/tiff", "image/png"])
def test_a_cut_image_is_unprocessable_and_gives_no_pixels(serve, kind, part):
    from swath_converters.image import encode_image

    content = encode_image(make_image("uint8"), kind)
    problem(post_raw(serve("echo"), content[: int(len(content) * part)], kind, kind), 422)


def test_a_lying_media_type_is_told(serve, geotiff):
    problem(post_raw(serve("echo"), geotiff, "image/png"), 422)


@pytest.mark.parametrize("kind", ["text/csv", "application/x-www-form-urlencoded", "image/gif", ""])
def test_an_unsupported_media_type_names_those_that_are(serve, kind):
    headers = {"Content-Type": kind} if kind else {}
    found = problem(serve("echo").send("POST", PROCESS, b"x=1", headers), 415)
    assert "application/json" in found["hint"]


def test_a_raw_body_of_a_service_without_one_image_input_is_unsupported(serve, geotiff):
    assert "image input" in problem(post_raw(serve("too_slow"), geotiff), 415)["message"]


def test_what_can_not_be_answered_names_what_can(serve, geotiff):
    found = problem(post_raw(serve("echo"), geotiff, accept="text/html"), 406)
    assert "image/tiff" in found["hint"]


def test_a_format_that_can_not_hold_the_image_names_one_that_can(serve):
    answer = post_raw(serve("echo"), tiff(make_image("float32")), accept="image/png")
    assert "image/tiff" in problem(answer, 406)["hint"]


def test_a_missing_band_is_named(serve, geotiff):
    found = problem(post_raw(serve("cloud-detection"), geotiff), 422)
    assert found["errors"][0]["pointer"] == "/image"
    assert "B03" in found["message"]


@pytest.mark.parametrize(
    "body",
    [b"", b"--", b"no boundary here", multipart([("image", b"x", "image/tiff", "a.tif")])[:60]],
)
def test_a_malformed_multipart_body_is_malformed(serve, body):
    problem(serve("echo").send("POST", PROCESS, body, {"Content-Type": form_type()}), 400)


def test_a_multipart_body_without_a_boundary_is_malformed(serve):
    problem(serve("echo").send("POST", PROCESS, b"x", {"Content-Type": "multipart/form-data"}), 400)


def test_an_input_given_twice_is_malformed(serve, scene):
    parts = [("image", scene, "image/tiff", "a.tif"), ("image", scene, "image/tiff", "b.tif")]
    assert "twice" in problem(post_parts(serve("cloud-detection"), parts), 400)["message"]
    body = {"image": base64_of(scene), "threshold": 0.1}
    answer = post_json(serve("cloud-detection"), body, query="?threshold=0.2")
    assert "twice" in problem(answer, 400)["message"]


def test_an_unknown_query_parameter_is_refused_by_name(serve, geotiff):
    errors = problem(post_raw(serve("echo"), geotiff, query="?treshold=0.1"), 400)["errors"]
    assert errors[0]["pointer"] == "/treshold"


def test_nothing_is_at_an_unknown_path(serve):
    assert "/api/v1/process" in problem(serve("echo").send("GET", "/api/v1/nothing"), 404)["hint"]


@pytest.mark.parametrize(
    "path", ["/", "//api/v1/health", "/api/v1/health/", "/api/v1/../v1/health", "/%2e%2e/etc/passwd"]
)
def test_paths_are_taken_as_they_are(serve, path):
    problem(serve("echo").send("GET", path), 404)


@pytest.mark.parametrize(("method", "path", "allow"), [("GET", "process", "POST"), ("DELETE", "describe", "GET")])
def test_a_wrong_method_names_the_right_one(serve, method, path, allow):
    answer = serve("echo").send(method, f"/api/v1/{path}")
    problem(answer, 405)
    assert answer.headers["allow"] == allow


def test_no_secret_of_the_algorithm_leaks_from_its_failure(serve):
    answer = post_json(serve("always_fails"), {"text": MARKER})
    found = problem(answer, 500)
    assert not re.search(r"Traceback|token|process\.py", answer.body.decode())
    assert found["correlationId"] == "contract-suite"


def test_an_output_that_is_not_as_described_is_named(serve):
    errors = problem(post_json(serve("wrong_type"), {}), 500)["errors"]
    assert errors[0]["pointer"]


def test_an_algorithm_that_takes_too_long_is_cut_off(serve):
    assert problem(post_json(serve("too_slow"), {"seconds": 30}), 504)["type"].endswith("/timeout")


def test_a_problem_carries_what_rfc_9457_and_geoprocessing_api_ask_for(serve):
    found = problem(post_json(serve("echo"), {}), 400)
    assert {"type", "title", "status", "detail", "message", "hint", "correlationId", "timestamp"} <= found.keys()


def test_the_answer_to_a_huge_wrong_value_is_small(serve):
    document = {"image": "AAAA", "extra": MARKER * 100_000}
    answer = post_json(serve("cloud-detection"), json.dumps(document).encode())
    problem(answer, 400)
    assert len(answer.body) < 5_000
