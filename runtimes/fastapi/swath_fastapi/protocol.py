"""uvicorn's HTTP protocol, whose own refusals are the core's, and which gives up clients that are too slow."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from swath_fastapi.in_place import InPlace
from swath_runtime.http import Head, headers_of
from swath_runtime.pace import Pace
from swath_runtime.problems import Problem
from swath_runtime.refusals import LARGE_HEAD, MOST_HEAD_BYTES, NO_REQUEST, SLOW_HEAD, refusal

BEGIN = "begin"  # in the lifespan's state: what makes an exchange of a head
EXCHANGE = "swath.exchange"  # in a request's scope
LATE_S = 0.01
LINGER_S = 1.0  # closing while bytes are still coming would reset the connection before the answer is read


@dataclass(frozen=True)
class Connections:
    """What the connections of one server process have in common.

    Attributes:
        most: how many there may be.
        timeout_s: how long a head may take to come, and an answer may stand still.
        idle: those that wait for a request, the longest first.
    """

    most: int
    timeout_s: float
    idle: "dict[Protocol, None]" = field(default_factory=lambda: cast("dict[Protocol, None]", {}))


class Protocol(HttpToolsProtocol):
    """Answers what is no request as the core answers all else, takes no endless head, and waits for nobody for ever.

    Bodies go to the core as they come, without a copy in between and without waking the application for each piece.
    """

    _is_in_head = _is_in_body = False
    _head_bytes = 0
    _is_refused = False
    _timer: asyncio.TimerHandle | None = None
    _watch: asyncio.TimerHandle | None = None

    def __init__(self, shared: Connections, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._shared = shared

    def connection_made(self, transport: Any) -> None:
        """A client has come; the one that was idle for longest makes room where there is none."""
        super().connection_made(transport)
        if len(self.connections) > self._shared.most and (oldest := next(iter(self._shared.idle), None)):
            oldest.transport.close()
            self._shared.idle.pop(oldest)
        self._shared.idle[self] = None
        self._timer = self.loop.call_later(self._shared.timeout_s, self._end_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._shared.idle.pop(self, None)
        self._stop_timer()
        if self._watch:
            self._watch.cancel()
        for cycle, _ in self.pipeline:  # whom the application will never hear of
            cast("dict[str, Any]", cycle.scope)[EXCHANGE].leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the connection was refused or the request's head grows without end."""
        if self._is_refused:
            return
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self._is_refused:
                self._refuse(LARGE_HEAD)
        if self._is_refused or not (self._is_in_head or self._is_in_body):
            self._stop_timer()
        elif self._timer is None:
            self._timer = self.loop.call_later(self._shared.timeout_s, self._end_slow)
        if self._is_in_body and not self._is_refused:
            self._receive_in_place()

    def _receive_in_place(self) -> None:
        """Have the rest of a large body received where it will stay."""
        left = self._exchange.left_in_place
        if left and not self.pipeline:
            in_place = InPlace(self, self._exchange, left, self._on_body_in_place)
            self.transport.set_protocol(in_place)

    def _on_body_in_place(self) -> None:
        """A body is whole of which the parser saw only the beginning: another begins after it."""
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn sets it
        self._stop_timer()
        self.on_message_complete()

    def on_message_begin(self) -> None:
        """A head begins."""
        self._is_in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._is_in_head = False
        self._shared.idle.pop(self, None)
        super().on_headers_complete()
        self._exchange = self.app_state[BEGIN](head_of(self.scope))
        cast("dict[str, Any]", self.scope)[EXCHANGE] = self._exchange
        self._is_in_body = True

    def on_body(self, body: bytes) -> None:
        """Hand a piece on; the application hears of it only where the core wants no more."""
        if not self.cycle.response_complete and not self._exchange.feed(body):
            super().on_body(b"")

    def on_message_complete(self) -> None:
        """The body is whole."""
        self._is_in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """The answer is written; from now on the connection is idle."""
        super().on_response_complete()
        if not self.transport.is_closing() and not self._is_in_head and not self.pipeline:
            self._shared.idle[self] = None

    def pause_writing(self) -> None:
        """The client takes less than is written: watch how fast."""
        super().pause_writing()
        pace = Pace(self._shared.timeout_s)
        self._watch = self.loop.call_later(pace.left_s, self._look, pace, self._unsent)

    def resume_writing(self) -> None:
        """The client has taken what was written."""
        super().resume_writing()
        if self._watch:
            self._watch.cancel()
            self._watch = None

    def send_400_response(self, msg: str) -> Any:
        """Answer what can't be read, and close."""
        self._refuse(NO_REQUEST)

    @property
    def _unsent(self) -> int:
        return self.transport.get_write_buffer_size()

    def _look(self, pace: Pace, unsent_before: int) -> None:
        unsent = self._unsent
        if unsent < unsent_before:
            pace.moved(unsent_before - unsent)
        if pace.left_s <= 0:
            self.transport.abort()
        else:
            self._watch = self.loop.call_later(pace.left_s, self._look, pace, unsent)

    def _end_slow(self, *, was_read: bool = False) -> None:
        """No head or no body came in time: say so, or just close where nothing came at all.

        Where the loop was late itself, timers come before what can be read: that has its turn first.
        """
        self._timer = None
        if not was_read:
            self._timer = self.loop.call_later(LATE_S, partial(self._end_slow, was_read=True))
        elif self._is_in_body:
            self._end_slow_body()
        elif self._is_in_head:
            self._refuse(SLOW_HEAD)
        else:
            self.transport.close()

    def _end_slow_body(self) -> None:
        left_s = self._exchange.pace.left_s
        if left_s > 0:
            self._timer = self.loop.call_later(left_s, self._end_slow)
        else:
            self._exchange.give_up()
            super().on_body(b"")  # wakes the application, which answers

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, problem: Problem) -> None:
        self._is_refused = True
        self._stop_timer()
        self.transport.write(refusal(problem))
        if self.transport.can_write_eof():  # not over TLS
            self.transport.write_eof()
        asyncio.get_running_loop().call_later(LINGER_S, self.transport.close)


def head_of(scope: Mapping[str, Any]) -> Head:
    """The core's request head of an ASGI scope."""
    headers = headers_of((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    return Head(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers)
