"""No job is lost: servers and workers are killed and stopped, the disk is full, the database is away."""

import json
import os
import resource
import signal
import time
from http.client import HTTPException

import pytest
from runtime.conftest import until
from runtime.jobs.servers import accepted, ended, image_body, job


@pytest.mark.parametrize("workers", [1, 2])
def test_what_was_accepted_survives_kill_9_while_it_runs(start, workers, tmp_path):
    first = start(workers=workers, state_folder=tmp_path / "state").open("start").ready()
    running = accepted(first, what="wait")
    first.reached("inside")
    waiting = [accepted(first, what="answer") for _ in range(3)]
    first.kill()
    second = start(workers=workers, state_folder=tmp_path / "state").open("start", "go").ready()
    for ident in (running, *waiting):
        assert ended(second, ident)["status"] == "SUCCEEDED"
        assert json.loads(second.ask("GET", f"/jobs/{ident}/results")[2])[0]["id"] == "what"


def test_a_worker_that_dies_leaves_its_job_to_another(start):
    server = start(workers=2).open("start").ready()
    ident = accepted(server, what="wait")
    until(server.inside, "a worker at work")
    os.kill(server.inside()[0], signal.SIGKILL)
    until(lambda: len(server.inside()) == 2, "another worker at work")
    server.open("go")
    assert ended(server, ident)["status"] == "SUCCEEDED"


def test_a_job_whose_process_dies_too_often_fails_with_the_reason(start):
    server = start(workers=2, job_attempts=2).open("start").ready()
    ident = accepted(server, what="wait")
    for times in (1, 2):
        until(lambda: len(server.inside()) == times, f"attempt {times}")
        os.kill(server.inside()[-1], signal.SIGKILL)
    failed = ended(server, ident)
    assert failed["status"] == "FAILED"
    assert failed["error"]["message"] == "The process that ran it ended before it did, 2 times."
    assert failed["error"]["type"].endswith("/interrupted")


def test_jobs_survive_workers_that_are_killed_again_and_again(start):
    server = start(workers=2, job_attempts=100).open("start").ready()
    idents = []
    while len(idents) < 50:
        try:
            idents.append(accepted(server, what="answer"))
        except (OSError, HTTPException, AssertionError):
            time.sleep(0.01)  # the worker died before it answered, or none is ready
        else:
            if len(idents) % 10 == 0:
                os.kill(server.workers()[0], signal.SIGKILL)
    until(lambda: server.answers("/ready") == 200, "ready again")
    assert {ended(server, one)["status"] for one in idents} == {"SUCCEEDED"}


def test_a_job_gets_the_drain_time_after_sigterm(start):
    server = start().open("start").ready()
    ident = accepted(server, what="wait")
    server.reached("inside")
    server.process.send_signal(signal.SIGTERM)
    until(lambda: server.answers("/ready") == 503, "not ready")
    server.open("go")
    assert server.wait() == 0
    again = start(state_folder=server.settings.state_folder).open("start").ready()
    assert job(again, ident)["status"] == "SUCCEEDED"


def test_a_job_that_outlasts_the_drain_is_given_back_with_all_its_attempts(start):
    server = start(drain_seconds=0.2, job_attempts=1).open("start").ready()
    ident = accepted(server, what="wait")
    server.reached("inside")
    assert server.end() == 0
    again = start(state_folder=server.settings.state_folder).open("start", "go").ready()
    assert ended(again, ident)["status"] == "SUCCEEDED"
    assert "Traceback" not in server.text()


def limit_files(server, size_bytes):
    """Let no file of a server and its workers grow beyond a size."""
    for pid in (server.process.pid, *server.workers()):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, -1))


def test_a_full_disk_refuses_jobs_and_loses_none(start):
    server = start("echo").ready()
    image = image_body()
    first = accepted(server, image=image)
    ended(server, first)
    database = server.settings.state_folder / "jobs.sqlite3-wal"
    limit_files(server, database.stat().st_size + 4096)
    status, headers, content = server.ask("POST", "/jobs", {"image": image_body(1500)})
    assert (status, headers.get("retry-after")) == (503, "5"), content
    assert json.loads(content)["type"].endswith("/jobs-unavailable")
    assert server.ask("GET", f"/jobs/{first}/results/image")[0] == 200
    limit_files(server, -1)
    assert ended(server, accepted(server, image=image))["status"] == "SUCCEEDED"


@pytest.mark.postgresql
def test_servers_of_two_machines_share_a_queue(postgresql_url, start):
    one, two = (start(jobs=postgresql_url).open("start") for _ in range(2))
    one.ready(), two.ready()
    first = accepted(one, what="wait")
    until(lambda: one.inside() or two.inside(), "the first at work")
    second = accepted(one, what="wait")
    until(lambda: one.inside() and two.inside(), "both at work")
    assert {job(two, ident)["status"] for ident in (first, second)} == {"RUNNING"}
    one.kill()
    two.open("go")
    assert {ended(two, ident)["status"] for ident in (first, second)} == {"SUCCEEDED"}
    assert "swath:swath" not in one.text() + two.text()


@pytest.mark.postgresql
def test_a_database_that_is_away_for_a_while_loses_no_job(postgresql_url, start):
    import psycopg

    server = start(jobs=postgresql_url).open("start").ready()
    ident = accepted(server, what="wait")
    server.reached("inside")
    name = postgresql_url.rpartition("/")[2]
    with psycopg.connect(os.environ["SWATH_TEST_POSTGRESQL"], autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        server.open("go")
        _, headers, _ = until(lambda: (got := server.ask("GET", "/jobs"))[0] == 503 and got, "503")
        assert "retry-after" in headers
        assert server.process_call("answer")[0] == 200
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert ended(server, ident)["status"] == "SUCCEEDED"
