"""Requests that a naive reader makes, and that are not made here: hosts, addresses, names, redirects."""

import contextlib
import socket
import threading
import urllib.request
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from converters.remote.refusals import CONTENT, NAME, refuses
from converters.remote.resolver import Resolver
from converters.remote.web import LOOPBACK, file_of, serving

from swath_converters import Policy
from swath_converters.access import fetch, open_ranges
from swath_converters.access.addresses import METADATA, is_allowed
from swath_converters.access.location import check_allowed, parse_url
from swath_converters.errors import AccessDenied, FetchFailed, FetchTimedOut, MalformedValue


def test_what_is_allowed_is_fetched():
    with serving(file_of(CONTENT)) as web:
        assert fetch(f"{web.origin}/a.tif?version=2", web.policy()) == CONTENT
    command, path, headers = web.requests[0]
    assert (command, path) == ("GET", "/a.tif?version=2")
    assert (headers["host"], headers["accept-encoding"]) == (f"127.0.0.1:{web.port}", "identity")
    assert len(web.requests) == 1  # no HEAD, no sidecar


def test_the_default_policy_fetches_nothing():
    with serving(file_of(CONTENT)) as web:
        refuses(f"{web.origin}/a.tif", Policy())
        refuses(f"{web.origin}/a.tif", Policy.below(Path("/data")))
    assert web.requests == []


@pytest.mark.parametrize(
    ("hosts", "is_heard"),
    [
        (
            "data.example.org",
            ["https://data.example.org/", "https://DATA.example.org:443/", "http://data.example.org/"],
        ),
        ("data.example.org:8443", ["https://data.example.org:8443/", "http://data.example.org:8443/"]),
        ("*.example.org", ["https://a.example.org/", "https://a.b.example.org/"]),
        ("*.example.org:81", ["http://a.example.org:81/"]),
        ("[2001:db8::1]:81", ["http://[2001:db8:0::1]:81/"]),
    ],
)
def test_a_host_is_allowed_by_name_and_port(hosts: str, is_heard: list[str]):
    for url in is_heard:
        check_allowed(parse_url(url), Policy(schemes=frozenset({"http", "https"}), hosts=(hosts,)))


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("data.example.org", "https://data.example.org:8443/"),
        ("data.example.org", "https://data.example.org.evil.test/"),
        ("data.example.org", "https://evil-data.example.org/"),
        ("data.example.org", "https://example.org/"),
        ("data.example.org", "https://a.data.example.org/"),
        ("data.example.org", "https://dataxexample.org/"),
        ("data.example.org:8443", "https://data.example.org/"),
        ("*.example.org", "https://example.org/"),
        ("*.example.org", "https://evilexample.org/"),
        ("*.example.org", "https://a.example.org:81/"),
        ("*.example.org", "https://a.example.org.evil.test/"),
    ],
)
def test_another_host_or_port_is_not(hosts: str, url: str):
    with pytest.raises(AccessDenied, match="not among the hosts"):
        check_allowed(parse_url(url), Policy(schemes=frozenset({"http", "https"}), hosts=(hosts,)))


