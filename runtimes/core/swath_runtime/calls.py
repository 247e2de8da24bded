"""One call on its way to the algorithm, and those that make the way together."""

import contextvars
import threading
import time
from collections.abc import Hashable, Sequence
from typing import Any

from swath_runtime.context import Context, together


class Call:
    """What is handed to the algorithm for one caller, and what came of it.

    Attributes:
        inputs: the inputs by name.
        context: the call's own.
        likeness: what it must have in common with calls of the same batch.
        arrived_s: when it came, by the monotonic clock.
        variables: the caller's context variables, its correlation id among them.
        batch: those it runs with, once it does.
        is_abandoned: whether nobody waits for it any more.
        holds_place: whether it counts as a request for as long as it runs, though its caller was answered.
        runs_here: whether the thread that asks for its result runs it.
    """

    __slots__ = (
        "_done", "_error", "_result", "arrived_s", "batch", "context", "holds_place", "inputs", "is_abandoned",
        "likeness", "runs_here", "variables",
    )  # fmt: skip

    def __init__(self, inputs: Any, context: Context, likeness: Hashable = None) -> None:
        self.inputs, self.context, self.likeness = inputs, context, likeness
        self.arrived_s = time.monotonic()
        self.variables = contextvars.copy_context()
        self.batch: Batch | None = None
        self.is_abandoned = self.holds_place = self.runs_here = False
        self._result: Any = None
        self._error: BaseException | None = None
        self._done = threading.Lock()  # released when it is: an Event costs several times as much
        self._done.acquire()

    def settle(self, result: Any = None, error: BaseException | None = None) -> None:
        """Say what came of it, once, and wake who waits for it."""
        self._result, self._error = result, error
        self._done.release()

    def wait(self, timeout_s: float) -> bool:
        """Whether it is settled, after waiting at most `timeout_s`; one thread may wait."""
        if not self._done.acquire(timeout=timeout_s):
            return False
        self._done.release()
        return True

    def result(self) -> Any:
        """What came of a settled call; raises its error."""
        if self._error is not None:
            raise self._error
        return self._result


class Batch:
    """Calls that run together, or one that runs alone.

    Attributes:
        calls: at least one, in the order they came.
        began_s: when they went to the algorithm, by the monotonic clock.
        context: the one's own; that of several hears their progress from the algorithm, and is cancelled with the last.
        is_over: whether the algorithm has come back.
    """

    __slots__ = ("began_s", "calls", "context", "is_over")

    def __init__(self, calls: Sequence[Call]) -> None:
        self.calls, self.began_s = calls, time.monotonic()
        self.context = calls[0].context if len(calls) == 1 else together([one.context for one in calls])
        self.is_over = False
        for one in calls:
            one.batch = self

    @property
    def is_abandoned(self) -> bool:
        """Whether nobody waits for any of them."""
        return all(one.is_abandoned for one in self.calls)

    def cancel(self) -> None:
        """Tell the algorithm that nobody waits for any of them."""
        self.context.cancel()
        for one in self.calls:
            one.context.cancel()
