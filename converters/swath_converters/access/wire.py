"""A connection to a checked address, whose every wait is timed and whose every byte is counted."""

import functools
import io
import socket
import ssl
from pathlib import Path
from typing import Any

from ..errors import TooLarge
from ..policy import Policy
from .addresses import checked_addresses
from .clock import Clock
from .location import Location


class Wire:
    """What `http.client` takes for a socket: sends, receives, and closes.

    A server that sends a byte now and then would never meet the socket's own timeout, and headers, chunk
    extensions and trailers can be endless: both are stopped here, below anything that parses.
    """

    def __init__(self, connected: socket.socket, policy: Policy, clock: Clock) -> None:
        self._socket = connected
        self._policy = policy
        self._clock = clock
        self._limit_bytes = self._left_bytes = 0

    def allow(self, size_bytes: int) -> None:
        """Begin a new answer of at most this size, headers included."""
        self._limit_bytes = self._left_bytes = size_bytes

    def sendall(self, data: Any) -> None:
        """Send all of it, within the time that is left."""
        self._socket.settimeout(self._clock.wait_s(self._policy.fetch_timeout_s))
        self._socket.sendall(data)

    def receive_into(self, buffer: Any) -> int:
        """Receive some bytes; 0 at the end. Raises TimeoutError, TooLarge."""
        self._socket.settimeout(self._clock.wait_s(self._policy.read_timeout_s))
        count = self._socket.recv_into(buffer)
        self._left_bytes -= count
        if self._left_bytes < 0:
            raise TooLarge("bytes", self._limit_bytes - self._left_bytes, self._policy.max_encoded_bytes)
        return count

    def makefile(self, mode: str, *args: Any) -> io.BufferedReader:
        """A reader of one answer; closing it leaves the connection open."""
        return io.BufferedReader(_Reader(self), 1 << 16)

    def close(self) -> None:
        """Nothing: `http.client` closes before it has read a last answer's body, and counts on `makefile`."""

    def end(self) -> None:
        """End the connection."""
        self._socket.close()


class _Reader(io.RawIOBase):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        return self._wire.receive_into(buffer)


def connect(location: Location, policy: Policy, clock: Clock) -> Wire:
    """A connection to the first of the host's checked addresses that answers; the name is not looked up again.

    For https the certificate must be the host's own, by its name (SNI) or its address.

    Raises:
        AccessDenied, FetchFailed: as `checked_addresses`.
        OSError: none answers, or TLS fails; ssl.SSLError and TimeoutError are subclasses.
    """
    failure: OSError | None = None
    for address in checked_addresses(location, policy, clock):
        try:
            # An address is a number: connecting to it asks no resolver.
            connected = socket.create_connection(
                (str(address), location.port), timeout=clock.wait_s(policy.connect_timeout_s)
            )
        except OSError as error:
            failure = error
            continue
        return Wire(_secured(connected, location, policy, clock), policy, clock)
    raise failure or OSError


def _secured(connected: socket.socket, location: Location, policy: Policy, clock: Clock) -> socket.socket:
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if location.scheme == "http":
            return connected
        connected.settimeout(clock.wait_s(policy.connect_timeout_s))
        return _trust(policy.ca_file).wrap_socket(connected, server_hostname=location.host)
    except BaseException:
        connected.close()
        raise


@functools.lru_cache(maxsize=8)
def _trust(ca_file: Path | None) -> ssl.SSLContext:
    """Host names and certificates checked, TLS 1.2 at least; reading the authorities takes milliseconds, so once."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
