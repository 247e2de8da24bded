"""The functions of a `process.py` as the core calls them: inputs by name, and lists of those."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from swath_algorithm.signature import Signature
from swath_algorithm.source import BATCH, PROCESS
from swath_runtime.taken_over import folded, record_class

Alone = Callable[..., Any]
"""`process(**inputs, **contexts)`: the result of one call."""
Batched = Callable[..., Any]
"""`process_batch(items, **contexts)`: the results of several, in their order."""


class ResultsMiscounted(RuntimeError):
    """process_batch gave back something else than one result for each item."""


def functions(source: Any, signature: Signature) -> tuple[Alone, Batched]:
    """`process` and `process_batch` of a module or an object; one that it lacks is made of the other."""
    if signature.name == BATCH:
        batched = _batched(getattr(source, BATCH), signature)
        return _alone_by(batched, signature.context_names), batched
    alone = folded(getattr(source, PROCESS), signature)
    return alone, _batched(getattr(source, BATCH), signature.batch) if signature.batch else _batched_by(alone)


def counted(results: Any, count: int) -> list[Any]:
    """The results of a batch; raises ResultsMiscounted where they are no list of so many."""
    if not isinstance(results, list | tuple):
        raise ResultsMiscounted(f"process_batch gave back {type(results).__name__}, not a list of results")
    found = list(cast(Sequence[Any], results))
    if len(found) != count:
        raise ResultsMiscounted(f"process_batch gave {len(found)} results for {count} items")
    return found


def _batched(process_batch: Batched, signature: Signature) -> Batched:
    """With each item as the one dataclass that the list is annotated with, where it is."""
    if signature.folded is None:
        return process_batch
    record = record_class(process_batch, signature.folded, is_list=True)

    def call(items: Sequence[Mapping[str, Any]], /, **contexts: Any) -> Any:
        return process_batch([record(**one) for one in items], **contexts)

    return call


def _alone_by(batched: Batched, context_names: Sequence[str]) -> Alone:
    def process(**inputs: Any) -> Any:
        contexts = {name: inputs.pop(name) for name in context_names if name in inputs}
        (result,) = counted(batched([inputs], **contexts), 1)
        if isinstance(result, BaseException):
            raise result
        return result

    return process


def _batched_by(alone: Alone) -> Batched:
    def process_batch(items: Sequence[Mapping[str, Any]], /, **contexts: Any) -> list[Any]:
        return [alone(**one, **contexts) for one in items]

    return process_batch
