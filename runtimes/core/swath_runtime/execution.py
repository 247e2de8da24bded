"""How many requests are in work at once, how many may wait, and how long one may take."""

import contextvars
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from swath_runtime.asked import never
from swath_runtime.context import Cancelled, Context
from swath_runtime.problems import BUSY, GONE, NOT_READY, TIMEOUT, Problem

RETRY_AFTER_S = "1"
LISTEN_S = 0.1  # how often a waiting call asks whether its caller is still there
HEED_S = 0.1  # a call that heeds its Context this soon has given its place back when its caller hears of the timeout


class Exited(RuntimeError):
    """An algorithm raised what would end a program, such as SystemExit; it ends its call and no more."""


class Execution:
    """Lets at most `concurrency + queue_size` requests in, and runs at most `concurrency` calls at once.

    A call that takes longer than `timeout_s`, waiting included, ends with 504 for its caller and is told to stop
    through its Context; so is one whose caller has gone. Threads can't be killed: until the algorithm heeds it, its
    place stays taken.
    """

    def __init__(self, concurrency: int, queue_size: int, timeout_s: float) -> None:
        self.capacity = concurrency + queue_size
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="algorithm")
        self._changed = threading.Condition()
        self._taken = 0  # places: of requests inside, and of calls that go on after their request was answered
        self._calls: set[Context] = set()  # waiting or in work
        self._draining = False

    @contextmanager
    def admitted(self) -> Generator[None]:
        """A place for one request, from reading its input to encoding its answer; Problem 503 if there is none."""
        with self._changed:
            if self._draining:
                raise _stopping()
            if self._taken >= self.capacity:
                hint = "Try again in a moment; Retry-After says when."
                raise Problem(BUSY, f"{self.capacity} requests are in work or waiting.", hint, headers=_RETRY)
            self._taken += 1
        try:
            yield
        finally:
            self._leave()

    def call(self, work: Callable[[], Any], context: Context, is_gone: Callable[[], bool] = never) -> Any:
        """Result of the work, run on one of the algorithm's threads.

        Raises what the work raises, or Problem: 503 while stopping, 504 after the timeout, 499 once `is_gone`.
        """
        future = self._submit(work, context)
        try:
            return self._result(future, is_gone)
        except (_TooLong, _Gone) as end:
            context.cancel()
            self._abandon(future)
            raise (_gone() if isinstance(end, _Gone) else self._too_long()) from None
        except (Cancelled, CancelledError):
            if not self._draining:
                raise  # nobody asked the algorithm to stop
            raise _stopping() from None

    def stop(self, grace_s: float) -> bool:
        """Let nobody in any more and tell the calls in work to stop; False if one still goes on after `grace_s`."""
        with self._changed:
            self._draining = True
            for context in self._calls:
                context.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._changed:
            return self._changed.wait_for(lambda: not self._calls, grace_s)

    @property
    def is_draining(self) -> bool:
        """True once nobody is let in any more."""
        return self._draining

    def _result(self, future: "Future[Any]", is_gone: Callable[[], bool]) -> Any:
        """Result of a call; raises _TooLong or _Gone where nobody waits for it any more."""
        deadline = time.monotonic() + self._timeout_s
        while True:
            left_s = deadline - time.monotonic()
            try:
                return future.result(max(min(left_s, LISTEN_S), 0))
            except TimeoutError:
                if future.done():
                    return future.result()  # at the last moment after all, or the algorithm raised a TimeoutError
                if left_s <= LISTEN_S:
                    raise _TooLong from None
                if is_gone():
                    raise _Gone from None

    def _too_long(self) -> Problem:
        hint = "Send a smaller input, or ask the operator to raise execution.timeoutSeconds."
        return Problem(TIMEOUT, f"No result after {self._timeout_s:g} s.", hint)

    def _submit(self, work: Callable[[], Any], context: Context) -> "Future[Any]":
        with self._changed:
            if self._draining:
                raise _stopping()
            self._calls.add(context)
            future = self._threads.submit(contextvars.copy_context().run, _contained, work)
        future.add_done_callback(lambda _: self._ended(context))
        return future

    def _abandon(self, future: "Future[Any]") -> None:
        """Keep a place taken for as long as a call goes on that nobody waits for."""
        if future.cancel():
            return
        wait([future], HEED_S)
        with self._changed:
            self._taken += 1
        future.add_done_callback(lambda _: self._leave())

    def _ended(self, context: Context) -> None:
        with self._changed:
            self._calls.discard(context)
            self._changed.notify_all()

    def _leave(self) -> None:
        with self._changed:
            self._taken -= 1


_RETRY = [("retry-after", RETRY_AFTER_S)]


class _TooLong(Exception):
    """The time is up."""


class _Gone(Exception):
    """The caller has hung up."""


def _contained(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception:
        raise
    except BaseException as error:
        raise Exited(type(error).__name__) from error


def _stopping() -> Problem:
    return Problem(NOT_READY, "The service is stopping.", "Send it to another one.", headers=_RETRY)


def _gone() -> Problem:
    return Problem(GONE, "The caller went away before the result was there.")
