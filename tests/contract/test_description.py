"""What a service says of itself."""

import pytest
import yaml
from openapi_spec_validator import validate

from swath_registry.validation import Validator
from swath_schemas import resolve

SERVED = ["echo", "cloud-detection", "grayscale"]


def test_health_is_the_text_ok(serve):
    answer = serve("echo").send("GET", "/api/v1/health").expect(200)
    assert answer.body == b"OK"
    assert answer.headers["content-type"].startswith("text/plain")


def test_ready_once_the_algorithm_is_loaded(serve):
    assert serve("echo").send("GET", "/api/v1/ready").expect(200).json == {"status": "ready"}


@pytest.mark.parametrize("name", SERVED)
def test_describe_is_a_valid_describe_document(serve, name):
    document = serve(name).send("GET", "/api/v1/describe").expect(200).json
    assert Validator("describe@1").violations(document) == []
    assert document["name"] == name


def test_describe_has_every_field_that_geoprocessing_api_requires(serve):
    document = serve("cloud-detection").send("GET", "/api/v1/describe").json
    required = "name title family version description organization email resources input output asynchronous _links"
    assert set(required.split()) <= document.keys()
    assert {"cpu", "ram"} <= document["resources"].keys()
    assert {"description", "content"} <= document["output"].keys()


def test_describe_pins_the_types_that_it_uses(serve):
    document = serve("cloud-detection").send("GET", "/api/v1/describe").json
    assert document["types"]["image"] == document["input"]["properties"]["image"]["$ref"].rsplit("/", 1)[1]


def test_links_lead_to_answers(serve):
    client = serve("echo").backend  # a list of jobs is as long as there were jobs
    links = client.send("GET", "/api/v1/describe").json["_links"]
    for link in links.values():
        path = link["href"].removeprefix("http://swath.test")
        client.send("HEAD" if link["method"] == "GET" else "OPTIONS", path).expect(
            200 if link["method"] == "GET" else 405
        )


@pytest.mark.parametrize(
    ("headers", "base"),
    [
        ({}, "http://swath.test"),
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "geo.example"}, "https://geo.example"),
        ({"X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "geo.example, inner"}, "https://geo.example"),
        ({"X-Forwarded-Prefix": "/clouds/"}, "http://swath.test/clouds"),
        ({"Forwarded": 'for=1.2.3.4;proto=https;host="geo.example:8443"'}, "https://geo.example:8443"),
        ({"X-Forwarded-Host": "evil.example/<script>"}, "http://swath.test"),
        ({"X-Forwarded-Proto": "javascript"}, "http://swath.test"),
    ],
)
def test_links_are_right_behind_proxies(serve, headers, base):
    document = serve("echo").send("GET", "/api/v1/describe", headers=headers).expect(200).json
    assert document["_links"]["execution"]["href"] == f"{base}/api/v1/process"


def test_version_names_the_algorithm_and_its_version(serve):
    answer = serve("cloud-detection").send("GET", "/api/v1/version").expect(200).json
    assert (answer["name"], answer["version"]) == ("cloud-detection", "1.0.0")


@pytest.mark.parametrize("name", SERVED)
def test_openapi_is_a_valid_document_of_the_service_itself(serve, name):
    document = serve(name).send("GET", "/api/v1/openapi").expect(200).json
    validate(document)
    body = document["paths"]["/process"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "image" in body["properties"]


def test_openapi_refers_to_nothing_outside_itself(serve):
    text = serve("cloud-detection").send("GET", "/api/v1/openapi").body.decode()
    assert '"$ref":"http' not in text
    assert f"image-{resolve('image@1').version}" in text


def test_openapi_comes_as_yaml_where_that_is_accepted(serve):
    client = serve("echo")
    answer = client.send("GET", "/api/v1/openapi", headers={"Accept": "application/yaml"}).expect(200)
    assert answer.headers["content-type"] == "application/yaml"
    assert yaml.safe_load(answer.body) == client.send("GET", "/api/v1/openapi").json


def test_head_is_get_without_a_body(serve):
    client = serve("echo")
    answer = client.send("HEAD", "/api/v1/describe").expect(200)
    assert answer.body == b""
    assert int(answer.headers["content-length"]) == len(client.send("GET", "/api/v1/describe").body)
