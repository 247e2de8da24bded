"""A request and its reply, as no framework has them: what every runtime turns its own into."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field

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


@dataclass(frozen=True)
class Request:
    """A whole request."""

    head: Head
    body: Buffer = b""


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
