"""Handlers of the jobs' paths: what is asked becomes a call of the store, and what it gives a reply."""

import re
import uuid
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import orjson

from swath_converters.access import check_postable
from swath_converters.errors import ConversionError
from swath_converters.policy import Policy
from swath_runtime.asked import Asked
from swath_runtime.auth.principal import PROCESS
from swath_runtime.errors import RuntimeFailure
from swath_runtime.http import Head, Reply
from swath_runtime.jobs.bell import Bell
from swath_runtime.jobs.errors import LimitReached, StoreUnavailable
from swath_runtime.jobs.files import CHUNK_BYTES, Kept
from swath_runtime.jobs.listing import list_document, read_listing
from swath_runtime.jobs.record import EVENT_STREAM, SUCCEEDED, Job, job_document, job_url
from swath_runtime.jobs.replay import kept_request
from swath_runtime.jobs.store import NewJob, Owner, Store
from swath_runtime.jobs.stream import Streams
from swath_runtime.links import API
from swath_runtime.payload import JSON
from swath_runtime.problems import BUSY, CALLBACK_REFUSED, JOBS_UNAVAILABLE, NO_JOB, NO_RESULTS, Problem
from swath_runtime.references import PREFERENCE
from swath_runtime.service import Service
from swath_runtime.table import Handler, Routes, Scoped

CALLBACK = "x-callback-url"
RETRY_AFTER_S = "5"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
JOBS = f"{API}/jobs"
NO_STORE = ("cache-control", "no-store")


@dataclass(frozen=True)
class JobRoutes:
    """The handlers.

    Attributes:
        service: whose inputs are checked.
        find_store: opens the store; raises RuntimeFailure where it can't be.
        bell: rung at each change.
        streams: of events.
        callable: which URLs may be called back.
        is_draining: whether this process is about to end.
    """

    service: Service
    find_store: Callable[[], Store]
    bell: Bell
    streams: Streams
    callable: Policy
    is_draining: Callable[[], bool]

    @property
    def routes(self) -> Routes:
        """The handlers by path and method; those of an asynchronous service take over its `process`."""
        job, results = f"{JOBS}/{{id}}", f"{JOBS}/{{id}}/results"
        routes: dict[str, dict[str, Handler]] = {
            JOBS: {"POST": self._post, "GET": self._list},
            job: {"GET": self._get, "DELETE": self._delete},
            f"{job}/status": {"GET": self._get},
            f"{job}/events": {"GET": self._get_events},
            results: {"GET": self._get_results, "DELETE": self._delete_results},
            f"{results}/{{rid*}}": {"GET": self._get_result, "DELETE": self._delete_result},
        }
        if self.service.algorithm.describe["asynchronous"]:
            routes[f"{API}/process"] = {"POST": self._post}
        return {
            path: {method: Scoped(_kept_apart(handler), PROCESS) for method, handler in methods.items()}
            for path, methods in routes.items()
        }

    def _post(self, asked: Asked) -> Reply:
        self.service.require_loaded()
        with asked.stages.time("parse"):
            payload = self.service.inputs.read(asked.request)
        with asked.stages.time("validate"):
            self.service.inputs.require_valid(payload.document)
        base, by_reference = self.service.base_url(asked.head), self.service.answers.refers(asked.head)
        algorithm = self.service.algorithm
        job = NewJob(
            str(uuid.uuid4()),
            f"{algorithm.name}@{algorithm.version}",
            asked.principal.name,
            asked.ident,
            by_reference,
            self._callback(asked.head),
            base,
        )
        with asked.stages.time("keep"):
            self.find_store().accept(job, kept_request(asked.request))
        self.bell.ring()
        return _reference(job, base)

    def _callback(self, head: Head) -> str:
        if CALLBACK not in head.headers:
            return ""
        url = head.header(CALLBACK)
        if not self.callable.hosts:
            hint = "Ask for the job's status or events, or ask the operator to set SWATH_CALLBACK_HOSTS."
            raise Problem(CALLBACK_REFUSED, "This service calls nobody back.", hint)
        try:
            check_postable(url, self.callable)
        except ConversionError as error:
            hint = "Ask the operator to name its host, with its port, in SWATH_CALLBACK_HOSTS."
            raise Problem(CALLBACK_REFUSED, "The URL in X-Callback-URL may not be called from here.", hint) from error
        return url

    def _list(self, asked: Asked) -> Reply:
        store = self.find_store()
        listing = read_listing(asked.head.query, store.now())
        jobs, total = store.page(_owner(asked), listing.wanted)
        return _document(list_document(listing, jobs, total, self.service.base_url(asked.head)))

    def _get(self, asked: Asked) -> Reply:
        return _document(job_document(self._job(asked), self.service.base_url(asked.head)))

    def _delete(self, asked: Asked) -> Reply:
        if not self.find_store().dismiss(_ident(asked), _owner(asked)):
            raise _no_job()
        self.bell.ring()
        return Reply(204, ())

    def _get_events(self, asked: Asked) -> Reply:
        job, store, owner = self._job(asked), self.find_store(), _owner(asked)
        last = asked.head.header("last-event-id")
        seen = int(last) if last.isascii() and last.isdigit() and len(last) < 10 else 0
        if job.is_ended and job.changes == seen:
            return Reply(204, ())  # which tells an EventSource to come no more
        headers = (("content-type", EVENT_STREAM), NO_STORE, ("x-accel-buffering", "no"))
        if asked.head.method == "HEAD":
            return Reply(200, headers, stream=_nothing())
        base = self.service.base_url(asked.head)
        stream = self.streams.open(
            lambda: store.job(job.id, owner), base, seen, lambda: asked.is_gone() or self.is_draining()
        )
        if stream is None:
            hint = "Try again in a moment, or ask for the job's status."
            retry = [("retry-after", RETRY_AFTER_S)]
            raise Problem(BUSY, "As many callers listen to events as may.", hint, headers=retry)
        return Reply(200, headers, stream=stream)

    def _get_results(self, asked: Asked) -> Reply:
        job = self._succeeded(asked)
        url = f"{job_url(self.service.base_url(asked.head), job.id)}/results"
        results = self.find_store().results(job.id)
        return _document(
            [
                {"id": one.name, "_link": {"href": f"{url}/{one.name}", "type": one.media_type, "method": "GET"}}
                for one in results
            ]
        )

    def _delete_results(self, asked: Asked) -> Reply:
        self.find_store().remove_results(self._succeeded(asked).id)
        return Reply(204, ())

    def _get_result(self, asked: Asked) -> Reply:
        job, store = self._succeeded(asked), self.find_store()
        kept = next((one for one in store.results(job.id) if one.name == asked.names["rid"]), None)
        if kept is None:
            raise _no_result()
        return _content(kept, store, is_wanted=asked.head.method != "HEAD")

    def _delete_result(self, asked: Asked) -> Reply:
        if not self.find_store().remove_results(self._succeeded(asked).id, asked.names["rid"]):
            raise _no_result()
        return Reply(204, ())

    def _job(self, asked: Asked) -> Job:
        job = self.find_store().job(_ident(asked), _owner(asked))
        if job is None:
            raise _no_job()
        return job

    def _succeeded(self, asked: Asked) -> Job:
        job = self._job(asked)
        if job.status != SUCCEEDED:
            hint = "Only jobs that SUCCEEDED have results." if job.is_ended else "Ask for its status, or its events."
            raise Problem(NO_RESULTS, f"The job is {job.status}: it has no results.", hint)
        return job


