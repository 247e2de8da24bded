"""Log lines, as text or as JSON, each with the correlation id of the request it belongs to."""

import contextvars
import json
import logging
import sys
import time
from collections.abc import Iterable

from swath_runtime.settings import Settings

correlation_id: contextvars.ContextVar[str] = contextvars.ContextVar("correlation_id", default="")
access = logging.getLogger("swath.access")


class Stage:
    """Adds the time spent within it to a table of stages; half as costly as a generator made a context manager."""

    __slots__ = ("_began", "_name", "_took_ms")

    def __init__(self, took_ms: dict[str, float], name: str) -> None:
        self._took_ms, self._name = took_ms, name

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *error: object) -> None:
        took_ms = (time.perf_counter() - self._began) * 1000
        self._took_ms[self._name] = round(self._took_ms.get(self._name, 0.0) + took_ms, 3)


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

    def time(self, name: str) -> "Stage":
        """Counts what happens inside as part of the stage `name`."""
        return Stage(self.took_ms, name)

    def note_turn(self, came_s: float, began_s: float | None) -> None:
        """Count what has passed since a call came, by the monotonic clock, as the wait for its turn and the run."""
        ended_s = time.monotonic()
        self.took_ms["queue"] = round(((began_s or ended_s) - came_s) * 1000, 3)
        if began_s:
            self.took_ms["run"] = round((ended_s - began_s) * 1000, 3)

    @property
    def total_ms(self) -> float:
        """Since the request's head came."""
        return round((time.perf_counter() - self._began) * 1000, 3)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_idents(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class _TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {name}={value}" for name, value in getattr(record, "facts", {}).items())
        ident = f" correlationId={correlation_id.get().replace(' ', ',')}" if correlation_id.get() else ""
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
