"""One job, and the job@1 document that callers see of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from swath_runtime.links import API
from swath_runtime.payload import JSON

ACCEPTED, RUNNING, SUCCEEDED, FAILED, CANCELLED = "ACCEPTED", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"
STATES = (ACCEPTED, RUNNING, SUCCEEDED, FAILED, CANCELLED)
ENDED = (SUCCEEDED, FAILED, CANCELLED)
EVENT_STREAM = "text/event-stream"

COLUMNS = (
    "id, process, status, progress, message, error, created, started, updated, finished, changes, correlation, "
    "by_reference, attempts, claim"
)


@dataclass(frozen=True)
class Job:
    """A row of the jobs, in the order of COLUMNS; times are seconds since 1970, `error` is JSON."""

    id: str
    process: str
    status: str
    progress: float | None
    message: str | None
    error: str | None
    created: float
    started: float | None
    updated: float
    finished: float | None
    changes: int
    correlation: str
    by_reference: int
    attempts: int
    claim: int

    @property
    def is_ended(self) -> bool:
        """Whether it changes no more."""
        return self.status in ENDED


def job_document(job: Job, base: str) -> dict[str, Any]:
    """A job@1 document, with links below `base`."""
    times = {"created": job.created, "started": job.started, "updated": job.updated, "finished": job.finished}
    return {
        "id": job.id,
        "status": job.status,
        **({"progress": job.progress} if job.progress is not None else {}),
        **({"message": job.message} if job.message else {}),
        "process": job.process,
        **{name: timestamp(time_s) for name, time_s in times.items() if time_s is not None},
        **({"error": orjson.loads(job.error)} if job.error else {}),
        "_links": _links(job, job_url(base, job.id)),
    }


def job_url(base: str, ident: str) -> str:
    """Where a job is."""
    return f"{base}{API}/jobs/{ident}"


def timestamp(time_s: float) -> str:
    """RFC 3339 of seconds since 1970, in UTC, to the millisecond."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _links(job: Job, url: str) -> dict[str, Any]:
    links: dict[str, Any] = {
        "self": {"href": f"{url}/status", "type": JSON, "method": "GET"},
        "events": {"href": f"{url}/events", "type": EVENT_STREAM, "method": "GET"},
    }
    if job.status == SUCCEEDED:
        links["results"] = {"href": f"{url}/results", "type": JSON, "method": "GET"}
    if not job.is_ended:
        links["cancel"] = {"href": url, "method": "DELETE"}
    return links
