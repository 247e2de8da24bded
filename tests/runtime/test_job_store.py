"""The store of jobs itself, the same over SQLite and a real PostgreSQL."""

import os
import sys
import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from runtime.conftest import database_on

from swath_runtime.errors import RuntimeFailure
from swath_runtime.jobs.callbacks import Callbacks
from swath_runtime.jobs.claims import LEASE_S, Claims, Retries
from swath_runtime.jobs.errors import ClaimLost, DriverMissing, LimitReached, StoreUnavailable
from swath_runtime.jobs.files import CHUNK_BYTES, STEP_CHUNKS, File
from swath_runtime.jobs.owners import is_known_dead, own_identity
from swath_runtime.jobs.retention import remove_expired, remove_unfinished
from swath_runtime.jobs.room import check_place
from swath_runtime.jobs.sqlite import Sqlite
from swath_runtime.jobs.store import Limits, NewJob, Page, Store
from swath_runtime.jobs.tables import prepare
from swath_runtime.settings import Settings

DEAD = f"{own_identity().split('/')[0]}/1/0"  # process 1 did not begin at 0
ELSEWHERE = "another-machine/1/0"
RETRIES = Retries(2, lambda job: {"message": "interrupted", "status": 500})
BIG = os.urandom(CHUNK_BYTES * (STEP_CHUNKS + 1) + 5)


class Queue:
    """A store and the claims of several processes on it."""

    def __init__(self, database, most_waiting=100, most_bytes=1 << 40):
        prepare(database)
        self.database, self.service = database, f"service-{uuid.uuid4()}"
        self.most_bytes = most_bytes
        self.store = Store(database, self.service, Limits(most_waiting, most_bytes), own_identity())
        self.claims = self.claims_of(own_identity())

    def claims_of(self, runner):
        return Claims(self.database, self.service, "a@1.0.0", runner, self.most_bytes)

    def accept(self, content=b"{}", **facts):
        ident = str(uuid.uuid4())
        self.store.accept(
            NewJob(ident, "a@1.0.0", facts.pop("owner", ""), "c", **facts), File("", "text/plain", content)
        )
        return ident

    def status(self, ident, owner=""):
        found = self.store.job(ident, owner)
        return found.status if found else None

    def succeed(self, *results):
        job = self.claims.next()
        self.claims.succeed(job, [File(f"r{n}", "text/plain", one) for n, one in enumerate(results)])
        return job.id

    def rows(self, statement, *values):
        with self.database.reading() as sql:
            return sql.rows(statement, *values)

    def change(self, statement, *values):
        with self.database.writing() as sql:
            return sql.change(statement, *values)


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


def test_the_oldest_is_claimed_first(queue):
    idents = [queue.accept() for _ in range(3)]
    assert [queue.claims.next().id for _ in range(3)] == idents
    assert queue.claims.next() is None


def test_each_job_is_claimed_once_by_many_at_once(queue):
    idents = {queue.accept() for _ in range(60)}
    claimed = []

    def claim():
        while job := queue.claims.next():
            claimed.append(job.id)

    with ThreadPoolExecutor(6) as threads:
        for one in [threads.submit(claim) for _ in range(6)]:
            one.result()
    assert Counter(claimed) == Counter(idents)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, len(BIG)])
def test_requests_and_results_come_back_byte_for_byte(queue, size):
    content = BIG[:size]
    ident = queue.accept(content)
    job = queue.claims.next()
    kept, body = queue.claims.request(job)
    assert (bytes(body), kept.media_type) == (content, "text/plain")
    queue.claims.succeed(job, [File("a", "image/tiff", memoryview(content)), File("b", "text/plain", b"x")])
    results = queue.store.results(ident)
    assert [(one.name, one.media_type, one.size_bytes) for one in results] == [
        ("a", "image/tiff", size),
        ("b", "text/plain", 1),
    ]
    assert b"".join(queue.store.content(results[0])) == content


def test_a_request_is_removed_at_the_end(queue):
    queue.accept(BIG)
    queue.succeed()
    assert queue.rows("SELECT 1 FROM swath_job_files WHERE service = ?", queue.service) == []


def test_a_claim_that_was_taken_over_can_end_nothing(queue):
    ident = queue.accept()
    late = queue.claims_of(DEAD)
    job = late.next()
    assert queue.claims.take_from_the_dead(RETRIES, is_known_dead) == 1
    again = queue.claims.next()
    with pytest.raises(ClaimLost):
        late.succeed(job, [File("late", "text/plain", BIG)])
    assert not late.fail(job, {"message": "late"})
    assert not late.renew(job, 50, "late")
    assert not late.give_back(job)
    queue.claims.succeed(again, [File("mine", "text/plain", b"1")])
    assert [one.name for one in queue.store.results(ident)] == ["mine"]


