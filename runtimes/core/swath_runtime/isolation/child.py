"""A child: a process that has the algorithm loaded and runs one call at a time, until it is told to stop."""

import contextlib
import logging
import os
import socket
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

from swath_converters.errors import NotJson
from swath_runtime.context import Context
from swath_runtime.isolation.cancellation import Flag, Signals
from swath_runtime.isolation.channel import Channel, Closed, Parcel, Progress
from swath_runtime.isolation.failures import start_failure, told, without_facts
from swath_runtime.load import Loaded
from swath_runtime.logs import correlation_id
from swath_runtime.named import by_name
from swath_runtime.trimming import QUIET_S, trim

logger = logging.getLogger(__name__)


def serve(line: socket.socket, load: Callable[[], Loaded], *, stops: bool, quiet_s: float = QUIET_S) -> None:
    """Load, then answer calls until told to stop, or until the server has gone.

    Args:
        line: to the server.
        load: gives the algorithm.
        stops: whether this process ran `on_start`, so that it runs `on_stop` too.
        quiet_s: after so long without a call, memory that is kept for the next is given back.
    """
    channel, own = Channel(line), os.getpid()
    try:
        loaded = load()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the server must hear of it
        channel.send("failed", start_failure(error))
        return
    with contextlib.suppress(Closed):
        channel.send("ready", loaded.model.providers if loaded.model else None)
        _answer_all(channel, loaded, own, quiet_s)
    if stops:
        loaded.stop()


def _answer_all(channel: Channel, loaded: Loaded, own: int, quiet_s: float) -> None:
    for number in count():
        if not channel.is_readable(quiet_s):
            trim()
        signals = Signals(channel)
        value = _next_call(channel, loaded, signals, number)
        if value is None:
            return
        answer, parcel = _answered(channel, loaded, value)
        signals.end()
        del value  # so that its memory can be given back with the answer
        if os.getpid() != own:  # the algorithm forked, and its process came back from the call as well
            os._exit(0)
        channel.post(answer, parcel)


def _next_call(channel: Channel, loaded: Loaded, signals: Signals, number: int) -> Any:
    """The next call, its contexts connected; None where there is to be none."""

    def revive(context: int, carried: dict[str, Any]) -> Context:
        def tell(fraction: float, message: str) -> None:
            with contextlib.suppress(Closed):  # the server has gone; so will this process
                channel.send("progress", Progress(number, context, fraction, message))

        return loaded.context(tell, Flag(signals, context)).resume(carried)

    while True:
        kind, value = channel.receive(revive)
        if kind == "call":
            return value
        if kind == "stop":
            return None
        # else it is a cancellation of a call that had ended when it came


def _answered(channel: Channel, loaded: Loaded, value: Any) -> tuple[str, Parcel]:
    """The kind of answer to one call, and it."""
    name, arguments, inputs, ident = value
    token = correlation_id.set(ident)
    try:
        result = _named(loaded.call((), name, *arguments, **inputs))
        return "result", _packed(channel, result)
    except BaseException as error:  # noqa: BLE001 - SystemExit too ends the call and no more
        one = told(error)
        try:
            return "error", channel.packed(one)
        except Exception:  # noqa: BLE001 - an author's exception may hold anything
            return "error", channel.packed(without_facts(one))
    finally:
        correlation_id.reset(token)
        _flush()


def _named(result: Any) -> Any:
    """A result of classes that the server has: its names survive where it is an author's dataclass or tuple."""
    if isinstance(result, BaseException):
        return told(result)  # of one item of a batch
    if isinstance(result, list):
        return [_named(one) for one in result]  # pyright: ignore[reportUnknownVariableType]
    named = by_name(result)
    return result if named is None else named


def _packed(channel: Channel, result: Any) -> Parcel:
    try:
        return channel.packed(result)
    except NotJson:
        raise
    except Exception as error:
        raise NotJson(f"The result can't leave the algorithm's process ({type(error).__name__}).") from error


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()
