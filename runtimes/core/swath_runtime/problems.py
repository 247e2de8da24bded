"""Every way a request can fail, and the one table that says with which status.

The body is RFC 9457 `application/problem+json` that also carries geoprocessing-api's `message`, `hint`,
`correlationId` and `timestamp`. No payload, path or trace is ever part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from swath_converters.errors import (
    AccessDenied,
    BandMissing,
    CannotEncode,
    ConversionError,
    DecodeTimedOut,
    FetchFailed,
    MalformedValue,
    MediaTypeUnsupported,
    MissingPart,
    StoreFailed,
    TooLarge,
    UndecodableImage,
)
from swath_registry.validation import Violation
from swath_runtime.context import InputRejected
from swath_runtime.errors import ModelMemoryExceeded
from swath_runtime.http import Reply
from swath_schemas import PUBLISHED, SchemaId

PROBLEM_JSON = "application/problem+json"
MOST_VIOLATIONS = 50  # a reader mends a few at a time; a list of a million polygons would not be read


@dataclass(frozen=True)
class Kind:
    """One row of the table: the last part of the problem's `type`, its status and its title."""

    name: str
    status: int
    title: str


MALFORMED = Kind("malformed-request", 400, "The request can't be read")
INVALID = Kind("invalid-input", 400, "The input is not what the service describes")
CALLBACK_REFUSED = Kind("callback-refused", 400, "The callback is not allowed")
UNAUTHORIZED = Kind("unauthorized", 401, "The caller is not known")
FORBIDDEN = Kind("forbidden", 403, "The caller may not do this")
NOT_FOUND = Kind("not-found", 404, "There is nothing at this path")
NO_JOB = Kind("no-such-job", 404, "There is no such job")
NO_RESULTS = Kind("no-results", 404, "The job has no such results")
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, "This path does not take this method")
NOT_ACCEPTABLE = Kind("not-acceptable", 406, "The answer can't be had in an accepted media type")
TOO_SLOW = Kind("too-slow", 408, "The request did not come in time")
CHANGED = Kind("changed-meanwhile", 412, "It is another by now")
TOO_LARGE = Kind("too-large", 413, "The request is larger than this service takes")
TARGET_TOO_LONG = Kind("target-too-long", 414, "The path and query are longer than this service takes")
UNSUPPORTED = Kind("unsupported-media-type", 415, "The media type is not supported")
TOO_MANY = Kind("too-many-requests", 429, "The caller has as many requests in work as it may")
HEAD_TOO_LARGE = Kind("head-too-large", 431, "The headers are larger than this service takes")
UNPROCESSABLE = Kind("unprocessable-input", 422, "The input can be read but not processed")
GONE = Kind("caller-gone", 499, "The caller went away")  # for the log: nobody reads this answer
FAILED = Kind("algorithm-failed", 500, "The algorithm failed")
INTERRUPTED = Kind("interrupted", 500, "The job was interrupted more often than it may be")
INTERNAL = Kind("internal-error", 500, "The service failed")
NOT_READY = Kind("not-ready", 503, "The service is not ready")
STOPPING = Kind("stopping", 503, "The service is stopping")
BUSY = Kind("busy", 503, "The service is at work on as many requests as it takes")
KEYS_MISSING = Kind("keys-missing", 503, "Tokens can't be checked at the moment")
NOT_STORED = Kind("not-stored", 503, "The results could not be put where the operator says")
NOT_KEPT = Kind("not-kept", 503, "The configuration could not be kept")
JOBS_UNAVAILABLE = Kind("jobs-unavailable", 503, "Jobs can't be taken or looked at now")
TIMEOUT = Kind("timeout", 504, "The algorithm took longer than it may")

