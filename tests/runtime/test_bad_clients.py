"""Clients that send nothing, or take nothing, or never end: the service goes on for all others."""

import json
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from typing import Any

import pytest
from runtime.conftest import API, DEADLINE_S, Server, until

TIMEOUT_S = 1.0  # shorter ones a loaded machine outlasts between a connect and a send
MANY = 100  # more than there are request threads
JSON = b"Content-Type: application/json\r\n"
POST = b"POST /api/v1/process HTTP/1.1\r\nHost: swath.test\r\n" + JSON
LARGE = 32 << 20


@pytest.fixture
def patient(share: Callable[..., Server]) -> Server:
    """A server that waits for clients as long as it does by default; that one test's clients leave to the next."""
    return share("echo")


@pytest.fixture
def hasty(share: Callable[..., Server]) -> Server:
    """A server that waits for no client for long; that one test's clients leave to the next."""
    return share("echo", body_timeout_seconds=TIMEOUT_S)


@contextmanager
def connected(server: Server, sent: bytes = b"") -> Generator[socket.socket]:
    with socket.create_connection(("127.0.0.1", server.settings.port), timeout=DEADLINE_S) as connection:
        connection.sendall(sent)
        yield connection


def everything(connection: socket.socket) -> bytes:
    """What comes until the server closes."""
    chunks: list[bytes] = []
    with suppress(ConnectionResetError):
        while chunk := connection.recv(1 << 20):
            chunks.append(chunk)
    return b"".join(chunks)


STALLED = {
    "nothing": b"",
    "half a head": b"GET /api/v1/health HTTP/1.1\r\nHos",
    "half a body": POST + b"Content-Length: 100\r\n\r\n{",
    "half a large body": POST + b"Content-Length: 50000000\r\n\r\n{",
    "half a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n64\r\n{",
    "a request after another": b"GET /api/v1/health HTTP/1.1\r\nHost: swath.test\r\n\r\n" * 3 + POST,
}


@pytest.mark.parametrize("what", STALLED)
def test_many_stalled_clients_keep_nobody_waiting(patient: Server, what: str) -> None:
    with ExitStack() as opened:
        for _ in range(MANY):
            opened.enter_context(connected(patient, STALLED[what]))
        assert patient.ask("GET", "/health")[0] == 200
        assert patient.ask("POST", "/process", {})[0] == 400
    assert "Traceback" not in patient.text()


@pytest.mark.parametrize("what", ["half a body", "half a large body", "half a chunk"])
def test_a_body_that_never_comes_is_timed_out(hasty: Server, what: str) -> None:
    with connected(hasty, STALLED[what]) as connection:
        head, _, body = everything(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert json.loads(body)["type"].endswith("/too-slow")
    assert "Traceback" not in hasty.text()


def test_a_body_that_drips_is_timed_out(hasty: Server) -> None:
    with connected(hasty, POST + b"Content-Length: 1000000\r\n\r\n{") as connection:
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(TIMEOUT_S / 10):
                try:
                    connection.sendall(b" ")
                except OSError:
                    return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            answer = everything(connection)
        finally:
            stop.set()
            dripping.join()
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_head_that_never_ends_is_timed_out(hasty: Server) -> None:
    with connected(hasty, STALLED["half a head"]) as connection:
        assert everything(connection).startswith(b"HTTP/1.1 408 ")


def test_a_client_that_says_nothing_is_let_go(hasty: Server) -> None:
    with connected(hasty) as connection:
        assert everything(connection) == b""


def test_a_client_that_takes_no_answer_is_let_go(start: Callable[..., Server]) -> None:
    server = start("large_answer", body_timeout_seconds=TIMEOUT_S).ready()
    body = json.dumps({"size": LARGE}).encode()
    with ExitStack() as opened:
        for _ in range(4):
            opened.enter_context(connected(server, POST + b"Content-Length: %d\r\n\r\n" % len(body) + body))
        until(lambda: in_work(server) == 0 and answered(server) >= 4, "all four were let go")
        assert server.ask("GET", "/health")[0] == 200
    assert "Traceback" not in server.text()


def test_a_client_that_takes_its_answer_slowly_gets_all_of_it(start: Callable[..., Server]) -> None:
    server = start("large_answer").ready()
    body = json.dumps({"size": LARGE}).encode()
    with connected(server, POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body) as connection:
        until(lambda: answered(server) >= 1, "the answer is there")
        assert server.ask("GET", "/health")[0] == 200
        assert len(everything(connection)) > LARGE


def test_garbage_after_a_request_is_refused_after_its_answer(patient: Server) -> None:
    with connected(patient, b"GET /api/v1/health HTTP/1.1\r\nHost: swath.test\r\n\r\n") as connection:
        answer = b""
        while not answer.endswith(b"OK"):
            answer += connection.recv(65536)
        connection.sendall(b"\x00\xffgarbage\r\n\r\n" * 100)
        assert everything(connection).startswith(b"HTTP/1.1 400 ")


def test_requests_sent_ahead_are_answered_in_order(patient: Server) -> None:
    paths = ["/health", "/version", "/nothing", "/health"]
    sent = b"".join(f"GET {API}{path} HTTP/1.1\r\nHost: swath.test\r\n\r\n".encode() for path in paths)
    with connected(patient, sent + POST + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}") as connection:
        answers = everything(connection).split(b"HTTP/1.1 ")[1:]
    assert [one[:3] for one in answers] == [b"200", b"200", b"404", b"200", b"400"]


def test_a_client_that_hangs_up_is_no_request_in_work(patient: Server) -> None:
    for _ in range(5):
        with connected(patient, STALLED["half a body"]):
            pass
    until(lambda: in_work(patient) == 0, "they are forgotten")


def samples(server: Server, name: str) -> list[dict[str, Any]]:
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)
    try:
        connection.request("GET", f"{API}/metrics")
        return json.loads(connection.getresponse().read())[name]["samples"]
    finally:
        connection.close()


def in_work(server: Server) -> int:
    """Requests in work, the one that asks aside."""
    return int(samples(server, "swath_requests_in_work")[0]["value"]) - 1


def answered(server: Server) -> int:
    counted = samples(server, "swath_requests_total")
    return int(sum(one["value"] for one in counted if one["labels"]["route"] == f"{API}/process"))
