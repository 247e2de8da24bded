"""The load client and what is made of its findings, against the bare socket server."""

import threading

import pytest

from benchmarks.load.client import Answer, Load, Question, Reader, WrongAnswer, fetch, load, request_bytes
from benchmarks.load.facts import Facts, a_second, cpu_ms, percentile_ms
from benchmarks.programs.socket_service import Connection, Server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"
BODIES = [b"one", b"two", b"a" * 300_000]


@pytest.fixture(scope="module")
def port():
    """Of a server that gives back what it is sent."""
    with Server(("127.0.0.1", 0), Connection) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def questions(port: int) -> list[Question]:
    requests = [request_bytes("/echo", (), body) for body in BODIES]
    return [Question(request, fetch(port, request)) for request in requests]


@pytest.mark.parametrize("cut", range(1, len(HEAD) + 11))
def test_answer_is_read_wherever_it_was_cut(cut):
    reader, whole = Reader(keeps_all=True), HEAD + b"hello world"
    assert not reader.take(memoryview(whole[:cut]))
    assert reader.take(memoryview(whole[cut:]))
    assert (reader.status, reader.size_bytes, reader.first) == (200, 11, b"hello world")


def test_answer_without_a_length_is_refused_by_name():
    with pytest.raises(WrongAnswer, match="Content-Length"):
        Reader().take(memoryview(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"))


def test_fetch_gives_the_whole_answer(port):
    assert [one.answer for one in questions(port)] == [Answer(200, body) for body in BODIES]


@pytest.mark.parametrize("clients", [1, 8])
def test_every_client_gets_an_answer_and_enough_requests_are_sent(port, clients):
    assert load(port, questions(port), clients, seconds=0, least=24).requests >= 24


@pytest.mark.parametrize("clients", [1, 8])
def test_an_answer_to_another_question_is_noticed(port, clients):
    first, second, _ = questions(port)
    mixed_up = Question(first.request, second.answer)
    with pytest.raises(WrongAnswer, match="other bytes"):
        load(port, [mixed_up], clients, seconds=0, least=clients)


def test_an_answer_of_another_length_is_noticed(port):
    first, _, third = questions(port)
    with pytest.raises(WrongAnswer, match="3 bytes"):
        load(port, [Question(first.request, third.answer)], 1, seconds=0)


@pytest.mark.parametrize("agrees", [True, False])
def test_numbers_are_judged_where_bytes_may_differ(port, agrees):
    first, second, _ = questions(port)
    question = Question(first.request, second.answer, lambda body: agrees)
    if agrees:
        assert load(port, [question], 1, seconds=0).requests == 1
    else:
        with pytest.raises(WrongAnswer):
            load(port, [question], 1, seconds=0)


def test_facts_of_several_visits_add_up():
    facts = Facts()
    facts.add(8, Load([0.1, 0.3], elapsed_s=0.4), cpu_s=0.2)
    facts.add(8, Load([0.2, 0.2], elapsed_s=0.6), cpu_s=0.6)
    assert a_second([facts], 8) == pytest.approx(4)
    assert cpu_ms([facts], 8) == pytest.approx(200)
    assert percentile_ms([facts], 8, 50) == pytest.approx(200)


def test_what_was_not_measured_is_none():
    assert (a_second([Facts()], 8), cpu_ms([Facts()], 8), percentile_ms([Facts()], 8, 50)) == (None, None, None)
