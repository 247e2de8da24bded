"""Trains the U-Net of this folder on drawn scenes whose clouds are known, and writes model.onnx.

    pip install torch==2.13.0 onnx        # beside swath-testing, in one environment
    python algorithms/cloud-unet/train.py

Prints the measured intersection over union on scenes that it was not trained on, and the sha256 for describe.yml.
With one thread and these seeds the same machine gives the same bytes; another may differ in the last digits.

Source of the architecture: Ronneberger, Fischer & Brox, U-Net: Convolutional Networks for Biomedical Image
Segmentation, MICCAI 2015; here with two levels, 12 to 48 channels, batch normalisation, nearest-neighbour upsampling.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper
from torch import Tensor, nn

from swath_testing.scene import make_scene

BANDS = ("B02", "B03", "B04", "B08")  # visible and near infrared: without B11, so that snow must be told by its looks
CHANNELS = (12, 24, 48)
MEAN, DEVIATION = 0.3, 0.25  # of reflectance, about that of the scenes; as valueScaling in describe.yml says it
SIDE_PX = 128
TRAINED_ON, MEASURED_ON = range(600), range(100_000, 100_040)  # seeds of scenes
EPOCHS, BATCH = 8, 8
OPSET, IR_VERSION = 17, 8


class Block(nn.Sequential):
    """Two convolutions of 3 × 3, each with batch normalisation and a rectifier."""

    def __init__(self, taken: int, given: int) -> None:
        layers = [
            part
            for count in (taken, given)
            for part in (nn.Conv2d(count, given, 3, padding=1, bias=False), nn.BatchNorm2d(given), nn.ReLU())
        ]
        super().__init__(*layers)


class UNet(nn.Module):
    """float32 (batch, 4, height, width) -> logits (batch, 1, height, width); sides are multiples of 4."""

    def __init__(self) -> None:
        super().__init__()
        one, two, three = CHANNELS
        self.down1, self.down2, self.bottom = Block(len(BANDS), one), Block(one, two), Block(two, three)
        self.up2, self.up1, self.last = Block(three + two, two), Block(two + one, one), nn.Conv2d(one, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Logits of cloud."""
        first = self.down1(image)
        second = self.down2(nn.functional.max_pool2d(first, 2))
        lowest = self.bottom(nn.functional.max_pool2d(second, 2))
        higher = self.up2(torch.cat([nn.functional.interpolate(lowest, scale_factor=2), second], 1))
        highest = self.up1(torch.cat([nn.functional.interpolate(higher, scale_factor=2), first], 1))
        return self.last(highest)


