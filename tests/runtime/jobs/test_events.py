"""Streams of a job's changes: what they tell, how many there may be, and that they hold nothing up."""

import json
import signal
from contextlib import closing
from http.client import HTTPConnection

from runtime.conftest import API, DEADLINE_S, until
from runtime.jobs.servers import accepted

from swath_runtime.service import MOST_STREAMS


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


def _event(reply):
    """The document of the next event."""
    while not (line := reply.readline()).startswith(b"data: "):
        assert line, "the stream ended"
    return json.loads(line.removeprefix(b"data: "))


def _status_of_stream(server, ident):
    with closing(HTTPConnection("127.0.0.1", server.settings.port, timeout=DEADLINE_S)) as connection:
        connection.request("GET", f"{API}/jobs/{ident}/events")
        return connection.getresponse().status
