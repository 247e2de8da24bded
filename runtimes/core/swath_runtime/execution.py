"""How many requests are in work at once, how many may wait, how long one may take, and which run together."""

import logging
import threading
import time
from collections.abc import Callable, Generator, Hashable
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from swath_runtime.asked import never
from swath_runtime.calls import Batch, Call
from swath_runtime.context import Cancelled, Context
from swath_runtime.gathering import ALONE, Limits, Waiting
from swath_runtime.lookout import HEED_S, LISTEN_S, Early, Look, Lookout
from swath_runtime.performing import Alone, Together, perform
from swath_runtime.problems import BUSY, GONE, TIMEOUT, Problem, stopping

RETRY_AFTER_S = "1"

logger = logging.getLogger(__name__)


class Execution:
    """Lets at most `concurrency × limits.most + queue_size` requests in, and runs `concurrency` batches at once.

    A batch is one call where the algorithm takes no more (`limits.most` is 1). A call that takes longer than
    `timeout_s`, waiting included, ends with 504 for its caller and is told to stop through its Context; so is one whose
    caller has gone. Others of its batch go on. Threads can't be killed: until the algorithm heeds it, its place stays
    taken.

    A batch runs on one of the algorithm's threads. A lone call whose turn it is at once runs on its request's thread,
    where its caller can be answered by another (docs/decisions/0030-calls-on-request-threads.md).

    Args:
        alone: result of one call, of its inputs and context.
        together: results of several calls, in their order.
        concurrency: batches that run at once.
        queue_size: requests that may wait besides.
        timeout_s: longest time of one call, seconds.
        limits: of one batch.

    Attributes:
        at_once: calls that run at once at most.
        capacity: requests that are let in at once.
        on_batch: hears of each batch before it runs, on its thread: how many calls, and how long the first waited (s).
    """

    def __init__(
        self,
        alone: Alone,
        together: Together,
        concurrency: int,
        queue_size: int,
        timeout_s: float,
        limits: Limits = ALONE,
    ) -> None:
        self.at_once = concurrency * limits.most
        self.capacity = self.at_once + queue_size
        self.on_batch: Callable[[int, float], None] | None = None
        self._alone, self._together = alone, together
        self._concurrency, self._timeout_s = concurrency, timeout_s
        self._lookout = Lookout(timeout_s / 2)
        self._lock = threading.Lock()  # of all that follows
        self._arrived, self._ended = threading.Condition(self._lock), threading.Condition(self._lock)
        self._waiting: Waiting[Call] = Waiting(limits)
        self._batches: set[Batch] = set()  # in work
        self._threads = self._idle = 0
        self._taken = 0  # places: of requests inside, and of calls that go on after their request was answered
        self._draining = False

    @property
    def is_draining(self) -> bool:
        """True once nobody is let in any more."""
        return self._draining

    @property
    def waiting(self) -> int:
        """Calls that wait for the algorithm now."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """Calls that the algorithm works on now."""
        with self._lock:
            return sum(len(one.calls) for one in self._batches)

    @property
    def _has_room(self) -> bool:
        """Whether another batch may run. Holds the lock."""
        return len(self._batches) < self._concurrency

    @contextmanager
    def admitted(self) -> Generator[None]:
        """A place for one request, from reading its input to encoding its answer; Problem 503 if there is none."""
        with self._lock:
            if self._draining:
                raise stopping()
            if self._taken >= self.capacity:
                hint = "Try again in a moment; Retry-After says when."
                raise Problem(BUSY, f"{self.capacity} requests are in work or waiting.", hint, headers=_RETRY)
            self._taken += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken -= 1

    def call(
        self, inputs: Any, context: Context, likeness: Hashable = None, is_gone: Callable[[], bool] = never
    ) -> Any:
        """Result of one call; see `submit` and `result`."""
        return self.result(self.submit(inputs, context, likeness), is_gone)

    def submit(self, inputs: Any, context: Context, likeness: Hashable = None, *, may_run_here: bool = False) -> Call:
        """A call that waits for its turn; only those of one likeness run together. Problem 503 while stopping.

        Whoever submits it takes its `result`, or abandons it. One that may run here, on this thread, does so if it is
        its turn at once: then `result` runs it, which is to be called next.
        """
        call = Call(inputs, context, likeness)
        with self._lock:
            if self._draining:
                raise stopping()
            is_first = not len(self._waiting) and self._has_room
            rouses = self._waiting.add(call)
            if may_run_here and is_first and (calls := self._waiting.take(call.arrived_s)):
                self._batches.add(Batch(calls))
                call.runs_here = True
            elif rouses:
                self._rouse()
        return call

    def result(
        self,
        call: Call,
        is_gone: Callable[[], bool] = never,
        early: Early | None = None,
        *,
        is_patient: bool = False,
    ) -> Any:
        """What came of a call, once it is there; of who is patient the wait for its turn counts not.

        Raises what the algorithm raises, or Problem: 503 while stopping, 504 after the timeout, 499 once `is_gone`.
        Whoever let it run here gives `early`, which answers the caller where the call outlasts that.
        """
        if call.runs_here and call.batch and early:
            self._run_here(call, call.batch, is_gone, early)
        else:
            try:
                self._await(call, is_gone, is_patient=is_patient)
            except Problem:
                self.abandon(call)
                raise
        try:
            return call.result()
        except (Cancelled, CancelledError):
            if not self._draining:
                raise  # nobody asked the algorithm to stop
            raise stopping() from None

    def abandon(self, call: Call) -> None:
        """Let nobody wait for a call any more; its place stays taken for as long as it goes on nevertheless."""
        with self._lock:
            call.context.cancel()
            call.is_abandoned = True
            batch = call.batch
            if batch is None:
                self._waiting.remove(call)
                return
            if batch.is_abandoned:
                batch.cancel()
                self._ended.wait_for(lambda: batch.is_over, HEED_S)
            if not batch.is_over:
                call.holds_place = True
                self._taken += 1

    def stop(self, grace_s: float) -> bool:
        """Let nobody in any more and tell the calls in work to stop; False if one still goes on after `grace_s`."""
        with self._lock:
            self._draining = True
            for call in self._waiting.all():
                call.settle(error=Cancelled())
            for batch in self._batches:
                batch.cancel()
            self._arrived.notify_all()
            return self._ended.wait_for(lambda: not self._batches, grace_s)

    def _run_here(self, call: Call, batch: Batch, is_gone: Callable[[], bool], early: Early) -> None:
        """Run a batch of one on its request's thread; raises Problem where its caller waits no longer."""
        look = Look(call, lambda: self._verdict(call.arrived_s, is_gone), early)
        self._lookout.begin(look)
        try:
            self._run(batch)
        finally:
            problem = self._lookout.end(look)
        if problem:
            raise problem

    def _await(self, call: Call, is_gone: Callable[[], bool], *, is_patient: bool) -> None:
        def since_s() -> float:
            if not is_patient:
                return call.arrived_s
            return call.batch.began_s if call.batch else time.monotonic()

        while not call.wait(max(min(since_s() + self._timeout_s - time.monotonic(), LISTEN_S), 0.0)):
            if problem := self._verdict(since_s(), is_gone):
                raise problem

    def _verdict(self, since_s: float, is_gone: Callable[[], bool]) -> Problem | None:
        """Why nobody waits any longer for a call whose time counts from then on; None while somebody does."""
        if time.monotonic() >= since_s + self._timeout_s:
            hint = "Send a smaller input, or ask the operator to raise execution.timeoutSeconds."
            return Problem(TIMEOUT, f"No result after {self._timeout_s:g} s.", hint)
        return Problem(GONE, "The caller went away before the result was there.") if is_gone() else None

    def _work(self) -> None:
        """One of the algorithm's threads: batch after batch, until the service stops."""
        while batch := self._next():
            self._run(batch)

    def _run(self, batch: Batch) -> None:
        try:
            self._tell(batch)
            perform(batch, self._alone, self._together)
        finally:
            self._end(batch)

    def _tell(self, batch: Batch) -> None:
        if self.on_batch:
            try:
                self.on_batch(len(batch.calls), time.monotonic() - batch.calls[0].arrived_s)
            except Exception:
                logger.exception("what hears of batches failed")

    def _rouse(self) -> None:
        """Let one of the algorithm's threads look at what waits: one that is idle, else a new one. Holds the lock."""
        if not self._has_room:
            return  # whoever ends a batch rouses
        if self._idle:
            self._arrived.notify()
        elif self._threads < self._concurrency:
            self._threads += 1
            threading.Thread(target=self._work, name=f"algorithm-{self._threads}", daemon=True).start()

    def _next(self) -> Batch | None:
        with self._lock:
            while not self._draining:
                now_s = time.monotonic()
                if self._has_room and (calls := self._waiting.take(now_s)):
                    batch = Batch(calls)
                    self._batches.add(batch)
                    if len(self._waiting):
                        self._rouse()  # somebody must see to the rest, or watch when it is due
                    return batch
                due_s = self._waiting.due_s() if self._has_room else None
                self._idle += 1
                self._arrived.wait(None if due_s is None else max(due_s - now_s, 0.0))
                self._idle -= 1
            return None

    def _end(self, batch: Batch) -> None:
        with self._lock:
            batch.is_over = True
            self._batches.discard(batch)
            self._waiting.ended(len(batch.calls))
            self._taken -= sum(one.holds_place for one in batch.calls)
            if len(self._waiting):
                self._rouse()
            if batch.is_abandoned or self._draining:
                self._ended.notify_all()
            batch.calls = ()  # which know their batch: their images would wait for the garbage collector


_RETRY = [("retry-after", RETRY_AFTER_S)]
