"""The registry over HTTP: files, aliases, caching, validation, matching, and what is refused."""

import json
from hashlib import sha256

import pytest
from clients.plain import ask

from swath_registry.catalogue import Catalogue
from swath_registry.site.files import Site
from swath_schemas import PUBLISHED

IMAGE = json.loads((PUBLISHED.root / "image/1.0.0/examples/valid/full.json").read_text())


def test_every_file_of_the_site_is_served(address: str, catalogue: Catalogue):
    site = Site(catalogue)
    for path in site.paths:
        if "/examples/" not in path:
            reply = ask(f"{address}/{path}")
            assert (reply.status, reply.body) == (200, site.read(path)), path


def test_an_id_leads_to_its_schema(address: str, catalogue: Catalogue):
    for entry in catalogue.entries:
        reply = ask(entry.schema.uri.replace(entry.schema.base_uri, address))
        assert reply.headers["Content-Type"] == "application/schema+json"
        assert reply.json()["$id"] == entry.schema.uri


@pytest.mark.parametrize("path", ["image/1.0.0", "schemas/image/1.0.0/schema.json", "schemas/image/1.0.0/bundle.json"])
def test_an_exact_version_may_be_kept_for_good(address: str, path: str):
    reply = ask(f"{address}/{path}")
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.headers["ETag"] == f'"{sha256(reply.body).hexdigest()}"'


@pytest.mark.parametrize("path", ["", "index.json", "registry.lock", "schemas/image/"])
def test_what_grows_may_be_kept_for_a_minute(address: str, path: str):
    assert ask(f"{address}/{path}").headers["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize("known", ["{tag}", "W/{tag}", '"other", {tag}', "*"])
def test_what_the_caller_has_is_not_sent_again(address: str, known: str):
    tag = ask(f"{address}/index.json").headers["ETag"]
    reply = ask(f"{address}/index.json", If_None_Match=known.format(tag=tag))
    assert (reply.status, reply.body, reply.headers["ETag"]) == (304, b"", tag)


def test_another_tag_gets_the_file(address: str):
    assert ask(f"{address}/index.json", If_None_Match='"other"').status == 200


def test_head_tells_the_length_and_sends_nothing(address: str):
    got, head = ask(f"{address}/index.json"), ask(f"{address}/index.json", "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(got.body))


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("image/1", "/image/{newest}"),
        ("image/1.0", "/image/1.0.0"),
        ("image/latest", "/image/{newest}"),
        ("image", "/image/{newest}"),
        ("schemas/image", "/schemas/image/"),
        ("schemas/image/1", "/schemas/image/{newest}/"),
        ("schemas/image/1.0.0", "/schemas/image/1.0.0/"),
        ("schemas/image/1/bundle.json", "/schemas/image/{newest}/bundle.json"),
        ("schemas/image/latest/examples/valid/full.json", "/schemas/image/{newest}/examples/valid/full.json"),
    ],
)
def test_an_alias_leads_to_the_version_that_it_means(address: str, catalogue: Catalogue, path: str, target: str):
    from urllib.parse import urljoin

    reply = ask(f"{address}/{path}")
    newest = catalogue.resolve("image@1").schema.version
    assert (reply.status, reply.headers["Cache-Control"]) == (302, "public, max-age=60")
    led = urljoin(f"{address}/{path}", reply.headers["Location"])
    assert led == address + target.format(newest=newest)
    assert ask(led).status == 200


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("imag/1.0.0", "/image"),
        ("schemas/imageCapabilites/1", "/imageCapabilities"),
        ("image/9.9.9", "Versions of image: 1.0.0"),
        ("schemas/" + "x" * 9000, "/index.json"),
        ("subject", "/subjects"),
        ("schemas/image/1.0.0/nothing.json", "/schemas/image/1.0.0/"),
        ("zzzzzzzz", "/index.json"),
    ],
)
def test_what_is_not_there_is_told_with_what_could_be_meant(address: str, path: str, hint: str):
    reply = ask(f"{address}/{path}")
    assert (reply.status, reply.headers["Content-Type"]) == (404, "application/problem+json")
    assert hint in reply.json()["hint"]


