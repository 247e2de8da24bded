"""What callers see and do: jobs accepted, looked at, listed, cancelled, removed, and their results."""

import logging
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass

from swath_runtime.jobs.database import Database, Transaction
from swath_runtime.jobs.errors import LimitReached, StoreUnavailable
from swath_runtime.jobs.files import (
    File,
    Kept,
    content_of,
    finish_files,
    insert_chunks,
    insert_files,
    results_of,
    steps,
)
from swath_runtime.jobs.record import ACCEPTED, CANCELLED, COLUMNS, RUNNING, STATES, Job
from swath_runtime.jobs.retention import make_room, remove_job

logger = logging.getLogger(__name__)

Owner = str | None
"""Whose jobs are meant; None for everybody's."""


@dataclass(frozen=True)
class Limits:
    """How many jobs may wait, and how many bytes all requests and results may take."""

    most_waiting: int
    most_bytes: int


@dataclass(frozen=True)
class NewJob:
    """A job that is to be accepted.

    Attributes:
        id: a uuid4.
        process: name@version of the service that accepts it.
        owner: who may see it.
        correlation: id of the request.
        by_reference: whether its images are put below the operator's prefix.
        callback: URL that hears of its end, or empty.
        base: of the links in what that URL is sent.
    """

    id: str
    process: str
    owner: str
    correlation: str
    by_reference: bool = False
    callback: str = ""
    base: str = ""


@dataclass(frozen=True)
class Page:
    """Which jobs a list holds: newest first, `size` from the `first`-th on, of those accepted until `until_s`."""

    statuses: tuple[str, ...]
    until_s: float
    first: int
    size: int


class Store:
    """The jobs of one service, of every process that serves it."""

    def __init__(self, database: Database, service: str, limits: Limits, writer: str) -> None:
        self._database, self._service, self._limits, self._writer = database, service, limits, writer

    def accept(self, job: NewJob, request: File) -> None:
        """Keep a job and its request, durably: once this returns it survives what the database survives.

        Raises:
            LimitReached: as many wait, or as much is kept, as may be.
            StoreUnavailable: nothing was kept.
        """
        first, *others = steps([request])
        try:
            with self._database.writing() as sql:
                sql.alone()
                self._require_place(sql)
                make_room(sql, self._service, len(request.content), self._limits.most_bytes)
                insert_files(sql, [request], job.id, self._service, 0, 0, self._writer)
                insert_chunks(sql, first)
                if not others:
                    self._insert(sql, job)
            for index, step in enumerate(others, 1):
                with self._database.writing() as sql:
                    insert_chunks(sql, step)
                    if index == len(others):
                        self._insert(sql, job)
        except StoreUnavailable:
            self._forget(request)
            raise

    def job(self, ident: str, owner: Owner) -> Job | None:
        """A job by its id, if it is the owner's."""
        with self._database.reading() as sql:
            found = sql.row(f"SELECT {COLUMNS} FROM swath_jobs WHERE {_one(owner)}", ident, self._service, *_of(owner))
        return Job(*found) if found else None

    def page(self, owner: Owner, page: Page) -> tuple[list[Job], int]:
        """The jobs of one page, and how many there are on all."""
        states = ", ".join("?" * len(page.statuses))
        whose = "" if owner is None else " AND owner = ?"
        where = f"service = ?{whose} AND created <= ?{f' AND status IN ({states})' if states else ''}"
        values = (self._service, *_of(owner), page.until_s, *page.statuses)
        with self._database.reading() as sql:
            total = sql.row(f"SELECT count(*) FROM swath_jobs WHERE {where}", *values)
            rows = sql.rows(
                f"SELECT {COLUMNS} FROM swath_jobs WHERE {where} ORDER BY number DESC LIMIT ? OFFSET ?",
                *(*values, page.size, page.first),
            )
        return [Job(*row) for row in rows], int(total[0]) if total else 0

    def counts(self) -> dict[str, int]:
        """How many jobs are kept, by state."""
        with self._database.reading() as sql:
            rows = sql.rows("SELECT status, count(*) FROM swath_jobs WHERE service = ? GROUP BY status", self._service)
        return dict.fromkeys(STATES, 0) | {str(status): int(count) for status, count in rows}

    def now(self) -> float:
        """The database's clock, seconds since 1970."""
        with self._database.reading() as sql:
            found = sql.row("SELECT {now}")
        return float(found[0]) if found else 0.0

    def dismiss(self, ident: str, owner: Owner) -> bool:
        """Cancel a job that has not ended, or remove one that has; False where there is none.

        Whoever runs it finds out by looking, as after any loss of its claim.
        """
        with self._database.writing() as sql:
            if sql.change(
                f"UPDATE swath_jobs SET status = ?, finished = {{now}}, updated = {{now}}, changes = changes + 1,"
                f" message = NULL WHERE {_one(owner)} AND status IN (?, ?)",
                *(CANCELLED, ident, self._service, *_of(owner), ACCEPTED, RUNNING),
            ):
                sql.change("DELETE FROM swath_job_files WHERE job = ?", ident)
                return True
            if sql.row(f"SELECT 1 FROM swath_jobs WHERE {_one(owner)}", ident, self._service, *_of(owner)) is None:
                return False
            remove_job(sql, ident)
            return True

    def results(self, ident: str) -> list[Kept]:
        """The results of a job, in the order of its outputs."""
        with self._database.reading() as sql:
            return results_of(sql, ident)

    def remove_results(self, ident: str, name: str | None = None) -> bool:
        """Remove one result of a job, or all; False where there was none."""
        only = "" if name is None else " AND name = ?"
        with self._database.writing() as sql:
            return bool(
                sql.change(
                    f"DELETE FROM swath_job_files WHERE job = ? AND position > 0 AND is_whole = 1{only}",
                    *((ident,) if name is None else (ident, name)),
                )
            )

    def content(self, kept: Kept) -> Generator[bytes]:
        """A result's content, chunk by chunk."""
        return content_of(self._database, kept)

    def _require_place(self, sql: Transaction) -> None:
        found = sql.row("SELECT count(*) FROM swath_jobs WHERE service = ? AND status = ?", self._service, ACCEPTED)
        if found and int(found[0]) >= self._limits.most_waiting:
            hint = "Try again later, or ask the operator to raise SWATH_MAX_JOBS."
            raise LimitReached(f"{self._limits.most_waiting:,} jobs are waiting, which is as many as may.", hint)

    def _insert(self, sql: Transaction, job: NewJob) -> None:
        sql.change(
            "INSERT INTO swath_jobs (id, service, process, owner, status, created, updated, changes, correlation,"
            " by_reference, attempts, claim, runner, lease) VALUES (?, ?, ?, ?, ?, {now}, {now}, 1, ?, ?, 0, 0, '', 0)",
            *(job.id, self._service, job.process, job.owner, ACCEPTED, job.correlation, int(job.by_reference)),
        )
        finish_files(sql, job.id, 0)
        if job.callback:
            sql.change(
                "INSERT INTO swath_job_callbacks (job, service, url, base, tries, due) VALUES (?, ?, ?, ?, 0, 0)",
                *(job.id, self._service, job.callback, job.base),
            )

    def _forget(self, request: File) -> None:
        """Remove what is there of a request that could not be kept; what is left is found later."""
        with suppress(StoreUnavailable), self._database.writing() as sql:
            sql.change("DELETE FROM swath_job_files WHERE file = ?", request.ident)


def _one(owner: Owner) -> str:
    return "id = ? AND service = ?" + ("" if owner is None else " AND owner = ?")


def _of(owner: Owner) -> tuple[str, ...]:
    return () if owner is None else (owner,)
