"""gunicorn's worker for the core: one loop takes in requests and sends what is slowly taken, threads answer.

gunicorn's own worker with threads reads each request on one of them, so that a few clients which send nothing, or
take nothing, keep all others waiting (docs/decisions/0029-metrics.md).
"""

import errno
import os
import selectors
import ssl
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from socket import socket
from types import FrameType
from typing import Any, cast

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.sock import ssl_context
from gunicorn.workers.base import Worker as BaseWorker

from swath_flask.app import EARLY, started
from swath_flask.connection import Connection, HungUp, State
from swath_flask.outlet import PATIENCE_MS
from swath_runtime.ending import Ending
from swath_runtime.exchange import AnsweredEarly
from swath_runtime.http import Reply
from swath_runtime.limits import most_connections
from swath_runtime.problems import Problem
from swath_runtime.refusals import BROKEN, LARGE_HEAD, LONG_TARGET, NO_REQUEST, SLOW_HEAD, refusal
from swath_runtime.routes import FLUSH_S, Router

MOST_ACCEPTED = 64  # at once, before those that are there have their turn
NOTIFY_S = 1.0
LEAST_LOOK_S = 0.05


class Worker(BaseWorker):
    """Answers what is no request as the core answers all else, and waits for nobody on a thread."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._router = cast("Router", cast("Any", self.app).router)
        self._ending = Ending(self._router, self._stop, is_led=True)
        self._connections: dict[Connection, None] = {}
        self._waiting: dict[Connection, None] = {}  # for a request, the longest first
        self._answered: deque[tuple[Connection, bool]] = deque()
        self._look_s = max(min(NOTIFY_S, self._router.service.settings.body_timeout_seconds / 4), LEAST_LOOK_S)

    def init_process(self) -> None:
        """Make what this process has for itself, then run."""
        self._threads = ThreadPoolExecutor(self._router.service.threads, thread_name_prefix="request")
        self._selector = selectors.DefaultSelector()
        self._tls = ssl_context(self.cfg) if self.cfg.is_ssl else None
        self._most = most_connections()
        super().init_process()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Drain."""
        self._ending(sig)

    def run(self) -> None:
        """Serve until drained; what is answered by then is still sent."""
        self._selector.register(self.PIPE[0], selectors.EVENT_READ, self._on_wake)
        for listener in self.sockets:
            listener.setblocking(False)
            self._selector.register(listener, selectors.EVENT_READ, lambda one=listener: self._on_accept(one))
        looked_s = time.monotonic()
        while self.alive:
            self.notify()
            self._dispatch(self._look_s)
            if time.monotonic() - looked_s >= self._look_s:
                looked_s = time.monotonic()
                self._end_overdue(looked_s)
                if self.ppid != os.getppid():
                    self._ending(0)
        for listener in self.sockets:
            self._selector.unregister(listener)
            listener.close()
        self._flush(time.monotonic() + FLUSH_S)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _stop(self) -> None:
        self.alive = False
        self._wake()

    def _wake(self) -> None:
        with suppress(BlockingIOError):  # full: the loop is about to wake up
            os.write(self.PIPE[1], b".")

    def _dispatch(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            key.data()

    def _on_wake(self) -> None:
        with suppress(BlockingIOError):
            os.read(self.PIPE[0], 4096)
        while self._answered:
            connection, is_kept = self._answered.popleft()
            self._guarded(connection, lambda connection=connection, is_kept=is_kept: self._sent(connection, is_kept))

    def _on_accept(self, listener: socket) -> None:
        for _ in range(MOST_ACCEPTED):
            try:
                sock, client = listener.accept()
            except OSError as error:
                if error.errno in {errno.EMFILE, errno.ENFILE}:
                    self._make_room()
                return
            if len(self._connections) >= self._most:
                self._make_room()
            sock.setblocking(False)
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
            connection = Connection(sock, client, listener.getsockname(), self.cfg, self._router)
            self._connections[connection] = None
            self._await(connection)

    def _make_room(self) -> None:
        """Close the connection that has waited for a request for longest."""
        for oldest in tuple(self._waiting)[:1]:  # threads add to it
            self._close(oldest)

    def _await(self, connection: Connection) -> None:
        """Wait for a request; on any thread, so that the last step is the one after which the loop has the say."""
        self._waiting[connection] = None
        self._listen(connection, selectors.EVENT_READ, self._on_readable)

    def _listen(self, connection: Connection, event: int, then: Callable[[Connection], None]) -> None:
        def guarded() -> None:
            self._guarded(connection, lambda: then(connection))

        try:
            self._selector.modify(connection, event, guarded)
        except KeyError:
            self._selector.register(connection, event, guarded)

    def _on_readable(self, connection: Connection) -> None:
        is_whole = connection.receive()
        if not connection.waits_for_request:
            self._waiting.pop(connection, None)
        if is_whole:
            self._answer(connection)

    def _answer(self, connection: Connection) -> None:
        self._waiting.pop(connection, None)
        self._unlisten(connection)
        connection.begin_work()
        if connection.exchange and connection.exchange.is_light:
            connection.outlet.begin(0)
            self._sent(connection, self._respond(connection))
        else:
            connection.outlet.begin(PATIENCE_MS)
            connection.environ[EARLY] = partial(self._respond_early, connection)
            self._threads.submit(self._respond_on_thread, connection)

    def _respond_on_thread(self, connection: Connection) -> None:
        with suppress(AnsweredEarly):
            self._hand_back(connection, self._respond(connection))

    def _respond_early(self, connection: Connection, reply: Reply) -> None:
        """Respond in the place of the thread that the algorithm keeps, which then finds that there is nothing to do."""
        connection.outlet.patience_ms = 0
        is_kept = False
        with suppress(OSError):  # the client has gone
            connection.write(started(reply, connection.response.start_response))
            is_kept = not connection.response.should_close()
        self._hand_back(connection, is_kept)

    def _hand_back(self, connection: Connection, is_kept: bool) -> None:
        """Leave the rest to the loop, which need not be woken where there is none but to wait for the next request."""
        connection.outlet.patience_ms = 0
        if is_kept and connection.is_done:
            connection.end_work()
            connection.await_next()
            self._await(connection)
            return
        self._answered.append((connection, is_kept))
        self._wake()

    def _respond(self, connection: Connection) -> bool:
        """Whether the connection may be used again; raises AnsweredEarly where another thread has said so."""
        response, outlet = connection.response, connection.outlet
        try:
            connection.write(self.wsgi(connection.environ, response.start_response))
        except AnsweredEarly:
            raise
        except OSError:
            return False  # the client has gone, or takes nothing
        except Exception:
            self.log.exception("a request broke on its way to the core")
            if not response.headers_sent:
                with suppress(OSError):
                    outlet.sendall(refusal(BROKEN))
            return False
        return not response.should_close()

    def _sent(self, connection: Connection, is_kept: bool) -> None:
        """Go on once the client has taken the answer."""
        if connection not in self._connections:
            return  # it took nothing for so long that it was closed before its thread had come back
        if not connection.outlet.flush():
            connection.due_s = connection.outlet.pace.due_s
            self._listen(connection, selectors.EVENT_WRITE, lambda one: self._sent(one, is_kept))
            return
        is_whole = connection.is_whole
        connection.end_work()
        if not is_kept and is_whole:
            self._close(connection)
            return
        if not is_kept:
            connection.linger()
            self._listen(connection, selectors.EVENT_READ, self._on_readable)
            return
        connection.await_next()
        if connection.advance():  # the next request came with the last
            self._answer(connection)
        else:
            self._await(connection)

    def _guarded(self, connection: Connection, step: Callable[[], None]) -> None:
        """Take a step with a connection, whatever its client makes of it."""
        try:
            step()
        except (HungUp, ConnectionError, TimeoutError):
            self._close(connection)
        except (ParseException, ssl.SSLError) as error:
            self.log.warning("not a request: %s", type(error).__name__)
            self._refuse(connection, _problem_of(error))
        except Exception:
            self.log.exception("a connection broke")
            self._close(connection)

    def _refuse(self, connection: Connection, problem: Problem) -> None:
        self._waiting.pop(connection, None)
        try:
            connection.end_work()
            connection.refuse(problem)
            self._listen(connection, selectors.EVENT_READ, self._on_readable)
        except OSError:
            self._close(connection)

    def _end_overdue(self, now_s: float) -> None:
        for connection in [one for one in self._connections if one.due_s <= now_s and one.state is not State.WORK]:
            self._guarded(connection, lambda connection=connection: self._end_slow(connection))
        for connection in [one for one in self._connections if one.state is State.WORK]:
            is_stuck = not connection.outlet.is_empty and not connection.outlet.patience_ms
            if is_stuck and connection.outlet.pace.left_s <= 0:
                self._close(connection)

    def _end_slow(self, connection: Connection) -> None:
        due_s = connection.due_s
        self._on_readable(connection)  # it may be this loop that was late
        if connection.state is State.WORK or connection.due_s > due_s:
            return
        if connection.give_up():
            self._answer(connection)
        else:
            self._refuse(connection, SLOW_HEAD)

    def _flush(self, until_s: float) -> None:
        """Send what is answered, to clients that take it in time."""
        for connection in [one for one in self._connections if one.state is not State.WORK]:
            self._close(connection)
        while self._connections and time.monotonic() < until_s:
            self._dispatch(LEAST_LOOK_S)
            for connection in [one for one in self._connections if one.state is not State.WORK]:
                self._close(connection)

    def _unlisten(self, connection: Connection) -> None:
        with suppress(KeyError):
            self._selector.unregister(connection)

    def _close(self, connection: Connection) -> None:
        self._unlisten(connection)
        self._waiting.pop(connection, None)
        self._connections.pop(connection, None)
        connection.close()


def _problem_of(error: Exception) -> Problem:
    match error:
        case LimitRequestLine():
            return LONG_TARGET
        case LimitRequestHeaders():
            return LARGE_HEAD
        case _:
            return NO_REQUEST
