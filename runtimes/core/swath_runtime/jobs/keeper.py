"""The thread that looks after jobs: shows that runs live, tells them what was cancelled, takes over from the dead."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from swath_runtime.jobs.bell import Bell
from swath_runtime.jobs.claims import LEASE_S, Claims, Retries
from swath_runtime.jobs.database import Database
from swath_runtime.jobs.errors import StoreUnavailable
from swath_runtime.jobs.owners import is_known_dead
from swath_runtime.jobs.retention import remove_expired, remove_unfinished
from swath_runtime.jobs.running import Run

TICK_S = 0.5  # so that no job's progress is written more than twice a second
RENEW_S = LEASE_S / 3
TAKE_OVER_S = 1.0
SWEEP_S = 30.0

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Charge:
    """What a keeper looks after.

    Attributes:
        database, service, claims: where the jobs of which service are, and this process's claims on them.
        retries: how often a job may begin.
        ttl_s: how long a job is kept after its end, seconds.
    """

    database: Database
    service: str
    claims: Claims
    retries: Retries
    ttl_s: float


class Keeper:
    """Looks at the store a few times a second, and never gives up on it."""

    def __init__(self, bell: Bell, find_charge: Callable[[], Charge | None], runs: Callable[[], list[Run]]) -> None:
        self._bell, self._find_charge, self._runs = bell, find_charge, runs
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
        self._next_s: dict[str, float] = {}

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(TICK_S * 2)

    def _work(self) -> None:
        while not self._ended.wait(TICK_S):
            try:
                if charge := self._find_charge():
                    self._look(charge)
            except StoreUnavailable:
                pass  # told where it was found; the next look may find more
            except Exception:
                logger.exception("looking after jobs failed; it is tried again")

    def _look(self, charge: Charge) -> None:
        for run in self._runs():
            _look_after(run, charge.claims, self._bell)
        if self._is_time("take over", TAKE_OVER_S) and charge.claims.take_from_the_dead(charge.retries, is_known_dead):
            self._bell.ring()
        if self._is_time("sweep", min(SWEEP_S, max(charge.ttl_s / 4, TICK_S))):
            with charge.database.writing() as sql:
                remove_expired(sql, charge.service, charge.ttl_s)
                remove_unfinished(sql, charge.service, is_known_dead)
        if self._is_time("space", TAKE_OVER_S):
            charge.database.give_space_back()

    def _is_time(self, what: str, every_s: float) -> bool:
        now_s = time.monotonic()
        if now_s < self._next_s.get(what, 0.0):
            return False
        self._next_s[what] = now_s + every_s
        return True


def _look_after(run: Run, claims: Claims, bell: Bell) -> None:
    news: Any = run.news()
    if news:
        is_held = claims.renew(run.job, *news)
        bell.ring()
    elif time.monotonic() - run.renewed_s > RENEW_S:
        is_held = claims.prolong(run.job)
    else:
        if not claims.holds(run.job):
            run.lose()
        return
    run.renewed_s = time.monotonic()
    if not is_held:
        run.lose()
