"""Requests that go to an algorithm together, each of which gets its own answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from clients.answers import Answer
from contract.forms import post_json

from swath_registry.validation import Validator


def test_one_request_is_a_batch_of_one(serve) -> None:
    assert post_json(serve("batched"), {"name": "a"}).expect(200).json == {"name": "a", "together": ["a"]}


def test_describe_says_how_many_go_together(serve) -> None:
    document = serve("batched").send("GET", "/api/v1/describe").expect(200).json
    assert Validator("describe@1").violations(document) == []
    assert (document["batched"], document["batch"]) == (True, {"maxSize": 8})


FAILED = (500, "algorithm-failed")
BAD = {
    "fail": FAILED, "reject": (422, "unprocessable-input"), "wrong_output": FAILED,
    "spoil": FAILED, "too_few": FAILED, "no_list": FAILED,
}  # fmt: skip


@pytest.mark.parametrize("does", BAD)
def test_what_an_item_fails_of_is_its_callers_answer(serve, does: str) -> None:
    status, kind = BAD[does]
    problem = post_json(serve("batched"), {"name": "a", "does": does}).expect(status).json
    assert problem["type"].endswith(f"/{kind}")


def test_a_rejected_item_says_which_input_it_is(serve) -> None:
    problem = post_json(serve("batched"), {"name": "a", "does": "reject"}).expect(422).json
    assert problem["errors"] == [{"pointer": "/does", "message": "told to reject"}]


def test_an_invalid_request_never_comes_to_a_batch(serve) -> None:
    assert post_json(serve("batched"), {"name": 7}).expect(400).json["errors"][0]["pointer"] == "/name"


def test_every_one_of_many_callers_gets_its_own_answer(serve) -> None:
    """Who is together with whom is chance, so that the two backends are not compared."""
    client = serve("batched").backend

    def ask(number: int) -> Answer:
        does = "reject" if number % 5 == 0 else "spoil" if number % 7 == 0 else "answer"
        return post_json(client, {"name": str(number), "does": does})

    with ThreadPoolExecutor(8) as callers:
        answers = dict(enumerate(callers.map(ask, range(64))))
    for number, answer in answers.items():
        if number % 5 == 0:
            answer.expect(422)
        elif number % 7 == 0:
            answer.expect(500)
        else:
            assert answer.expect(200).json["name"] == str(number)
            assert str(number) in answer.json["together"]