def test_a_scheme_that_is_not_allowed_is_denied_though_its_host_is():
    with serving(file_of(CONTENT)) as web:
        refuses(f"{web.origin}/a.tif", web.policy(schemes=frozenset({"https"})), match="scheme 'http'")
    assert web.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/",
        "http://127.0.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0x7f.0.0.0x1/",
        "http://0177.0.0.1/",
        "http://127.0.0.01/",
        "http://127.0.0.1./",
        "http://localhost./",
        "http://127.0.0.1%00.example.org/",
        "http://127%2e0.0.1/",
        "http://①②⑦.0.0.1/",
        "http://ⓔxample.org/",
        "http://éxample.org/",
        "http://example。org/",
        "http://user@example.org/",
        "http://user:a-password@example.org/",
        "http://example.org@127.0.0.1/",
        "http://example.org:80@127.0.0.1/",
        "http://127.0.0.1\\@example.org/",
        "http://example.org\\.evil.test/",
        "http://example.org#@127.0.0.1/",
        "http://example.org/#fragment",
        "http://example.org:80:81/",
        "http://example.org:/",
        "http://example.org:0/",
        "http://example.org:65536/",
        "http://example.org:٨٠/",
        "http://[::1/",
        "http://[::1%25eth0]/",
        "http://[127.0.0.1]/",
        "http://[::ffff:127.1]/",
        "http:///a.tif",
        "http:/example.org/",
        "http:example.org/",
        "http:////example.org/",
        "http://.example.org/",
        "http://example..org/",
        "http://-example.org/",
        f"http://{'a' * 64}.org/",
        f"http://{'a.' * 127}org/",
        "http://example.org/a b",
        "http://example.org/a\r\nHost: evil.test",
        "http://exam\tple.org/",
        "http://example.org/%zz",
        " http://example.org/",
    ],
)
def test_a_url_that_two_parsers_could_read_in_two_ways_is_refused(url: str):
    with pytest.raises(MalformedValue) as refused:
        parse_url(url)
    assert "password" not in str(refused.value).replace("user name or password", "")


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_numbers_that_resolvers_take_for_loopback_are_refused_even_if_listed(host: str):
    with serving(file_of(CONTENT)) as web:
        naive = f"http://{host}:{web.port}/a.tif"
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(naive) as answer:
            assert answer.read() == CONTENT
        web.requests.clear()
        refuses(naive, web.policy(hosts=(f"{host}:{web.port}",)), MalformedValue)
    assert web.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.1",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.1.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
        "100::1",
        "2001:db8::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fe80::1%1",
        "fec0::1",
        "ff02::1",
        "4000::1",
        *map(str, sorted(METADATA, key=str)),
        "::ffff:169.254.169.254",
        "::ffff:168.63.129.16",
    ],
)
def test_an_address_that_is_not_public_is_not_allowed(address: str):
    assert not is_allowed(ip_address(address), Policy())
    assert not is_allowed(ip_address(address), Policy(networks=("10.1.0.0/16", "fd99::/16")))


@pytest.mark.parametrize("address", ["8.8.8.8", "52.216.1.1", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_is_allowed(address: str):
    assert is_allowed(ip_address(address), Policy())


@pytest.mark.parametrize(
    ("network", "allowed", "refused"),
    [
        ("10.1.0.0/16", "10.1.2.3", "10.2.0.1"),
        ("10.1.0.0/16", "::ffff:10.1.2.3", "::ffff:10.2.0.1"),
        ("127.0.0.1/32", "127.0.0.1", "127.0.0.2"),
        ("::1/128", "::1", "::2"),
        ("fd12::/16", "fd12::1", "fd13::1"),
        ("169.254.0.0/16", "169.254.1.1", "169.254.169.254"),
        ("0.0.0.0/0", "127.0.0.1", "169.254.169.254"),
        ("169.254.169.254/32", "169.254.169.254", "169.254.170.2"),
    ],
)
def test_a_network_is_allowed_by_the_policy_but_metadata_services_only_one_by_one(network, allowed, refused):
    policy = Policy(networks=(network,))
    assert is_allowed(ip_address(allowed), policy)
    assert not is_allowed(ip_address(refused), policy)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "inner.example.test"]
)
def test_a_listed_host_with_a_loopback_address_is_not_connected_to(host: str, resolver: Resolver):
    resolver.add("localhost", "127.0.0.1")
    resolver.add("inner.example.test", "127.0.0.1")
    with serving(file_of(CONTENT)) as web:
        listed = parse_url(f"http://{host}:{web.port}").authority
        refuses(f"http://{host}:{web.port}/a.tif", web.policy(hosts=(listed,), networks=()), match="has an address")
    assert web.requests == []


def test_a_name_with_one_address_that_is_not_allowed_is_refused_as_a_whole(resolver: Resolver):
    resolver.add(NAME, ("127.0.0.1", "10.0.0.1"))
    with serving(file_of(CONTENT)) as web:
        refuses(f"http://{NAME}:{web.port}/", web.policy(hosts=(f"{NAME}:{web.port}",)), match="has an address")
    assert web.requests == []


