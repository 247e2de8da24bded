"""Redirects are checked as the first URL is; TLS is checked for the name that was asked for."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from converters.remote.certificates import make_certificate
from converters.remote.refusals import CONTENT, NAME, READERS, refuses
from converters.remote.resolver import Resolver
from converters.remote.web import Web, file_of, raw_server, redirects, serving

from swath_converters import Policy
from swath_converters.access import fetch, open_ranges
from swath_converters.errors import AccessDenied, ConversionError, FetchFailed, FetchTimedOut, MalformedValue

Target = Callable[[Web], str]


@pytest.mark.parametrize(
    ("target", "error"),
    [
        (lambda victim: f"{victim.origin}/secret", AccessDenied),
        (lambda victim: f"//127.0.0.1:{victim.port}/secret", AccessDenied),
        (lambda victim: f"http://localhost:{victim.port}/secret", AccessDenied),
        (lambda victim: f"http://127.1:{victim.port}/secret", MalformedValue),
        (lambda victim: f"http://a:b@127.0.0.1:{victim.port}/secret", MalformedValue),
        (lambda victim: "file:///etc/passwd", MalformedValue),
        (lambda victim: "ftp://127.0.0.1/secret", MalformedValue),
        (lambda victim: f"gopher://127.0.0.1:{victim.port}/secret", MalformedValue),
        (lambda victim: "data:,secret", MalformedValue),
        (lambda victim: "http://169.254.169.254/latest/meta-data/", AccessDenied),
        (lambda victim: "s3://bucket/key", MalformedValue),
    ],
)
@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_checked_as_the_first_url_is(target: Target, error: type[ConversionError], status: int):
    with serving(file_of(b"secret")) as victim, serving(redirects(target(victim), status)) as web:
        refuses(f"{web.origin}/a.tif", web.policy(), error)
    assert victim.requests == []
    assert len(web.requests) == len(READERS)


def test_a_redirect_to_a_listed_name_with_a_private_address_is_not_followed(resolver: Resolver):
    resolver.add("inner.example.test", "127.0.0.2")
    with serving(file_of(b"")) as victim:
        inner = f"inner.example.test:{victim.port}"
        with serving(redirects(f"http://{inner}/")) as web:
            refuses(f"{web.origin}/a.tif", web.policy(hosts=(f"127.0.0.1:{web.port}", inner)), match="has an address")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_an_allowed_host_is_followed(status: int):
    with serving(file_of(CONTENT)) as other, serving(redirects(f"{other.origin}/b.tif#part", status)) as web:
        hosts = tuple(f"127.0.0.1:{one.port}" for one in (web, other))
        assert fetch(f"{web.origin}/a.tif", web.policy(hosts=hosts)) == CONTENT
        with open_ranges(f"{web.origin}/a.tif", web.policy(hosts=hosts)) as file:
            assert file.read() == CONTENT
    assert other.requests[0][1] == "/b.tif"


def test_a_relative_redirect_stays_on_the_host():
    def answer(handler: Any) -> None:
        (file_of(CONTENT) if handler.path == "/y/b.tif" else redirects("../y/b.tif"))(handler)

    with serving(answer) as web:
        assert fetch(f"{web.origin}/x/a.tif", web.policy()) == CONTENT


@pytest.mark.parametrize("limit", [0, 3])
def test_redirects_have_a_limit(limit: int):
    with serving(redirects("/again")) as web, pytest.raises(FetchFailed, match=f"more than {limit} times"):
        fetch(f"{web.origin}/a.tif", web.policy(max_redirects=limit))
    assert len(web.requests) == limit + 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ssl.SSLContext]:
    return make_certificate(tmp_path_factory.mktemp("tls"), NAME)


class TestHttps:
    """TLS to the address that was checked, for the name that was asked for."""

    @staticmethod
    def policy(web: Web, authority: Path | None, *more: str) -> Policy:
        hosts = (f"{NAME}:{web.port}", f"other.example.test:{web.port}", *more)
        return web.policy(hosts=hosts, ca_file=authority, schemes=frozenset({"http", "https"}))

    def test_the_name_is_sent_and_the_certificate_checked(self, certificate, resolver: Resolver):
        authority, context = certificate
        names: list[str | None] = []
        context.sni_callback = lambda _, name, __: names.append(name)
        resolver.add(NAME, "127.0.0.1")
        with serving(file_of(CONTENT), context) as web:
            assert fetch(f"https://{NAME}:{web.port}/a.tif", self.policy(web, authority)) == CONTENT
        assert names == [NAME]
        assert web.requests[0][2]["host"] == f"{NAME}:{web.port}"

    def test_a_certificate_of_another_name_is_refused(self, certificate, resolver: Resolver):
        authority, context = certificate
        resolver.add("other.example.test", "127.0.0.1")
        with serving(file_of(CONTENT), context) as web:
            refuses(
                f"https://other.example.test:{web.port}/a.tif",
                self.policy(web, authority),
                FetchFailed,
                "certificate is not valid",
            )
        assert web.requests == []

    def test_a_certificate_of_an_unknown_authority_is_refused(self, certificate, resolver: Resolver):
        resolver.add(NAME, "127.0.0.1")
        with serving(file_of(CONTENT), certificate[1]) as web:
            uri = f"https://{NAME}:{web.port}/a.tif"
            refuses(uri, self.policy(web, None), FetchFailed, "certificate is not valid")
        assert web.requests == []

    def test_a_redirect_from_https_to_http_is_not_followed(self, certificate, resolver: Resolver):
        authority, context = certificate
        resolver.add(NAME, "127.0.0.1")
        with serving(file_of(CONTENT)) as plain, serving(redirects(f"{plain.origin}/a.tif"), context) as web:
            policy = self.policy(web, authority, f"127.0.0.1:{plain.port}")
            refuses(f"https://{NAME}:{web.port}/a.tif", policy, AccessDenied, "from https to http")
        assert plain.requests == []

    def test_a_server_that_never_finishes_the_handshake_is_not_waited_for(self):
        with raw_server(lambda *_: None) as web:
            policy = web.policy(schemes=frozenset({"https"}), connect_timeout_s=0.2)
            with pytest.raises(FetchTimedOut):
                fetch(f"https://127.0.0.1:{web.port}/", policy)