def test_a_claim_that_is_lost_between_two_writes_shows_nothing(queue, monkeypatch):
    ident = queue.accept()
    job = queue.claims.next()
    require, times = queue.claims._require, []

    def lose(sql, held):
        times.append(1)
        if len(times) == 2:
            sql.change("UPDATE swath_jobs SET claim = claim + 1 WHERE id = ?", ident)
        require(sql, held)

    monkeypatch.setattr(queue.claims, "_require", lose)
    with pytest.raises(ClaimLost):
        queue.claims.succeed(job, [File("a", "text/plain", BIG)])
    assert queue.store.results(ident) == []


def test_a_job_of_a_dead_process_begins_again_until_its_attempts_are_used_up(queue):
    ident = queue.accept()
    for status in ("ACCEPTED", "FAILED"):
        queue.claims_of(DEAD).next()
        assert queue.claims.take_from_the_dead(RETRIES, is_known_dead) == 1
        assert queue.status(ident) == status
    assert queue.rows("SELECT 1 FROM swath_job_files WHERE job = ?", ident) == []


def test_a_job_of_another_machine_is_taken_once_its_lease_has_ended(queue):
    ident = queue.accept()
    queue.claims_of(ELSEWHERE).next()
    assert queue.claims.take_from_the_dead(RETRIES, is_known_dead) == 0
    queue.change("UPDATE swath_jobs SET lease = {now} - 1 WHERE id = ?", ident)
    assert queue.claims.take_from_the_dead(RETRIES, is_known_dead) == 1
    assert queue.status(ident) == "ACCEPTED"


def test_a_sign_of_life_keeps_a_job(queue):
    ident = queue.accept()
    claims = queue.claims_of(ELSEWHERE)
    job = claims.next()
    queue.change("UPDATE swath_jobs SET lease = {now} - 1 WHERE id = ?", ident)
    assert claims.prolong(job)
    assert queue.claims.take_from_the_dead(RETRIES, is_known_dead) == 0
    assert queue.rows("SELECT lease > {now} + ? FROM swath_jobs WHERE id = ?", LEASE_S / 2, ident)[0][0]


def test_what_is_given_back_has_all_its_attempts(queue):
    queue.accept()
    for _ in range(5):
        job = queue.claims.next()
        assert job.attempts == 1
        assert queue.claims.give_back(job)


def test_a_cancelled_job_is_lost_to_its_runner(queue):
    ident = queue.accept()
    job = queue.claims.next()
    assert queue.store.dismiss(ident, "")
    assert not queue.claims.holds(job)
    with pytest.raises(ClaimLost):
        queue.claims.request(job)
    with pytest.raises(ClaimLost):
        queue.claims.succeed(job, [File("a", "text/plain", b"1")])
    assert queue.status(ident) == "CANCELLED"


def test_every_change_is_counted(queue):
    ident = queue.accept()
    counts = [queue.store.job(ident, "").changes]
    job = queue.claims.next()
    counts.append(queue.store.job(ident, "").changes)
    queue.claims.renew(job, 10, "begun")
    counts.append(queue.store.job(ident, "").changes)
    queue.claims.succeed(job, [])
    counts.append(queue.store.job(ident, "").changes)
    assert counts == [1, 2, 3, 4]


def test_jobs_of_another_owner_are_not_there(queue):
    ident = queue.accept(owner="anna")
    assert queue.status(ident, "bert") is None
    assert not queue.store.dismiss(ident, "bert")
    assert queue.store.page("bert", Page((), time.time() + 60, 0, 10)) == ([], 0)
    assert queue.status(ident, "anna") == "ACCEPTED"


def test_jobs_of_another_service_are_not_there(database):
    one, other = Queue(database), Queue(database)
    ident = one.accept()
    assert other.claims.next() is None
    assert other.status(ident) is None


def test_pages_hold_each_job_once_newest_first(queue):
    idents = [queue.accept() for _ in range(7)][::-1]
    until_s = queue.store.now()
    pages = [queue.store.page("", Page((), until_s, first, 3))[0] for first in (0, 3, 6)]
    assert [one.id for page in pages for one in page] == idents
    assert queue.store.page("", Page(("ACCEPTED", "FAILED"), until_s, 0, 1))[1] == 7
    assert queue.store.page("", Page(("FAILED",), until_s, 0, 1))[1] == 0


def test_no_more_wait_than_may(database):
    queue = Queue(database, most_waiting=2)
    queue.accept(), queue.accept()
    with pytest.raises(LimitReached, match="2 jobs"):
        queue.accept()
    queue.claims.next()
    queue.accept()


