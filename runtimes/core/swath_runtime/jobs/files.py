"""Requests and results in chunks: no value is larger than a chunk, and no transaction longer than a few of them."""

import uuid
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field

from swath_runtime.http import Buffer
from swath_runtime.jobs.database import Database, Transaction

CHUNK_BYTES = 1 << 20
STEP_CHUNKS = 8  # written in one transaction, for which others wait


@dataclass(frozen=True)
class File:
    """A request or a result on its way into the store.

    Attributes:
        name: of a result; empty of a request.
        media_type: of its content.
        content: all of it.
        head: what else of a request's head counts, as JSON.
    """

    name: str
    media_type: str
    content: Buffer
    head: str = ""
    ident: str = field(default_factory=lambda: uuid.uuid4().hex)


@dataclass(frozen=True)
class Kept:
    """A file of the store, without its content."""

    ident: str
    name: str
    media_type: str
    size_bytes: int
    head: str


Chunk = tuple[str, int, Buffer]
"""File, position in it, content."""


def steps(files: Sequence[File]) -> list[list[Chunk]]:
    """The chunks of all files, by transaction; at least one, which may be empty."""
    chunks: list[Chunk] = [
        (file.ident, position, memoryview(file.content)[begin : begin + CHUNK_BYTES])
        for file in files
        for position, begin in enumerate(range(0, len(file.content), CHUNK_BYTES))
    ]
    return [chunks[begin : begin + STEP_CHUNKS] for begin in range(0, len(chunks), STEP_CHUNKS)] or [[]]


def insert_files(
    sql: Transaction, files: Sequence[File], job: str, service: str, claim: int, first: int, writer: str
) -> None:
    """Name files that are to be written, from the position `first` on: from now on they take their room."""
    for position, one in enumerate(files, first):
        sql.change(
            "INSERT INTO swath_job_files (file, job, service, claim, position, name, media_type, head, size_bytes,"
            " is_whole, writer, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, {now})",
            *(one.ident, job, service, claim, position, one.name, one.media_type, one.head, len(one.content), writer),
        )


def insert_chunks(sql: Transaction, chunks: Sequence[Chunk]) -> None:
    """Write some content."""
    for file, position, content in chunks:
        sql.change("INSERT INTO swath_job_chunks (file, position, content) VALUES (?, ?, ?)", file, position, content)


def finish_files(sql: Transaction, job: str, claim: int) -> None:
    """Let those that one claim wrote be seen."""
    sql.change("UPDATE swath_job_files SET is_whole = 1 WHERE job = ? AND claim = ? AND is_whole = 0", job, claim)


def request_of(sql: Transaction, job: str) -> Kept | None:
    """The request of a job that has not ended."""
    found = sql.row(f"SELECT {_KEPT} FROM swath_job_files WHERE job = ? AND position = 0 AND is_whole = 1", job)
    return Kept(*found) if found else None


def results_of(sql: Transaction, job: str) -> list[Kept]:
    """The results of a job, in order."""
    rows = sql.rows(
        f"SELECT {_KEPT} FROM swath_job_files WHERE job = ? AND position > 0 AND is_whole = 1 ORDER BY position", job
    )
    return [Kept(*row) for row in rows]


def content_of(database: Database, kept: Kept) -> Generator[bytes]:
    """A file's content, chunk by chunk; ends early where it is removed meanwhile."""
    for position in range(-(-kept.size_bytes // CHUNK_BYTES)):
        with database.reading() as sql:
            found = sql.row(
                "SELECT content FROM swath_job_chunks WHERE file = ? AND position = ?", kept.ident, position
            )
        if found is None:
            return
        yield bytes(found[0])


_KEPT = "file, name, media_type, size_bytes, head"
