"""The way out of a connection: what a client does not take at once waits, without keeping a thread."""

import select
from collections import deque
from socket import socket

from swath_runtime.http import Buffer
from swath_runtime.pace import Pace

PATIENCE_MS = 200  # a client that takes something this often is sent to from the thread itself, which is fastest
PIECE_BYTES = 1 << 20
ONE_PIECE_BYTES = 1 << 16  # copying so much costs less than a further call of the system
WOULD_BLOCK = (BlockingIOError, InterruptedError)


class Outlet:
    """Stands in for the socket of a response; raises OSError once the client has gone.

    Args:
        sock: not blocking.
        timeout_s: how long the answer may stand still.
    """

    def __init__(self, sock: socket, timeout_s: float) -> None:
        self._sock, self._timeout_s = sock, timeout_s
        self._waiting: deque[memoryview] = deque()
        self.pace = Pace(timeout_s)
        self.patience_ms = 0
        self._is_held = False

    def fileno(self) -> int:
        """The socket's descriptor."""
        return self._sock.fileno()

    @property
    def is_empty(self) -> bool:
        """Whether the client has taken all that was sent."""
        return not self._waiting

    def begin(self, patience_ms: int) -> None:
        """An answer begins; so long it may be waited for the client each time."""
        self.pace, self.patience_ms, self._is_held = Pace(self._timeout_s), patience_ms, False

    def hold(self) -> None:
        """Send nothing until `release`, so that a head and a small body go in one packet."""
        self._is_held = True

    def release(self) -> None:
        """Send what was held."""
        if self._is_held:
            self._is_held = False
            if len(self._waiting) > 1 and sum(map(len, self._waiting)) <= ONE_PIECE_BYTES:
                self._waiting = deque([memoryview(b"".join(self._waiting))])
            self._push()

    def send(self, data: Buffer) -> int:
        """All of it, sooner or later."""
        self.sendall(data)
        return len(data)

    def sendall(self, data: Buffer) -> None:
        """Send it now as far as the client takes it; the rest waits for `flush`."""
        self._waiting.append(memoryview(data))
        if not self._is_held:
            self._push()

    def _push(self) -> None:
        while not self.flush() and self.patience_ms and self._is_ready(self.patience_ms):
            pass

    def flush(self) -> bool:
        """Send what waits as far as it goes; True once nothing does."""
        while self._waiting:
            first = self._waiting[0]
            try:
                sent = self._sock.send(first[:PIECE_BYTES])
            except OSError as error:
                if _would_block(error):
                    return False
                raise
            self.pace.moved(sent)
            if sent == len(first):
                self._waiting.popleft()
            else:
                self._waiting[0] = first[sent:]
        return True

    def wait(self) -> None:
        """Keep the thread until nothing waits, which bounds what a stream holds; raises TimeoutError."""
        while not self.flush():
            if not self._is_ready(max(int(self.pace.left_s * 1000), 0)):
                raise TimeoutError("the client takes nothing")

    def _is_ready(self, timeout_ms: int) -> bool:
        poller = select.poll()
        poller.register(self._sock, select.POLLOUT)
        return bool(poller.poll(timeout_ms))


def _would_block(error: OSError) -> bool:
    import ssl

    return isinstance(error, (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError))
