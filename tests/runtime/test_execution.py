"""Calls from their coming to their end, with an algorithm that does what the test tells it."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from runtime.conftest import DEADLINE_S, until

from swath_runtime.context import Cancelled, Context
from swath_runtime.execution import Execution
from swath_runtime.functions import ResultsMiscounted
from swath_runtime.gathering import ALONE, Limits
from swath_runtime.logs import correlation_id
from swath_runtime.problems import Problem


def context(on_progress: Any = None) -> Context:
    return Context("cpu", logging.getLogger("test"), None, on_progress)


class Gated:
    """An algorithm whose batches wait until the test opens; it keeps what it was handed."""

    def __init__(self, limits: Limits = Limits(8, 8), concurrency: int = 1, timeout_s: float = 60) -> None:
        self.batches: list[list[Any]] = []
        self.alone: list[Any] = []
        self.contexts: list[Context] = []
        self.gate = threading.Event()
        self.answers: Callable[[Sequence[Any]], Any] = list
        self.execution = Execution(self._alone, self._together, concurrency, 4, timeout_s, limits)

    def _alone(self, item: Any, given: Context) -> Any:
        self.alone.append(item)
        self._wait(given)
        (answer,) = self.answers([item])
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _together(self, items: list[Any], given: Context) -> Any:
        self.batches.append(items)
        self._wait(given)
        return self.answers(items)

    def _wait(self, given: Context) -> None:
        self.contexts.append(given)
        while not self.gate.wait(0.005):
            given.check_cancelled()

    def fill(self, *items: Any) -> list[Any]:
        """Calls of these items, that will run together: one before them keeps the only thread."""
        first = self.execution.submit("first", context())
        until(lambda: self.alone, "the first runs")
        calls = [self.execution.submit(item, context()) for item in items]
        self.gate.set()
        assert self.execution.result(first) == "first"
        return calls


@pytest.fixture
def gated() -> Gated:
    return Gated()


def results(algorithm: Gated, calls: Sequence[Any]) -> list[Any]:
    """Result or error of each."""
    found: list[Any] = []
    for call in calls:
        try:
            found.append(algorithm.execution.result(call))
        except Exception as error:  # noqa: BLE001 - whatever came of it
            found.append(error)
    return found


def test_what_comes_while_another_runs_goes_together(gated: Gated):
    assert results(gated, gated.fill(*"abc")) == ["a", "b", "c"]
    assert (gated.alone, gated.batches) == (["first"], [["a", "b", "c"]])


def test_an_item_that_is_an_exception_fails_alone(gated: Gated):
    gated.answers = lambda items: [ValueError(item) if item == "b" else item for item in items]
    a, b, c = results(gated, gated.fill(*"abc"))
    assert (a, str(b), c) == ("a", "b", "c")
    assert len(gated.batches) == 1


def test_after_a_batch_failed_each_is_called_alone(gated: Gated, caplog: pytest.LogCaptureFixture):
    def answers(items: Sequence[Any]) -> Any:
        if "b" in items:
            raise ValueError(items)
        return items

    gated.answers = answers
    a, b, c = results(gated, gated.fill(*"abc"))
    assert (a, b.args, c) == ("a", (["b"],), "c")
    assert gated.alone == ["first", "a", "b", "c"]
    assert "process_batch failed on 3 items (ValueError): each is called alone" in caplog.text


@pytest.mark.parametrize(
    ("wrong", "says"),
    [(["x"], "gave 1 results for 3 items"), ({"a": 1}, "gave back dict, not a list"), ([], "gave 0 results")],
)
def test_a_wrong_number_of_results_fails_all_and_is_logged(
    gated: Gated, caplog: pytest.LogCaptureFixture, wrong: Any, says: str
):
    gated.answers = lambda items: list(items) if items == ["first"] else wrong
    found = results(gated, gated.fill(*"abc"))
    assert [type(one) for one in found] == [ResultsMiscounted] * 3
    assert len({id(one) for one in found}) == 3
    assert says in caplog.text
    assert gated.alone == ["first"]


def test_an_algorithm_that_ends_the_interpreter_ends_its_batch_only(gated: Gated):
    def answers(items: Sequence[Any]) -> Any:
        if len(items) > 1:
            raise SystemExit(7)
        return items

    gated.answers = answers
    assert results(gated, gated.fill(*"ab")) == ["a", "b"]


def test_one_who_times_out_leaves_the_others_their_results():
    gated = Gated()
    first = gated.execution.submit("first", context())
    until(lambda: gated.alone, "the first runs")
    calls = [gated.execution.submit(item, context()) for item in "abc"]
    calls[1].arrived_s -= 60
    with pytest.raises(Problem) as timed_out:
        gated.execution.result(calls[1])
    assert timed_out.value.kind.status == 504
    gated.gate.set()
    assert results(gated, [first, calls[0], calls[2]]) == ["first", "a", "c"]
    assert gated.batches == [["a", "c"]]


def test_one_who_goes_away_while_the_batch_runs_leaves_it_running():
    gated = Gated(Limits(2, 2, 60))
    calls = [gated.execution.submit(item, context()) for item in "ab"]
    until(lambda: gated.batches, "the batch runs")
    with pytest.raises(Problem) as gone:
        gated.execution.result(calls[0], lambda: True)
    assert gone.value.kind.status == 499
    assert calls[0].context.is_cancelled
    assert not gated.contexts[0].is_cancelled
    gated.gate.set()
    assert gated.execution.result(calls[1]) == "b"
    assert gated.batches == [["a", "b"]]


def test_a_batch_that_nobody_waits_for_is_cancelled_and_its_items_are_not_called_again():
    gated = Gated(Limits(2, 2, 60))
    calls = [gated.execution.submit(item, context()) for item in "ab"]
    until(lambda: gated.batches, "the batch runs")
    for call in calls:
        gated.execution.abandon(call)
    until(lambda: not gated.execution.running, "the algorithm heeds it")
    assert gated.contexts[0].is_cancelled
    assert gated.alone == []


def test_one_who_goes_away_before_its_turn_after_a_failed_batch_is_not_called():
    gated = Gated(Limits(3, 3, 60))

    def answers(items: Sequence[Any]) -> Any:
        if len(items) > 1:
            gated.execution.abandon(calls[1])
            raise ValueError
        return items

    gated.answers = answers
    calls = [gated.execution.submit(item, context()) for item in "abc"]
    gated.gate.set()
    assert results(gated, [calls[0], calls[2]]) == ["a", "c"]
    assert gated.alone == ["a", "c"]


def test_an_abandoned_item_holds_a_place_for_as_long_as_its_batch_runs():
    gated = Gated(Limits(2, 2, 60))
    assert gated.execution.capacity == 6
    calls = [gated.execution.submit(item, context()) for item in "ab"]
    until(lambda: gated.batches, "the batch runs")
    gated.execution.abandon(calls[0])
    assert places(gated.execution) == 5
    gated.gate.set()
    gated.execution.result(calls[1])
    until(lambda: places(gated.execution) == 6, "the place is free")


def places(execution: Execution) -> int:
    """How many more are let in now."""
    from contextlib import ExitStack

    with ExitStack() as stack:
        for count in range(100):
            try:
                stack.enter_context(execution.admitted())
            except Problem:
                return count
    return 100


def test_progress_of_a_batch_is_told_to_all_who_still_wait():
    told: dict[str, list[float]] = {"a": [], "b": []}
    gated = Gated(Limits(2, 2, 60))
    calls = [
        gated.execution.submit(name, context(lambda fraction, _, name=name: told[name].append(fraction)))
        for name in "ab"
    ]
    until(lambda: gated.contexts, "the batch runs")
    gated.contexts[0].progress(0.5)
    gated.execution.abandon(calls[0])
    gated.contexts[0].progress(0.75)
    gated.gate.set()
    assert gated.execution.result(calls[1]) == "b"
    assert told == {"a": [0.5], "b": [0.5, 0.75]}


def test_lines_of_a_batch_carry_the_ids_of_all_and_those_of_one_its_own(gated: Gated):
    def answers(items: Sequence[Any]) -> Any:
        seen.append(correlation_id.get())
        if len(items) > 1:
            raise ValueError
        return items

    seen: list[Any] = []
    gated.answers = answers
    first = gated.execution.submit("first", context())
    until(lambda: gated.alone, "the first runs")
    calls: list[Any] = []
    for name in "ab":
        token = correlation_id.set(f"id-{name}")
        calls.append(gated.execution.submit(name, context()))
        correlation_id.reset(token)
    gated.gate.set()
    results(gated, [first, *calls])
    assert seen == ["", "id-a id-b", "id-a", "id-b"]


def test_what_watches_hears_of_each_batch():
    gated = Gated()
    heard: list[tuple[int, float]] = []
    gated.execution.on_batch = lambda size, waited_s: heard.append((size, waited_s))
    calls = gated.fill(*"ab")
    results(gated, calls)
    assert [size for size, _ in heard] == [1, 2]
    assert all(waited_s >= 0 for _, waited_s in heard)
    assert gated.execution.waiting == 0


def test_what_watches_and_fails_harms_nobody(gated: Gated):
    gated.execution.on_batch = lambda size, waited_s: 1 / 0
    assert results(gated, gated.fill("a")) == ["a"]


def test_several_batches_run_at_once_where_the_algorithm_allows_it():
    gated = Gated(Limits(2, 2, 60), concurrency=2)
    calls = [gated.execution.submit(item, context()) for item in "abcd"]
    until(lambda: len(gated.batches) == 2, "two batches run")
    assert sorted(gated.batches) == [["a", "b"], ["c", "d"]]
    gated.gate.set()
    assert results(gated, calls) == list("abcd")


def test_several_calls_run_at_once_without_batches():
    gated = Gated(ALONE, concurrency=3)
    calls = [gated.execution.submit(item, context()) for item in "abcd"]
    until(lambda: len(gated.alone) == 3, "three run")
    assert (gated.execution.running, gated.execution.waiting) == (3, 1)
    gated.gate.set()
    assert results(gated, calls) == list("abcd")


def test_one_of_another_kind_is_due_while_another_batch_runs():
    gated = Gated(Limits(2, 2, 0.05), concurrency=2)
    lonely = gated.execution.submit("lonely", context(), "rare")
    calls = [gated.execution.submit(item, context(), "usual") for item in "ab"]
    until(lambda: gated.batches and gated.alone, "both run")
    gated.gate.set()
    assert results(gated, [lonely, *calls]) == ["lonely", "a", "b"]


def test_those_who_wait_when_it_stops_are_sent_to_another_service(gated: Gated):
    first = gated.execution.submit("first", context())
    until(lambda: gated.alone, "the first runs")
    waits = gated.execution.submit("a", context())
    assert gated.execution.stop(DEADLINE_S)
    found = results(gated, [first, waits])
    assert [(one.kind.status, one.message) for one in found] == [(503, "The service is stopping.")] * 2
    with pytest.raises(Problem):
        gated.execution.submit("b", context())


def test_an_algorithm_that_gives_its_batch_up_has_failed(gated: Gated):
    def answers(items: Sequence[Any]) -> Any:
        if items == ["first"]:
            return items
        raise Cancelled

    gated.answers = answers
    assert [type(one) for one in results(gated, gated.fill(*"ab"))] == [Cancelled] * 2


@pytest.mark.parametrize("limits", [ALONE, Limits(8, 8), Limits(8, 4, 0.001), Limits(3, 2, 0.002)])
@pytest.mark.parametrize("concurrency", [1, 3])
def test_every_caller_gets_its_own_answer(limits: Limits, concurrency: int):
    def together(items: list[int], given: Context) -> list[int]:
        if any(item % 17 == 0 for item in items):
            raise ValueError
        return [item * 3 for item in items]

    execution = Execution(lambda item, given: item * 3, together, concurrency, 4, 60, limits)

    def ask(item: int) -> int:
        return execution.call(item, context(), item % 3)

    with ThreadPoolExecutor(16) as callers:
        assert list(callers.map(ask, range(600))) == [item * 3 for item in range(600)]
    assert execution.stop(DEADLINE_S)