def main() -> None:
    """Trains, measures, writes."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = UNet()
    train(network)
    network.eval()
    print(f"intersection over union on {len(MEASURED_ON)} other scenes: {measure(network):.3f}")
    model = as_onnx(network)
    checker.check_model(model, full_check=True)
    content = model.SerializeToString(deterministic=True)
    Path(__file__).with_name("model.onnx").write_bytes(content)
    print(f"sha256: {hashlib.sha256(content).hexdigest()}, {len(content):,} bytes")


def scene(seed: int, side: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """What the network sees, float32 (4, side, side), and the truth, uint8 (side, side): 1, 0, or 255 for nodata."""
    drawn = make_scene(side, side, BANDS, seed=seed, cloud_cover=0.05 + seed % 10 / 15)
    seen = ((drawn.image.physical() - MEAN) / DEVIATION).astype(np.float32)
    seen[:, ~drawn.image.is_valid] = 0.0
    return seen, drawn.truth


def batches(epoch: int, scenes: list[tuple[NDArray[np.float32], NDArray[np.uint8]]]) -> Iterator[tuple[Tensor, Tensor]]:
    """The scenes in random order, randomly turned and mirrored."""
    random = np.random.default_rng(epoch)
    order = random.permutation(len(scenes))
    for start in range(0, len(order), BATCH):
        turns = [
            (scenes[index], int(random.integers(4)), bool(random.integers(2))) for index in order[start : start + BATCH]
        ]
        seen = [turned(one[0], quarters, mirror) for one, quarters, mirror in turns]
        true = [turned(one[1], quarters, mirror) for one, quarters, mirror in turns]
        yield torch.from_numpy(np.stack(seen)), torch.from_numpy(np.stack(true))


def turned(array: NDArray[Any], quarters: int, mirror: bool) -> NDArray[Any]:
    """The array turned by quarters in its last two axes, and mirrored."""
    array = np.rot90(array, quarters, (-2, -1))
    return np.ascontiguousarray(array[..., ::-1] if mirror else array)


def train(network: UNet) -> None:
    """Adam, one cycle of the learning rate, binary cross-entropy on the pixels that hold data."""
    scenes = [scene(seed, SIDE_PX) for seed in TRAINED_ON]
    steps = EPOCHS * -(-len(scenes) // BATCH)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for epoch in range(EPOCHS):
        losses: list[float] = []
        for seen, true in batches(epoch, scenes):
            counts = (true != 255).float()
            loss = nn.functional.binary_cross_entropy_with_logits(
                network(seen)[:, 0], (true == 1).float(), weight=counts, reduction="sum"
            ) / counts.sum().clamp(min=1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f"epoch {epoch + 1} of {EPOCHS}: loss {np.mean(losses):.4f}", flush=True)


def measure(network: UNet) -> float:
    """Intersection over union of cloud, all pixels of all measured scenes together."""
    shared = either = 0
    with torch.no_grad():
        for seed in MEASURED_ON:
            seen, true = scene(seed, 2 * SIDE_PX)
            found = network(torch.from_numpy(seen)[None])[0, 0].numpy() >= 0
            shared += np.count_nonzero(found & (true == 1))
            either += np.count_nonzero((found | (true == 1)) & (true != 255))
    return shared / either


def as_onnx(network: UNet) -> ModelProto:
    """The network as a graph: image float32 (batch, 4, height, width) -> logits float32 (batch, 1, height, width)."""
    nodes: list[NodeProto] = []
    weights: list[TensorProto] = [numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "twice")]

    def node(kind: str, inputs: list[str], name: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return name

    def convolved(convolution: nn.Conv2d, norm: nn.BatchNorm2d | None, source: str, name: str) -> str:
        weight, bias = folded(convolution, norm)
        weights.extend(
            numpy_helper.from_array(array, f"{name}.{what}") for array, what in ((weight, "weight"), (bias, "bias"))
        )
        pad = convolution.padding[0]
        return node("Conv", [source, f"{name}.weight", f"{name}.bias"], name, pads=[pad] * 4)

    def block(layers: Block, source: str, name: str) -> str:
        for number, at in enumerate((0, 3), 1):
            source = convolved(layers[at], layers[at + 1], source, f"{name}.conv{number}")
            source = node("Relu", [source], f"{name}.relu{number}")
        return source

    def pooled(source: str) -> str:
        return node("MaxPool", [source], f"{source}.pool", kernel_shape=[2, 2], strides=[2, 2])

    def joined(low: str, high: str, name: str) -> str:
        larger = node(
            "Resize", [low, "", "twice"], f"{name}.resize", mode="nearest", nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        )  # fmt: skip
        return node("Concat", [larger, high], f"{name}.concat", axis=1)

    first = block(network.down1, "image", "down1")
    second = block(network.down2, pooled(first), "down2")
    lowest = block(network.bottom, pooled(second), "bottom")
    higher = block(network.up2, joined(lowest, second, "up2"), "up2")
    highest = block(network.up1, joined(higher, first, "up1"), "up1")
    last = convolved(network.last, None, highest, "last")
    node("Identity", [last], "logits")
    graph = helper.make_graph(
        nodes,
        "cloud-unet",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", len(BANDS), "height", "width"])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1, "height", "width"])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def folded(convolution: nn.Conv2d, norm: nn.BatchNorm2d | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weight and bias of a convolution with the normalisation after it taken into them."""
    weight = convolution.weight.detach().double()
    if norm is None:
        bias = convolution.bias.detach().double() if convolution.bias is not None else torch.zeros(len(weight))
        return weight.float().numpy(), bias.float().numpy()
    gain = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
    bias = norm.bias.detach().double() - norm.running_mean.double() * gain
    return (weight * gain[:, None, None, None]).float().numpy(), bias.float().numpy()


if __name__ == "__main__":
    main()
