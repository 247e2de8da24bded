"""Jobs of a server process, from the queue to their results: their order, their limits, and their place."""

import json
from http.client import HTTPConnection

from runtime.conftest import API, DEADLINE_S, until
from runtime.jobs.servers import accepted, ended, image_body, job


def test_a_job_that_runs_is_cancelled_and_its_place_is_free(start):
    server = start().open("start").ready()
    ident = accepted(server, what="wait")
    server.reached("inside")
    assert job(server, ident)["status"] == "RUNNING"
    assert server.ask("DELETE", f"/jobs/{ident}")[0] == 204
    assert job(server, ident)["status"] == "CANCELLED"
    assert ended(server, accepted(server, what="answer"))["status"] == "SUCCEEDED"
    assert job(server, ident)["status"] == "CANCELLED"


def test_a_job_that_waits_is_cancelled_and_never_runs(start):
    server = start().open("start").ready()
    first = accepted(server, what="wait")
    server.reached("inside")
    second = accepted(server, what="exit")
    assert server.ask("DELETE", f"/jobs/{second}")[0] == 204
    server.open("go")
    assert ended(server, first)["status"] == "SUCCEEDED"
    cancelled = job(server, second)
    assert cancelled["status"] == "CANCELLED"
    assert "started" not in cancelled


def test_jobs_run_in_the_order_in_which_they_came(start):
    server = start().open("start").ready()
    blocker = accepted(server, what="wait")
    server.reached("inside")
    idents = [accepted(server, what="answer") for _ in range(5)]
    server.open("go")
    ended(server, blocker)
    finished = [ended(server, one)["started"] for one in idents]
    assert finished == sorted(finished)


def test_a_job_waits_for_requests_without_using_up_its_time(start):
    server = start("too_slow").ready()  # 0.5 s for each call, one at a time
    idents = [accepted(server, seconds=0.3) for _ in range(4)]
    assert {ended(server, one)["status"] for one in idents} == {"SUCCEEDED"}


def test_a_job_that_takes_longer_than_it_may_fails(start):
    server = start("too_slow").ready()
    failed = ended(server, accepted(server, seconds=60))
    assert (failed["status"], failed["error"]["status"]) == ("FAILED", 504)


def test_progress_is_seen_while_a_job_runs(start):
    server = start("background").ready()
    done = ended(server, accepted(server, steps=3))
    assert (done["progress"], done["status"]) == (100, "SUCCEEDED")


def test_a_job_is_gone_after_its_time(start):
    server = start(job_ttl_seconds=0.2).open("start").ready()
    ident = accepted(server, what="answer")
    until(lambda: job(server, ident)["status"] == 404, "removed")
    assert server.ask("GET", f"/jobs/{ident}/results/what")[0] == 404


def test_more_jobs_than_may_wait_are_told_to_come_again(start):
    server = start(max_jobs=2).open("start").ready()
    accepted(server, what="wait")
    server.reached("inside")
    waiting = [accepted(server, what="answer") for _ in range(2)]
    status, headers, content = server.ask("POST", "/jobs", {"what": "answer"})
    assert (status, "SWATH_MAX_JOBS" in json.loads(content)["hint"], "retry-after" in headers) == (503, True, True)
    server.open("go")
    assert {ended(server, one)["status"] for one in waiting} == {"SUCCEEDED"}
    accepted(server, what="answer")


def test_images_are_put_by_reference_where_that_is_preferred(start, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    server = start("echo", output_prefixes=(f"file://{out}/",)).ready()
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)
    headers = {"Content-Type": "application/json", "Prefer": "return=minimal"}
    connection.request("POST", f"{API}/jobs", json.dumps({"image": image_body()}), headers)
    reply = connection.getresponse()
    assert reply.getheader("preference-applied") == "return=minimal"
    ident = json.loads(reply.read())["id"]
    connection.close()
    ended(server, ident)
    stored = json.loads(server.ask("GET", f"/jobs/{ident}/results/image")[2])
    assert stored["href"].startswith(f"file://{out}/")
    assert stored["mediaType"] == "image/tiff"


def test_without_a_folder_the_service_serves_and_its_jobs_answer_503(start, tmp_path):
    (tmp_path / "file").touch()
    server = start(state_folder=tmp_path / "file" / "state").open("start").ready()
    assert server.process_call("answer")[0] == 200
    status, _, content = server.ask("POST", "/jobs", {"what": "answer"})
    assert (status, "SWATH_STATE_FOLDER" in json.loads(content)["hint"]) == (503, True)
    assert str(tmp_path) not in content.decode()
    assert server.end() == 0


def test_what_can_not_be_used_ends_the_server_with_the_reason(start, tmp_path):
    for settings, variable in (
        ({"jobs": "mysql://root:hunter2@host/x"}, "SWATH_JOBS"),
        ({"jobs": "postgresql://root:hunter2@host/x?nonsense=1"}, "SWATH_JOBS"),
        ({"callback_hosts": ("hooks.example",)}, "SWATH_CALLBACK_SECRET_FILE"),
    ):
        server = start(**settings)
        assert server.wait() == 2, variable
        assert variable in server.text()
        assert "hunter2" not in server.text()
