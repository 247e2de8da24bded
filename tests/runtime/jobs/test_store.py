"""What is kept of jobs, the same over SQLite and a real PostgreSQL: whose it is, how much of it, and how long."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from runtime.jobs.queues import BIG, DEAD, Queue

from swath_runtime.jobs.errors import LimitReached
from swath_runtime.jobs.files import CHUNK_BYTES, File
from swath_runtime.jobs.owners import is_known_dead
from swath_runtime.jobs.retention import remove_expired, remove_unfinished
from swath_runtime.jobs.store import Limits, NewJob, Page, Store


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
