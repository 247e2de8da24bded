"""A load client on bare sockets: keep-alive, one request under way on each connection, no HTTP library.

Bytes of a request are made once. One client writes and waits on a blocking socket; many are served by one thread with a
selector. They take turns at a list of questions, so that an answer that went to the wrong caller is noticed. Of an
answer the status, the length and the first 64 KiB are compared with what was found right before, or its numbers where
the bytes may differ.
"""

import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

COMPARED_BYTES = 65536
TIMEOUT_S = 120.0
_CHUNK_BYTES = 1 << 20


class WrongAnswer(Exception):
    """A server answered something else than before, or broke off."""


@dataclass(frozen=True)
class Answer:
    """A whole answer: status and body."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Question:
    """A request, and the answer that was found to be right.

    Attributes:
        agrees: whether another body is right too, where the same request need not give the same bytes.
    """

    request: bytes
    answer: Answer
    agrees: Callable[[bytes], bool] | None = None


@dataclass
class Load:
    """What some clients got.

    Attributes:
        latencies_s: of each request, from its first byte sent to the last received.
        elapsed_s: from the first request to the last answer.
    """

    latencies_s: list[float] = field(default_factory=list)
    elapsed_s: float = 0.0

    @property
    def requests(self) -> int:
        """Answers that came, all of them right."""
        return len(self.latencies_s)

    @property
    def ms_a_request(self) -> float:
        """Time for one of them when all clients are counted: the inverse of the throughput."""
        return 1000 * self.elapsed_s / self.requests


def request_bytes(path: str, headers: Sequence[tuple[str, str]], body: bytes) -> bytes:
    """A POST as it goes over the wire."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body


