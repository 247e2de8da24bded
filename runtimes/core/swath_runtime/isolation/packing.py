"""Values as a pickle and the buffers beside it, so that pixels are copied once and never through a pipe."""

import io
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from types import FunctionType
from typing import Any, cast

import numpy as np

from swath_converters import Image
from swath_converters.json_values import to_json
from swath_runtime.context import Context

PROTOCOL = 5  # the first with buffers beside the pickle (PEP 574)
SMALL_BYTES = 4096  # smaller buffers stay in the pickle
MOST_BUFFERS = 500  # beside it: their places go in one message
KNOWN = frozenset({"builtins", "collections", "copyreg", "datetime", "decimal", "uuid", "numpy", "affine"})
OURS = frozenset(
    {"swath_converters", "swath_runtime", "swath_algorithm", "swath_registry", "swath_types", "swath_schemas"}
)
"""Packages whose classes the server has as well: nothing of an algorithm's own is imported there."""

Revive = Callable[[int, dict[str, Any]], Context]


def pack(value: Any, contexts: Sequence[Context] = ()) -> tuple[bytes, list[memoryview]]:
    """A value's pickle, and its larger buffers in the order in which it needs them.

    A Context travels as its number among `contexts` and what it carries. A value of a class that only the algorithm
    knows travels as what JSON makes of it; raises NotJson where that is nothing.
    """
    buffers: list[memoryview] = []

    def keep_beside(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < SMALL_BYTES or len(buffers) == MOST_BUFFERS:
            return True
        buffers.append(raw)
        return False

    stream = io.BytesIO()
    _Packer(stream, keep_beside, contexts).dump(value)
    return stream.getvalue(), buffers


def unpack(stream: Any, buffers: Sequence[Any], revive: Revive | None = None) -> Any:
    """The value again; arrays are views of the buffers. `revive` makes the contexts, where there may be some."""
    return _Unpacker(io.BytesIO(stream), buffers, revive).load()


def context_of(number: int, carried: dict[str, Any]) -> Context:
    """Stands in a pickle for what makes a Context on the other side."""
    raise NotImplementedError  # pragma: no cover - `unpack` puts its `revive` in its place


class _Packer(pickle.Pickler):
    def __init__(
        self, file: io.BytesIO, keep_beside: Callable[[pickle.PickleBuffer], bool], contexts: Sequence[Context]
    ) -> None:
        super().__init__(file, PROTOCOL, buffer_callback=keep_beside)
        self._contexts = contexts

    def reducer_override(self, obj: Any) -> Any:
        """How an object that is none of pickle's own is taken apart."""
        if isinstance(obj, Context):
            number = next(index for index, one in enumerate(self._contexts) if one is obj)
            return context_of, (number, obj.carried())
        if type(obj) is np.ndarray:
            array = cast("np.ndarray[Any, Any]", obj)
            is_flat = array.flags.c_contiguous or array.flags.f_contiguous
            return NotImplemented if is_flat else np.ascontiguousarray(array).__reduce_ex__(PROTOCOL)
        kind = obj if isinstance(obj, type | FunctionType) else type(obj)
        return NotImplemented if is_known(kind.__module__) else _plain(obj)


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, buffers: Sequence[Any], revive: Revive | None) -> None:
        super().__init__(file, buffers=buffers)
        self._revive = revive

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        """A class or function by name, of those modules that both sides have."""
        if global_name == context_of.__name__ and self._revive:
            return self._revive
        if not is_known(module_name):
            raise pickle.UnpicklingError(f"{module_name}.{global_name} is not of a module that both sides have")
        return super().find_class(module_name, global_name)


def given(value: Any) -> Any:
    """The value itself: what a pickle calls where another value stands for an object."""
    return value


def is_known(module_name: str) -> bool:
    """Whether both sides have the module."""
    return module_name.partition(".")[0] in KNOWN | OURS


def _plain(value: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The value of a class of the algorithm's as one that both sides have."""
    match value:
        case Image():
            return given, (Image(**{one.name: getattr(value, one.name) for one in fields(Image)}),)
        case np.ndarray():
            return given, (np.asarray(cast("np.ndarray[Any, Any]", value)),)
        case Mapping():
            return given, (dict(cast("Mapping[Any, Any]", value)),)
        case list() | tuple():
            return given, (list(cast("Sequence[Any]", value)),)
        case _:
            return given, (to_json(value),)
