"""A file fetched in one or more goes: what came before a cut is kept and continued, by this process or the next."""

import contextlib
import hashlib
import http.client
import random
import re
import ssl
import time
import urllib.error
from collections.abc import Callable
from pathlib import Path

from .errors import ResourceCorrupt, ResourceUnavailable
from .requests import open_uri

ATTEMPTS = 6  # without MOVED_BYTES between them: at most a minute of waiting
MOVED_BYTES = 1 << 20  # an attempt that brings so much counts as progress, and the count begins anew
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
TOLD_EVERY_S = 5.0
CHUNK = 1 << 20
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")
_REASONS = {401: "it wants credentials", 403: "reading it is not allowed", 404: "it is not there", 410: "it is gone"}
_CREDENTIALS = "credentials come from ~/.netrc, or AWS_ACCESS_KEY_ID …, GOOGLE_OAUTH_ACCESS_TOKEN …"

Report = Callable[[str], None]
Sleep = Callable[[float], None]


class _Passing(Exception):
    """Something that may be over at the next attempt."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def download(uri: str, sha256: str, part: Path, report: Report, sleep: Sleep = time.sleep) -> None:
    """Fetch a file into `part`, until its digest is the one declared; bytes that stand there already are continued.

    Args:
        uri: http, https, s3 or gs.
        sha256: of the whole file, lower-case hex.
        part: where it is gathered; nobody else may write there meanwhile.
        report: told of sizes, cuts and waits.
        sleep: waits so many seconds.

    Raises:
        ResourceUnavailable: not there, not allowed, or cut ATTEMPTS times. What came stays in `part`.
        ResourceCorrupt: another file, fetched from its beginning; `part` is removed.
        UriUnusable: no such scheme, or credentials in the URI.
    """
    for is_last in (False, True):
        came_whole = _gather(uri, sha256, part, report, sleep)
        got = _digest(part)
        if got == sha256:
            return
        size = _size(part)
        part.unlink()
        if came_whole or is_last:
            raise ResourceCorrupt(uri, sha256, got, size)
        report("what was kept of an earlier attempt does not belong to it: beginning anew")


def _gather(uri: str, sha256: str, part: Path, report: Report, sleep: Sleep) -> bool:
    """Take all bytes that the server has, through any number of cuts; True where they came in one go."""
    failures = 0
    while True:
        before = _size(part)
        try:
            return _attempt(uri, sha256, part, report)
        except _Passing as error:
            failures = 1 if _size(part) - before >= MOVED_BYTES else failures + 1
            if failures >= ATTEMPTS:
                raise ResourceUnavailable(uri, f"{error}, {failures} times in a row") from None
            wait_s = error.wait_s if error.wait_s is not None else FIRST_WAIT_S * 2 ** (failures - 1)
            wait_s = min(wait_s, LONGEST_WAIT_S) * (1 + random.random() / 4)  # noqa: S311 - so that many don't come at once
            report(f"{error}; trying again in {wait_s:.1f} s, from {_megabytes(_size(part))}")
            sleep(wait_s)


def _attempt(uri: str, sha256: str, part: Path, report: Report) -> bool:
    """One request, and what it brings: True where that is all from the first byte on.

    Raises _Passing where another may bring more.
    """
    offset = _size(part)
    try:
        with contextlib.closing(open_uri(uri, {"Range": f"bytes={offset}-"} if offset else {})) as answer:
            return _take(uri, answer, offset, part, report) == 0
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and offset:
            if _digest(part) != sha256:
                part.unlink()
                raise _Passing("the server has fewer bytes than were kept", 0) from None
            return False
        if error.code in _PASSING:
            raise _Passing(f"the server answered {error.code}", _retry_after(error)) from None
        hint = _CREDENTIALS if error.code in (401, 403) else ""
        raise ResourceUnavailable(uri, _REASONS.get(error.code, f"the server answered {error.code}"), hint) from None
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = "name the authorities that this machine trusts: SSL_CERT_FILE"
            raise ResourceUnavailable(uri, f"its certificate is not trusted ({cause.verify_message})", hint) from None
        raise _Passing(_in_words(cause)) from None


def _take(uri: str, answer: http.client.HTTPResponse, offset: int, part: Path, report: Report) -> int:
    """Write what an answer brings; gives back the place of its first byte."""
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ResourceUnavailable(uri, "the server compressed it, though asked not to")
    if answer.status == 206:
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != offset:
            part.unlink(missing_ok=True)
            raise _Passing("the server answered with another part than was asked for", 0)
    else:
        offset = 0  # it does not know Range: all of it comes again
    declared = answer.headers.get("Content-Length", "")
    total = offset + int(declared) if declared.isascii() and declared.isdigit() else None
    report(f"{_megabytes(offset)} of {_megabytes(total)}" if offset else _megabytes(total))
    try:
        with part.open("r+b" if offset else "wb") as stream:
            stream.seek(offset)
            stream.truncate()
            came = offset + _copy(answer, stream.write, offset, total, report)
    except OSError as error:
        if isinstance(error, ConnectionError | TimeoutError | ssl.SSLError):
            raise
        raise ResourceUnavailable(uri, f"it cannot be kept in {part.parent}: {error.strerror}") from error
    if total is not None and came < total:
        raise _Passing(f"the connection ended at {came:,} of {total:,} bytes")
    return offset


def _copy(
    answer: http.client.HTTPResponse, write: Callable[[bytes], int], offset: int, total: int | None, report: Report
) -> int:
    came, told = 0, time.monotonic()
    while chunk := answer.read1(CHUNK):
        write(chunk)
        came += len(chunk)
        if time.monotonic() - told > TOLD_EVERY_S:
            told = time.monotonic()
            report(f"{_megabytes(offset + came)} of {_megabytes(total)}")
    return came


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    said = error.headers.get("Retry-After", "")
    return float(said) if said.isascii() and said.isdigit() else None


def _digest(path: Path) -> str:
    if not path.is_file():
        return hashlib.sha256().hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _megabytes(size_bytes: int | None) -> str:
    return "an unknown size" if size_bytes is None else f"{size_bytes / 1e6:.1f} MB"


def _in_words(cause: object) -> str:
    """What kept a connection from working, without the addresses that a library may put into its message."""
    if isinstance(cause, TimeoutError):
        return "the server fell silent"
    if isinstance(cause, http.client.HTTPException):
        return "the connection was cut"
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else type(cause).__name__
    return f"no connection ({said})"
