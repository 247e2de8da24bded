"""The service as an ASGI application: a request in, the answer out, nothing in between.

The path is taken as it was sent (`raw_path`), because a subject may hold an encoded slash. Answers are made on
threads: judging a schema takes up to seconds, and must not keep others waiting.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from swath_registry_server.errors import Problem
from swath_registry_server.http import Answer, Request, problem_answer
from swath_registry_server.service import Service

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_log = logging.getLogger(__name__)


class Application:
    """An ASGI application.

    Args:
        service: what answers.
        most_bytes: of a body; a larger one is refused (413) without being kept.
        threads: how many requests are answered at once; as many again that judge or write, which take longer.
    """

    def __init__(self, service: Service, most_bytes: int, threads: int = 16) -> None:
        self._service = service
        self._most_bytes = most_bytes
        self._readers = ThreadPoolExecutor(threads, thread_name_prefix="read")
        self._writers = ThreadPoolExecutor(threads, thread_name_prefix="write")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request; there is nothing to start or stop for the server's lifespan."""
        if scope["type"] != "http":
            return
        request = await self._request(scope, receive)
        if request is None:
            answer = problem_answer(Problem(413, f"the body is larger than {self._most_bytes} bytes"))
        else:
            threads = self._readers if request.method in {"GET", "HEAD", "OPTIONS"} else self._writers
            answer = await asyncio.get_running_loop().run_in_executor(threads, self._answer, request)
        await _send(answer, scope["method"] == "HEAD", send)

    def _answer(self, request: Request) -> Answer:
        try:
            return self._service.answer(request)
        except Exception:  # noqa: BLE001 - the boundary of the process: a defect of ours is told without its details
            _log.exception("%s %s failed", request.method, request.path)
            return problem_answer(Problem(500, "the server failed", "Its log says how."))

    async def _request(self, scope: Scope, receive: Receive) -> Request | None:
        """The request with all of its body; None where that is too large."""
        body = bytearray()
        is_whole = False
        while not is_whole:
            message = await receive()
            body += message.get("body", b"")
            is_whole = not message.get("more_body", False)
            if len(body) > self._most_bytes:
                return None
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        path = scope.get("raw_path") or scope["path"].encode()
        query = scope["query_string"].decode("latin-1")
        return Request(scope["method"], path.decode("latin-1").partition("?")[0], query, headers, bytes(body))


async def _send(answer: Answer, is_head: bool, send: Send) -> None:
    told = {**answer.headers, "X-Content-Type-Options": "nosniff"}
    if answer.media_type:
        told["Content-Type"] = answer.media_type
    if answer.status not in {204, 304}:
        told["Content-Length"] = str(len(answer.body))
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in told.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if is_head else answer.body})
