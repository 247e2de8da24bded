"""Our ONNX sessions against onnxruntime's own, on the CPU and, where there is one, on a GPU with IO binding."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from timing import Ratio, compare

from swath_runtime.onnx import open_model
from swath_runtime.settings import Settings

UNET = Path(__file__).parent.parent / "algorithms" / "cloud-unet" / "model.onnx"
CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"
CPU_BAR = 1.05
GPU_BAR = 1 / 0.9
SIZES = (64, 512)


def run() -> Iterator[Ratio]:
    """One tile of 64 × 64 and one of 512 × 512 px, four bands of float32."""
    for size in SIZES:
        tile = np.random.default_rng(0).random((1, 4, size, size), np.float32)
        yield _ratio("cpu", CPU, _plain, tile, CPU_BAR)
        if CUDA in ort.get_available_providers():
            yield _ratio("gpu", CUDA, _bound, tile, GPU_BAR)


def _ratio(profile: str, provider: str, theirs: Callable[..., Any], tile: Any, bar: float) -> Ratio:
    model = open_model(UNET, Settings(profile=profile))
    session = ort.InferenceSession(str(UNET), providers=[provider])
    name, repeats = next(iter(model.inputs)), 1 if tile.shape[-1] > SIZES[0] else 10

    def ours() -> None:
        for _ in range(repeats):
            model.run({name: tile})

    def other() -> None:
        for _ in range(repeats):
            theirs(session, name, tile)

    return compare(f"{profile}, {tile.shape[-1]} px, a run", ours, other, bar, rounds=31, warmups=3)


def _plain(session: Any, name: str, tile: Any) -> Any:
    return session.run(None, {name: tile})


def _bound(session: Any, name: str, tile: Any) -> Any:
    binding = session.io_binding()
    binding.bind_cpu_input(name, tile)
    binding.bind_output(session.get_outputs()[0].name, "cuda")
    session.run_with_iobinding(binding)
    return binding.copy_outputs_to_cpu()
