"""What comes over the wire in odd forms, sent byte by byte to real servers."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from runtime.conftest import FAKES

from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing.targets import running_server

LIMIT = 1000
JSON = b"Content-Type: application/json\r\n"


@pytest.fixture(scope="module", params=["fastapi", "flask"])
def address(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    if request.param not in installed_runtimes():
        pytest.skip(f"the {request.param} runtime is not installed in this environment")
    with running_server(Settings(algorithm=FAKES / "echo", runtime=request.param, max_body_bytes=LIMIT)) as url:
        parts = urlsplit(url)
        yield parts.hostname or "", parts.port or 0


def exchange(address: tuple[str, int], *pieces: bytes) -> bytes:
    """All that the server sends back until it closes; no piece is sent before an answer to the last one but one."""
    with socket.create_connection(address, timeout=20) as connection:
        for piece in pieces:
            connection.sendall(piece)
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    return found


def head(method: bytes, target: bytes, *headers: bytes) -> bytes:
    fields = b"".join(headers)
    return method + b" " + target + b" HTTP/1.1\r\nHost: swath.test\r\nConnection: close\r\n" + fields + b"\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def post(body: bytes, *headers: bytes) -> bytes:
    return head(b"POST", b"/api/v1/process", JSON, *headers) + body


@pytest.mark.parametrize("target", [b"/api/v1/%68ealth", b"/api/v1/health?%FF=%00", b"http://other/api/v1/health"])
def test_a_path_means_what_it_decodes_to(address, target):
    assert exchange(address, head(b"GET", target)).endswith(b"OK")


@pytest.mark.parametrize("target", [b"/%FF", b"/a%0Ab", b"/api/v1/health%0A", b"/%C3%A9", b"/%00", b"/%"])
def test_an_odd_path_is_the_cores_to_answer(address, target):
    answer = exchange(address, head(b"GET", target))
    assert status(answer) == 404
    assert b"problem+json" in answer


def test_a_target_that_is_too_long_is_told(address):
    assert status(exchange(address, head(b"GET", b"/api/v1/health?x=" + b"y" * 8000))) == 414


def test_a_header_sent_twice_counts_as_one_list(address):
    twice = head(b"GET", b"/api/v1/openapi", b"Accept: text/html\r\n", b"Accept: application/yaml\r\n")
    assert b"content-type: application/yaml" in exchange(address, twice).lower()


REFUSED = {
    "no HTTP": (b"hello\r\n\r\n", 400),
    "a method that is no token": (b"G\xffT / HTTP/1.1\r\n\r\n", 400),
    "no version of HTTP": (b"GET / HTTP/x\r\n\r\n", 400),
    "a header without a colon": (b"GET / HTTP/1.1\r\nHost swath.test\r\n\r\n", 400),
    "two lengths": (b"POST /api/v1/process HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "a chunk without a size": (post(b"zz\r\n{}\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"), 400),
    "too many headers": (
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % one for one in range(30_000)) + b"\r\n",
        431,
    ),
    "too long a header": (b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000 + b"\r\n\r\n", 431),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_server_itself_cannot_read_is_a_problem_too(address, name: str):
    sent, expected = REFUSED[name]
    answer = exchange(address, sent)
    head_sent, _, body = answer.partition(b"\r\n\r\n")
    assert status(answer) == expected
    assert b"content-type: application/problem+json" in head_sent.lower()
    assert json.loads(body)["status"] == expected


def test_a_target_far_too_long_is_a_problem_too(address):
    answer = exchange(address, head(b"GET", b"/" + b"y" * 20_000))
    assert status(answer) == 414
    assert b"target-too-long" in answer


def test_a_chunked_body_is_read(address):
    answer = exchange(address, post(b"2\r\n{}\r\n0\r\n\r\n", b"Transfer-Encoding: chunked\r\n"))
    assert status(answer) == 400
    assert b"required" in answer


def test_a_chunked_body_past_the_limit_is_refused(address):
    body = (b"%x\r\n" % 600 + b" " * 600 + b"\r\n") * 3 + b"0\r\n\r\n"
    assert status(exchange(address, post(body, b"Transfer-Encoding: chunked\r\n"))) == 413


def test_a_declared_length_past_the_limit_is_refused(address):
    answer = exchange(address, post(b" " * (LIMIT + 1), b"Content-Length: %d\r\n" % (LIMIT + 1)))
    assert status(answer) == 413
    assert b"1,000 bytes" in answer


@pytest.mark.parametrize("body", [b"zz\r\n{}\r\n", b"2\r\n{}XX0\r\n\r\n"])
def test_a_body_that_is_no_http_is_a_bad_request(address, body):
    assert status(exchange(address, post(body, b"Transfer-Encoding: chunked\r\n"))) == 400


def test_a_client_that_leaves_halfway_harms_nobody(address):
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(post(b"{", b"Content-Length: 500\r\n"))
    assert exchange(address, head(b"GET", b"/api/v1/health")).endswith(b"OK")


def test_a_client_that_waits_to_be_told_to_continue_is_told(address):
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(post(b"", b"Content-Length: 2\r\n", b"Expect: 100-continue\r\n"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"{}")
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    assert status(found) == 400


def test_a_connection_outlives_an_error(address):
    first = post(b"{", b"Content-Length: 1\r\n").replace(b"Connection: close\r\n", b"")
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(first)
        assert status(connection.recv(65536)) == 400
        connection.sendall(head(b"GET", b"/api/v1/health"))
        found = b""
        while chunk := connection.recv(65536):
            found += chunk
    assert found.endswith(b"OK")


def test_the_methods_of_a_path_are_named_to_options(address):
    answer = exchange(address, head(b"OPTIONS", b"/api/v1/process")).lower()
    assert status(answer) == 405
    assert b"allow: post" in answer
