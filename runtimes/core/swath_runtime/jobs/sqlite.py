"""Jobs in a SQLite file: shared by the workers of one machine, durable against kill -9 and power loss."""

import logging
import os
import sqlite3
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from swath_runtime.jobs.database import Database, Dialect, Pool, Transaction
from swath_runtime.jobs.errors import StoreFull, StoreUnavailable

BUSY_S = 30.0  # how long a transaction waits for that of another process
PAGES_BACK = 2560  # given back to the disk at a time: 10 MiB, some ms
PAGES_KEPT = 1024  # left free for what comes next
PRIVATE = 0o600

DIALECT = Dialect(
    placeholder="?",
    now="((julianday('now') - 2440587.5) * 86400.0)",  # ms; unixepoch('subsec') is of SQLite 3.42
    lock="",
    skip_locked="",
    number="INTEGER PRIMARY KEY AUTOINCREMENT",  # never a number again, even of a removed job
    real="REAL",
    blob="BLOB",
)

logger = logging.getLogger(__name__)


class Sqlite(Database):
    """A database in one file, which is made where there is none.

    It is written ahead (WAL), so that readers and the one writer don't wait for each other, and each commit is synced
    (`synchronous=FULL`; WAL's own default would lose the last ones with the power). Not for a network file system.
    """

    dialect = DIALECT

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = threading.Lock()  # threads wait for it in their order; SQLite's own waiting is by trial
        self._pool = Pool(self._connect, sqlite3.Connection.close)

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A connection for reading."""
        with _translated(), self._pool.connection() as connection:
            yield _Statements(connection)

    @contextmanager
    def writing(self, *, outlives_power: bool = True) -> Generator[Transaction]:
        """A transaction; no other of this database is under way meanwhile."""
        with _translated(), self._turn, self._pool.connection() as connection:
            connection.execute(f"PRAGMA synchronous={'FULL' if outlives_power else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield _Statements(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def give_space_back(self) -> bool:
        """Cut free pages off the end of the file; True where there are more."""
        with _translated(), self._turn, self._pool.connection() as connection:
            free = int(connection.execute("PRAGMA freelist_count").fetchone()[0])
            if free > PAGES_KEPT:
                connection.executescript(f"PRAGMA incremental_vacuum({PAGES_BACK})")  # execute() gives back one page
        return free > PAGES_KEPT + PAGES_BACK

    def close(self) -> None:
        """End every idle connection; the last one moves the log into the file."""
        self._pool.close()

    def _connect(self) -> sqlite3.Connection:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, PRIVATE))  # its log files take over the mode
        connection = sqlite3.connect(self._path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        for pragma in (
            "auto_vacuum=INCREMENTAL",  # only before the first table
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"journal_size_limit={64 << 20}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        return connection


class _Statements(Transaction):
    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(DIALECT)
        self._connection = connection

    def _execute(self, text: str, values: Sequence[Any]) -> sqlite3.Cursor:
        return self._connection.execute(text, values)


@contextmanager
def _translated() -> Generator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        code = str(getattr(error, "sqlite_errorname", "") or type(error).__name__)
        logger.warning("the file of jobs: %s (%s)", error, code)
        if code == "SQLITE_FULL" or code.startswith("SQLITE_IOERR"):
            raise StoreFull from error
        raise StoreUnavailable("The file of jobs can't be used.", "Try again later, or tell the operator.") from error