TABLE: tuple[tuple[type[Exception], Kind], ...] = (
    (MalformedValue, INVALID),
    (MissingPart, INVALID),
    (AccessDenied, INVALID),
    (TooLarge, TOO_LARGE),
    (ModelMemoryExceeded, TOO_LARGE),
    (MediaTypeUnsupported, UNSUPPORTED),
    (CannotEncode, NOT_ACCEPTABLE),
    (FetchFailed, UNPROCESSABLE),
    (StoreFailed, NOT_STORED),
    (UndecodableImage, UNPROCESSABLE),
    (DecodeTimedOut, UNPROCESSABLE),
    (BandMissing, UNPROCESSABLE),
    (InputRejected, UNPROCESSABLE),
)
"""Errors that say what the caller did. Any other is FAILED where the algorithm raised it, else INTERNAL."""
TRY_AGAIN = "Try again; if it happens again, give the correlation id to whoever runs the service."


class Problem(Exception):
    """A request that fails, and how to say so.

    Args:
        kind: its row of the table.
        message: what happened, in the caller's words.
        hint: what to do next.
        errors: where in the input, one violation a place.
        headers: further headers of the answer.
    """

    def __init__(
        self,
        kind: Kind,
        message: str,
        hint: str = "",
        errors: Sequence[Violation] = (),
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(message)
        self.kind, self.message, self.hint = kind, message, hint
        self.errors, self.headers = tuple(errors), tuple(headers)


def problem_of(error: Exception) -> Problem:
    """The problem that an error means to the caller; one that is not in the table says nothing of its text."""
    if isinstance(error, Problem):
        return error
    for known, kind in TABLE:
        if isinstance(error, known):
            pointer = getattr(error, "pointer", "")
            message = getattr(error, "message", str(error))
            hint = getattr(error, "hint", "")
            return Problem(kind, message, hint, [Violation(pointer, message, "", "")] if pointer else ())
    if isinstance(error, ConversionError):
        return Problem(FAILED, "The algorithm gave back something that can't be sent.", TRY_AGAIN)
    return Problem(INTERNAL, "The service ended with an error of its own.", TRY_AGAIN)


def failure_of(error: Exception) -> Problem:
    """The problem of an error that the algorithm raised: of the table where it stands there, else FAILED."""
    problem = problem_of(error)
    if problem.kind is INTERNAL:
        return Problem(FAILED, "The algorithm ended with an error of its own.", TRY_AGAIN)
    return problem


def invalid(violations: Sequence[Violation], newer: Sequence[SchemaId] = ()) -> Problem:
    """The problem of an input that does not fit its schema.

    Args:
        violations: in which ways; at least one.
        newer: versions of the types, newer than those of the service, with which it would fit.
    """
    first = violations[0]
    more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
    message = f"{first.pointer or 'the input'}: {first.message}{more}"
    hint = "GET describe says what each input takes."
    if newer:
        names = ", ".join(map(str, newer))
        hint = (
            f"It would be valid with {names}; this service reads an older version (`types` in GET describe): "
            "leave out what is named here, or ask for a newer version of the service."
        )
    return Problem(INVALID, message, hint, violations[:MOST_VIOLATIONS])


def stopping() -> Problem:
    """The problem of a request that comes too late."""
    return Problem(STOPPING, "The service is stopping.", "Send it to another one.", headers=[("retry-after", "1")])


def problem_document(problem: Problem, correlation_id: str) -> dict[str, Any]:
    """What a problem says of itself, as error@1 has it."""
    body: dict[str, Any] = {
        "type": f"{PUBLISHED.base_uri}/problems/{problem.kind.name}",
        "title": problem.kind.title,
        "status": problem.kind.status,
        "detail": problem.message,
        "message": problem.message,
        "correlationId": correlation_id,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if problem.hint:
        body["hint"] = problem.hint
    if problem.errors:
        body["errors"] = [_place(one) for one in problem.errors]
    return body


def problem_reply(problem: Problem, correlation_id: str) -> Reply:
    """The answer that a problem is sent as."""
    headers = (("content-type", PROBLEM_JSON), ("cache-control", "no-store"), *problem.headers)
    return Reply(problem.kind.status, headers, orjson.dumps(problem_document(problem, correlation_id)))


def _place(violation: Violation) -> dict[str, str]:
    named = {"keyword": violation.keyword} if violation.keyword else {}  # a converter's findings break no keyword
    return {"pointer": violation.pointer, "message": violation.message, **named}
