"""A large body received straight into the memory where it will stay, past uvicorn's and the parser's copies."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swath_fastapi.protocol import Protocol
    from swath_runtime.exchange import Exchange


class InPlace(asyncio.BufferedProtocol):
    """Stands in for a connection's protocol while a body of known length comes, and hands the rest to it.

    Args:
        protocol: the connection's own; hears of all but the body's bytes.
        exchange: takes the body.
        left: bytes of it that are still to come.
        is_whole: called once they are there, with the connection's protocol at its place again.
    """

    def __init__(self, protocol: "Protocol", exchange: "Exchange", left: int, is_whole: Callable[[], None]) -> None:
        self._protocol, self._exchange, self._left, self._is_whole = protocol, exchange, left, is_whole

    def get_buffer(self, sizehint: int) -> memoryview:
        """Where the next bytes belong; never more than the body has left."""
        room = self._exchange.room(self._left)
        assert room is not None  # noqa: S101 - of a body that is taken in place there is room until it is whole
        return room

    def buffer_updated(self, nbytes: int) -> None:
        """So many have come."""
        self._exchange.took(nbytes)
        self._left -= nbytes
        if not self._left:
            self._protocol.transport.set_protocol(self._protocol)
            self._is_whole()

    def eof_received(self) -> None:
        """The client sends no more."""
        self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        """The client takes less than is written."""
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """The client has taken what was written."""
        self._protocol.resume_writing()