def test_no_more_wait_than_may_however_many_ask_at_once(database):
    queue = Queue(database, most_waiting=5)
    with ThreadPoolExecutor(8) as threads:
        tries = [threads.submit(queue.accept) for _ in range(20)]
    assert sum(one.exception() is None for one in tries) == 5


def test_what_ended_first_makes_room(database):
    queue = Queue(database, most_bytes=1000)
    ended = []
    for _ in range(2):
        ended.append(queue.accept(b"x"))
        queue.succeed(b"y" * 400)
    waiting = queue.accept(b"z" * 300)
    assert [queue.status(one) for one in (*ended, waiting)] == [None, "SUCCEEDED", "ACCEPTED"]


def test_without_room_nothing_is_removed(database):
    queue = Queue(database, most_bytes=1000)
    ended = queue.accept(b"x")
    queue.succeed(b"y" * 400)
    with pytest.raises(LimitReached, match="1,000 bytes"):
        queue.accept(b"z" * 1001)
    assert queue.status(ended) == "SUCCEEDED"


def test_a_result_that_does_not_fit_leaves_the_job_to_be_failed(database):
    queue = Queue(database, most_bytes=1000)
    ident = queue.accept(b"x")
    job = queue.claims.next()
    with pytest.raises(LimitReached):
        queue.claims.succeed(job, [File("a", "text/plain", b"y" * 1000)])
    assert queue.claims.fail(job, {"message": "too large"})
    assert queue.status(ident) == "FAILED"


def test_jobs_are_removed_after_their_time_with_all_that_is_theirs(queue):
    ended = queue.accept(callback="http://a.example/")
    queue.succeed(BIG)
    waiting = queue.accept()
    with queue.database.writing() as sql:
        assert remove_expired(sql, queue.service, 3600) == 0
        assert remove_expired(sql, queue.service, -1) == 1
    assert (queue.status(ended), queue.status(waiting)) == (None, "ACCEPTED")
    assert queue.rows("SELECT 1 FROM swath_job_files WHERE job = ?", ended) == []
    assert queue.rows("SELECT 1 FROM swath_job_callbacks WHERE job = ?", ended) == []


def test_what_a_dead_process_began_to_write_is_removed(queue):
    dead = Store(queue.database, queue.service, Limits(10, 1 << 30), DEAD)
    dead._insert = lambda sql, job: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        dead.accept(NewJob(str(uuid.uuid4()), "a@1", "", "c"), File("", "text/plain", BIG))
    with queue.database.writing() as sql:
        assert remove_unfinished(sql, queue.service, is_known_dead) == 1
    assert queue.rows("SELECT 1 FROM swath_job_files WHERE service = ?", queue.service) == []


def test_a_callback_is_tried_by_one_at_a_time_and_after_the_end_only(queue):
    callbacks = Callbacks(queue.database, queue.service)
    queue.accept(callback="http://a.example/", base="http://b.example")
    assert callbacks.next() is None
    queue.succeed()
    due = callbacks.next()
    assert (due.url, due.base, due.tries, due.job.status) == ("http://a.example/", "http://b.example", 1, "SUCCEEDED")
    assert callbacks.next() is None
    callbacks.again(due, -1.0)
    again = callbacks.next()
    assert again.tries == 2
    callbacks.done(due)  # of a worker that was slow: the second try is another's
    callbacks.again(again, -1.0)
    callbacks.done(callbacks.next())
    assert callbacks.next() is None


def test_hundreds_of_jobs_are_accepted_listed_and_finished(database):
    queue = Queue(database, most_waiting=500)
    with ThreadPoolExecutor(4) as threads:
        idents = set(threads.map(lambda _: queue.accept(), range(500)))
    until_s = queue.store.now()
    pages = [queue.store.page("", Page((), until_s, first, 250))[0] for first in range(0, 500, 250)]
    assert {one.id for page in pages for one in page} == idents
    ended = threading.Barrier(3)

    def run():
        while job := queue.claims.next():
            queue.claims.succeed(job, [File("a", "text/plain", b"1")])
        ended.wait(60)

    runners = [threading.Thread(target=run) for _ in range(2)]
    for one in runners:
        one.start()
    ended.wait(60)
    assert queue.store.page("", Page(("SUCCEEDED",), queue.store.now(), 0, 1))[1] == 500


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


def test_a_process_is_known_by_its_start_and_its_machine():
    machine, pid, start = own_identity().split("/")
    assert not is_known_dead(own_identity())
    assert is_known_dead(f"{machine}/{pid}/{int(start) + 1}")
    assert is_known_dead(f"{machine}/4194305/1")  # beyond the largest pid
    assert not is_known_dead(f"elsewhere/{pid}/1")
