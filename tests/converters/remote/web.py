"""Web servers on this machine, good and bad, each on a port of its own."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from swath_converters import Policy

LOOPBACK = "127.0.0.1/32"


@dataclass
class Web:
    """A server and what it was asked for."""

    port: int
    scheme: str = "http"
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    sent_bytes: int = 0

    @property
    def origin(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def policy(self, **changes: Any) -> Policy:
        """What allows this server alone, and short waits."""
        wanted: dict[str, Any] = {
            "schemes": frozenset({self.scheme}),
            "hosts": (f"127.0.0.1:{self.port}",),
            "networks": (LOOPBACK,),
            "connect_timeout_s": 5.0,
            "read_timeout_s": 5.0,
            "fetch_timeout_s": 10.0,
        }
        return Policy(**wanted | changes)


Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Hands each request to the `answer` of its server."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server: Any = self.server
        server.web.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        server.answer(self)

    do_HEAD = do_PUT = do_GET  # noqa: N815

    def reply(self, status: int, content: bytes = b"", headers: Iterable[tuple[str, str]] = ()) -> None:
        """One answer with a true Content-Length."""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            server: Any = self.server
            server.web.sent_bytes += len(content)  # before: the reader may look as soon as it has them
            self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Generator[Web, None, None]:
    """A server that speaks HTTP/1.1, keeps connections, and answers so; over TLS with a context."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.handle_error = lambda *_: None
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.answer = answer
    server.web = Web(server.server_port, "https" if context else "http")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def raw_server(talk: Callable[[socket.socket, threading.Event], None]) -> Generator[Web, None, None]:
    """A server that reads a request's headers and then does whatever `talk` does, until the event is set."""
    listener = socket.create_server(("127.0.0.1", 0))
    web, over = Web(listener.getsockname()[1]), threading.Event()

    def handle(connection: socket.socket) -> None:
        with connection:
            try:
                head = b""
                while b"\r\n\r\n" not in head:
                    received = connection.recv(65536)
                    if not received:
                        return
                    head += received
                web.requests.append((head.split()[0].decode(), head.split()[1].decode(), {}))
                talk(connection, over)
            except OSError:
                return

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def says(text: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """A talk that sends these bytes and ends."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(text)

    return talk


def file_of(content: bytes, etag: str = '"one"') -> Answer:
    """Serves a file, whole or in ranges, as a good server does."""

    def answer(handler: Handler) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", handler.headers.get("Range", ""))
        if asked is None:
            return handler.reply(200, content, [("ETag", etag)])
        start, end = int(asked[1]), min(int(asked[2]) + 1, len(content))
        if start >= len(content):
            return handler.reply(416)
        told = f"bytes {start}-{end - 1}/{len(content)}"
        return handler.reply(206, content[start:end], [("ETag", etag), ("Content-Range", told)])

    return answer


def redirects(target: str, status: int = 302) -> Answer:
    """Sends every request elsewhere."""
    return lambda handler: handler.reply(status, headers=[("Location", target)])


def address_in(folder: Path) -> str:
    """A `file:` URI of a folder, ending with a slash."""
    return folder.as_uri() + "/"
