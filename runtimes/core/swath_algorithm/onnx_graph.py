"""Inputs and outputs of an ONNX graph, read from its file without onnxruntime: what a check needs, no weights.

Only the few fields of ModelProto that say so are followed; all others are skipped by their length, so a model of
gigabytes takes no longer than a small one.

Source: onnx/onnx.proto (ModelProto.graph 7; GraphProto.initializer 5, input 11, output 12; ValueInfoProto.name 1,
type 2; TypeProto.tensor_type 1; Tensor.elem_type 1, shape 2; TensorShapeProto.dim 1; Dimension.dim_value 1;
TensorProto.name 8).
"""

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ELEMENTS: Mapping[int, str] = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64", 8: "string", 9: "bool",
    10: "float16", 11: "float64", 12: "uint32", 13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16",
}  # fmt: skip
"""Names of TensorProto.DataType, as numpy has them."""
VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5  # wire types of protocol buffers
MOST_VARINT_BYTES = 10


class GraphUnreadable(ValueError):
    """A file that is no ONNX model."""


@dataclass(frozen=True)
class Tensor:
    """One input or output: element type (numpy's name, "" if it says none) and sides, None for one that is free."""

    dtype: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True)
class Graph:
    """What goes in and comes out, by name, in the graph's order; inputs with a value of their own are left out."""

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]


def read_graph(path: Path) -> Graph:
    """The inputs and outputs of an ONNX file; raises GraphUnreadable, or OSError."""
    with path.open("rb") as file:
        try:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:
            raise GraphUnreadable("the file is empty") from None
        return _graph(memoryview(content))  # unmapped with the last view of it


def _graph(model: memoryview) -> Graph:
    graphs = [value for number, value in _fields(model) if number == 7 and isinstance(value, memoryview)]
    if len(graphs) != 1:
        raise GraphUnreadable("it holds no graph")
    inputs: dict[str, Tensor] = {}
    outputs: dict[str, Tensor] = {}
    constants: set[str] = set()
    for number, value in _fields(graphs[0]):
        if number == 5:
            constants |= {_text(one) for inner, one in _fields(_message(value)) if inner == 8}
        elif number in {11, 12}:
            name, tensor = _value_info(_message(value))
            (inputs if number == 11 else outputs)[name] = tensor
    if not outputs:
        raise GraphUnreadable("its graph has no outputs")
    return Graph({name: one for name, one in inputs.items() if name not in constants}, outputs)


def _value_info(message: memoryview) -> tuple[str, Tensor]:
    name, dtype, shape = "", "", ()
    for number, value in _fields(message):
        if number == 1:
            name = _text(value)
        elif number == 2:
            tensors = [one for inner, one in _fields(_message(value)) if inner == 1]
            for inner, one in (pair for tensor in tensors for pair in _fields(_message(tensor))):
                if inner == 1 and isinstance(one, int):
                    dtype = ELEMENTS.get(one, "")
                elif inner == 2:
                    shape = tuple(_side(_message(side)) for at, side in _fields(_message(one)) if at == 1)
    return name, Tensor(dtype, shape)


def _side(message: memoryview) -> int | None:
    return next((value for number, value in _fields(message) if number == 1 and isinstance(value, int)), None)


def _message(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise GraphUnreadable("it is no ONNX model")
    return value


def _text(value: int | memoryview) -> str:
    return bytes(_message(value)).decode("utf-8", "replace")


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field of a message: a number, or the bytes of a text or of a message within."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, value
        elif kind == LENGTH:
            size, at = _varint(message, at)
            if at + size > len(message):
                raise GraphUnreadable("it is cut short")
            yield number, message[at : at + size]
            at += size
        elif kind in {FIXED64, FIXED32}:
            at += 8 if kind == FIXED64 else 4
        else:
            raise GraphUnreadable("it is no ONNX model")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for index in range(MOST_VARINT_BYTES):
        if at + index >= len(message):
            raise GraphUnreadable("it is cut short")
        byte = message[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value, at + index + 1
    raise GraphUnreadable("it is no ONNX model")
