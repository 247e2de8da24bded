"""How a `Process` that was written for PESTO is called, so that it runs as it is.

There every image was a bare array (bands, height, width), whatever was annotated; an input that was absent was handed
as None; and a result carried no georeferencing. So it is here, where `algorithm/` beside process.py says that it was
written so (`swath_algorithm.layout.is_taken_over`), with one difference: a default in the signature, which PESTO
never came to, applies.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import is_dataclass
from typing import Any, get_args

from swath_algorithm.signature import Signature
from swath_runtime.errors import LoadFailed


def absent_inputs(signature: Signature, inputs: Iterable[str]) -> dict[str, None]:
    """None for each input that the signature has no default for, if it was written for PESTO; empty if not."""
    if not signature.is_taken_over:
        return {}
    with_default = {one.name for one in signature.parameters if one.has_default}
    return dict.fromkeys(name for name in inputs if name not in with_default)


def folded(process: Callable[..., Any], signature: Signature) -> Callable[..., Any]:
    """A `process` that takes its inputs by name, of one that takes them as one dataclass; any other as it is.

    Raises LoadFailed where the annotation turns out to be none.
    """
    parameter = signature.folded
    if parameter is None:
        return process
    record = record_class(process, parameter)

    def call(**inputs: Any) -> Any:
        apart = {name: inputs.pop(name) for name in signature.context_names if name in inputs}
        return process(**apart, **{parameter: record(**inputs)})

    return call


def record_class(function: Callable[..., Any], parameter: str, *, is_list: bool = False) -> Callable[..., Any]:
    """The dataclass that a parameter (or each item of its list) is annotated with; LoadFailed where it is none."""
    record: Any = inspect.signature(function, eval_str=True).parameters[parameter].annotation
    if is_list:
        record = next(iter(get_args(record)), record)
    if not is_dataclass(record) or not isinstance(record, type):
        raise LoadFailed("process.py", f"'{parameter}' is annotated {record!r}, which is no dataclass")
    return record


def bare(image: Any, signature: Signature, images: list[Any]) -> Any:
    """What is handed for an image: one written for PESTO gets the array alone, which lends its place to no result."""
    if signature.is_taken_over:
        return image.array
    images.append(image)
    return image