def _owner(asked: Asked) -> Owner:
    """Whose jobs a caller sees."""
    return None if asked.principal.is_admin else asked.principal.name


def _ident(asked: Asked) -> str:
    """The id in the path, if it can be one: a uuid in its plain form."""
    given = asked.names["id"].lower()
    if UUID.fullmatch(given) is None:
        raise _no_job()
    return given


def _kept_apart(handler: Handler) -> Handler:
    """A handler, for whose callers what is wrong with the store is a problem of this service."""

    def handle(asked: Asked) -> Reply:
        retry = [("retry-after", RETRY_AFTER_S)]
        try:
            return handler(asked)
        except (LimitReached, StoreUnavailable) as error:
            raise Problem(JOBS_UNAVAILABLE, str(error), error.hint, headers=retry) from error
        except RuntimeFailure as error:  # its text may name a path, its hint does not
            raise Problem(JOBS_UNAVAILABLE, "Jobs can't be kept here.", error.hint, headers=retry) from error

    return handle


def _reference(job: NewJob, base: str) -> Reply:
    """geoprocessing-api's Reference, with what the ancestor's clients read: `link`."""
    href = f"{job_url(base, job.id)}/status"
    document = {
        "href": href,
        "relation": "status",
        "type": JSON,
        "method": "GET",
        "link": href,
        "id": job.id,
        "status": "ACCEPTED",
    }
    applied = (("preference-applied", PREFERENCE),) if job.by_reference else ()
    return Reply(200, (("content-type", JSON), ("location", href), *applied), orjson.dumps(document))


def _document(document: Any) -> Reply:
    return Reply(200, (("content-type", JSON), NO_STORE), orjson.dumps(document))


def _content(kept: Kept, store: Store, *, is_wanted: bool) -> Reply:
    """A result; a large one is sent as it is read."""
    headers = (("content-type", kept.media_type), NO_STORE)
    if kept.size_bytes <= CHUNK_BYTES:
        body = b"".join(store.content(kept))
        if len(body) != kept.size_bytes:
            raise _no_result()
        return Reply(200, headers, body)
    length = ("content-length", str(kept.size_bytes))
    return Reply(200, (*headers, length), stream=store.content(kept) if is_wanted else _nothing())


def _nothing() -> Generator[bytes]:
    yield from ()


def _no_job() -> Problem:
    return Problem(NO_JOB, "There is no job of this id.", "It may have been removed: jobs are kept for a while only.")


def _no_result() -> Problem:
    return Problem(NO_RESULTS, "The job has no result of this name.", "GET its results lists those that it has.")
