"""A client that hangs up gives its place to others."""

from runtime.conftest import in_background, until


def statuses(server) -> list[int]:
    return [one["status"] for one in server.calls()]


def test_a_call_that_heeds_it_ends_when_its_caller_hangs_up_and_is_logged_with_499(start):
    server = start().open("start").ready()
    with server.begin_call("wait"):
        server.reached("inside")
    until(lambda: statuses(server) == [499], "the call is logged as one whose caller has gone")
    assert server.process_call("answer")[0] == 200
    assert "Traceback" not in server.text()


def test_a_queued_call_whose_caller_hangs_up_is_never_run(start):
    server = start().open("start").ready()
    with in_background(lambda: server.process_call("wait")) as first:
        server.reached("inside")
        with server.begin_call("answer"):
            until(lambda: server.process_call("answer")[0] == 503, "it waits")
        until(lambda: 499 in statuses(server), "it is dropped")
        server.open("go")
        assert first()[0] == 200
    assert server.end() == 0
    assert len([one for one in server.lines() if one["message"] == "at work"]) == 1
