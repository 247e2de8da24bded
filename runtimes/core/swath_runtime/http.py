"""A request and its reply, as no framework has them: what every runtime turns its own into."""

from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Buffer = bytes | bytearray | memoryview


@dataclass(frozen=True)
class Head:
    """A request without its body. `headers` has lower-case names; `path` is decoded, `query` is not."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    def header(self, name: str, default: str = "") -> str:
        """A header by its lower-case name, or the default."""
        return self.headers.get(name, default)


@dataclass
class Request:
    """A whole request, until its body is let go. A body that can be written to is given away with it."""

    head: Head
    body: Buffer = b""

    def let_go(self) -> None:
        """Hold the body no longer: it was read, and may be as large as all that comes of it."""
        self.body = b""


@dataclass(frozen=True)
class Reply:
    """An answer: what the runtime sends, byte for byte.

    Attributes:
        status: HTTP status.
        headers: names in lower case, with their values.
        body: all of it, not to be written to; empty where there is a stream.
        stream: chunks that are sent as they come; whoever takes them closes it, also before its end.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: Buffer = b""
    stream: Generator[bytes] | None = None

    def header(self, name: str) -> str:
        """A header by name, in any case; empty where absent."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


class Closing(Generator[bytes]):
    """A stream with something to do once it is closed or at its end, also where it never began."""

    def __init__(self, stream: Generator[bytes], then: Callable[[], None]) -> None:
        self._stream, self._then = stream, then
        self._is_over = False

    def send(self, value: None) -> bytes:
        """The next chunk."""
        try:
            return self._stream.send(value)
        except BaseException:
            self._end()
            raise

    def throw(self, *arguments: Any) -> bytes:
        """What the stream makes of an error at the place where it is."""
        try:
            return self._stream.throw(*arguments)
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        """Close the stream."""
        try:
            self._stream.close()
        finally:
            self._end()

    def _end(self) -> None:
        if not self._is_over:
            self._is_over = True
            self._then()


def headers_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by lower-case name. Of one that came twice the values are joined by a comma (RFC 9110, section 5.3).

    Of Content-Type, which is no list, the last counts.
    """
    headers: dict[str, str] = {}
    for sent, padded in pairs:
        name, value = sent.lower(), padded.strip(" \t")
        headers[name] = f"{headers[name]},{value}" if name in headers and name != "content-type" else value
    return headers


def media_type(header: str) -> str:
    """`type/subtype` of a Content-Type or Accept entry, lower-case, without parameters."""
    return header.partition(";")[0].strip().lower()
