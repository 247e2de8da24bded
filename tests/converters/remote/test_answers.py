"""What bad servers answer, and what is made of it: an error in time, or exactly what was declared."""

import gzip
import logging
import socket
import threading
import time
import traceback
import tracemalloc
from typing import Any

import numpy as np
import pytest
from converters.rasters import image
from converters.remote.web import Handler, file_of, raw_server, redirects, says, serving

from swath_converters import Policy
from swath_converters.access import fetch, open_ranges
from swath_converters.errors import ConversionError, FetchFailed, FetchTimedOut, TooLarge, UndecodableImage
from swath_converters.image import encode_image, from_wire

HEAD = b"HTTP/1.1 200 OK\r\n"
SECRETS = ("a-user-name", "a-password", "X-Amz-Signature", "a-signature", "a-folder-name")


def dripping(before: bytes, drop: bytes) -> Any:
    """A talk that says something and then drips for ever, never silent for long."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(before)
        while not over.wait(0.02):
            connection.sendall(drop)

    return talk


def pouring(before: bytes, piece: bytes) -> Any:
    """A talk that never ends, as fast as it can."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(before)
        while not over.is_set():
            connection.sendall(piece)

    return talk


@pytest.mark.parametrize(
    ("before", "drop"),
    [
        (b"", b"H"),
        (HEAD, b"X"),
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"a"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
)
def test_a_server_that_drips_is_left_when_the_whole_time_is_over(before: bytes, drop: bytes):
    began = time.monotonic()
    with raw_server(dripping(before, drop)) as web, pytest.raises(FetchTimedOut, match=r"at most 0\.3 s"):
        fetch(f"{web.origin}/a.tif", web.policy(fetch_timeout_s=0.3))
    assert time.monotonic() - began < 3


def test_a_silent_server_is_left_after_the_read_timeout():
    with raw_server(lambda _, over: over.wait(30)) as web, pytest.raises(FetchTimedOut) as failed:
        fetch(f"{web.origin}/a.tif", web.policy(read_timeout_s=0.1))
    assert failed.value.hint.startswith("Try again later")


def test_the_time_of_all_ranges_together_is_limited():
    over = threading.Event()

    def answer(handler: Handler) -> None:
        over.wait(0.1)
        file_of(bytes(100_000))(handler)

    with (
        serving(answer) as web,
        open_ranges(f"{web.origin}/a.tif", web.policy(fetch_timeout_s=0.35), block_bytes=1000) as file,
    ):
        with pytest.raises(FetchTimedOut):
            for index in range(10):
                file.seek(index * 10_000)
                file.read(1)
        assert len(web.requests) <= 5
    over.set()


def test_a_length_that_is_too_large_is_refused_before_a_byte_is_read():
    tracemalloc.start()
    try:
        with (
            raw_server(says(HEAD + b"Content-Length: 1000000000000000\r\n\r\n")) as web,
            pytest.raises(TooLarge, match="1,000,000,000,000,000 bytes; at most 1,073,741,824"),
        ):
            fetch(f"{web.origin}/a.tif", web.policy())
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + bytes(4096) + b"\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 4000 + b"\r\na\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"Trailer: " + b"x" * 4000 + b"\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    ],
)
def test_an_answer_without_end_is_left_at_the_limit(before: bytes, piece: bytes):
    with raw_server(pouring(before, piece)) as web, pytest.raises(TooLarge, match="at most 100,000"):
        fetch(f"{web.origin}/a.tif", web.policy(max_encoded_bytes=100_000))


@pytest.mark.parametrize("piece", [b"Header: value\r\n", b"x" * 4096])
def test_headers_without_end_are_an_error(piece: bytes):
    with raw_server(pouring(HEAD, piece)) as web, pytest.raises(FetchFailed, match="proper HTTP"):
        fetch(f"{web.origin}/a.tif", web.policy())


@pytest.mark.parametrize(
    "answer",
    [
        HEAD + b"Content-Length: 1000\r\n\r\nshort",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n50\r\nshort",
    ],
)
def test_an_answer_that_ends_early_is_an_error(answer: bytes):
    with raw_server(says(answer)) as web, pytest.raises(FetchFailed, match="ended"):
        fetch(f"{web.origin}/a.tif", web.policy())


@pytest.mark.parametrize(
    "headers",
    [
        b"",
        b"Content-Length: -5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding: identity\r\n",
        "Content-Length: ٥\r\n".encode(),
    ],
)
def test_a_length_that_could_be_read_in_two_ways_is_an_error(headers: bytes):
    with raw_server(says(HEAD + headers + b"\r\nshort")) as web, pytest.raises(FetchFailed, match=r"long|length"):
        fetch(f"{web.origin}/a.tif", web.policy())


def test_bytes_after_the_declared_length_are_not_read():
    with raw_server(says(HEAD + b"Content-Length: 5\r\n\r\nshort, and then more")) as web:
        assert fetch(f"{web.origin}/a.tif", web.policy()) == b"short"


