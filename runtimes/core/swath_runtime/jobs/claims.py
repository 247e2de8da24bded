"""What runners do: claim the oldest job, show that they live, and end it; only who holds the last claim may.

A claim is a number that each claiming counts up, so that an end which comes late, from a process that was thought
dead or has been stopped for a while, changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from swath_runtime.jobs.database import Database, Transaction
from swath_runtime.jobs.errors import ClaimLost
from swath_runtime.jobs.files import (
    File,
    Kept,
    content_of,
    finish_files,
    insert_chunks,
    insert_files,
    request_of,
    steps,
)
from swath_runtime.jobs.record import ACCEPTED, COLUMNS, FAILED, RUNNING, SUCCEEDED, Job
from swath_runtime.jobs.retention import make_room

LEASE_S = 30.0  # without a sign of life, after which another machine takes a job over


@dataclass(frozen=True)
class Retries:
    """How often a job may begin, and what is said of one that may not again."""

    most_attempts: int
    problem: Callable[[Job], dict[str, Any]]


class Claims:
    """The claims of one process on the jobs of one service."""

    def __init__(self, database: Database, service: str, process: str, runner: str, most_bytes: int) -> None:
        self._database, self._service, self._process = database, service, process
        self._runner, self._most_bytes = runner, most_bytes

    def next(self) -> Job | None:
        """The job that has waited longest, now this process's to run; None where none waits."""
        with self._database.reading() as sql:  # an idle runner should not keep others from writing
            waits = "SELECT 1 FROM swath_jobs WHERE service = ? AND status = ? LIMIT 1"
            if sql.row(waits, self._service, ACCEPTED) is None:
                return None
        with self._database.writing(outlives_power=False) as sql:
            found = sql.row(
                "UPDATE swath_jobs SET status = ?, process = ?, runner = ?, lease = {now} + ?, claim = claim + 1,"
                " attempts = attempts + 1, started = {now}, updated = {now}, progress = 0, message = NULL,"
                " changes = changes + 1 WHERE number = (SELECT number FROM swath_jobs WHERE service = ? AND status = ?"
                f" ORDER BY number LIMIT 1 {{skip_locked}}) RETURNING {COLUMNS}",
                *(RUNNING, self._process, self._runner, LEASE_S, self._service, ACCEPTED),
            )
        return Job(*found) if found else None

    def request(self, job: Job) -> tuple[Kept, bytearray]:
        """The request of a claimed job; raises ClaimLost where it was cancelled meanwhile."""
        with self._database.reading() as sql:
            kept = request_of(sql, job.id)
        body = bytearray()
        for chunk in content_of(self._database, kept) if kept else ():
            body += chunk
        if kept is None or len(body) != kept.size_bytes:
            raise ClaimLost(job.id)
        return kept, body

    def holds(self, job: Job) -> bool:
        """Whether it is still this claim's."""
        with self._database.reading() as sql:
            return sql.row(f"SELECT 1 FROM swath_jobs WHERE {_HELD}", *_held(job)) is not None

    def renew(self, job: Job, progress: float, message: str) -> bool:
        """Show that this process lives and how far it is, percent; False where the claim is lost."""
        return self._change(
            job,
            "lease = {now} + ?, progress = ?, message = ?, updated = {now}, changes = changes + 1",
            *(LEASE_S, progress, message or None),
        )

    def prolong(self, job: Job) -> bool:
        """Show that this process lives; False where the claim is lost."""
        return self._change(job, "lease = {now} + ?", LEASE_S)

    def succeed(self, job: Job, results: Sequence[File]) -> None:
        """End a job with its results, which are seen from then on, all at once.

        Raises:
            ClaimLost: it is no longer this claim's; nothing is seen of the results.
            LimitReached: they don't fit.
            StoreUnavailable: it goes on being this claim's, if it was.
        """
        first, *others = steps(results)
        with self._database.writing() as sql:
            sql.alone()
            self._require(sql, job)
            sql.change("DELETE FROM swath_job_files WHERE job = ? AND position > 0", job.id)  # of a try before
            make_room(sql, self._service, sum(len(one.content) for one in results), self._most_bytes)
            insert_files(sql, results, job.id, self._service, job.claim, 1, self._runner)
            insert_chunks(sql, first)
            if not others:
                self._succeed(sql, job)
        for index, step in enumerate(others, 1):
            with self._database.writing() as sql:
                self._require(sql, job)
                insert_chunks(sql, step)
                if index == len(others):
                    self._succeed(sql, job)

    def fail(self, job: Job, problem: dict[str, Any]) -> bool:
        """End a job with an error@1 document; False where the claim is lost."""
        with self._database.writing() as sql:
            return _fail(sql, job, problem)

    def give_back(self, job: Job) -> bool:
        """Let another process run it, as if this one had not begun; False where the claim is lost."""
        with self._database.writing() as sql:
            return _accept_again(sql, job, used=False)

    def take_from_the_dead(self, retries: Retries, is_known_dead: Callable[[str], bool]) -> int:
        """How many jobs were let begin again, or failed, whose process is known to be dead or has shown no life."""
        with self._database.reading() as sql:
            rows = sql.rows(
                f"SELECT {COLUMNS}, runner, lease < {{now}} FROM swath_jobs WHERE service = ? AND status = ?",
                *(self._service, RUNNING),
            )
        dead = [Job(*row[:-2]) for row in rows if row[-1] or is_known_dead(row[-2])]
        for job in dead:
            with self._database.writing() as sql:
                if job.attempts < retries.most_attempts:
                    _accept_again(sql, job, used=True)
                else:
                    _fail(sql, job, retries.problem(job))
        return len(dead)

    def _change(self, job: Job, change: str, *values: Any) -> bool:
        with self._database.writing(outlives_power=False) as sql:
            return bool(sql.change(f"UPDATE swath_jobs SET {change} WHERE {_HELD}", *values, *_held(job)))

    def _require(self, sql: Transaction, job: Job) -> None:
        if sql.row(f"SELECT 1 FROM swath_jobs WHERE {_HELD} {{lock}}", *_held(job)) is None:
            raise ClaimLost(job.id)

    def _succeed(self, sql: Transaction, job: Job) -> None:
        sql.change(
            f"UPDATE swath_jobs SET status = ?, progress = 100, message = NULL, {_END} WHERE {_HELD}",
            *(SUCCEEDED, *_held(job)),
        )
        sql.change("DELETE FROM swath_job_files WHERE job = ? AND position = 0", job.id)
        finish_files(sql, job.id, job.claim)


_HELD = "id = ? AND claim = ? AND status = ?"
_END = "finished = {now}, updated = {now}, changes = changes + 1"


def _held(job: Job) -> tuple[str, int, str]:
    return job.id, job.claim, RUNNING


def _accept_again(sql: Transaction, job: Job, *, used: bool) -> bool:
    changed = sql.change(
        "UPDATE swath_jobs SET status = ?, attempts = attempts - ?, started = NULL, progress = NULL, message = NULL,"
        f" updated = {{now}}, changes = changes + 1 WHERE {_HELD}",
        *(ACCEPTED, int(not used), *_held(job)),
    )
    if changed:
        sql.change("DELETE FROM swath_job_files WHERE job = ? AND position > 0", job.id)
    return bool(changed)


def _fail(sql: Transaction, job: Job, problem: dict[str, Any]) -> bool:
    changed = sql.change(
        f"UPDATE swath_jobs SET status = ?, error = ?, message = ?, {_END} WHERE {_HELD}",
        *(FAILED, orjson.dumps(problem).decode(), problem["message"], *_held(job)),
    )
    if changed:
        sql.change("DELETE FROM swath_job_files WHERE job = ?", job.id)
    return bool(changed)
