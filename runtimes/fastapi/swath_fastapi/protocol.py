"""uvicorn's HTTP protocol, whose own refusals are the core's."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from swath_runtime.problems import Problem
from swath_runtime.refusals import LARGE_HEAD, MOST_HEAD_BYTES, NO_REQUEST, refusal

LINGER_S = 1.0  # closing while bytes are still coming would reset the connection before the answer is read


class Protocol(HttpToolsProtocol):
    """Answers what is no request as the core answers all else, and takes no endless head."""

    _in_head = True
    _head_bytes = 0
    _refused = False

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection was refused or the request's head grows without end."""
        if self._refused:
            return
        super().data_received(data)
        self._head_bytes = self._head_bytes + len(data) if self._in_head else 0
        if self._head_bytes > MOST_HEAD_BYTES and not self._refused:
            self._refuse(LARGE_HEAD)

    def on_message_begin(self) -> None:
        """A head begins."""
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._in_head = False
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> Any:
        """Answer what can't be read, and close."""
        self._refuse(NO_REQUEST)

    def _refuse(self, problem: Problem) -> None:
        self._refused = True
        self.transport.write(refusal(problem))
        if self.transport.can_write_eof():  # not over TLS
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_S, self.transport.close)
