"""One end of the line between the server and a child: whole messages, large values through shared memory."""

import os
import pickle
import select
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from swath_runtime.context import Context
from swath_runtime.isolation.memory import Reader, Writer, Written
from swath_runtime.isolation.packing import Revive, pack, unpack

INLINE_BYTES = 32 * 1024  # of a pickle that goes in the message itself; a socket takes 200 kB by default
MOST_BYTES = 2 * INLINE_BYTES  # of a whole message


class Closed(Exception):
    """The other side has gone."""


@dataclass(frozen=True)
class Progress:
    """What an algorithm said of a call: which one of its process, by which of its contexts."""

    call: int
    context: int
    fraction: float
    message: str


@dataclass(frozen=True)
class Parcel:
    """A value on its way: its pickle, inline or as the last buffer of what was written."""

    inline: bytes | None
    written: Written | None


@dataclass(frozen=True)
class Frame:
    """One message as it is on the wire."""

    kind: str
    parcel: Parcel
    let_go: Sequence[int]
    dropped: Sequence[int]


class Channel:
    """Sends and receives (kind, value). Any thread may send; one at a time receives."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._writer, self._reader = Writer(), Reader()
        self._lock = threading.RLock()  # of what both directions change

    def send(self, kind: str, value: Any = None, contexts: Sequence[Context] = ()) -> None:
        """Pack a value and post it."""
        self.post(kind, self.packed(value, contexts))

    def packed(self, value: Any, contexts: Sequence[Context] = ()) -> Parcel:
        """A value ready to be posted, of which nothing need be kept here any more; raises NotJson."""
        stream, buffers = pack(value, contexts)
        is_small = len(stream) <= INLINE_BYTES
        if is_small and not buffers:
            return Parcel(stream, None)
        with self._lock:
            written = self._writer.write(buffers if is_small else [*buffers, stream])
        return Parcel(stream if is_small else None, written)

    def post(self, kind: str, parcel: Parcel) -> None:
        """Send a message; raises Closed."""
        fd = parcel.written.fd if parcel.written else None
        try:
            with self._lock:
                frame = Frame(kind, parcel, self._reader.let_go(), self._writer.drop())
                socket.send_fds(self._line, [pickle.dumps(frame)], [] if fd is None else [fd])
        except OSError:
            raise Closed from None
        finally:
            if fd is not None:
                os.close(fd)

    def receive(self, revive: Revive | None = None) -> tuple[str, Any]:
        """The next message; raises Closed."""
        try:
            content, fds, _, _ = socket.recv_fds(self._line, MOST_BYTES, 1)
        except OSError:
            raise Closed from None
        if not content:
            raise Closed
        frame: Frame = pickle.loads(content)  # noqa: S301 - of this very program
        with self._lock:
            self._writer.let_go(frame.let_go)
            self._reader.drop(frame.dropped)
        return frame.kind, self._unpacked(frame.parcel, fds, revive)

    def is_readable(self, timeout_s: float) -> bool:
        """Whether a message has come, or the other side has gone, within that time."""
        poller = select.poll()
        poller.register(self._line, select.POLLIN)
        return bool(poller.poll(timeout_s * 1000))

    def close(self) -> None:
        """Hang up; what was received stays valid."""
        with suppress(OSError):
            self._line.close()

    def _unpacked(self, parcel: Parcel, fds: list[int], revive: Revive | None) -> Any:
        buffers: list[Any] = []
        if parcel.written:
            written = Written(parcel.written.block, parcel.written.spans, parcel.written.size, next(iter(fds), None))
            buffers = list(self._reader.read(written))
        stream = parcel.inline if parcel.inline is not None else buffers.pop()
        return unpack(stream, buffers, revive)
