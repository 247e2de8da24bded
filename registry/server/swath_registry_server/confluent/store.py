"""Schemas that were registered over HTTP: one SQLite file, every change on disk before it is answered.

Ids begin at 1,000,001, far above the lock's, so that none is ever used twice. Registrations take turns, those of
several processes too; readers never wait.
"""

import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

import orjson

from swath_registry_server.confluent.records import Reference, Schema, Version
from swath_registry_server.errors import Refusal, StoreUnusable

FIRST_ID = 1_000_001
FILE = "registered.sqlite"
_FORMAT = 1
_PATIENCE_S = 30.0  # how long a registration waits for its turn

_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS schemas (
    id INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL, refs TEXT NOT NULL, metadata TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS versions (
    subject TEXT NOT NULL, number INTEGER NOT NULL, id INTEGER NOT NULL REFERENCES schemas (id),
    is_deleted INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (subject, number)
);
CREATE INDEX IF NOT EXISTS versions_by_id ON versions (id);
CREATE TABLE IF NOT EXISTS levels (subject TEXT PRIMARY KEY, level TEXT NOT NULL);
INSERT INTO sqlite_sequence (name, seq)
    SELECT 'schemas', {FIRST_ID - 1} WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'schemas');
PRAGMA user_version = {_FORMAT};
COMMIT;
"""  # noqa: S608 - constants of this module
_SELECT = (
    "SELECT subject, number, id, text, refs, metadata, is_deleted FROM versions JOIN schemas USING (id)"
    " WHERE {} ORDER BY subject, number"
)

Judge = Callable[[Sequence[Version]], None]


class RegisteredSubjects:
    """Subjects in a folder. Raises StoreUnusable where it can't be written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._turn = Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as database:
                found = database.execute("PRAGMA user_version").fetchone()[0]
                if found > _FORMAT:
                    raise StoreUnusable(str(self.path), "was written by a newer Swath")
                database.executescript(_TABLES)
        except (OSError, sqlite3.Error) as error:
            raise StoreUnusable(str(self.path), f"can't hold registered schemas: {error}") from error

    def versions(self, subject: str) -> tuple[Version, ...]:
        """The versions of a subject."""
        return self._select("subject = ?", subject)

    def by_id(self, id_: int) -> tuple[Version, ...]:
        """Every version with the schema of an id."""
        return self._select("id = ?", id_)

    def by_guid(self, guid: str) -> tuple[Version, ...]:
        """Every version with the schema of a guid."""
        return self._select("guid = ?", guid)

    def all(self) -> tuple[Version, ...]:
        """Every version of every subject."""
        return self._select("?", 1)  # any

    def register(self, subject: str, schema: Schema, judge: Judge) -> Version:
        """The schema's version under a subject; a new one, unless it has one already.

        Args:
            subject: its name.
            schema: what to register.
            judge: raises where the schema doesn't go with the versions so far; nothing is registered then.
        """
        with self._writing() as database:
            known = _read(database, "subject = ?", subject)
            for version in known:
                if version.schema.guid == schema.guid and not version.is_deleted:
                    return version
            judge([version for version in known if not version.is_deleted])
            number = max((version.number for version in known), default=0) + 1
            id_ = _id_of(database, schema)
            database.execute("INSERT INTO versions (subject, number, id) VALUES (?, ?, ?)", (subject, number, id_))
            return Version(subject, number, id_, schema)

    def delete(self, subject: str, numbers: Sequence[int], *, for_good: bool) -> None:
        """Delete versions: softly, so that ids still lead to them, or for good."""
        change = "DELETE FROM versions" if for_good else "UPDATE versions SET is_deleted = 1"
        with self._writing() as database:
            for number in numbers:
                database.execute(f"{change} WHERE subject = ? AND number = ?", (subject, number))
            database.execute("DELETE FROM schemas WHERE id NOT IN (SELECT id FROM versions)")

    def level(self, subject: str) -> str | None:
        """The compatibility level that was set for a subject, `""` for all; None where none was."""
        with self._reading() as database:
            found = database.execute("SELECT level FROM levels WHERE subject = ?", (subject,)).fetchone()
            return found[0] if found else None

    def set_level(self, subject: str, level: str | None) -> None:
        """Set the level of a subject, `""` for all; None takes it back."""
        with self._writing() as database:
            database.execute("DELETE FROM levels WHERE subject = ?", (subject,))
            if level:
                database.execute("INSERT INTO levels VALUES (?, ?)", (subject, level))

    def _select(self, condition: str, value: str | int) -> tuple[Version, ...]:
        with self._reading() as database:
            return _read(database, condition, value)

    @contextmanager
    def _reading(self) -> Generator[sqlite3.Connection]:
        try:
            with closing(self._open()) as database:
                yield database
        except sqlite3.Error as error:
            raise Refusal(50001, f"the store of registered schemas failed: {error}") from error

    @contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        with self._turn, self._reading() as database:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")  # whatever was raised before: closing rolls back

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=_PATIENCE_S, isolation_level=None)
        database.execute("PRAGMA synchronous = FULL")
        return database


def _read(database: sqlite3.Connection, condition: str, value: str | int) -> tuple[Version, ...]:
    return tuple(_version(*row) for row in database.execute(_SELECT.format(condition), (value,)))


def _version(subject: str, number: int, id_: int, text: str, refs: str, metadata: str, is_deleted: int) -> Version:
    references = tuple(Reference(**each) for each in orjson.loads(refs))
    return Version(subject, number, id_, Schema(text, references, orjson.loads(metadata)), bool(is_deleted))


def _id_of(database: sqlite3.Connection, schema: Schema) -> int:
    found = database.execute("SELECT id FROM schemas WHERE guid = ?", (schema.guid,)).fetchone()
    if found:
        return found[0]
    refs = orjson.dumps([each.as_json() for each in schema.references]).decode()
    metadata = orjson.dumps(schema.metadata).decode()
    row = (schema.guid, schema.text, refs, metadata)
    cursor = database.execute("INSERT INTO schemas (guid, text, refs, metadata) VALUES (?, ?, ?, ?)", row)
    return int(cursor.lastrowid or 0)
