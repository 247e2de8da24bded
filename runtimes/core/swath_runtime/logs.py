"""Log lines, as text or as JSON, each with the correlation id of the request it belongs to."""

import contextvars
import json
import logging
import sys
import time
from collections.abc import Iterable

from swath_runtime.settings import Settings

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
        """Count what has passed since a call came, by the monotonic clock, as the wait for its turn and the run."""
        ended_s = time.monotonic()
        turns = [("queue", came_s, began_s or ended_s), *([("run", began_s, ended_s)] if began_s else [])]
        self.periods += turns
        self.took_ms |= {name: round((end_s - start_s) * 1000, 3) for name, start_s, end_s in turns}

    @property
    def total_ms(self) -> float:
        """Since the request's head came."""
        return round((time.monotonic() - self.began_s) * 1000, 3)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_idents(),
            **_spans(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class _TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {name}={value}" for name, value in getattr(record, "facts", {}).items())
        ident = f" correlationId={correlation_id.get().replace(' ', ',')}" if correlation_id.get() else ""
        ident += "".join(f" {name}={value}" for name, value in _spans().items())
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname.lower():7} {record.name}: {record.getMessage()}{facts}{ident}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def joined(idents: Iterable[str]) -> str:
    """The correlation id of what belongs to several requests: a space, which no id holds, stands between them."""
    return " ".join(one for one in idents if one)


def _idents() -> dict[str, str | list[str]]:
    """Of the request that a line belongs to, or of each request of a batch."""
    found = correlation_id.get().split(" ")
    return {"correlationIds": found} if len(found) > 1 else {"correlationId": found[0]} if found[0] else {}


def _spans() -> dict[str, str]:
    """Where a line belongs in a trace, by the names that OpenTelemetry gives them in JSON."""
    found = span_ids.get()
    return {"trace_id": found[0], "span_id": found[1]} if found else {}


def configure(settings: Settings) -> None:
    """Send every logger's lines to standard error in the form that the settings ask for."""
    _leave_out_what_no_line_says()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if settings.log_format == "json" else _TextLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    for noisy in ("rasterio", "uvicorn", "gunicorn", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))


def _leave_out_what_no_line_says() -> None:
    """Don't find out caller, thread and process of each line: a third of its cost (the logging HOWTO, Optimization)."""
    logging._srcfile = None  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False
