"""What is kept, how much of it and how long: what ended longest ago goes first."""

from collections.abc import Callable

from swath_runtime.jobs.database import Transaction
from swath_runtime.jobs.errors import LimitReached

FORGOTTEN_S = 3600.0  # a file that is still not whole after this long will never be


def make_room(sql: Transaction, service: str, size_bytes: int, most_bytes: int) -> None:
    """Remove what ended longest ago until so much more fits; raises LimitReached, removing nothing, where it can't."""
    row = sql.row("SELECT coalesce(sum(size_bytes), 0) FROM swath_job_files WHERE service = ?", service)
    lacking = (int(row[0]) if row else 0) + size_bytes - most_bytes
    if lacking <= 0:
        return
    removed: list[str] = []
    for job, held_bytes in sql.rows(
        "SELECT j.id, sum(f.size_bytes) FROM swath_jobs j JOIN swath_job_files f ON f.job = j.id"
        " WHERE j.service = ? AND j.finished IS NOT NULL GROUP BY j.id, j.finished ORDER BY j.finished",
        service,
    ):
        if lacking <= 0:
            break
        removed.append(job)
        lacking -= int(held_bytes)
    if lacking > 0:
        raise LimitReached(
            f"No more than {most_bytes:,} bytes of requests and results are kept here.",
            "Try again later, delete jobs that you need no more, or ask the operator to raise SWATH_JOBS_MAX_BYTES.",
        )
    for job in removed:
        remove_job(sql, job)


def remove_job(sql: Transaction, job: str) -> None:
    """Remove a job and all that belongs to it."""
    for table, column in (("swath_job_files", "job"), ("swath_job_callbacks", "job"), ("swath_jobs", "id")):
        sql.change(f"DELETE FROM {table} WHERE {column} = ?", job)


def remove_expired(sql: Transaction, service: str, ttl_s: float) -> int:
    """How many jobs were removed that ended longer ago than `ttl_s`; a few hundred at most."""
    expired = sql.rows(
        "SELECT id FROM swath_jobs WHERE service = ? AND finished < {now} - ? ORDER BY finished LIMIT 500",
        service,
        ttl_s,
    )
    for (job,) in expired:
        remove_job(sql, job)
    return len(expired)


def remove_unfinished(sql: Transaction, service: str, is_dead: Callable[[str], bool]) -> int:
    """How many files were removed that nobody goes on writing."""
    unfinished = sql.rows(
        "SELECT file, writer, since < {now} - ? FROM swath_job_files WHERE is_whole = 0 AND service = ?",
        FORGOTTEN_S,
        service,
    )
    left = [file for file, writer, is_forgotten in unfinished if is_forgotten or is_dead(writer)]
    for file in left:
        sql.change("DELETE FROM swath_job_files WHERE file = ? AND is_whole = 0", file)
    return len(left)
