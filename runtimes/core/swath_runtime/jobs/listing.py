"""A list of jobs by pages that stay what they are while new jobs come in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from swath_runtime.jobs.record import STATES, Job, job_document, timestamp
from swath_runtime.jobs.store import Page
from swath_runtime.links import API
from swath_runtime.payload import JSON
from swath_runtime.problems import MALFORMED, Problem

DEFAULT_SIZE, MOST_SIZE = 50, 1000
MOST_PAGE = 1_000_000
PARAMETERS = ("status", "page", "size", "until")


@dataclass(frozen=True)
class Listing:
    """What a caller asks for: jobs in some states, a page from 1 on, those accepted until a time."""

    statuses: tuple[str, ...]
    page: int
    size: int
    until_s: float

    @property
    def wanted(self) -> Page:
        """The same for the store."""
        return Page(self.statuses, self.until_s, (self.page - 1) * self.size, self.size)


def read_listing(query: str, now_s: float) -> Listing:
    """What a query asks for; raises Problem 400 where it can't be."""
    given = dict(parse_qsl(query, keep_blank_values=True, errors="replace"))
    if unknown := sorted(set(given) - set(PARAMETERS)):
        raise _refused(f"There is no parameter '{unknown[0][:64]}'", f"Parameters: {', '.join(PARAMETERS)}.")
    statuses = tuple(one.strip().upper() for one in given.get("status", "").split(",") if one.strip())
    if any(one not in STATES for one in statuses):
        raise _refused("'status' is none", f"It is one of {', '.join(STATES)}, or several, comma-separated.")
    return Listing(
        tuple(dict.fromkeys(statuses)),
        _number(given, "page", 1, MOST_PAGE),
        _number(given, "size", DEFAULT_SIZE, MOST_SIZE),
        _time(given["until"]) if "until" in given else now_s,
    )


def list_document(listing: Listing, jobs: list[Job], total: int, base: str) -> dict[str, Any]:
    """The answer: jobs, how many of how many, and the other pages.

    The links name the time of the first page, so that jobs which come in meanwhile shift nothing.
    """
    last = max(1, -(-total // listing.size))
    pages = {"self": listing.page, "first": 1, "last": last}
    if listing.page > 1:
        pages["prev"] = min(listing.page - 1, last)
    if listing.page < last:
        pages["next"] = listing.page + 1
    return {
        "jobs": [job_document(one, base) for one in jobs],
        "count": len(jobs),
        "total": total,
        "_links": {name: _link(listing, page, base) for name, page in pages.items()},
    }


def _link(listing: Listing, page: int, base: str) -> dict[str, str]:
    parts = {"status": ",".join(listing.statuses)} if listing.statuses else {}
    query = urlencode({**parts, "page": page, "size": listing.size, "until": timestamp(listing.until_s)})
    return {"href": f"{base}{API}/jobs?{query}", "type": JSON, "method": "GET"}


def _number(given: Mapping[str, str], name: str, default: int, most: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= most):
        raise _refused(f"'{name}' is none", f"It is a number from 1 to {most:,}.")
    return int(text)


def _time(text: str) -> float:
    """Seconds since 1970 of an RFC 3339 time, to the end of its last digit: milliseconds are what is shown."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _refused("'until' is no time", "Write it as 2026-11-26T08:43:44.000Z; the links of a list do.")
    return moment.timestamp() + 0.000_999


def _refused(message: str, hint: str) -> Problem:
    return Problem(MALFORMED, f"{message}.", hint)
