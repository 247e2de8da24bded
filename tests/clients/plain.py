"""Plain requests over HTTP, redirects not followed."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener


class Reply:
    """What a server answered."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    def json(self) -> Any:
        return json.loads(self.body)


def ask(url: str, method: str = "GET", body: Any = None, **headers: str) -> Reply:
    """One request, redirects not followed."""
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    told = {"Content-Type": "application/json", **told} if content is not None else told
    request = Request(url, data=content, method=method, headers=told)
    try:
        with _opener.open(request, timeout=30) as reply:
            return Reply(reply.status, reply.headers, reply.read())
    except HTTPError as error:
        with error:
            return Reply(error.code, error.headers, error.read())


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


_opener = build_opener(_Stay)
