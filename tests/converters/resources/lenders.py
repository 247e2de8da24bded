"""Servers that give one file, each with a fault of its own."""

import hashlib
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from converters.remote.web import Answer, Handler

CONTENT = bytes(range(256)) * 12_000  # 3 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Lender:
    """Gives CONTENT; `cuts` are the numbers of body bytes after which it ends the connection, one an answer.

    `knows_ranges`: whether it heeds Range. `shift`: how far off the part is that it gives for one.
    """

    content: bytes = CONTENT
    cuts: list[int] = field(default_factory=list[int])
    knows_ranges: bool = True
    shift: int = 0

    def __call__(self, handler: Handler) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(asked[1]) if asked and self.knows_ranges else 0
        if start >= len(self.content) > 0:
            return handler.reply(416)
        start += self.shift if start else 0
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(self.content) - 1}/{len(self.content)}")
        handler.send_header("Content-Length", str(len(self.content) - start))
        handler.end_headers()
        body = self.content[start:]
        if self.cuts:
            handler.wfile.write(body[: self.cuts.pop(0)])
            return cut(handler)
        handler.wfile.write(body)
        return None


def cut(handler: Handler) -> None:
    """End the connection: what was written still arrives."""
    handler.wfile.flush()
    handler.connection.shutdown(socket.SHUT_WR)
    handler.close_connection = True


def lying(declared: int, content: bytes = CONTENT) -> Answer:
    """Declares another length than it sends."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(declared))
        handler.end_headers()
        handler.wfile.write(content)
        handler.close_connection = True

    return answer


def after(statuses: list[int], then: Callable[[Handler], None], headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    """Answers with these statuses first, one a request."""

    def answer(handler: Handler) -> None:
        return handler.reply(statuses.pop(0), b"later", headers) if statuses else then(handler)

    return answer
