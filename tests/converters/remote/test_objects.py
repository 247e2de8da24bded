"""Objects of s3: and gs:, from a store that checks signatures by itself."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from converters.rasters import image
from converters.remote.certificates import make_certificate
from converters.remote.object_store import KEYS, SESSION, TOKEN, ObjectStore
from converters.remote.resolver import Resolver
from converters.remote.web import LOOPBACK, Handler, Web, file_of, redirects, serving

from swath_converters import Policy, policy
from swath_converters.access import fetch, open_ranges
from swath_converters.access.accounts import gs_from_environ, s3_from_environ
from swath_converters.access.location import parse_url
from swath_converters.access.objects import locate_object
from swath_converters.access.signing import signed
from swath_converters.errors import AccessDenied, ConversionError, FetchFailed, MalformedValue
from swath_converters.image import encode_image, from_wire
from swath_converters.policy import Credentials

CONTENT = bytes(range(256)) * 100


def buckets_of(web: Web, credentials: Credentials | None = KEYS, **changes: Any) -> Policy:
    """Reads s3://maps/open/ and gs://maps/open/ of this store."""
    store = policy.ObjectStore(web.origin, credentials=lambda: credentials)
    wanted: dict[str, Any] = {
        "schemes": frozenset({"s3", "gs"}),
        "buckets": ("s3://maps/open/", "gs://maps/open/"),
        "networks": (LOOPBACK,),
        "s3": store,
        "gs": replace(store, region="auto"),
    }
    return Policy(**wanted | changes)


