"""What a client of any backend offers, and what it gets back."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

HOST = "swath.test"


@dataclass(frozen=True)
class Answer:
    """A reply as it came over the wire; header names are lower-case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def expect(self, status: int) -> "Answer":
        """The answer itself, if it has that status."""
        assert self.status == status, f"{self.status} {self.body[:500]!r}"
        return self


class Client(Protocol):
    """Sends one request and gives back its answer."""

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        """Send to `path`, which may have a query; `Host` is always swath.test."""
        ...
