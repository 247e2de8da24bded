"""What log lines are told of a request: its correlation id, and where its time went."""

import contextvars
import logging
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager

correlation_id: contextvars.ContextVar[str] = contextvars.ContextVar("correlation_id", default="")
access = logging.getLogger("swath.access")


class Stages:
    """What is noted of a request on its way.

    Attributes:
        took_ms: how long each stage took, in the order they began.
        route: its path as the service has it, placeholders and all; empty where there is none.
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.took_ms: dict[str, float] = {}
        self.route = ""

    @contextmanager
    def time(self, name: str) -> Generator[None]:
        """Count what happens inside as part of the stage `name`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            took_ms = (time.perf_counter() - began) * 1000
            self.took_ms[name] = round(self.took_ms.get(name, 0.0) + took_ms, 3)

    def note_turn(self, came_s: float, began_s: float | None) -> None:
        """Count what has passed since a call came, by the monotonic clock, as the wait for its turn and the run.

        Of several calls, which run side by side, the longest counts.
        """
        ended_s = time.monotonic()
        self._lengthen("queue", (began_s or ended_s) - came_s)
        if began_s:
            self._lengthen("run", ended_s - began_s)

    def _lengthen(self, name: str, took_s: float) -> None:
        self.took_ms[name] = max(self.took_ms.get(name, 0.0), round(took_s * 1000, 3))

    @property
    def total_ms(self) -> float:
        """Since the request's head came."""
        return round((time.perf_counter() - self._began) * 1000, 3)


def joined(idents: Iterable[str]) -> str:
    """The correlation id of what belongs to several requests: a space, which no id holds, stands between them."""
    return " ".join(one for one in idents if one)
