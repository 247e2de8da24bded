"""Jobs of real server processes: killed, stopped, full, and shared by workers."""

import base64
import hashlib
import hmac
import json
import os
import resource
import signal
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from runtime.conftest import API, DEADLINE_S, until

ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}
SECRET = base64.b64encode(b"k" * 32).decode()


def accepted(server, **body):
    status, _, content = server.ask("POST", "/jobs", body)
    assert status == 200, content
    return json.loads(content)["id"]


def job(server, ident):
    status, _, content = server.ask("GET", f"/jobs/{ident}")
    return json.loads(content) if status == 200 else {"status": status}


def ended(server, ident):
    return until(lambda: (found := job(server, ident))["status"] in ENDED and found, f"the end of {ident}")


def listed(server, query=""):
    return json.loads(server.ask("GET", f"/jobs{query}")[2])


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


def test_an_open_stream_does_not_hold_the_end_of_the_server(start):
    server = start(drain_seconds=60).open("start").ready()
    ident = accepted(server, what="wait")
    with closing(HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)) as connection:
        connection.request("GET", f"{API}/jobs/{ident}/events")
        assert connection.getresponse().read(7) == b"retry: "
        server.reached("inside")
        server.process.send_signal(signal.SIGTERM)
        server.open("go")
        assert server.wait() == 0


def test_events_tell_each_change_until_the_end(start):
    server = start().open("start").ready()
    ident = accepted(server, what="wait")
    server.reached("inside")
    with closing(HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)) as connection:
        connection.request("GET", f"{API}/jobs/{ident}/events")
        reply = connection.getresponse()
        assert reply.getheader("content-type") == "text/event-stream"
        first = _event(reply)
        server.open("go")
        last = _event(reply)
        assert reply.read().strip() == b""
    assert (first["status"], last["status"]) == ("RUNNING", "SUCCEEDED")


def test_no_more_than_so_many_listen_at_once(start):
    from swath_runtime.service import MOST_STREAMS

    server = start().open("start").ready()
    ident = accepted(server, what="wait")
    opened = [HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S) for _ in range(MOST_STREAMS)]
    for one in opened:
        one.request("GET", f"{API}/jobs/{ident}/events")
        assert one.getresponse().status == 200
    status, headers, _ = server.ask("GET", f"/jobs/{ident}/events")
    assert (status, "retry-after" in headers) == (503, True)
    assert server.ask("GET", f"/jobs/{ident}")[0] == 200
    for one in opened:
        one.close()
    until(lambda: _status_of_stream(server, ident) == 200, "a place for a stream")


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


def limit_files(server, size_bytes):
    """Let no file of a server and its workers grow beyond a size."""
    for pid in (server.process.pid, *server.workers()):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size_bytes, -1))


def test_a_full_disk_refuses_jobs_and_loses_none(start):
    server = start("echo").ready()
    image = _image_body()
    first = accepted(server, image=image)
    ended(server, first)
    database = server.settings.state_folder / "jobs.sqlite3-wal"
    limit_files(server, database.stat().st_size + 4096)
    status, headers, content = server.ask("POST", "/jobs", {"image": _image_body(1500)})
    assert (status, headers.get("retry-after")) == (503, "5"), content
    assert json.loads(content)["type"].endswith("/jobs-unavailable")
    assert server.ask("GET", f"/jobs/{first}/results/image")[0] == 200
    limit_files(server, -1)
    assert ended(server, accepted(server, image=image))["status"] == "SUCCEEDED"


def test_without_a_folder_the_service_serves_and_its_jobs_answer_503(start, tmp_path):
    (tmp_path / "file").touch()
    server = start(state_folder=tmp_path / "file" / "state").open("start").ready()
    assert server.process_call("answer")[0] == 200
    status, _, content = server.ask("POST", "/jobs", {"what": "answer"})
    assert (status, "SWATH_STATE_FOLDER" in json.loads(content)["hint"]) == (503, True)
    assert str(tmp_path) not in content.decode()
    assert server.end() == 0


