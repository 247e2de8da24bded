"""What log lines are told of a request: its correlation id, and where its time went."""

import contextvars
import logging
import time
from collections.abc import Iterable

correlation_id: contextvars.ContextVar[str] = contextvars.ContextVar("correlation_id", default="")
span_ids: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("span_ids", default=None)
"""Trace and span that lines belong to, where requests are traced."""
access = logging.getLogger("swath.access")


class Stage:
    """Adds the time spent within it to those of a request; half as costly as a generator made a context manager."""

    __slots__ = ("_began_s", "_name", "_stages")

    def __init__(self, stages: "Stages", name: str) -> None:
        self._stages, self._name = stages, name

    def __enter__(self) -> None:
        self._began_s = time.monotonic()

    def __exit__(self, *error: object) -> None:
        began_s, ended_s, took_ms = self._began_s, time.monotonic(), self._stages.took_ms
        self._stages.periods.append((self._name, began_s, ended_s))
        took_ms[self._name] = round(took_ms.get(self._name, 0.0) + (ended_s - began_s) * 1000, 3)


class Stages:
    """What is noted of a request on its way.

    Attributes:
        took_ms: how long each stage took, in the order they began.
        periods: from when to when each stage went, by the monotonic clock, seconds.
        began_s: when the request's head came, by that clock.
        route: its path as the service has it, placeholders and all; empty where there is none.
    """

    def __init__(self) -> None:
        self.began_s = time.monotonic()
        self.took_ms: dict[str, float] = {}
        self.periods: list[tuple[str, float, float]] = []
        self.route = ""

    def time(self, name: str) -> "Stage":
        """Counts what happens inside as part of the stage `name`."""
        return Stage(self, name)

    def note_turn(self, came_s: float, began_s: float | None) -> None:
        """Count what has passed since a call came, by the monotonic clock, as the wait for its turn and the run.

        Of several calls, which run side by side, the longest counts.
        """
        ended_s = time.monotonic()
        turns = [("queue", came_s, began_s or ended_s), *([("run", began_s, ended_s)] if began_s else [])]
        self.periods += turns
        for name, start_s, end_s in turns:
            self.took_ms[name] = max(self.took_ms.get(name, 0.0), round((end_s - start_s) * 1000, 3))

    @property
    def total_ms(self) -> float:
        """Since the request's head came."""
        return round((time.monotonic() - self.began_s) * 1000, 3)


def joined(idents: Iterable[str]) -> str:
    """The correlation id of what belongs to several requests: a space, which no id holds, stands between them."""
    return " ".join(one for one in idents if one)
