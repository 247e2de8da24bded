"""One place for calls: a child at a time, driven by the thread whose call it runs, and a new one when it is gone."""

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from swath_runtime.context import Cancelled, Context
from swath_runtime.isolation.channel import Channel, Closed, Progress
from swath_runtime.isolation.failures import StartFailed, error_of, untold
from swath_runtime.isolation.keeper import Keeper, how_it_ended
from swath_runtime.logs import correlation_id
from swath_runtime.problems import FAILED, TRY_AGAIN, Problem

LISTEN_S = 0.025  # how often a call in work looks whether it is still wanted
HEED_S = 1.0  # how long a call that is told to stop may go on before its process is killed

logger = logging.getLogger(__name__)


class Child:
    """A process of the algorithm's as its place knows it."""

    def __init__(self, number: int, channel: Channel) -> None:
        self.number, self.channel = number, channel
        self.is_ready = False
        self.calls = 0


class Place:
    """Runs one call at a time; whatever becomes of its process, the next call finds one.

    Args:
        keeper: forks and kills.
        calls_per_process: after as many a process is replaced; None for never.

    Attributes:
        providers: ONNX execution providers of the child's model, None where it has none.
    """

    def __init__(self, keeper: Keeper, calls_per_process: int | None) -> None:
        self._keeper, self._most_calls = keeper, calls_per_process
        self._child: Child | None = None
        self.providers: tuple[str, ...] | None = None

    def begin(self) -> Child:
        """A process just forked, which loads what it does not share; raises StartFailed."""
        self._child = child = Child(*self._keeper.fork())
        return child

    def wait_ready(self, contexts: Sequence[Context] = ()) -> Child:
        """The process once it can take a call; raises StartFailed, or Cancelled if nobody waits any more."""
        child = self._child or self.begin()
        while not child.is_ready:
            if not child.channel.is_readable(LISTEN_S):
                _check_wanted(contexts)
                continue
            try:
                kind, value = child.channel.receive()
            except Closed:
                ended = how_it_ended(self._end(child))
                raise StartFailed(f"a process of the algorithm's ended while it was loaded, {ended}") from None
            if kind == "failed":
                self._end(child)
                raise StartFailed(*value)
            child.is_ready, self.providers = True, value
        return child

    def call(self, contexts: Sequence[Context], name: str, arguments: Sequence[Any], inputs: dict[str, Any]) -> Any:
        """What the algorithm's function of that name gives back.

        Raises what it raises, Cancelled once none of the contexts is wanted, or Problem where its process ends.
        """
        child = self._ready(contexts)
        call = (name, arguments, inputs, correlation_id.get())
        try:
            child.channel.send("call", call, contexts)
            child.calls += 1
            kind, value = self._answer(child, contexts)
        except Closed:
            logger.warning("a process of the algorithm's ended during a call, %s", how_it_ended(self._end(child)))
            self._begin_anew()
            raise Problem(FAILED, "The algorithm's process ended during the call.", TRY_AGAIN) from None
        except BaseException:
            if self._child is child:  # its answer is still to come, and must not be taken for another call's
                self._end(child)
                self._begin_anew()
            raise
        if child.calls == self._most_calls:
            self.retire()
            self._begin_anew()
        if kind == "error":
            raise error_of(value)
        return untold(value)

    def retire(self) -> None:
        """Let the process stop in its time; one that is not ready has nothing to stop."""
        child, self._child = self._child, None
        if child is None:
            return
        if child.is_ready:
            with suppress(Closed):
                child.channel.send("stop")
            self._keeper.retire(child.number)
        else:
            self._keeper.end(child.number)
        child.channel.close()

    def _ready(self, contexts: Sequence[Context]) -> Child:
        """A living process that can take a call; raises Problem where there can't be one now."""
        try:
            while self._child and self._child.is_ready and self._child.channel.is_readable(0):
                self._child.channel.receive()  # progress of a call that has ended, told too late
        except Closed:
            logger.warning("a process of the algorithm's ended, %s", how_it_ended(self._end(self._child)))
        try:
            return self.wait_ready(contexts)
        except StartFailed as error:
            raise Problem(FAILED, "No process of the algorithm's could be started.", TRY_AGAIN) from error

    def _answer(self, child: Child, contexts: Sequence[Context]) -> tuple[str, Any]:
        """Kind and value of the answer to the call in work; raises Closed, or Cancelled when it had to be killed."""
        told: set[int] = set()
        deadline = float("inf")
        while True:
            if child.channel.is_readable(LISTEN_S):
                kind, value = child.channel.receive()
                if not isinstance(value, Progress):
                    return kind, value
                if value.call == child.calls - 1:  # else a thread that outlived an earlier one
                    contexts[value.context].progress(value.fraction, value.message)
            for number in {number for number, one in enumerate(contexts) if one.is_cancelled} - told:
                told.add(number)
                child.channel.send("cancel", number)
            if contexts and len(told) == len(contexts):
                deadline = min(deadline, time.monotonic() + HEED_S)
            if time.monotonic() >= deadline:
                self._kill(child)
                raise Cancelled

    def _kill(self, child: Child) -> None:
        self._end(child)
        logger.warning("a call went on for %g s after it was told to stop; its process was killed", HEED_S)
        self._begin_anew()

    def _end(self, child: Child | None) -> int | None:
        self._child = None
        if child is None:
            return None
        child.channel.close()
        return self._keeper.end(child.number)

    def _begin_anew(self) -> None:
        """Fork the next process at once; where that fails, the next call tries again, and says why."""
        try:
            self.begin()
        except StartFailed as error:
            logger.warning("no new process of the algorithm's: %s", error)


def _check_wanted(contexts: Sequence[Context]) -> None:
    if contexts and all(one.is_cancelled for one in contexts):
        raise Cancelled
