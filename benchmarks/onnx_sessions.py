"""Our ONNX sessions against onnxruntime's own with its defaults, on the CPU; `gpu` measures those on a GPU."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime as ort

from benchmarks.frame.alternating import compare
from benchmarks.frame.plan import Plan
from benchmarks.frame.rows import Ratio
from swath_runtime.onnx import open_model
from swath_runtime.settings import Settings

UNET = Path(__file__).parent.parent / "algorithms" / "cloud-unet" / "model.onnx"
BAR = 1.05
SIDES_PX = {64: 10, 512: 1}
"""Sides of the tiles, and how often each is run for one measurement."""


def run(plan: Plan) -> Iterator[Ratio]:
    """A run of cloud-unet, four bands of float32."""
    model = open_model(UNET, Settings())
    session = ort.InferenceSession(str(UNET), providers=["CPUExecutionProvider"])
    name = next(iter(model.inputs))
    for side, times in SIDES_PX.items():
        tile = np.random.default_rng(0).random((1, 4, side, side), np.float32)

        def ours(tile: object = tile, times: int = times) -> None:
            for _ in range(times):
                model.run({name: tile})  # pyright: ignore[reportArgumentType]

        def theirs(tile: object = tile, times: int = times) -> None:
            for _ in range(times):
                session.run(None, {name: tile})  # pyright: ignore[reportArgumentType]

        yield compare(f"cpu, {side} px, a run", ours, theirs, BAR, rounds=plan.rounds(31), warmups=3)
