"""The core as a Flask application: a request in, the core's reply out, nothing in between."""

import select
from collections.abc import Callable, Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask

from swath_runtime.exchange import Exchange
from swath_runtime.http import Buffer, Head, Reply, headers_of
from swath_runtime.routes import Router

CHUNK_BYTES = 1 << 20
EXCHANGE = "swath.exchange"  # where the worker leaves a request whose body it has taken in
EARLY = "swath.early"  # and there what takes a reply before the application has come back
HEADERS = ("HTTP_", "CONTENT_TYPE", "CONTENT_LENGTH")
PHRASES = {int(one): one.phrase for one in HTTPStatus}
HUNG_UP = select.POLLRDHUP | select.POLLHUP | select.POLLERR


def create_app(router: Router) -> Flask:
    """An application that serves a router; Flask's own routing is never reached, the core has its own."""
    app = Flask("swath", static_folder=None)
    app.wsgi_app = Core(router)  # pyright: ignore[reportAttributeAccessIssue] - the place for middleware
    return app


class Core:
    """Middleware that answers every request itself."""

    def __init__(self, router: Router) -> None:
        self._router = router

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The reply to one WSGI request, under our worker or any other WSGI server."""
        if EXCHANGE in environ:
            return replied(environ[EXCHANGE], environ, start_response)
        with self._router.begin(head_of(environ, headers_in(environ))) as exchange:
            body = environ["wsgi.input"]
            while (chunk := body.read(CHUNK_BYTES)) and exchange.feed(chunk):
                pass
            return replied(exchange, environ, start_response)


def replied(exchange: Exchange, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The body of the reply, whose status and headers are handed to the server; raises AnsweredEarly."""
    return started(exchange.reply(lambda: has_hung_up(environ), environ.get(EARLY)), start_response)


def started(reply: Reply, start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The body of a reply, whose status and headers are handed to the server."""
    start_response(f"{reply.status} {PHRASES.get(reply.status, '')}", list(reply.headers))
    return reply.stream or chunks_of(reply.body)


class Whole:
    """A body that our worker sends as it lies; any other server, and middleware, has it in pieces of bytes.

    Attributes:
        body: all of it.
    """

    def __init__(self, body: Buffer) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        return (bytes(self.body[start : start + CHUNK_BYTES]) for start in range(0, len(self.body), CHUNK_BYTES))


def chunks_of(body: Buffer) -> Iterable[bytes]:
    """The body as WSGI has it: as bytes, of which no more than a chunk is held twice."""
    return (body,) if isinstance(body, bytes) else Whole(body)


def head_of(environ: Mapping[str, Any], headers: Iterable[tuple[str, str]]) -> Head:
    """The core's request head of a WSGI environment and the headers in it."""
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return Head(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers_of(headers))


def headers_in(environ: dict[str, Any]) -> Iterable[tuple[str, str]]:
    """The headers in a WSGI environment."""
    named = ((name.removeprefix("HTTP_"), value) for name, value in environ.items() if name.startswith(HEADERS))
    return ((name.replace("_", "-"), value) for name, value in named)


def has_hung_up(environ: dict[str, Any]) -> bool:
    """Whether the client has closed its side of the connection."""
    poller = select.poll()
    poller.register(environ["gunicorn.socket"], HUNG_UP)
    return bool(poller.poll(0))
