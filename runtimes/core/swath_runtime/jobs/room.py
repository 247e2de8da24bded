"""The jobs of one service: where they are kept, who runs them, who looks after them, and the paths to them."""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swath_runtime.errors import RuntimeFailure, SettingInvalid
from swath_runtime.jobs.bell import Bell
from swath_runtime.jobs.callbacks import Callbacks, Caller
from swath_runtime.jobs.claims import Claims, Retries
from swath_runtime.jobs.database import Database
from swath_runtime.jobs.errors import DriverMissing, StoreUnavailable
from swath_runtime.jobs.keeper import Charge, Keeper
from swath_runtime.jobs.openapi import job_paths
from swath_runtime.jobs.owners import own_identity
from swath_runtime.jobs.routes import JobRoutes
from swath_runtime.jobs.running import Runners, failure
from swath_runtime.jobs.sqlite import Sqlite
from swath_runtime.jobs.store import Limits, Store
from swath_runtime.jobs.stream import Streams
from swath_runtime.jobs.tables import prepare
from swath_runtime.problems import INTERRUPTED, Problem
from swath_runtime.service import Service
from swath_runtime.settings import Settings
from swath_runtime.state import state_folder
from swath_runtime.table import Routes

FILE = "jobs.sqlite3"
POSTGRESQL = ("postgresql://", "postgres://")
REOPEN_S = 5.0  # between tries where the store can't be opened

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Opened:
    """What stands on an open database."""

    store: Store
    charge: Charge
    callbacks: Callbacks


class Jobs:
    """A room of the service. Where no place can be had for them its paths answer 503, and the others as ever.

    Nothing is opened and no thread is started before `start`, or the first request: a server may fork until then.
    """

    def __init__(self, service: Service) -> None:
        self._service, self._settings = service, service.settings
        check_place(self._settings)
        bell = Bell()
        self._opening = threading.Lock()
        self._opened: _Opened | None = None
        self._tried_s = -REOPEN_S
        self._is_draining = False
        self._caller = Caller(self._settings, lambda: (found := self._find()) and found.callbacks)
        self._runners = Runners(service, bell, lambda: (found := self._find()) and found.charge.claims)
        self._keeper = Keeper(bell, lambda: (found := self._find()) and found.charge, lambda: self._runners.runs)
        self._routes = JobRoutes(
            service, lambda: self._open().store, bell, Streams(bell), self._caller.policy, lambda: self.is_draining
        )

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        return self._routes.routes

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The operations by path."""
        return job_paths(self._service.algorithm.describe, self._service.inputs.images)

    @property
    def is_draining(self) -> bool:
        """Whether this process is about to end."""
        return self._is_draining

    def start(self) -> None:
        """Begin to run jobs; the algorithm is loaded."""
        if self.is_draining:
            return
        self._service.observer.jobs(self._counts)
        for one in (self._runners, self._keeper, self._caller):
            one.start()

    def drain(self) -> None:
        """Run no further job, and end what tells of changes; what runs goes on."""
        self._is_draining = True
        self._runners.end()

    def stop(self, grace_s: float = 0.0) -> None:
        """Let what runs go on for `grace_s` seconds, then give it back to the queue, and end all threads."""
        self.drain()
        self._runners.stop(max(grace_s, 0.0))
        self._caller.stop()
        self._keeper.stop()
        if self._opened:
            self._opened.charge.database.close()

    def _counts(self) -> Mapping[str, int]:
        opened = self._find()
        try:
            return opened.store.counts() if opened else {}
        except StoreUnavailable:
            return {}

    def _find(self) -> _Opened | None:
        """What is open, opened now if need be; None where it can't be, which is tried now and then."""
        if self._opened is None and time.monotonic() - self._tried_s < REOPEN_S:
            return None
        try:
            return self._open()
        except RuntimeFailure as error:
            self._tried_s = time.monotonic()
            logger.warning("jobs can't be kept: %s", error)
            return None

    def _open(self) -> _Opened:
        if self._opened is None:
            with self._opening:
                self._opened = self._opened or self._made()
        return self._opened

    def _made(self) -> _Opened:
        algorithm, settings = self._service.algorithm, self._settings
        database = database_of(settings, algorithm.name)
        prepare(database)
        me, process = own_identity(), f"{algorithm.name}@{algorithm.version}"
        claims = Claims(database, algorithm.name, process, me, settings.jobs_max_bytes)
        store = Store(database, algorithm.name, Limits(settings.max_jobs, settings.jobs_max_bytes), me)
        retries = Retries(settings.job_attempts, lambda job: failure(_interrupted(job.attempts), job.correlation))
        charge = Charge(database, algorithm.name, claims, retries, settings.job_ttl_seconds)
        return _Opened(store, charge, Callbacks(database, algorithm.name))


def check_place(settings: Settings) -> None:
    """Raise SettingInvalid for a place that is none, DriverMissing where nothing here can reach it."""
    if not settings.jobs:
        return
    if not settings.jobs.startswith(POSTGRESQL):
        raise SettingInvalid("SWATH_JOBS", "must begin with postgresql://, or be empty")
    try:
        from swath_runtime.jobs.postgresql import check_url
    except ImportError:
        raise DriverMissing from None
    check_url(settings.jobs)


def database_of(settings: Settings, name: str) -> Database:
    """The database that the settings name; raises StateUnusable where a file can't be had."""
    if not settings.jobs:
        return Sqlite(state_folder(settings, name) / FILE)
    from swath_runtime.jobs.postgresql import PostgreSql

    return PostgreSql(settings.jobs)


def _interrupted(attempts: int) -> Problem:
    times = "once" if attempts == 1 else f"{attempts} times"
    hint = "Send it again; if it happens again, tell whoever runs the service: the algorithm may end its process."
    return Problem(INTERRUPTED, f"The process that ran it ended before it did, {times}.", hint)
