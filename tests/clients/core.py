"""The core itself, called in this process without any framework."""

import shutil
import uuid
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from types import TracebackType
from urllib.parse import unquote

from clients.answers import HOST, Answer

from swath_algorithm.folder import Algorithm
from swath_runtime.http import Head, Request
from swath_runtime.routes import Router
from swath_runtime.service import Service
from swath_runtime.settings import Settings


class CoreClient:
    def __init__(self, algorithm: Algorithm, settings: Settings | None = None) -> None:
        self._state = Path(gettempdir()) / f"swath-core-{uuid.uuid4()}"  # made where something is kept
        given = settings or Settings(algorithm=algorithm.folder)
        own = given if given.state_folder != Path() else replace(given, state_folder=self._state)
        self._router = Router(Service(algorithm, own))

    def __enter__(self) -> "CoreClient":
        self._router.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._router.stop()
        shutil.rmtree(self._state, ignore_errors=True)

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        path, _, query = path.partition("?")
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        head = Head(method, unquote(path), query, {"host": HOST, "content-length": str(len(body)), **sent})
        reply = self._router.handle(Request(head, body))
        body = bytes(reply.body) if reply.stream is None else b"".join(reply.stream)
        return Answer(reply.status, dict(reply.headers), b"" if method == "HEAD" else body)
