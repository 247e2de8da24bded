"""Real servers whose algorithm takes several requests at once."""

import json
import shutil
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from clients.answers import Answer
from clients.core import CoreClient
from runtime.conftest import API, DEADLINE_S, FAKES, Server, until

from swath_algorithm.folder import open_algorithm
from swath_runtime.logs import Stages
from swath_runtime.service import Service
from swath_runtime.settings import Settings


def folder(parent: Path, count: int, more: str = "") -> Path:
    """The fake, whose batch is made once so many wait, and not before."""
    made = parent / "batched"
    shutil.copytree(FAKES / "batched", made, ignore=shutil.ignore_patterns("__pycache__"))
    describe = (made / "describe.yml").read_text()
    limits = f"maxSize: 8\n  preferredSize: {count}\n  maxDelaySeconds: {DEADLINE_S}\n"
    (made / "describe.yml").write_text(describe.replace("maxSize: 8\n", limits) + more)
    return made


def ask(server: Server, name: str, does: str = "answer") -> tuple[int, Any]:
    status, _, body = server.ask("POST", "/process", {"name": name, "does": does})
    return status, json.loads(body)


def ask_all(server: Server, **does: str) -> dict[str, tuple[int, Any]]:
    """The answer of each, asked for by a client of its own at once."""
    with ThreadPoolExecutor(len(does)) as clients:
        asked = {name: clients.submit(ask, server, name, what) for name, what in does.items()}
        return {name: one.result() for name, one in asked.items()}


def send(client: CoreClient, name: str, does: str) -> Answer:
    body = json.dumps({"name": name, "does": does}).encode()
    return client.send("POST", f"{API}/process", body, {"Content-Type": "application/json"})


def hang_on(server: Server, name: str, does: str) -> socket.socket:
    """A connection on which a request was sent, whose answer nobody reads yet."""
    body = json.dumps({"name": name, "does": does}).encode()
    connection = socket.create_connection(("127.0.0.1", server.settings.port), timeout=DEADLINE_S)
    head = f"POST {API}/process HTTP/1.1\r\nHost: swath.test\r\nContent-Type: application/json\r\n"
    connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return connection


def test_requests_of_eight_clients_go_together_and_each_gets_its_own_answer(
    start: Callable[..., Server], tmp_path: Path
):
    server = start(folder(tmp_path, 8)).ready()
    answers = ask_all(server, **dict.fromkeys("abcdefgh", "answer"))
    assert {name: (status, body["name"]) for name, (status, body) in answers.items()} == {
        name: (200, name) for name in "abcdefgh"
    }
    assert {"".join(sorted(body["together"])) for _, body in answers.values()} == {"abcdefgh"}


def test_one_bad_item_fails_alone(start: Callable[..., Server], tmp_path: Path):
    server = start(folder(tmp_path, 4)).ready()
    answers = ask_all(server, a="answer", b="spoil", c="answer", d="answer")
    assert {name: status for name, (status, _) in answers.items()} == {"a": 200, "b": 500, "c": 200, "d": 200}
    assert answers["a"][1] == {"name": "a", "together": ["a"]}
    answers = ask_all(server, a="answer", b="reject", c="fail", d="wrong_output")
    assert {name: status for name, (status, _) in answers.items()} == {"a": 200, "b": 422, "c": 500, "d": 500}
    assert sorted(answers["a"][1]["together"]) == ["a", "b", "c", "d"]
    said = [one["message"] for one in server.lines()]
    assert said.count("process_batch failed on 4 items (RuntimeError): each is called alone") == 1


def test_one_who_hangs_up_leaves_the_others_their_answers(start: Callable[..., Server], tmp_path: Path):
    server = start(folder(tmp_path, 3)).ready()
    with ThreadPoolExecutor(2) as clients:
        leaver = hang_on(server, "a", "wait")
        others = [clients.submit(ask, server, name) for name in "bc"]
        server.reached("in-a")
        leaver.close()
        until(lambda: '"status": 499' in server.text(), "the service notices")
        assert not any(one.done() for one in others)
        server.open("go")
        answers = [one.result() for one in others]
    assert [(status, body["name"]) for status, body in answers] == [(200, "b"), (200, "c")]
    assert not (server.gate / "in-cancelled").exists()


def test_a_batch_all_of_whose_callers_hang_up_is_cancelled(start: Callable[..., Server], tmp_path: Path):
    server = start(folder(tmp_path, 2)).ready()
    leavers = [hang_on(server, name, "wait") for name in "ab"]
    server.reached("in-b")
    for one in leavers:
        one.close()
    server.reached("in-cancelled")
    server.open("go")
    answers = ask_all(server, c="answer", d="answer")
    assert {status for status, _ in answers.values()} == {200}


def test_lines_of_a_batch_carry_the_ids_of_all_its_requests(start: Callable[..., Server], tmp_path: Path):
    server = start(folder(tmp_path, 3)).ready()
    ask_all(server, a="answer", b="answer", c="answer")
    assert server.end() == 0
    lines = server.lines()
    (together,) = (one for one in lines if one["message"].startswith("together: "))
    access = [one["correlationId"] for one in lines if one["logger"] == "swath.access" and "POST" in one["message"]]
    assert sorted(together["correlationIds"]) == sorted(access)
    assert len(set(access)) == 3


@pytest.mark.parametrize("isolation", ["thread", "process"])
def test_batches_are_the_same_in_threads_and_in_processes(tmp_path: Path, isolation: str):
    made = folder(tmp_path, 5, f"  isolation: {isolation}\n")
    does = {"a": "answer", "b": "reject", "c": "fail", "d": "answer"}
    with CoreClient(open_algorithm(made)) as client, ThreadPoolExecutor(5) as callers:
        for last, expected in (("answer", 5), ("exit", 1)):
            asked = [callers.submit(send, client, name, what) for name, what in {**does, "e": last}.items()]
            answers = [one.result() for one in asked]
            assert [one.status for one in answers] == [200, 422, 500, 200, 200]
            assert len(answers[0].json["together"]) == expected


def test_calls_of_one_batch_have_one_configuration(tmp_path: Path):
    """What was changed between two calls keeps them apart; the context of a batch carries that of its calls."""
    schema = "configSchema: {type: object, properties: {speed: {type: integer, default: 1}}}\n"
    made = folder(tmp_path, 2, schema)
    service = Service(open_algorithm(made), Settings(algorithm=made, state_folder=tmp_path / "state"))
    service.configuration.keep_for(service.settings, "batched")
    service.start()
    begun = [service.begin({"name": "a"}, {}, Stages())]
    service.configuration.change({"speed": 2}, lambda tag: None)
    begun += [service.begin({"name": name}, {}, Stages()) for name in "bc"]
    assert service.finish(begun[1], Stages()).document["together"] == ["b", "c"]
    batch = begun[1].call.batch
    assert batch is not None
    assert batch.context.config == {"speed": 2}
    service.give_up(begun[0])
    assert service.stop()
