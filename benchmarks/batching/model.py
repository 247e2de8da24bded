"""An ONNX graph of the shape of ResNet-18 for patches of 64 × 64 pixels, with weights drawn from a seed.

Layers after He et al., Deep Residual Learning for Image Recognition (2016), batch normalisation folded into the
convolutions as exporters do. 11 million weights, 45 MB: made when it is needed, never committed.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BANDS, SIDE_PX, CLASSES = 13, 64, 10
WIDTHS = (64, 128, 256, 512)
BLOCKS = 2
OPSET, IR_VERSION = 17, 8  # what every onnxruntime of the last years reads


class Network:
    """Nodes and weights, gathered layer by layer."""

    def __init__(self, seed: int = 18) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._random = np.random.default_rng(seed)

    def convolution(self, source: str, channels: tuple[int, int], side: int, stride: int) -> str:
        """Name of the result of a convolution that keeps the size, but for its stride."""
        name = f"conv{len(self.nodes)}"
        scale = np.sqrt(2 / (channels[0] * side * side))
        weight = self._weight(f"{name}_w", (channels[1], channels[0], side, side), scale)
        bias = self._weight(f"{name}_b", (channels[1],), 0.1)
        options = {"kernel_shape": [side, side], "strides": [stride, stride], "pads": [side // 2] * 4}
        return self._node("Conv", [source, weight, bias], name, **options)

    def rectified(self, source: str) -> str:
        """Name of the result of max(0, x)."""
        return self._node("Relu", [source], f"relu{len(self.nodes)}")

    def block(self, source: str, channels: tuple[int, int], stride: int) -> str:
        """Name of the result of two convolutions and a way around them."""
        inner = self.rectified(self.convolution(source, channels, 3, stride))
        inner = self.convolution(inner, (channels[1], channels[1]), 3, 1)
        around = source if channels[0] == channels[1] else self.convolution(source, channels, 1, stride)
        return self.rectified(self._node("Add", [inner, around], f"add{len(self.nodes)}"))

    def head(self, source: str, width: int) -> None:
        """Scores of classes from the mean of each channel."""
        pooled = self._node("GlobalAveragePool", [source], "pooled")
        flat = self._node("Flatten", [pooled], "flat", axis=1)
        weight = self._weight("head_w", (width, CLASSES), np.sqrt(1 / width))
        bias = self._weight("head_b", (CLASSES,), 0.1)
        self._node("Gemm", [flat, weight, bias], "scores")

    def pooled(self, source: str) -> str:
        """Name of the result of the greatest of 3 × 3, every other pixel."""
        options = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
        return self._node("MaxPool", [source], "stem", **options)

    def _node(self, kind: str, inputs: Sequence[str], name: str, **options: int | list[int]) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **options))
        return name

    def _weight(self, name: str, shape: tuple[int, ...], scale: float) -> str:
        values = (self._random.standard_normal(shape) * scale).astype(np.float32)
        self.weights.append(numpy_helper.from_array(values, name))
        return name


def write_model(path: Path, side_px: int = SIDE_PX) -> None:
    """Write the graph: patches float32 (any, 13, side, side) to scores float32 (any, 10)."""
    network = Network()
    last = network.pooled(network.rectified(network.convolution("patches", (BANDS, WIDTHS[0]), 7, 2)))
    before = WIDTHS[0]
    for width in WIDTHS:
        for index in range(BLOCKS):
            stride = 2 if index == 0 and width != WIDTHS[0] else 1
            last = network.block(last, (before, width), stride)
            before = width
    network.head(last, before)
    graph = helper.make_graph(
        network.nodes,
        "resnet18",
        [helper.make_tensor_value_info("patches", TensorProto.FLOAT, ["n", BANDS, side_px, side_px])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", CLASSES])],
        network.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)


def patches(count: int, side_px: int = SIDE_PX) -> NDArray[np.uint16]:
    """Patches uint16 (count, 13, side, side) that differ from each other, as a sensor gives them."""
    random = np.random.default_rng(3)
    coarse = random.integers(200, 6000, (count, BANDS, side_px // 8, side_px // 8)).repeat(8, axis=2).repeat(8, axis=3)
    return (coarse + random.normal(0, 40, coarse.shape).clip(-150, 150)).astype(np.uint16)
