"""Large bodies, which are received where they stay: whole, in pieces, with more behind them, over TLS, cut short."""

import socket
import ssl
from pathlib import Path

import numpy as np
import pytest
from converters.remote.certificates import make_certificate
from runtime.conftest import Server, until

from swath_converters import Image
from swath_converters.image import encode_image
from swath_runtime.intake import LARGE_BYTES

HEALTH = b"GET /api/v1/health HTTP/1.1\r\nHost: swath.test\r\n\r\n"


def request(seed: int, side: int = 1024) -> bytes:
    """A call with an image of its own, 2 MB for a side of 1024, asked back as it is."""
    array = np.random.default_rng(seed).integers(0, 65536, (1, side, side), np.uint16)
    body = encode_image(Image(array), "application/x-npy")
    assert len(body) > LARGE_BYTES
    head = (
        "POST /api/v1/process HTTP/1.1\r\nHost: swath.test\r\nContent-Type: application/x-npy\r\n"
        f"Accept: application/x-npy\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def answer(connection: socket.socket) -> bytes:
    """The body of the next answer, byte by byte up to its head's end, so that nothing of the one behind it is taken."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 200 ")
    left = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    body = b""
    while len(body) < left:
        body += connection.recv(left - len(body))
    return body


def body_of(sent: bytes) -> bytes:
    return sent.partition(b"\r\n\r\n")[2]


@pytest.fixture
def connection(share):
    server = share("echo")
    with socket.create_connection(("127.0.0.1", server.settings.port), timeout=60) as connected:
        yield connected


def test_one_after_the_other_comes_back_on_one_connection(connection):
    for seed in range(3):
        sent = request(seed)
        connection.sendall(sent)
        assert answer(connection) == body_of(sent)


@pytest.mark.parametrize("cut", [40, 400, 300_000])
def test_one_in_pieces_is_put_together(connection, cut):
    sent = request(1)
    for piece in (sent[:cut], sent[cut : cut + 1], sent[cut + 1 : -1], sent[-1:]):
        connection.sendall(piece)
    assert answer(connection) == body_of(sent)


def test_what_comes_right_behind_it_is_answered_too(connection):
    first, second = request(1), request(2)
    connection.sendall(first + HEALTH + second + HEALTH)
    assert answer(connection) == body_of(first)
    assert answer(connection) == b"OK"
    assert answer(connection) == body_of(second)
    assert answer(connection) == b"OK"


def test_one_that_is_announced_first_is_asked_for(connection):
    head, _, body = request(3).partition(b"\r\n\r\n")
    connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body)
    assert answer(connection) == body


def test_one_that_breaks_off_leaves_the_service_at_work(start):
    server = start("echo").ready()
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", server.settings.port), timeout=60) as broken:
            broken.sendall(request(4)[:-1])
    with socket.create_connection(("127.0.0.1", server.settings.port), timeout=60) as connected:
        sent = request(5)
        connected.sendall(sent)
        assert answer(connected) == body_of(sent)
    assert server.end() == 0
    assert "Traceback" not in server.text()


def test_one_over_tls_comes_back(start, tmp_path: Path):
    certificate, _ = make_certificate(tmp_path, "localhost")
    server: Server = start("echo", tls_certificate=str(certificate), tls_key=str(tmp_path / "key.pem"))
    context = ssl.create_default_context(cafile=certificate)
    address = ("localhost", server.settings.port)
    until(lambda: _is_open(address), "an open port")
    until(lambda: _is_ready(address, context), "ready")
    with context.wrap_socket(socket.create_connection(address, timeout=60), server_hostname="localhost") as connected:
        for seed in (6, 7):
            sent = request(seed)
            connected.sendall(sent)
            assert answer(connected) == body_of(sent)


def _is_open(address) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
    except OSError:
        return False
    return True


def _is_ready(address, context) -> bool:
    with context.wrap_socket(socket.create_connection(address, timeout=10), server_hostname="localhost") as connected:
        connected.sendall(b"GET /api/v1/ready HTTP/1.1\r\nHost: swath.test\r\nConnection: close\r\n\r\n")
        return b" 200 " in connected.recv(64)
