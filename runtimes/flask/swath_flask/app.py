"""The core as a Flask application: a request in, the core's reply out, nothing in between."""

from typing import Any

from flask import Flask, Response, request

from swath_runtime.http import Head, headers_of
from swath_runtime.routes import Router

CHUNK_BYTES = 1 << 20
HEADERS = ("HTTP_", "CONTENT_TYPE", "CONTENT_LENGTH")


def create_app(router: Router) -> Flask:
    """An application that serves a router; Flask's own routing is never reached, the core has its own."""
    app = Flask("swath", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True  # a body that breaks off or is no HTTP is the server's to answer

    @app.before_request
    def answer() -> Response:  # pyright: ignore[reportUnusedFunction]
        exchange = router.begin(head_of(request.environ))
        body = request.environ["wsgi.input"]
        while (chunk := body.read(CHUNK_BYTES)) and exchange.feed(chunk):
            pass
        reply = exchange.reply()
        return Response(reply.body, reply.status, list(reply.headers))

    return app


def head_of(environ: dict[str, Any]) -> Head:
    """The core's request head of a WSGI environment."""
    named = ((name.removeprefix("HTTP_"), value) for name, value in environ.items() if name.startswith(HEADERS))
    headers = headers_of((name.replace("_", "-"), value) for name, value in named)
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return Head(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers)
