"""Databases that jobs are kept in: their tables and files, and what is said where they can't be used."""

import sys

import pytest
from runtime.jobs.queues import BIG, Queue

from swath_runtime.errors import RuntimeFailure
from swath_runtime.jobs.errors import DriverMissing, StoreUnavailable
from swath_runtime.jobs.room import check_place
from swath_runtime.jobs.sqlite import Sqlite
from swath_runtime.jobs.tables import prepare
from swath_runtime.settings import Settings


def test_tables_of_another_version_are_refused(database):
    prepare(database)
    with database.writing() as sql:
        sql.change("UPDATE swath_job_tables SET version = 99")
    try:
        with pytest.raises(StoreUnavailable, match="version 99"):
            prepare(database)
    finally:
        with database.writing() as sql:
            sql.change("UPDATE swath_job_tables SET version = 1")


def test_a_file_that_can_not_grow_refuses_and_keeps_what_it_has(tmp_path):
    database = Sqlite(tmp_path / "jobs.sqlite3")
    queue = Queue(database)
    kept = queue.accept(b"x" * 1000)
    connect = database._pool._connect

    def small():
        connection = connect()
        connection.execute("PRAGMA max_page_count=60").fetchall()
        return connection

    database._pool._connect = small
    database.close()
    with pytest.raises(StoreUnavailable, match="full"):
        queue.accept(BIG)
    assert queue.status(kept) == "ACCEPTED"
    assert bytes(queue.claims.request(queue.claims.next())[1]) == b"x" * 1000
    assert queue.rows("SELECT 1 FROM swath_job_files WHERE is_whole = 0") == []


def test_space_of_removed_jobs_is_given_back(tmp_path):
    database = Sqlite(tmp_path / "jobs.sqlite3")
    queue = Queue(database)
    ident = queue.accept(BIG)
    queue.succeed(BIG)
    queue.store.dismiss(ident, "")
    while database.give_space_back():
        pass
    database.close()
    assert (tmp_path / "jobs.sqlite3").stat().st_size < len(BIG)


def test_a_file_of_jobs_is_its_owners_alone(tmp_path):
    Queue(Sqlite(tmp_path / "jobs.sqlite3")).accept()
    assert {one.stat().st_mode & 0o777 for one in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize(("outlives_power", "level"), [(True, 2), (False, 1)])
def test_commits_are_synced_where_they_must_outlive_the_power(tmp_path, outlives_power, level):
    database = Sqlite(tmp_path / "jobs.sqlite3")
    for one in (not outlives_power, outlives_power):
        with database.writing(outlives_power=one) as sql:
            found = [sql.row(f"PRAGMA {name}")[0] for name in ("journal_mode", "synchronous")]
    assert found == ["wal", level]


def test_a_server_that_does_not_answer_is_said_without_its_password(caplog):
    pytest.importorskip("psycopg")
    from swath_runtime.jobs.postgresql import PostgreSql

    with pytest.raises(RuntimeFailure) as raised, PostgreSql("postgresql://u:hunter2@127.0.0.1:1/x").reading():
        pass
    said = f"{raised.value} {raised.value.hint} {raised.value.__cause__} {caplog.text}"
    assert "hunter2" not in said
    assert "127.0.0.1" not in said


def test_without_a_driver_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    monkeypatch.delitem(sys.modules, "swath_runtime.jobs.postgresql", raising=False)
    with pytest.raises(DriverMissing) as raised:
        check_place(Settings(jobs="postgresql://host/x"))
    assert (raised.value.exit_code, "swath-runtime[postgresql]" in raised.value.hint) == (3, True)
