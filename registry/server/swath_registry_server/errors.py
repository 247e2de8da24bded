"""What can go wrong between a request and its answer, and before the first request."""

from collections.abc import Mapping, Sequence
from typing import Any


class ServerError(Exception):
    """Base of the errors of this package; `hint` says what to do next."""

    hint: str = ""
    exit_code: int = 1


class PortTaken(ServerError):
    """The address can't be listened on."""

    hint = "Choose another with --port, or end what listens there."
    exit_code = 3

    def __init__(self, host: str, port: int, reason: str) -> None:
        self.host = host
        self.port = port
        super().__init__(f"can't listen on {host}:{port}: {reason}")


class StoreUnusable(ServerError):
    """The folder of registered schemas can't be opened or written."""

    exit_code = 3

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        super().__init__(f"{path}: {reason}")


class TypeHidden(ServerError):
    """A published type is named like a word of the API, so that its address would answer something else."""

    hint = "Serve the folder that `swath registry site` writes instead."

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(f"the registry's own paths hide the type(s) {', '.join(names)}")


class Problem(ServerError):
    """A request that can't be answered as it was meant; told as RFC 9457.

    Args:
        status: HTTP status.
        title: what happened, in a line.
        hint: what to do next; "" for nothing.
        errors: single things that are wrong, with pointers.
        headers: more headers of the answer.
    """

    def __init__(
        self,
        status: int,
        title: str,
        hint: str = "",
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.title = title
        self.hint = hint
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(title)


class Refusal(ServerError):
    """A request to the Confluent API that is refused, told as that API tells it.

    Args:
        code: its error code; the HTTP status is its first three digits.
        message: what happened.
    """

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(message)

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.code if self.code < 1000 else self.code // 100