def other_loopback(port: int) -> socket.socket:
    """A listener on 127.0.0.2, where the machine has it."""
    try:
        return socket.create_server(("127.0.0.2", port))
    except OSError:
        pytest.skip("this machine has no address 127.0.0.2")


def test_the_address_that_was_checked_is_the_one_connected_to(resolver: Resolver):
    resolver.add(NAME, "127.0.0.1", "127.0.0.2")  # rebinding: good for the check, bad for the use
    with serving(file_of(CONTENT)) as web, other_loopback(web.port) as victim:
        policy = web.policy(hosts=(f"{NAME}:{web.port}",))
        assert fetch(f"http://{NAME}:{web.port}/a.tif", policy) == CONTENT
        assert web.requests[0][2]["host"] == f"{NAME}:{web.port}"
        assert resolver.asked == [NAME]
        victim.setblocking(False)
        with pytest.raises(BlockingIOError):
            victim.accept()


def test_a_second_connection_is_checked_anew(resolver: Resolver):
    resolver.add(NAME, "127.0.0.1", "127.0.0.2")

    def answer(handler: Any) -> None:
        file_of(CONTENT * 1000)(handler)
        handler.close_connection = True

    with serving(answer) as web, other_loopback(web.port) as victim:
        policy = web.policy(hosts=(f"{NAME}:{web.port}",))
        with open_ranges(f"http://{NAME}:{web.port}/a.tif", policy, block_bytes=1000) as file:
            file.seek(5000)
            with pytest.raises(AccessDenied, match="has an address"):
                file.read(1)
        victim.setblocking(False)
        with pytest.raises(BlockingIOError):
            victim.accept()


def test_a_resolver_that_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30) and [])
    policy = Policy(schemes=frozenset({"http"}), hosts=(NAME,), fetch_timeout_s=0.2)
    with pytest.raises(FetchTimedOut, match=r"took too long \(at most 0.2 s"):
        fetch(f"http://{NAME}/", policy)
    over.set()


def test_a_name_without_address_and_a_closed_port_are_errors(resolver: Resolver):
    policy = Policy(schemes=frozenset({"http"}), hosts=(NAME, "127.0.0.1:9"), networks=(LOOPBACK,))
    with pytest.raises(FetchFailed, match="no address"):
        fetch(f"http://{NAME}/", policy)
    with pytest.raises(FetchFailed, match="connection failed"):
        fetch("http://127.0.0.1:9/", policy)


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch):
    with serving(file_of(b"the proxy's")) as proxy, serving(file_of(CONTENT)) as web:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with urllib.request.build_opener().open(f"{web.origin}/a.tif") as naive:
            assert naive.read() == b"the proxy's"
        proxy.requests.clear()
        assert fetch(f"{web.origin}/a.tif", web.policy()) == CONTENT
    assert proxy.requests == []


def test_the_policy_refuses_what_it_would_not_understand():
    for wrong in (
        {"hosts": ("https://example.org",), "schemes": frozenset({"https"})},
        {"hosts": ("*",), "schemes": frozenset({"https"})},
        {"hosts": ("a.*.org",), "schemes": frozenset({"https"})},
        {"hosts": ("example.org",)},
        {"schemes": frozenset({"https"})},
        {"schemes": frozenset({"s3"})},
        {"schemes": frozenset({"ftp"})},
        {"schemes": frozenset({"s3"}), "buckets": ("gs://name/",)},
        {"schemes": frozenset({"s3"}), "buckets": ("s3://name",)},
        {"networks": ("10.0.0.1/8",)},
        {"networks": ("intranet",)},
        {"output_prefixes": ("https://example.org/",)},
        {"output_prefixes": ("file:///data",)},
        {"output_prefixes": ("/data/",)},
    ):
        with contextlib.suppress(ValueError):
            Policy(**wrong)
            pytest.fail(f"{wrong} was accepted")