def test_images_are_put_by_reference_where_that_is_preferred(start, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    server = start("echo", output_prefixes=(f"file://{out}/",)).ready()
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)
    headers = {"Content-Type": "application/json", "Prefer": "return=minimal"}
    connection.request("POST", f"{API}/jobs", json.dumps({"image": _image_body()}), headers)
    reply = connection.getresponse()
    assert reply.getheader("preference-applied") == "return=minimal"
    ident = json.loads(reply.read())["id"]
    connection.close()
    ended(server, ident)
    stored = json.loads(server.ask("GET", f"/jobs/{ident}/results/image")[2])
    assert stored["href"].startswith(f"file://{out}/")
    assert stored["mediaType"] == "image/tiff"


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


@pytest.fixture
def receiver():
    """A server that keeps what it is sent, and answers with the statuses of `answers`, then with 204."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            Receiver.heard.append((self.path, dict(self.headers.items()), body))
            self.send_response(Receiver.answers.pop(0) if Receiver.answers else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    Receiver.heard, Receiver.answers = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        Receiver.address = f"127.0.0.1:{listening.server_address[1]}"
        yield Receiver
        listening.shutdown()
        thread.join()


def called_back(start, receiver, tmp_path, **settings):
    (tmp_path / "secret").write_text(f"whsec_{SECRET}\n")
    return start(
        callback_hosts=(receiver.address,),
        callback_secret_file=tmp_path / "secret",
        state_folder=tmp_path / "state",
        **{"url_networks": ("127.0.0.0/8",)} | settings,
    )


def post_with_callback(server, url, **body):
    connection = HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)
    headers = {"Content-Type": "application/json", "X-Callback-URL": url, "Host": "geo.example"}
    connection.request("POST", f"{API}/jobs", json.dumps(body), headers)
    reply = connection.getresponse()
    content = json.loads(reply.read())
    connection.close()
    return reply.status, content


def test_a_callback_is_signed_and_tried_again_until_it_is_taken(start, receiver, tmp_path):
    receiver.answers[:] = [500, 302]
    server = called_back(start, receiver, tmp_path).open("start").ready()
    status, said = post_with_callback(server, f"http://{receiver.address}/done?a=1", what="answer")
    assert status == 200
    until(lambda: len(receiver.heard) == 3, "three tries")
    assert len({headers["webhook-id"] for _, headers, _ in receiver.heard}) == 1
    path, headers, body = receiver.heard[-1]
    document = json.loads(body)
    assert (path, document["id"], document["status"]) == ("/done?a=1", said["id"], "SUCCEEDED")
    assert document["_links"]["results"]["href"].startswith("http://geo.example/")
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(base64.b64decode(SECRET), content, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert "whsec" not in server.text()


def test_a_callback_survives_a_restart(start, receiver, tmp_path):
    server = called_back(start, receiver, tmp_path).open("start").ready()
    _, said = post_with_callback(server, f"http://{receiver.address}/", what="wait")
    server.reached("inside")
    server.kill()
    called_back(start, receiver, tmp_path).open("start", "go").ready()
    until(lambda: receiver.heard, "the callback")
    assert json.loads(receiver.heard[0][2])["id"] == said["id"]


@pytest.mark.parametrize("url", ["http://elsewhere.example/", "ftp://127.0.0.1/", "http://user@127.0.0.1/", "x"])
def test_a_callback_to_elsewhere_is_refused_at_once(start, receiver, tmp_path, url):
    server = called_back(start, receiver, tmp_path).open("start").ready()
    status, problem = post_with_callback(server, url, what="answer")
    assert (status, "SWATH_CALLBACK_HOSTS" in problem["hint"]) == (400, True)


def test_an_address_that_is_not_public_is_not_called(start, receiver, tmp_path):
    server = called_back(start, receiver, tmp_path, url_networks=()).open("start").ready()
    assert post_with_callback(server, f"http://{receiver.address}/", what="answer")[0] == 200
    until(lambda: "did not arrive" in server.text(), "a refusal in the log")
    assert receiver.heard == []


def _event(reply):
    """The document of the next event."""
    while not (line := reply.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    return json.loads(line.removeprefix(b"data: "))


def _status_of_stream(server, ident):
    with closing(HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)) as connection:
        connection.request("GET", f"{API}/jobs/{ident}/events")
        return connection.getresponse().status


def _image_body(side=64):
    import numpy as np

    from swath_converters import Image
    from swath_converters.image import encode_image

    noise = np.random.default_rng(1).integers(0, 255, (1, side, side), np.uint8)
    return base64.b64encode(encode_image(Image(noise), "image/tiff")).decode()
