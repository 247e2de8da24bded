"""One client of a worker: what it sends is taken in as it comes, and a thread is asked for only once that is whole."""

import ssl
import time
from enum import Enum, auto
from socket import SHUT_WR, socket
from typing import Any, cast

from gunicorn.http.body import LengthReader
from gunicorn.http.errors import LimitRequestHeaders
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

from swath_flask.app import EXCHANGE, Whole, head_of
from swath_flask.chunks import Chunks
from swath_flask.outlet import Outlet
from swath_runtime.exchange import Exchange
from swath_runtime.limits import KEEP_ALIVE_S
from swath_runtime.problems import Problem
from swath_runtime.refusals import MOST_HEAD_BYTES, refusal
from swath_runtime.routes import Router

READ_BYTES = 1 << 16
LINGER_S = 1.0  # closing while bytes are still coming would reset the connection before the answer is read
WANTS = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class State(Enum):
    """Where a connection is."""

    HANDSHAKE = auto()
    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    WORK = auto()
    LAST = auto()  # answered for the last time: what still comes is dropped


class HungUp(Exception):
    """The client has closed the connection."""


class Connection:
    """A client's socket, which is never waited for.

    Attributes:
        state: where it is.
        outlet: what is sent to it.
        environ, response: of the request at hand, by gunicorn.
        exchange: the same for the core.
    """

    def __init__(self, sock: socket, client: Any, server: Any, config: Any, router: Router) -> None:
        self.sock, self._client, self._server = sock, client, server
        self._config, self._router = config, router
        self._timeout_s = router.service.settings.body_timeout_seconds
        self.outlet = Outlet(sock, self._timeout_s)
        self.state = State.HANDSHAKE if isinstance(sock, ssl.SSLSocket) else State.IDLE
        self.due_s = time.monotonic() + self._timeout_s
        self._buffer = bytearray()  # what came and belongs to no body yet
        self._body: Chunks | int = 0  # what is to come of it
        self.environ: dict[str, Any] = {}
        self.response: Any = None
        self.exchange: Exchange | None = None

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self.sock.fileno()

    @property
    def waits_for_request(self) -> bool:
        """Whether nothing is lost by closing it."""
        return self.state in {State.HANDSHAKE, State.IDLE, State.HEAD}

    @property
    def is_whole(self) -> bool:
        """Whether the request at hand was read to its end, so that another may follow."""
        return self._body == 0 or (isinstance(self._body, Chunks) and self._body.is_over)

    @property
    def is_done(self) -> bool:
        """Whether its request is read and answered, and nothing came after it."""
        return self.is_whole and self.outlet.is_empty and not self._buffer

    def receive(self) -> bool:
        """Take in what has come; True once a request is whole.

        Raises HungUp, or an error of gunicorn where that is no request.
        """
        try:
            if isinstance(self.sock, ssl.SSLSocket):
                return self._receive_tls(self.sock)
            return self._receive()
        except WANTS:
            return False

    def advance(self) -> bool:
        """Make what can be made of the bytes at hand; True once a request is whole."""
        if self.state in {State.IDLE, State.HEAD} and not self._take_head():
            return False
        return self._take_body()

    def give_up(self) -> bool:
        """It took too long; True if the core has an answer to that, raises HungUp where nobody waits for one."""
        if self.state is State.BODY and self.exchange:
            self.exchange.give_up()
            return True
        if self.state is not State.HEAD:
            raise HungUp
        return False

    def begin_work(self) -> None:
        """Its request is being answered."""
        self.state = State.WORK
        if not self.is_whole:
            self.response.force_close()

    def write(self, chunks: Any) -> None:
        """Write a whole answer of a WSGI application; a stream no faster than the client takes it."""
        response, outlet = self.response, self.outlet
        outlet.hold()
        try:
            if isinstance(chunks, Whole) and self.environ["REQUEST_METHOD"] != "HEAD":
                response.send_headers()
                outlet.release()
                outlet.send(chunks.body)
                return
            for chunk in chunks:
                response.write(chunk)
                outlet.release()
                if response.chunked:
                    outlet.wait()
            response.close()
            outlet.release()
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def end_work(self) -> None:
        """Its answer is sent, or can't be."""
        if self.exchange:
            self.exchange.leave()
            self.exchange = None
        self.environ, self.response = {}, None

    def await_next(self) -> None:
        """Wait for another request."""
        self.due_s = time.monotonic() + KEEP_ALIVE_S  # first: it is the loop's once it is idle
        self.state = State.IDLE

    def refuse(self, problem: Problem) -> None:
        """Answer bytes that are no request; nobody knows where the next one begins."""
        self.outlet.begin(0)
        self.outlet.sendall(refusal(problem))
        self.linger()

    def linger(self) -> None:
        """Say that nothing more is sent, and drop what still comes."""
        self.state, self.due_s = State.LAST, time.monotonic() + LINGER_S
        if not isinstance(self.sock, ssl.SSLSocket):
            self.sock.shutdown(SHUT_WR)

    def close(self) -> None:
        """Let it go."""
        self.end_work()
        self.sock.close()

    def _receive_tls(self, sock: ssl.SSLSocket) -> bool:
        if self.state is State.HANDSHAKE:
            sock.do_handshake()
            self.state = State.IDLE
        while not self._receive():  # what TLS has unpacked makes the socket readable no more
            if not sock.pending():
                return False
        return True

    def _receive(self) -> bool:
        exchange = self.exchange
        if self.state is State.BODY and isinstance(self._body, int) and exchange and not self._buffer:
            room = exchange.room(self._body)
            if room is not None:
                self._body -= self._receive_into(room, exchange)
                return self.advance()
        data = self.sock.recv(READ_BYTES)
        if not data:
            raise HungUp
        if self.state is State.LAST:
            return False
        self._buffer += data
        return self.advance()

    def _receive_into(self, room: memoryview, exchange: Exchange) -> int:
        count = self.sock.recv_into(room)
        if not count:
            raise HungUp
        exchange.took(count)
        return count

    def _take_head(self) -> bool:
        while self._buffer.startswith(
            b"\r\n"
        ):  # an empty line before a request is no part of it (RFC 9112, section 2.2)
            del self._buffer[:2]
        if self.state is State.IDLE and self._buffer:
            self.state, self.due_s = State.HEAD, time.monotonic() + self._timeout_s
        end = self._buffer.find(b"\r\n\r\n", 0, MOST_HEAD_BYTES)
        if end < 0:
            if len(self._buffer) >= MOST_HEAD_BYTES:
                raise LimitRequestHeaders("the head has no end")
            return False
        head = bytes(self._buffer[: end + 4])
        del self._buffer[: end + 4]
        self._begin(next(RequestParser(self._config, iter([head]), self._client)))
        return True

    def _begin(self, request: Any) -> None:
        reader = request.body.reader
        self._body = reader.length if isinstance(reader, LengthReader) else Chunks()
        self.outlet.begin(0)
        out = cast("socket", self.outlet)
        self.response, environ = create(request, out, self._client, self._server, self._config)
        self.exchange = self._router.begin(head_of(environ, request.headers))
        self.environ = {**environ, "wsgi.multithread": True, EXCHANGE: self.exchange}
        self.state, self.due_s = State.BODY, self.exchange.pace.due_s

    def _take_body(self) -> bool:
        exchange = self.exchange
        if exchange is None:
            return False
        if isinstance(self._body, Chunks):
            wanted = all(exchange.feed(piece) for piece in self._body.take(self._buffer))
        else:
            piece = self._buffer[: self._body]
            del self._buffer[: self._body]
            self._body -= len(piece)
            wanted = exchange.feed(piece) if piece else not exchange.is_refused
        self.due_s = exchange.pace.due_s
        return self.is_whole or not wanted
