"""One SQL for two databases: what differs between them, and transactions over a few connections.

Statements are written with `?` for values and with the words of a `Dialect` in braces: `{now}`, `{lock}` …
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from swath_runtime.errors import RuntimeFailure

MOST_CONNECTIONS = 8  # of one process; a request holds one for a statement or a few

Row = Sequence[Any]
Connection = TypeVar("Connection")


@dataclass(frozen=True)
class Dialect:
    """What one database writes differently.

    Attributes:
        placeholder: of a value.
        now: the database's own clock, seconds since 1970: machines may disagree.
        lock, skip_locked: what a SELECT ends with that keeps its rows for this transaction, waiting or not.
        number: type of a key that counts up by itself.
        real, blob: types of a double and of bytes.
        preparation: statements after the tables are made.
        alone: statement that lets one transaction of its kind in at a time; empty where all are so.
    """

    placeholder: str
    now: str
    lock: str
    skip_locked: str
    number: str
    real: str
    blob: str
    preparation: tuple[str, ...] = ()
    alone: str = ""

    @lru_cache(maxsize=256)  # noqa: B019 - there are two dialects
    def text(self, statement: str) -> str:
        """The statement as this database takes it."""
        words = {name: getattr(self, name) for name in ("now", "lock", "skip_locked", "number", "real", "blob")}
        return statement.format_map(words).replace("?", self.placeholder)


class Transaction(ABC):
    """Statements that take effect together."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    @abstractmethod
    def _execute(self, text: str, values: Sequence[Any]) -> Any:
        """A cursor."""

    def rows(self, statement: str, *values: Any) -> list[Row]:
        """What the statement gives."""
        return self._execute(self._dialect.text(statement), values).fetchall()

    def row(self, statement: str, *values: Any) -> Row | None:
        """The first row of what it gives."""
        return next(iter(self.rows(statement, *values)), None)

    def change(self, statement: str, *values: Any) -> int:
        """How many rows it changed."""
        return self._execute(self._dialect.text(statement), values).rowcount

    def alone(self) -> None:
        """Wait until no other transaction that asked for the same is under way."""
        if self._dialect.alone:
            self._execute(self._dialect.alone, ())


class Database(ABC):
    """Transactions on one database; may be used by any thread."""

    dialect: Dialect

    @abstractmethod
    def reading(self) -> AbstractContextManager[Transaction]:
        """A connection for reading; each statement sees what was committed before it."""

    @abstractmethod
    def writing(self, *, outlives_power: bool = True) -> AbstractContextManager[Transaction]:
        """A transaction that is committed at its end, and undone by an error.

        One that need not outlive the power is cheaper: it says what is true only while the processes of this machine
        live, and those that write to a file go with the power too.
        """

    @abstractmethod
    def give_space_back(self) -> bool:
        """Let the disk have some of what removed rows took; True where there is more."""

    @abstractmethod
    def close(self) -> None:
        """End every connection that is not in use."""


class Pool(Generic[Connection]):
    """At most so many connections, made when they are needed and kept; one that saw an error is not."""

    def __init__(self, connect: Callable[[], Connection], close: Callable[[Connection], None]) -> None:
        self._connect, self._close = connect, close
        self._places = threading.Semaphore(MOST_CONNECTIONS)
        self._idle: list[Connection] = []

    @contextmanager
    def connection(self) -> Generator[Connection]:
        """A connection for this thread alone."""
        with self._places:
            try:
                one = self._idle.pop()
            except IndexError:
                one = self._connect()
            try:
                yield one
            except RuntimeFailure:  # ours: the connection is as good as before
                self._idle.append(one)
                raise
            except BaseException:
                self._end(one)
                self.close()  # where the server has gone, the others are dead as well
                raise
            self._idle.append(one)

    def close(self) -> None:
        """End those that are idle."""
        while self._idle:
            self._end(self._idle.pop())

    def _end(self, one: Connection) -> None:
        with suppress(Exception):  # it may have ended by itself, which is why it is ended here
            self._close(one)
