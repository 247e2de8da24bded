"""What a server says to bytes that it can't read as a request: the same problem, whichever server it is."""

import uuid
from http import HTTPStatus

from swath_runtime.problems import (
    HEAD_TOO_LARGE,
    INTERNAL,
    MALFORMED,
    TARGET_TOO_LONG,
    TOO_SLOW,
    TRY_AGAIN,
    Problem,
    problem_reply,
)

MOST_HEAD_BYTES = 1 << 16  # of a request's line and headers together

NO_REQUEST = Problem(MALFORMED, "What was sent is not an HTTP/1.1 request.", "Let an HTTP client write it.")
LONG_TARGET = Problem(TARGET_TOO_LONG, "The request line is too long.", "Give the inputs in the body.")
LARGE_HEAD = Problem(HEAD_TOO_LARGE, "The request's headers are too many or too long.", "Send fewer.")
SLOW_HEAD = Problem(TOO_SLOW, "The request's head did not come in time.", "Send it at once.")
BROKEN = Problem(INTERNAL, "The service ended with an error of its own.", TRY_AGAIN)


def refusal(problem: Problem) -> bytes:
    """A whole HTTP/1.1 answer, after which the connection is closed: nobody knows where the next request begins."""
    ident = str(uuid.uuid4())
    reply = problem_reply(problem, ident)
    headers = [*reply.headers, ("x-correlation-id", ident), ("content-length", str(len(reply.body)))]
    lines = [
        f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
        *(f"{name}: {value}" for name, value in headers),
    ]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode() + reply.body