def get_bytes(path: str) -> bytes:
    """A GET as it goes over the wire."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode("ascii")


class Reader:
    """One answer, taken in piece by piece; nothing but its first bytes is kept, unless the whole is wanted."""

    def __init__(self, *, keeps_all: bool = False) -> None:
        self._keeps_all = keeps_all
        self._head = bytearray()
        self._first = bytearray()
        self._left: int | None = None
        self.status = 0
        self.size_bytes = 0

    def take(self, piece: memoryview) -> bool:
        """Whether the answer is whole now."""
        if self._left is None:
            piece = self._take_head(piece)
            if self._left is None:
                return False
        if self._keeps_all or len(self._first) < COMPARED_BYTES:
            self._first += piece
        self._left -= len(piece)
        return self._left <= 0

    @property
    def first(self) -> bytes:
        """The first bytes of the body, or all."""
        return bytes(self._first)

    def _take_head(self, piece: memoryview) -> memoryview:
        self._head += piece
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return piece[:0]
        head = bytes(self._head[:end]).lower()
        self.status = int(head.split(b" ", 2)[1])
        name = b"\r\ncontent-length:"
        if name not in head:
            raise WrongAnswer("an answer without Content-Length: this client reads no other")
        self.size_bytes = self._left = int(head.split(name, 1)[1].split(b"\r\n", 1)[0])
        after = len(self._head) - end - 4
        return piece[len(piece) - after :]


def fetch(port: int, request: bytes) -> Answer:
    """The whole answer to one request, on a connection of its own."""
    with _connect(port) as connection:
        reader = _exchange(connection, request, bytearray(_CHUNK_BYTES), keeps_all=True)
    return Answer(reader.status, reader.first)


def load(port: int, questions: Sequence[Question], clients: int, seconds: float, *, least: int = 1) -> Load:
    """What a number of clients get that each send the next request as soon as one was answered.

    Args:
        port: of the server, on this machine.
        questions: asked in turn, over and over.
        clients: connections; each has one request under way.
        seconds: for so long new requests are sent; those under way are waited for.
        least: so many requests are sent however long they take.

    Raises:
        WrongAnswer: an answer differs from what was expected.
        OSError: the server broke off, or took longer than two minutes.
    """
    if clients == 1:
        return _one(port, questions, seconds, least)
    return _Many(port, questions, clients, seconds, least).run()


def _one(port: int, questions: Sequence[Question], seconds: float, least: int) -> Load:
    found = Load()
    buffer = bytearray(_CHUNK_BYTES)
    with _connect(port) as connection:
        began = now = time.perf_counter()
        while now - began < seconds or found.requests < least:
            question = questions[found.requests % len(questions)]
            sent = time.perf_counter()
            reader = _exchange(connection, question.request, buffer)
            now = time.perf_counter()
            found.latencies_s.append(now - sent)
            _check(reader, question)
        found.elapsed_s = now - began
    return found


def _exchange(connection: socket.socket, request: bytes, buffer: bytearray, *, keeps_all: bool = False) -> Reader:
    connection.sendall(request)
    reader, view = Reader(keeps_all=keeps_all), memoryview(buffer)
    while True:
        count = connection.recv_into(buffer)
        if not count:
            raise WrongAnswer("the server closed the connection before its answer was whole")
        if reader.take(view[:count]):
            return reader


class _Client:
    """A connection with what is left to send of its request, and what came of the answer."""

    def __init__(self, port: int) -> None:
        self.socket = _connect(port)
        self.socket.setblocking(False)
        self.began = 0.0
        self.question: Question | None = None
        self.unsent = memoryview(b"")
        self.reader = Reader()

    def begin(self, question: Question) -> None:
        self.question, self.unsent, self.reader = question, memoryview(question.request), Reader()
        self.began = time.perf_counter()


class _Many:
    """Clients on one thread."""

    def __init__(self, port: int, questions: Sequence[Question], clients: int, seconds: float, least: int) -> None:
        self._questions, self._seconds, self._least = questions, seconds, least
        self._clients = [_Client(port) for _ in range(clients)]
        self._selector = selectors.DefaultSelector()
        self._buffer = bytearray(_CHUNK_BYTES)
        self._view = memoryview(self._buffer)
        self._found = Load()
        self._begun = 0

    def run(self) -> Load:
        """Everything that was answered."""
        try:
            start = time.perf_counter()
            for client in self._clients:
                self._selector.register(client.socket, selectors.EVENT_READ, client)
                self._begin(client)
            busy = len(self._clients)
            while busy:
                busy -= self._turn(start)
            self._found.elapsed_s = time.perf_counter() - start
            return self._found
        finally:
            for client in self._clients:
                client.socket.close()
            self._selector.close()

    def _turn(self, start: float) -> int:
        """Serve whichever connections are ready; how many clients are done for good."""
        events = self._selector.select(TIMEOUT_S)
        if not events:
            raise TimeoutError(f"no answer within {TIMEOUT_S:g} s")
        done = 0
        for key, mask in events:
            client: _Client = key.data
            if mask & selectors.EVENT_WRITE:
                self._send(client)
            if mask & selectors.EVENT_READ and self._receive(client):
                done += not self._goes_on(client, start)
        return done

    def _goes_on(self, client: _Client, start: float) -> bool:
        if time.perf_counter() - start >= self._seconds and self._begun >= self._least:
            self._selector.unregister(client.socket)
            return False
        self._begin(client)
        return True

    def _begin(self, client: _Client) -> None:
        client.begin(self._questions[self._begun % len(self._questions)])
        self._begun += 1
        self._send(client)

    def _send(self, client: _Client) -> None:
        with contextlib.suppress(BlockingIOError):
            client.unsent = client.unsent[client.socket.send(client.unsent) :]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0)
        if self._selector.get_key(client.socket).events != wanted:
            self._selector.modify(client.socket, wanted, client)

    def _receive(self, client: _Client) -> bool:
        """Take what has come; whether the answer is whole."""
        count = client.socket.recv_into(self._buffer)
        if not count:
            raise WrongAnswer("the server closed the connection before its answer was whole")
        if not client.reader.take(self._view[:count]):
            return False
        self._found.latencies_s.append(time.perf_counter() - client.began)
        if client.question:
            _check(client.reader, client.question)
        return True


def _check(reader: Reader, question: Question) -> None:
    expected = question.answer
    if question.agrees:
        if reader.status != expected.status or not question.agrees(reader.first):
            raise WrongAnswer(f"{reader.status}: {reader.first[:300]!r}")
        return
    if reader.status != expected.status or reader.size_bytes != len(expected.body):
        raise WrongAnswer(f"{reader.status} with {reader.size_bytes} bytes: {reader.first[:300]!r}")
    if reader.first[:COMPARED_BYTES] != expected.body[: len(reader.first)][:COMPARED_BYTES]:
        raise WrongAnswer(f"other bytes than before: {reader.first[:300]!r}")


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
