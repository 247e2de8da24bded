"""The core as a Flask application: a request in, the core's reply out, nothing in between."""

from typing import Any

from flask import Flask, Response, request

from swath_runtime.http import Head
from swath_runtime.routes import Router

CHUNK_BYTES = 1 << 20


def create_app(router: Router) -> Flask:
    """An application that serves a router; Flask's own routing is never reached, the core has its own."""
    app = Flask("swath", static_folder=None)

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
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")}
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            headers[name.replace("_", "-").lower()] = environ[name]
    path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
    return Head(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers)
