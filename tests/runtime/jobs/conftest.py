"""Stores of jobs over SQLite and a real PostgreSQL."""

import pytest
from runtime.conftest import database_on
from runtime.jobs.queues import Queue

from swath_runtime.jobs.sqlite import Sqlite


@pytest.fixture(scope="session")
def shared_url(postgresql_server):
    with database_on(postgresql_server) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request, tmp_path):
    if request.param == "sqlite":
        opened = Sqlite(tmp_path / "jobs.sqlite3")
    else:
        url = request.getfixturevalue("shared_url")
        from swath_runtime.jobs.postgresql import PostgreSql

        opened = PostgreSql(url)
    yield opened
    opened.close()


@pytest.fixture
def queue(database):
    return Queue(database)