def test_requests_are_signed_as_in_the_examples_of_aws():
    keys = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    host = {"Host": "examplebucket.s3.amazonaws.com"}
    now = datetime(2013, 5, 24, tzinfo=UTC)
    got = parse_url("https://examplebucket.s3.amazonaws.com/test.txt")
    asked = signed("GET", got, {**host, "Range": "bytes=0-9"}, b"", keys, "us-east-1", now=now)
    assert asked["Authorization"].endswith("=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    put = parse_url("https://examplebucket.s3.amazonaws.com/test%24file.text")
    more = {**host, "Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"}
    sent = signed("PUT", put, more, b"Welcome to Amazon S3.", keys, "us-east-1", now=now)
    assert sent["Authorization"].endswith("=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")


@pytest.mark.parametrize("key", ["a.tif", "folder/a.tif", "a b+c=d&e.tif", "100%/%2e.tif", "ü/ß.tif", "~a*'(b).tif"])
@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_an_object_is_read_with_a_signature(scheme: str, key: str):
    store = ObjectStore(region="us-east-1" if scheme == "s3" else "auto")
    store.objects[f"maps/open/{key}"] = CONTENT
    with serving(store) as web:
        assert fetch(f"{scheme}://maps/open/{key}", buckets_of(web)) == CONTENT


def test_an_object_is_read_in_ranges_each_signed():
    store = ObjectStore()
    store.objects["maps/open/a.tif"] = CONTENT
    with (
        serving(store) as web,
        open_ranges("s3://maps/open/a.tif", buckets_of(web), block_bytes=1000) as file,
    ):
        file.seek(20_000)
        assert file.read(10) == CONTENT[20_000:20_010]
        assert file.fetched_bytes == 2000


@pytest.mark.parametrize(
    "credentials",
    [None, replace(KEYS, session_token=SESSION), TOKEN],
    ids=["anonymous", "temporary", "token"],
)
def test_every_kind_of_credentials_is_understood(credentials: Credentials | None, tmp_path, resolver: Resolver):
    name = "store.example.test"
    authority, context = make_certificate(tmp_path, name)
    resolver.add(name, "127.0.0.1")
    store = ObjectStore(credentials)
    store.objects["maps/open/a.tif"] = CONTENT
    with serving(store, context) as web:
        at = policy.ObjectStore(f"https://{name}:{web.port}", credentials=lambda: credentials)
        assert fetch("s3://maps/open/a.tif", buckets_of(web, s3=at, ca_file=authority)) == CONTENT


def test_a_token_is_never_sent_without_tls():
    with serving(ObjectStore(TOKEN)) as web, pytest.raises(FetchFailed, match="only sent over https"):
        fetch("gs://maps/open/a.tif", buckets_of(web, TOKEN))
    assert web.requests == []


def test_credentials_are_asked_for_at_each_request():
    given = [replace(KEYS, secret_key="old"), KEYS]
    store = ObjectStore()
    store.objects["maps/open/a.tif"] = CONTENT
    with serving(store) as web:
        rotating = buckets_of(web, s3=policy.ObjectStore(web.origin, credentials=lambda: given.pop(0)))
        with pytest.raises(FetchFailed, match="HTTP 403 SignatureDoesNotMatch"):
            fetch("s3://maps/open/a.tif", rotating)
        assert fetch("s3://maps/open/a.tif", rotating) == CONTENT


@pytest.mark.parametrize(
    "uri",
    [
        "s3://maps/closed/a.tif",
        "s3://maps/open",
        "s3://maps/opened/a.tif",
        "s3://maps/OPEN/a.tif",
        "s3://other/open/a.tif",
        "s3://maps.evil/open/a.tif",
        "gs://other/open/a.tif",
        "s3://maps/%6fpen/a.tif",
    ],
)
def test_what_is_outside_the_allowed_buckets_and_folders_is_denied(uri: str):
    with serving(ObjectStore()) as web, pytest.raises(AccessDenied, match="not open to this service"):
        fetch(uri, buckets_of(web))
    assert web.requests == []


@pytest.mark.parametrize(
    "uri",
    [
        "s3://maps/open/../closed/a.tif",
        "s3://maps/open/./a.tif",
        "s3://maps/open//a.tif",
        "s3://maps/open/",
        "s3://maps/",
        "s3://maps",
        "s3:///open/a.tif",
        "s3:maps/open/a.tif",
        "s3://MAPS/open/a.tif",
        "s3://user:a-password@maps/open/a.tif",
        "s3://maps:80/open/a.tif",
        "s3://maps/open/a.tif?versionId=1",
        "s3://maps/open/a.tif#part",
        "s3://maps/open/a\r\nHost: evil.test",
        "s3://maps/open\\..\\closed/a.tif",
        "s3://evil.test#/open/a.tif",
    ],
)
def test_a_uri_that_a_proxy_or_store_could_read_otherwise_names_no_object(uri: str):
    with serving(ObjectStore()) as web, pytest.raises(MalformedValue, match="names no object"):
        fetch(uri, buckets_of(web))
    assert web.requests == []


def test_each_scheme_is_allowed_by_itself():
    with serving(ObjectStore()) as web, pytest.raises(AccessDenied, match="scheme 'gs'"):
        fetch("gs://maps/open/a.tif", buckets_of(web, schemes=frozenset({"s3"}), buckets=("s3://maps/open/",)))


@pytest.mark.parametrize(
    ("store", "uri", "url"),
    [
        (policy.ObjectStore(), "s3://maps/a.tif", "https://maps.s3.us-east-1.amazonaws.com/a.tif"),
        (policy.ObjectStore(region="cn-north-1"), "s3://maps/a", "https://maps.s3.cn-north-1.amazonaws.com.cn/a"),
        (policy.ObjectStore(), "s3://maps.dot/a.tif", "https://s3.us-east-1.amazonaws.com/maps.dot/a.tif"),
        (policy.ObjectStore("http://minio:9000/"), "s3://maps/a.tif", "http://minio:9000/maps/a.tif"),
        (policy.ObjectStore(), "gs://maps/a b%.tif", "https://storage.googleapis.com/maps/a%20b%25.tif"),
    ],
)
def test_an_object_is_asked_for_at_the_endpoint(store: policy.ObjectStore, uri: str, url: str):
    location = locate_object(uri, (uri[: uri.rindex("/") + 1],), Policy(s3=store, gs=store)).location
    assert location.origin + location.target == url


def test_the_endpoint_is_checked_by_address_too():
    with serving(ObjectStore()) as web, pytest.raises(AccessDenied, match="has an address"):
        fetch("s3://maps/open/a.tif", buckets_of(web, networks=()))
    assert web.requests == []


def test_credentials_do_not_follow_a_redirect():
    with serving(file_of(b"")) as thief, serving(redirects(f"{thief.origin}/a.tif", 307)) as web:
        hosts = (f"127.0.0.1:{thief.port}", f"127.0.0.1:{web.port}")
        open_to = buckets_of(web, schemes=frozenset({"http", "s3", "gs"}), hosts=hosts)
        for reader in (fetch, open_ranges):
            with pytest.raises(FetchFailed, match="HTTP 307"):
                reader("s3://maps/open/a.tif", open_to)
    assert thief.requests == []


def test_credentials_of_a_store_are_not_sent_to_plain_urls():
    with serving(file_of(CONTENT)) as web:
        mixed = buckets_of(web, schemes=frozenset({"http", "s3", "gs"}), hosts=(f"127.0.0.1:{web.port}",))
        assert fetch(f"{web.origin}/maps/open/a.tif", mixed) == CONTENT
    assert "authorization" not in web.requests[0][2]


def test_a_bucket_of_another_region_is_told():
    def answer(handler: Handler) -> None:
        handler.reply(301, headers=[("x-amz-bucket-region", "eu-central-1")])

    with serving(answer) as web, pytest.raises(FetchFailed, match="HTTP 301") as failed:
        fetch("s3://maps/open/a.tif", buckets_of(web))
    assert "'eu-central-1'" in failed.value.hint


@pytest.mark.parametrize("credentials", [KEYS, replace(KEYS, session_token=SESSION), TOKEN])
def test_no_credentials_are_shown(credentials: Credentials, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    with serving(ObjectStore(replace(KEYS, secret_key="another"))) as web:
        told = [repr(buckets_of(web, credentials)), repr(credentials)]
        with pytest.raises(ConversionError) as failed:
            fetch("s3://maps/open/a.tif", buckets_of(web, credentials))
        told += [repr(failed.value), failed.value.hint, repr(vars(failed.value)), caplog.text]
    secrets = (credentials.access_key, credentials.secret_key, credentials.session_token, credentials.bearer_token)
    assert not [secret for secret in secrets if secret and secret in "".join(told)]


def test_the_usual_variables_are_read_each_time():
    environ = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://minio:9000"}
    s3, gs = s3_from_environ(environ), gs_from_environ(environ)
    assert (s3.region, s3.endpoint, gs.endpoint) == ("eu-west-1", "http://minio:9000", "")
    assert s3.credentials is not None
    assert gs.credentials is not None
    assert (s3.credentials(), gs.credentials()) == (None, None)
    environ |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_SESSION_TOKEN": "c"}
    environ |= {"GOOGLE_OAUTH_ACCESS_TOKEN": "t"}
    assert (s3.credentials(), gs.credentials()) == (Credentials("a", "b", "c"), Credentials(bearer_token="t"))
    environ |= {"GS_ACCESS_KEY_ID": "g", "GS_SECRET_ACCESS_KEY": "h"}
    assert gs.credentials() == Credentials("g", "h")


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_an_image_comes_from_a_bucket(scheme: str):
    store, sent = ObjectStore(region="us-east-1" if scheme == "s3" else "auto"), image()
    store.objects["maps/open/a.tif"] = encode_image(sent)
    with serving(store) as web:
        received = from_wire({"href": f"{scheme}://maps/open/a.tif"}, {}, buckets_of(web))
    np.testing.assert_array_equal(received.array, sent.array)
