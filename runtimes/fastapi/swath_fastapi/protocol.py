"""uvicorn's HTTP protocol, whose own refusals are the core's."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from swath_runtime.http import Head, headers_of
from swath_runtime.problems import Problem
from swath_runtime.refusals import LARGE_HEAD, MOST_HEAD_BYTES, NO_REQUEST, refusal

BEGIN = "begin"  # in the lifespan's state: what makes an exchange of a head
EXCHANGE = "swath.exchange"  # in a request's scope
LINGER_S = 1.0  # closing while bytes are still coming would reset the connection before the answer is read


class Protocol(HttpToolsProtocol):
    """Answers what is no request as the core answers all else, and takes no endless head.

    Bodies go to the core as they come, without a copy in between and without waking the application for each piece.
    """

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
        """The head is whole: an exchange begins."""
        self._in_head = False
        super().on_headers_complete()
        self._exchange = self.app_state[BEGIN](head_of(self.scope))
        cast("dict[str, Any]", self.scope)[EXCHANGE] = self._exchange

    def on_body(self, body: bytes) -> None:
        """Hand a piece on; the application hears of it only where the core wants no more."""
        if not self.cycle.response_complete and not self._exchange.feed(body):
            super().on_body(b"")

    def send_400_response(self, msg: str) -> Any:
        """Answer what can't be read, and close."""
        self._refuse(NO_REQUEST)

    def _refuse(self, problem: Problem) -> None:
        self._refused = True
        self.transport.write(refusal(problem))
        if self.transport.can_write_eof():  # not over TLS
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_S, self.transport.close)


def head_of(scope: Mapping[str, Any]) -> Head:
    """The core's request head of an ASGI scope."""
    headers = headers_of((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return Head(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers)