def test_chunks_are_put_together():
    body = b"5\r\nshort\r\n7;a=b\r\n chunks\r\n0\r\nTrailer: x\r\n\r\n"
    with raw_server(says(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body)) as web:
        assert fetch(f"{web.origin}/a.tif", web.policy()) == b"short chunks"


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate, identity"])
def test_a_compressed_answer_is_not_decompressed(coding: str):
    bomb = gzip.compress(bytes(10_000_000))
    with serving(lambda handler: handler.reply(200, bomb, [("Content-Encoding", coding)])) as web:
        for reader in (fetch, open_ranges):
            with pytest.raises(FetchFailed, match="compressed the answer"):
                reader(f"{web.origin}/a.tif", web.policy())
    assert web.requests[0][2]["accept-encoding"] == "identity"


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/9 what\r\n\r\n", b"\0\xff\r\n\r\n"])
def test_what_is_not_http_is_an_error_that_shows_nothing_of_it(answer: bytes):
    with raw_server(says(answer)) as web, pytest.raises(FetchFailed) as failed:
        fetch(f"{web.origin}/a.tif", web.policy())
    assert "OpenSSH" not in str(failed.value)


@pytest.mark.parametrize("status", [204, 206, 401, 403, 404, 410, 429, 500, 503])
def test_a_status_that_gives_no_file_is_an_error_that_names_it(status: int):
    def answer(handler: Handler) -> None:
        handler.reply(status, b"" if status == 204 else b"a secret of the server")

    with serving(answer) as web, pytest.raises(FetchFailed, match=f"HTTP {status}") as failed:
        fetch(f"{web.origin}/a.tif", web.policy())
    assert "secret" not in f"{failed.value} {failed.value.hint}"


def bad_ends(kind: str) -> Any:
    """Servers that make every kind of error."""
    match kind:
        case "status":
            return serving(lambda handler: handler.reply(403))
        case "redirect":
            return serving(redirects("http://a-user-name:a-password@evil.test/a-folder-name"))
        case "denied redirect":
            return serving(redirects("http://evil.test/a-folder-name?X-Amz-Signature=a-signature"))
        case "loop":
            return serving(redirects("/a-folder-name?X-Amz-Signature=a-signature"))
        case "cut":
            return raw_server(says(HEAD + b"Content-Length: 9\r\n\r\n"))
        case "noise":
            return raw_server(says(b"X-Amz-Signature=a-signature\r\n\r\n"))
        case "large":
            return serving(file_of(bytes(2000)))
        case _:
            return serving(file_of(b"no image"))


@pytest.mark.parametrize(
    "kind", ["status", "redirect", "denied redirect", "loop", "cut", "noise", "large", "user", "host", "scheme", "ok"]
)
def test_errors_and_logs_hold_no_credentials(kind: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    with bad_ends(kind) as web:
        user = "a-user-name:a-password@" if kind == "user" else ""
        host = "evil.test" if kind == "host" else f"127.0.0.1:{web.port}"
        scheme = "https" if kind == "scheme" else "http"
        uri = f"{scheme}://{user}{host}/a-folder-name/a.tif?X-Amz-Signature=a-signature"
        with pytest.raises(ConversionError) as raised:
            from_wire({"href": uri}, {}, web.policy(max_encoded_bytes=1000))
    error = raised.value
    told = [str(error), repr(error), error.hint, repr(vars(error)), caplog.text, *traceback.format_exception(error)]
    shown = "".join(line for line in told if 'File "' not in line)
    assert not [secret for secret in SECRETS if secret in shown]


def test_an_image_comes_from_the_web_as_it_is_whatever_the_server_calls_it():
    sent = image()
    for media_type in ("image/tiff", "text/html", "image/png", ""):
        content = encode_image(sent)
        with serving(lambda handler: handler.reply(200, content, [("Content-Type", media_type)])) as web:
            for value in (f"{web.origin}/a.png", {"href": f"{web.origin}/a"}):
                received = from_wire(value, {}, web.policy())
                np.testing.assert_array_equal(received.array, sent.array)
                assert received.crs == sent.crs
            assert len(web.requests) == 2


@pytest.mark.parametrize(
    "content",
    [
        b'<VRTDataset rasterXSize="8" rasterYSize="8"/>',
        b"PK\x03\x04" + bytes(100),
        gzip.compress(b"II*\0" + bytes(100)),
        b"/vsicurl/http://127.0.0.1/a.tif",
        b"#EXTM3U",
    ],
)
def test_only_images_are_taken_from_the_web_no_archive_and_no_reference(content: bytes):
    with serving(file_of(content)) as web:
        with pytest.raises(UndecodableImage):
            from_wire(f"{web.origin}/a.tif", {}, web.policy())
        assert len(web.requests) == 1


@pytest.mark.parametrize(
    "prefix", ["/vsicurl/", "/vsicurl_streaming/", "/vsizip/vsicurl/", "vsicurl:", "/vsis3/", "HTTP_"]
)
def test_a_path_of_gdal_is_nothing_even_where_its_url_is_allowed(prefix: str):
    with serving(file_of(encode_image(image()))) as web:
        for value in (f"{prefix}{web.origin}/a.tif", {"href": f"{prefix}{web.origin}/a.tif"}):
            with pytest.raises(ConversionError):
                from_wire(value, {}, web.policy())
    assert web.requests == []


def test_a_nested_path_in_a_file_uri_is_a_path_and_no_archive_is_opened(tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.tif", encode_image(image()))
    policy = Policy.below(tmp_path)
    for path in (f"/vsizip/{tmp_path}/a.zip/a.tif", f"{tmp_path}/a.zip/a.tif", f"/vsizip{tmp_path}/a.zip", "/vsimem/a"):
        with pytest.raises(ConversionError, match="names no file"):
            from_wire(f"file://{path}", {}, policy)
    with pytest.raises(UndecodableImage):
        from_wire((tmp_path / "a.zip").as_uri(), {}, policy)
