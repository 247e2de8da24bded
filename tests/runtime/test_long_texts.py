"""JSON with long texts means what it means to a parser that looks at each character."""

import json
from random import Random
from typing import Any

import orjson
import pytest

from swath_runtime.long_texts import LONG_BYTES, dumps, loads

LONG = "A" * LONG_BYTES
DEEP = "[" * 1000 + "]" * 1000

VALID: dict[str, Any] = {
    "one": {"image": LONG},
    "several": {"images": [LONG, LONG + "b", "short"], "n": 1.5},
    "the same twice": [LONG, LONG],
    "whole": [LONG],
    "a name": {LONG: 1, "x": LONG},
    "after an escaped quote": {"a": 'say "hi" \\', "image": LONG},
    "with an escape": {"image": LONG + "\n"},
    "not ASCII": {"image": LONG + "é"},
    "after many": {"n": ["x"] * 1000, "image": LONG},
    "bare": LONG,
}


@pytest.mark.parametrize("name", VALID)
def test_a_document_is_read_as_it_was_written(name: str) -> None:
    assert loads(json.dumps(VALID[name], ensure_ascii=False).encode()) == VALID[name]


def test_a_document_may_be_as_deep_as_without_a_long_text() -> None:
    body = f'{{"image": "{LONG}", "deep": {DEEP}}}'.encode()
    found = loads(body)["deep"]
    depth = 1
    while found:
        found, depth = found[0], depth + 1
    assert depth == 1000


@pytest.mark.parametrize(
    "broken",
    [
        b'{"image": "%s' % LONG.encode(),
        b'{"image": "%s"' % LONG.encode(),
        b'{"image": "%s\n"}' % LONG.encode(),
        b'{"image": "%s\xff"}' % LONG.encode(),
        b'{"image": "%s" "x"}' % LONG.encode(),
        b"%s" % LONG.encode(),
        b'{"a": \\"%s"}' % LONG.encode(),
    ],
)
def test_what_is_no_json_fails_at_the_same_place(broken: bytes) -> None:
    with pytest.raises(orjson.JSONDecodeError) as expected:
        orjson.loads(broken)
    with pytest.raises(orjson.JSONDecodeError) as raised:
        loads(broken)
    assert (raised.value.lineno, raised.value.colno) == (expected.value.lineno, expected.value.colno)


def test_damaged_documents_are_judged_alike() -> None:
    random = Random(7)  # noqa: S311 - the same damage each time
    whole = json.dumps({"a": ['x"y', "\\"], "image": LONG, "b": {"c": "é"}}).encode()
    edges = [*range(60), *range(len(whole) - 60, len(whole))]
    for _ in range(200):
        damaged = bytearray(whole)
        damaged[random.choice(edges)] = random.choice(b'"\\{}[],:x \x00\xff')
        assert _judged(loads, bytes(damaged)) == _judged(orjson.loads, bytes(damaged))


def test_texts_that_are_kept_stand_where_they_belong() -> None:
    texts = [LONG.encode(), b"QUJD", b""]
    made = dumps(lambda keep: {"images": [keep(one) for one in texts], "name": 'a "b"', "n": 1})
    assert orjson.loads(made) == {"images": [one.decode() for one in texts], "name": 'a "b"', "n": 1}


def test_a_document_without_any_is_written_as_ever() -> None:
    assert dumps(lambda keep: {"a": [1, "é"]}) == orjson.dumps({"a": [1, "é"]})


def _judged(read: Any, body: bytes) -> Any:
    try:
        return read(body)
    except orjson.JSONDecodeError as error:
        return error.lineno, error.colno
