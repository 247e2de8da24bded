"""Images answered by reference, where the caller prefers it and the operator names a place."""

import hashlib
import json
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import numpy as np
import pytest
from contract.conftest import base64_of, make_image, tiff

from swath_converters.image import decode_image
from swath_converters.policy import Policy
from swath_registry.validation import Validator

SENT = make_image("int16", 3)


def post(server, prefer: str | None):
    """Status, headers and JSON body of a call of echo."""
    body = json.dumps({"image": base64_of(tiff(SENT))}).encode()
    headers = {"Content-Type": "application/json"} | ({"Prefer": prefer} if prefer else {})
    with urlopen(
        Request(f"http://127.0.0.1:{server.settings.port}/api/v1/process", body, headers), timeout=30
    ) as answer:
        return answer.status, answer.headers, json.load(answer)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The operator's place for images."""
    return tmp_path_factory.mktemp("out")


@pytest.fixture
def server(share, out: Path):
    """A server that all tests speak to which need a place that takes images."""
    return share("echo", output_prefixes=(f"{out.as_uri()}/",))


@pytest.mark.parametrize("prefer", ["return=minimal", 'respond-async, Return="minimal"; foo=1'])
def test_an_image_is_put_below_the_operators_prefix_and_named(server, out: Path, prefer: str):
    _, headers, found = post(server, prefer)
    image = found["image"]
    path = Path(unquote(urlsplit(image["href"]).path))
    assert path.is_relative_to(out)
    assert Validator("image@1").violations(image) == []
    assert image["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert headers["Preference-Applied"] == "return=minimal"
    np.testing.assert_array_equal(decode_image(path.read_bytes(), Policy()).array, SENT.array)


def test_each_call_has_a_folder_of_its_own(server):
    hrefs = {post(server, "return=minimal")[2]["image"]["href"] for _ in range(3)}
    assert len(hrefs) == 3


@pytest.mark.parametrize("prefer", [None, "return=representation", "return=minimalist"])
def test_without_the_preference_the_image_is_in_the_answer(server, prefer: str | None):
    _, headers, found = post(server, prefer)
    assert isinstance(found["image"], str)
    assert headers["Preference-Applied"] is None


@pytest.mark.parametrize("accept, refers", [("application/json", True), ("multipart/mixed", False)])
def test_images_of_a_list_are_named_in_its_json(start, tmp_path: Path, accept: str, refers: bool):
    server = start("echo", output_prefixes=(f"{tmp_path.as_uri()}/",)).ready()
    body = json.dumps({"items": [{"image": base64_of(tiff(SENT))}, {}, {"image": base64_of(tiff(SENT))}]}).encode()
    headers = {"Content-Type": "application/json", "Prefer": "return=minimal", "Accept": accept}
    address = f"http://127.0.0.1:{server.settings.port}/api/v1/process/batch"
    with urlopen(Request(address, body, headers), timeout=30) as answer:
        applied, content = answer.headers["Preference-Applied"], answer.read()
    assert applied == ("return=minimal" if refers else None)
    if refers:
        items = json.loads(content)["items"]
        assert [one["status"] for one in items] == [200, 400, 200]
        assert len({one["output"]["image"]["href"] for one in items[::2]}) == 2


def test_without_a_place_the_preference_is_not_heeded(start):
    _, headers, found = post(start("echo").ready(), "return=minimal")
    assert isinstance(found["image"], str)
    assert headers["Preference-Applied"] is None


def test_a_place_that_takes_nothing_is_a_problem_that_tells_no_path(start, tmp_path: Path):
    (tmp_path / "out").write_text("no folder")
    server = start("echo", output_prefixes=(f"{tmp_path.as_uri()}/out/",)).ready()
    body = json.dumps({"image": base64_of(tiff(SENT))})
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=30)
    headers = {"Content-Type": "application/json", "Prefer": "return=minimal"}
    connection.request("POST", "/api/v1/process", body, headers)
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    assert answer.status == 503
    assert json.loads(content)["type"].endswith("not-stored")
    assert str(tmp_path) not in content
