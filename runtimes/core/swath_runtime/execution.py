"""How many requests are in work at once, how many may wait, and how long one may take."""

import threading
from collections.abc import Callable, Generator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from typing import Any

from swath_runtime.context import Cancelled, Context
from swath_runtime.problems import BUSY, NOT_READY, TIMEOUT, Problem

RETRY_AFTER_S = "1"


class Execution:
    """Lets at most `concurrency + queue_size` requests in, and runs at most `concurrency` calls at once.

    A call that takes longer than `timeout_s`, waiting included, ends with 504 for its caller and is told to stop
    through its Context. Threads can't be killed: until the algorithm heeds it, its place stays taken.
    """

    def __init__(self, concurrency: int, queue_size: int, timeout_s: float) -> None:
        self.capacity = concurrency + queue_size
        self._timeout_s = timeout_s
        self._threads = ThreadPoolExecutor(concurrency, thread_name_prefix="algorithm")
        self._changed = threading.Condition()
        self._inside = 0
        self._in_work: set[Context] = set()
        self._draining = False

    @contextmanager
    def admitted(self) -> Generator[None]:
        """A place for one request, from reading its input to encoding its answer; Problem 503 if there is none."""
        with self._changed:
            if self._draining:
                raise Problem(NOT_READY, "The service is stopping.", "Send it to another one.", headers=_RETRY)
            if self._inside >= self.capacity:
                hint = "Try again in a moment; Retry-After says when."
                raise Problem(BUSY, f"{self.capacity} requests are in work or waiting.", hint, headers=_RETRY)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def call(self, work: Callable[[], Any], context: Context) -> Any:
        """Result of the work, run on one of the algorithm's threads; raises what it raises, or Problem 504."""
        self._in_work.add(context)
        future = self._threads.submit(work)
        future.add_done_callback(lambda _: self._in_work.discard(context))
        try:
            return future.result(self._timeout_s)
        except FutureTimeout:
            if future.done():
                raise  # the algorithm itself raised a TimeoutError
            context.cancel()
            future.cancel()
            raise Problem(
                TIMEOUT,
                f"No result after {self._timeout_s:g} s.",
                "Send a smaller input, or ask the operator to raise execution.timeoutSeconds.",
            ) from None
        except (Cancelled, CancelledError):
            raise Problem(NOT_READY, "The service is stopping.", "Send it to another one.", headers=_RETRY) from None

    def close(self) -> None:
        """Let nobody in any more; those inside go on."""
        with self._changed:
            self._draining = True

    def drain(self, timeout_s: float) -> None:
        """Let nobody in any more, wait for those inside, and tell whoever is left after `timeout_s` to stop."""
        self.close()
        with self._changed:
            self._changed.wait_for(lambda: self._inside == 0, timeout_s)
        for context in list(self._in_work):
            context.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)

    @property
    def is_draining(self) -> bool:
        """True once nobody is let in any more."""
        return self._draining


_RETRY = [("retry-after", RETRY_AFTER_S)]
