"""Requests and answers, as they are before and after any server."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson

from swath_registry_server.errors import Problem

JSON = "application/json"
PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Request:
    """A request.

    Args:
        method: in capital letters.
        path: as it was sent, percent-encoded, without the query.
        query: as it was sent.
        headers: by lower-case name; of a repeated one the last.
        body: all of it.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path between slashes, each decoded on its own: a subject may hold a slash."""
        return tuple(unquote(part) for part in self.path.removeprefix("/").split("/"))

    @property
    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the query, in their order."""
        return parse_qs(self.query, keep_blank_values=True)

    def parameter(self, name: str, default: str = "") -> str:
        """The last value of a parameter."""
        return self.parameters.get(name, [default])[-1]

    def flag(self, name: str) -> bool:
        """Whether a parameter is true, as any client writes it (`true`, `True`)."""
        return self.parameter(name).lower() == "true"

    def number(self, name: str, default: int) -> int:
        """A whole number. Raises Problem (400)."""
        text = self.parameter(name, str(default))
        try:
            return int(text)
        except ValueError:
            raise Problem(400, f"{name} must be a whole number") from None

    def json(self) -> Any:
        """The body as JSON. Raises Problem (400) with line and column."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno, "message": error.msg, "pointer": ""}
            raise Problem(
                400, f"the body is not JSON: {error.msg} (line {error.lineno}, column {error.colno})", errors=[place]
            ) from error


@dataclass(frozen=True)
class Answer:
    """What is sent back.

    Args:
        status: HTTP status.
        body: all of it.
        media_type: of the body; "" where there is none.
        headers: the others.
    """

    status: int
    body: bytes = b""
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def json_answer(value: Any, status: int = 200, media_type: str = JSON) -> Answer:
    """A JSON value as an answer that nothing may keep."""
    return Answer(status, orjson.dumps(value), media_type, {"Cache-Control": "no-store"})


def problem_answer(problem: Problem) -> Answer:
    """A problem as RFC 9457 has it; `hint` and `errors` as elsewhere in Swath."""
    told: dict[str, Any] = {"type": "about:blank", "status": problem.status, "title": problem.title}
    if problem.hint:
        told["hint"] = problem.hint
    if problem.errors:
        told["errors"] = [dict(each) for each in problem.errors]
    body = json.dumps(told, ensure_ascii=False).encode()
    return Answer(problem.status, body, PROBLEM, {"Cache-Control": "no-store", **problem.headers})


def etag(content: bytes) -> str:
    """The entity tag of a content: its SHA-256."""
    return f'"{sha256(content).hexdigest()}"'
