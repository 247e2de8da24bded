"""Many clients at once: every answer is there, and is the one that was asked for."""

import signal
import threading

import pytest
from runtime.conftest import until
from runtime.load import RIGHT, Load


def _url(server):
    return f"http://127.0.0.1:{server.settings.port}"


@pytest.mark.parametrize(("clients", "requests", "workers"), [(8, 15, 1), (64, 2, 1), (8, 10, 2)])
def test_no_answer_is_lost_wrong_or_anothers(start, clients, requests, workers):
    server = start("echo", workers=workers).ready()
    load = Load(_url(server)).run(clients, requests)
    assert not load.findings
    assert load.counts[RIGHT] == clients * requests
    assert server.end() == 0
    assert "Traceback" not in server.text()


def test_a_service_that_stops_under_load_answers_what_it_has_taken_in(start):
    server = start("echo").ready()
    load = Load(_url(server))
    clients = threading.Thread(target=load.run, args=(8, 1000))
    clients.start()
    until(lambda: load.counts[RIGHT] > 10, "ten answers")
    load.end()
    server.process.send_signal(signal.SIGTERM)
    clients.join()
    assert server.wait() == 0
    assert not load.findings
    assert "Traceback" not in server.text()
