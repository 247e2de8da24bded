"""How much one caller may ask at once."""

import json

import pytest
from runtime.auth.callers import Caller

from swath_runtime.auth.gate import Gate
from swath_runtime.auth.principal import ANYONE, Principal
from swath_runtime.http import Reply
from swath_runtime.problems import Problem
from swath_runtime.settings import Settings

ANN, BEN = (Principal(name, frozenset({"read"})) for name in ("ann", "ben"))
TOKEN = "reader-0123456789abcdef"


@pytest.fixture
def gate():
    return Gate(Settings(auth_max_concurrent=2))


def test_a_caller_with_as_many_requests_in_work_as_it_may_is_told_to_wait(gate):
    gate.enter(ANN), gate.enter(ANN)
    with pytest.raises(Problem) as caught:
        gate.enter(ANN)
    assert caught.value.kind.status == 429
    assert ("retry-after", "1") in caught.value.headers


def test_one_caller_takes_no_place_of_another(gate):
    gate.enter(ANN), gate.enter(ANN)
    gate.enter(BEN)


def test_a_request_that_ended_gives_its_place_back(gate):
    gate.enter(ANN)
    gate.enter(ANN)()
    gate.enter(ANN)


def test_callers_without_names_are_not_counted(gate):
    for _ in range(5):
        gate.enter(ANYONE)


def test_without_the_setting_there_is_no_limit():
    gate = Gate(Settings())
    for _ in range(100):
        gate.enter(ANN)


@pytest.fixture
def caller(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(f"{TOKEN} ann read\n")
    return Caller(auth_tokens_file=str(path), auth_max_concurrent=1)


def test_an_answered_request_has_given_its_place_back_even_one_that_failed(caller):
    statuses = [caller.status(token=TOKEN, accept=kind) for kind in ("application/json", "application/json")]
    failed = [caller.status("/openapi", token=TOKEN, accept="image/png") for _ in range(2)]
    assert (statuses, failed) == ([200, 200], [406, 406])


@pytest.mark.parametrize("begins", [True, False])
def test_a_stream_keeps_its_place_until_it_is_closed(caller, begins):
    def chunks():
        yield b"one"
        yield b"two"

    found = caller.router._table.find("/api/v1/version").methods
    found["GET"] = lambda asked: Reply(200, (), b"", chunks())
    stream = caller.ask("/version", token=TOKEN).stream
    if begins:
        assert next(stream) == b"one"
    assert caller.status(token=TOKEN) == 429
    stream.close()
    assert caller.status(token=TOKEN) == 200


def test_a_stream_that_was_read_to_its_end_gives_its_place_back(caller):
    found = caller.router._table.find("/api/v1/version").methods
    found["GET"] = lambda asked: Reply(200, (), b"", (one for one in (b"one",)))
    assert list(caller.ask("/version", token=TOKEN).stream) == [b"one"]
    assert caller.status(token=TOKEN) == 200


def test_the_answer_names_the_limit(caller):
    found = caller.router._table.find("/api/v1/version").methods
    found["GET"] = lambda asked: Reply(200, (), b"", (one for one in (b"one",)))
    stream = caller.ask("/version", token=TOKEN).stream
    assert json.loads(caller.ask(token=TOKEN).body)["message"].startswith("1 of your requests")
    stream.close()
