"""Log lines, as text or as JSON, each with the correlation id of the request it belongs to."""

import json
import logging
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

from swath_runtime.errors import SettingInvalid
from swath_runtime.logs import correlation_id, span_ids
from swath_runtime.settings import Settings

KEYS = ("timestamp", "level", "logger", "message", "correlationId", "correlationIds", "trace")


def configure(settings: Settings) -> None:
    """Send every logger's lines to standard error in the form that the settings ask for, and all that ends a thread.

    Raises SettingInvalid where SWATH_LOG_FIELDS or SWATH_LOG_KEYS can't be read.
    """
    fields = _pairs("SWATH_LOG_FIELDS", settings.log_fields)
    keys = _pairs("SWATH_LOG_KEYS", settings.log_keys)
    if unknown := sorted(keys.keys() - set(KEYS)):
        raise SettingInvalid("SWATH_LOG_KEYS", f"there is no {', '.join(unknown)}; keys: {', '.join(KEYS)}")
    _leave_out_what_no_line_says()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(fields, keys) if settings.log_format == "json" else _TextLines(fields))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_end
    threading.excepthook = _log_end_of_thread
    for noisy in ("rasterio", "uvicorn", "gunicorn", "asyncio"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))


class _JsonLines(logging.Formatter):
    def __init__(self, fields: Mapping[str, str], keys: Mapping[str, str]) -> None:
        super().__init__()
        self._fields, self._keys = fields, keys

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_idents(),
            **_spans(),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        named = {self._keys.get(key, key): value for key, value in line.items()}
        return json.dumps({**self._fields, **getattr(record, "facts", {}), **named}, default=str)


class _TextLines(logging.Formatter):
    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self._fields = fields

    def format(self, record: logging.LogRecord) -> str:
        told = {**getattr(record, "facts", {}), **self._fields}
        facts = "".join(f" {name}={value}" for name, value in told.items())
        ident = f" correlationId={correlation_id.get().replace(' ', ',')}" if correlation_id.get() else ""
        ident += "".join(f" {name}={value}" for name, value in _spans().items())
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname.lower():7} {record.name}: {record.getMessage()}{facts}{ident}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _idents() -> dict[str, str | list[str]]:
    """Of the request that a line belongs to, or of each request of a batch."""
    found = correlation_id.get().split(" ")
    return {"correlationIds": found} if len(found) > 1 else {"correlationId": found[0]} if found[0] else {}


def _spans() -> dict[str, str]:
    """Where a line belongs in a trace, by the names that OpenTelemetry gives them in JSON."""
    found = span_ids.get()
    return {"trace_id": found[0], "span_id": found[1]} if found else {}


def _leave_out_what_no_line_says() -> None:
    """Don't find out caller, thread and process of each line: a third of its cost (the logging HOWTO, Optimization)."""
    logging._srcfile = None  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]
    logging.logThreads = logging.logMultiprocessing = logging.logProcesses = False


def _pairs(variable: str, given: Sequence[str]) -> dict[str, str]:
    for one in given:
        if one.find("=") < 1:
            raise SettingInvalid(variable, f"'{one}' is no NAME=VALUE")
    return {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in given)}


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger(__name__).critical("the process ends with an error", exc_info=(kind, error, trace))


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else "of no name"
        error = (ended.exc_type, ended.exc_value, ended.exc_traceback)
        logging.getLogger(__name__).error("the thread %s ended with an error", name, exc_info=error)
