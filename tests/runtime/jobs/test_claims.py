"""Claims on jobs: each job is one process's at a time, and none is lost with a process."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from runtime.jobs.queues import BIG, DEAD, Queue

from swath_runtime.jobs.callbacks import Callbacks
from swath_runtime.jobs.claims import LEASE_S, Retries
from swath_runtime.jobs.errors import ClaimLost
from swath_runtime.jobs.files import File
from swath_runtime.jobs.owners import is_known_dead, own_identity
from swath_runtime.jobs.store import Page

ELSEWHERE = "another-machine/1/0"
RETRIES = Retries(2, lambda job: {"message": "interrupted", "status": 500})


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


def test_a_process_is_known_by_its_start_and_its_machine():
    machine, pid, start = own_identity().split("/")
    assert not is_known_dead(own_identity())
    assert is_known_dead(f"{machine}/{pid}/{int(start) + 1}")
    assert is_known_dead(f"{machine}/4194305/1")  # beyond the largest pid
    assert not is_known_dead(f"elsewhere/{pid}/1")
