"""Calls handed to the algorithm, alone or together, and what came of each."""

import contextvars
import logging
from collections.abc import Callable
from typing import Any

from swath_runtime.calls import Batch, Call
from swath_runtime.context import Cancelled, Context
from swath_runtime.functions import ResultsMiscounted, counted
from swath_runtime.logs import correlation_id, joined

Alone = Callable[[Any, Context], Any]
"""Result of one call, of its inputs."""
Together = Callable[[list[Any], Context], Any]
"""Results of several calls, one for each, in their order; one that is an exception fails that call alone."""
Outcome = tuple[Any, BaseException | None]

logger = logging.getLogger(__name__)


class Exited(RuntimeError):
    """An algorithm raised what would end a program, such as SystemExit; it ends its call and no more."""


def perform(batch: Batch, alone: Alone, together: Together) -> None:
    """Settle each call of a batch, and return once the algorithm is done with all of them."""
    if len(batch.calls) == 1:
        _perform_alone(batch.calls[0], alone)
        return
    variables = contextvars.Context()
    variables.run(correlation_id.set, joined(one.variables.get(correlation_id, "") for one in batch.calls))
    try:
        outcomes = variables.run(_outcomes, batch, together)
    except Exception as error:  # noqa: BLE001 - whatever an algorithm raises
        variables.run(_perform_apart, batch, alone, error)
    else:
        for call, (result, error) in zip(batch.calls, outcomes, strict=True):
            call.settle(result, error)


def _outcomes(batch: Batch, together: Together) -> list[Outcome]:
    """What came of each call; raises what the algorithm raises."""
    results = _contained(lambda: together([one.inputs for one in batch.calls], batch.context))
    try:
        return [_outcome(one) for one in counted(results, len(batch.calls))]
    except ResultsMiscounted as error:
        logger.error("%s: all of them fail", error)  # noqa: TRY400 - where it was raised says nothing
        return [(None, ResultsMiscounted(str(error))) for _ in batch.calls]


def _outcome(result: Any) -> Outcome:
    if isinstance(result, Exception):
        return None, result
    return (None, Exited(type(result).__name__)) if isinstance(result, BaseException) else (result, None)


def _perform_apart(batch: Batch, alone: Alone, error: Exception) -> None:
    """Call each again alone after a batch has failed, so that one bad item fails no other."""
    if batch.context.is_cancelled:
        for call in batch.calls:
            call.settle(error=error)
        return
    name = type(error).__name__
    logger.warning("process_batch failed on %d items (%s): each is called alone", len(batch.calls), name)
    for call in batch.calls:
        _perform_alone(call, alone)


def _perform_alone(call: Call, alone: Alone) -> None:
    if call.context.is_cancelled:
        call.settle(error=Cancelled())
        return
    try:
        result = call.variables.run(_contained, lambda: alone(call.inputs, call.context))
    except Exception as error:  # noqa: BLE001 - whatever an algorithm raises
        call.settle(error=error)
    else:
        call.settle(result)


def _contained(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception:
        raise
    except BaseException as error:
        raise Exited(type(error).__name__) from error
