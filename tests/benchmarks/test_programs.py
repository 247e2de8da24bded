"""What benchmarks run beside the frame: programs, requirements, algorithms, bars. None of it is started here."""

import ast
import re
from pathlib import Path

import pytest

from benchmarks.load.client import Answer
from benchmarks.serving.bars import RATIOS, bar_of
from benchmarks.serving.cases import CASES, SUM, TINY, Exchange, expected, is_right, json_bytes
from benchmarks.serving.contenders import OURS, PAIRS, RIVALS
from swath_algorithm.check import check

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PROGRAMS = sorted([*BENCHMARKS.glob("programs/*.py"), *BENCHMARKS.glob("peers/*/*.py")])
REQUIREMENTS = sorted(BENCHMARKS.glob("peers/*/requirements.txt"))
SERVED = sorted(path.parent for path in BENCHMARKS.glob("algorithms/*/describe.yml"))


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(BENCHMARKS)) for path in paths]


@pytest.mark.parametrize("path", PROGRAMS, ids=names(PROGRAMS))
def test_every_program_is_python_with_a_word_on_what_it_does(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", REQUIREMENTS, ids=names(REQUIREMENTS))
def test_every_peer_is_pinned(path):
    lines = [line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    assert all(re.search(r"==|<", line) for line in lines if line)


@pytest.mark.parametrize("folder", SERVED, ids=names(SERVED))
def test_every_algorithm_has_no_mistakes_but_a_model_that_is_made_later(folder):
    assert {finding.message for finding in check(folder)} <= {"there is no file model.onnx"}


def test_every_bar_is_of_a_pair_that_is_measured():
    cases = {case.name for case in CASES}
    for bar in RATIOS:
        assert bar.case in cases
        assert all((ours, bar.rival) in PAIRS for ours in bar.ours)


def test_no_bar_is_where_none_was_promised():
    assert bar_of("tiny", "swath-fastapi", "litserve", 1) is None
    assert bar_of("tiny", "swath-fastapi", "fastapi", 64) is None


@pytest.mark.parametrize("contender", [*OURS.values(), *RIVALS.values()], ids=[*OURS, *RIVALS])
def test_every_contender_is_asked_something(contender):
    exchange = contender.exchange(TINY)
    assert exchange.path.startswith("/")
    assert exchange.body


@pytest.mark.parametrize(
    ("total", "status", "right"), [(expected(TINY), 200, True), (0, 200, False), (expected(TINY), 500, False)]
)
def test_only_the_right_value_with_status_200_is_right(total, status, right):
    exchange = Exchange("/sum", (), json_bytes(SUM), key=("total",))
    assert is_right(TINY, exchange, Answer(status, json_bytes({"total": total}))) is right
