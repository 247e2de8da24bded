"""Errors on their way from a child to the server: what the core knows arrives as it was raised, the rest as text."""

import importlib
import traceback
from dataclasses import dataclass
from typing import Any, cast

from swath_runtime.errors import RuntimeFailure
from swath_runtime.isolation.packing import OURS


class Raised(Exception):
    """What an algorithm raised in its process, with the trace of there: for the log, never for a caller."""

    def __init__(self, trace: str) -> None:
        super().__init__(f"in the algorithm's process\n{trace}")


class StartFailed(RuntimeFailure):
    """An algorithm's process could not load it."""

    def __init__(self, reason: str, hint: str = "", exit_code: int = 1) -> None:
        super().__init__(reason)
        self.hint, self.exit_code = hint, exit_code


@dataclass(frozen=True)
class Told:
    """An error in plain values.

    Attributes:
        module, name: of the first of its classes that the server has as well; "" if there is none.
        arguments, state: what it is made of.
        trace: text.
    """

    module: str
    name: str
    arguments: tuple[Any, ...]
    state: dict[str, Any]
    trace: str


def told(error: BaseException) -> Told:
    """An error as it travels."""
    trace = "".join(traceback.format_exception(error)).rstrip()
    for kind in type(error).__mro__:
        if kind.__module__.partition(".")[0] in OURS:
            return Told(kind.__module__, kind.__qualname__, error.args, vars(error), trace)
    return Told("", "", (), {}, trace)


def without_facts(one: Told) -> Told:
    """The same for an error whose facts can't travel: its trace alone."""
    return Told("", "", (), {}, one.trace)


def error_of(one: Told) -> Exception:
    """The error on the other side; its cause is the trace."""
    raised = Raised(one.trace)
    if not one.module:
        return raised
    kind: type[Exception] = getattr(importlib.import_module(one.module), one.name)
    error = kind.__new__(kind, *one.arguments)
    vars(error).update(one.state)
    error.__cause__ = raised
    return error


def untold(result: Any) -> Any:
    """A result, with the errors that stand in a list of them as errors again."""
    if not isinstance(result, list):
        return result
    return [error_of(one) if isinstance(one, Told) else one for one in cast("list[Any]", result)]


def start_failure(error: BaseException) -> tuple[str, str, int]:
    """Message, hint and exit code of what kept an algorithm from being loaded."""
    code: int | None = getattr(error, "exit_code", None)
    if code is None:
        return f"{type(error).__name__}: {error}", "", 1
    return str(error), getattr(error, "hint", ""), code
