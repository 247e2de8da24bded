"""Jobs in a PostgreSQL server: shared by the workers of several machines."""

import logging
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from swath_runtime.errors import SettingInvalid
from swath_runtime.jobs.database import Database, Dialect, Pool, Transaction
from swath_runtime.jobs.errors import StoreFull, StoreUnavailable

CONNECT_S = 5
STATEMENT_S = 30
FULL = {"53100", "53200"}  # disk full, out of memory

DIALECT = Dialect(
    placeholder="%s",
    now="(extract(epoch from clock_timestamp())::double precision)",
    lock="FOR UPDATE",
    skip_locked="FOR UPDATE SKIP LOCKED",
    number="BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    real="DOUBLE PRECISION",
    blob="BYTEA",
    preparation=("ALTER TABLE swath_job_chunks ALTER COLUMN content SET STORAGE EXTERNAL",),  # images don't shrink
    alone="SELECT pg_advisory_xact_lock(8319683)",  # a number of ours, of no meaning
)

logger = logging.getLogger(__name__)


class PostgreSql(Database):
    """A database by its URL; the password in it is in no message and no log line of ours."""

    dialect = DIALECT

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Pool[psycopg.Connection[Any]] = Pool(self._connect, psycopg.Connection.close)

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A connection for reading."""
        with _translated(), self._pool.connection() as connection:
            yield _Statements(connection)

    @contextmanager
    def writing(self, *, outlives_power: bool = True) -> Generator[Transaction]:
        """A transaction, as durable as the server makes it; others go on beside it, row by row."""
        with _translated(), self._pool.connection() as connection, connection.transaction():
            yield _Statements(connection)

    def give_space_back(self) -> bool:
        """False: the server's autovacuum does."""
        return False

    def close(self) -> None:
        """End every idle connection."""
        self._pool.close()

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_S,
            application_name="swath",
            keepalives_idle=10,
            tcp_user_timeout=STATEMENT_S * 1000,
            options=f"-c statement_timeout={STATEMENT_S}s -c lock_timeout={STATEMENT_S}s",
        )


class _Statements(Transaction):
    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        super().__init__(DIALECT)
        self._connection = connection

    def _execute(self, text: str, values: Sequence[Any]) -> "psycopg.Cursor[Any]":
        return self._connection.cursor(binary=True).execute(text.encode(), values or None)


def check_url(url: str) -> None:
    """Raise SettingInvalid where a URL is none; what is wrong in it may be the password, so it is not said."""
    try:
        conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise SettingInvalid("SWATH_JOBS", "must be postgresql://user:password@host:port/database") from None


@contextmanager
def _translated() -> Generator[None]:
    """The driver's errors as ours; their text may name users and hosts, so that only the code is logged."""
    try:
        yield
    except psycopg.Error as error:
        code = error.sqlstate or type(error).__name__
        logger.warning("the database of jobs: %s", code)
        if code in FULL:
            raise StoreFull from None
        hint = "Try again later, or tell the operator."
        raise StoreUnavailable("The database of jobs does not answer.", hint) from None