@pytest.mark.parametrize(
    "path",
    [
        "../pyproject.toml",
        "schemas/../../registry.lock",
        "%2e%2e/%2e%2e/etc/passwd",
        "schemas/image/1.0.0/examples/valid/..%2f..%2f..%2fregistry.json",
        "schemas/image/1.0.0/frozen.tar.gz",
        "//etc/passwd",
        "image/1.0.0%00",
    ],
)
def test_no_path_leads_out_of_the_site(address: str, path: str):
    assert ask(f"{address}/{path}").status == 404


def test_another_method_is_told_which_are_right(address: str):
    reply = ask(f"{address}/index.json", "DELETE")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert ask(f"{address}/validate").headers["Allow"] == "OPTIONS, POST"


def test_pages_of_other_origins_may_read_and_validate(address: str):
    assert ask(f"{address}/image/1.0.0").headers["Access-Control-Allow-Origin"] == "*"
    preflight = ask(f"{address}/validate", "OPTIONS")
    assert (preflight.status, preflight.headers["Access-Control-Allow-Methods"]) == (204, "GET, HEAD, POST")


def test_pages_of_other_origins_may_not_write(serve, tmp_path):
    url = f"{serve(tmp_path)}/subjects/scenes-value/versions"
    assert "POST" not in ask(url, "OPTIONS").headers["Access-Control-Allow-Methods"]
    simple = ask(url, "POST", {"schema": "{}", "schemaType": "JSON"}, Content_Type="text/plain")
    assert simple.status == 415


def test_a_valid_document_is_valid(address: str, catalogue: Catalogue):
    reply = ask(f"{address}/validate", "POST", {"schema": "image@1", "document": IMAGE})
    newest = str(catalogue.resolve("image@1"))
    assert (reply.status, reply.json()) == (200, {"valid": True, "schema": newest, "violations": []})


def test_a_document_can_be_sent_alone(address: str):
    reply = ask(f"{address}/validate?schema=image@1.0.0", "POST", {"href": 1})
    assert [(each["pointer"], each["keyword"]) for each in reply.json()["violations"]] == [("/href", "type")]
    assert reply.json()["valid"] is False


def test_an_unknown_type_is_told_with_what_could_be_meant(address: str):
    reply = ask(f"{address}/validate", "POST", {"schema": "imag@1", "document": 1})
    assert (reply.status, "Did you mean image?" in reply.json()["hint"]) == (404, True)


def test_bad_json_is_told_by_line_and_column(address: str):
    reply = ask(f"{address}/validate", "POST", b'{"schema": "image@1",\n "document": }')
    assert reply.status == 400
    assert (reply.json()["errors"][0]["line"], reply.json()["errors"][0]["column"]) == (2, 14)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"schema": "image@1"}', b"\xff", b"[" * 5000, b"NaN"])
def test_a_body_that_can_not_be_meant_is_a_bad_request(address: str, body: bytes):
    assert ask(f"{address}/validate", "POST", body).status == 400


def test_a_large_body_is_refused(address: str):
    assert ask(f"{address}/validate", "POST", b" " * ((1 << 20) + 1)).status == 413


def test_an_image_is_matched_against_capabilities(address: str):
    wanted = {"mediaTypes": ["image/png"]}
    image = {"href": "scene.tif", "mediaType": "image/tiff"}
    reply = ask(f"{address}/match", "POST", {"image": image, "capabilities": wanted})
    assert (reply.status, reply.json()["verdict"] in {"accept", "reject", "unknown"}) == (200, True)
    assert reply.json()["verdict"] != "accept"


def test_what_is_matched_must_be_valid(address: str):
    reply = ask(f"{address}/match", "POST", {"image": {"href": ""}, "capabilities": {}})
    assert (reply.status, reply.json()["errors"][0]["pointer"]) == (400, "/image/href")


def test_health_is_told(address: str):
    assert ask(f"{address}/health").body == b"OK"
