"""Images a second of the gpu profile, against onnxruntime with IO binding alone, and against the cpu profile.

It needs a GPU that onnxruntime can use; where there is none, that is said and everything is left out.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from benchmarks.batching.folder import prepare
from benchmarks.batching.model import patches
from benchmarks.frame.alternating import alternate, ratio_of, time_ms
from benchmarks.frame.plan import Plan
from benchmarks.frame.results import RESULTS
from benchmarks.frame.rows import Figure, LeftOut, Row
from swath_algorithm.folder import open_algorithm
from swath_runtime.load import Loaded
from swath_runtime.settings import Settings

CUDA = "CUDAExecutionProvider"
SIDE_PX, BATCH = 256, 16
VISIT_MS = 300.0
BAR = 1 / 0.9
"""At least 0.9 of the images a second of onnxruntime alone."""
TOLERANCE = 2e-2
"""Convolutions on a GPU may use TF32, with 10 bits of mantissa; scores are about 1."""

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]


def run(plan: Plan) -> Iterator[Row]:
    """Ratios of the time for an image, and images a second."""
    folder = prepare(RESULTS / "classify-256", SIDE_PX)
    if not has_gpu(folder / "model.onnx"):
        yield LeftOut("gpu", "no GPU that onnxruntime can use (CUDAExecutionProvider)")
        return
    gpu, bound = by_profile(folder, "gpu"), bound_to(folder / "model.onnx", "cuda", CUDA)
    yield from compared(
        gpu, {"onnxruntime, IO binding": (bound, BAR), "cpu profile": (by_profile(folder, "cpu"), 1.0)}, plan
    )


def has_gpu(model: Path) -> bool:
    """Whether a session really runs on CUDA: onnxruntime lists the provider where its libraries can't be loaded."""
    if CUDA not in onnxruntime.get_available_providers():
        return False
    onnxruntime.preload_dlls()
    return CUDA in onnxruntime.InferenceSession(str(model), providers=[CUDA]).get_providers()


def compared(ours: Run, others: dict[str, tuple[Run, float]], plan: Plan) -> Iterator[Row]:
    """Ours against each of the others, which must give the same scores."""
    batch = patches(BATCH, SIDE_PX) * np.float32(1e-4)
    for name, (other, bar) in others.items():
        if not np.allclose(ours(batch), other(batch), rtol=TOLERANCE, atol=TOLERANCE):
            raise ValueError(f"{name} gives other scores")
        pairs = alternate(partial(_ms_an_image, ours, batch), partial(_ms_an_image, other, batch), plan.rounds(9))
        row = ratio_of(f"gpu profile / {name}, {SIDE_PX}×{SIDE_PX}×13, batches of {BATCH}", pairs, bar, "ms/image")
        yield row
        yield Figure("images a second, gpu profile", 1000 / row.ours, "1/s")
        yield Figure(f"images a second, {name}", 1000 / row.theirs, "1/s")


def by_profile(folder: Path, profile: str) -> Run:
    """Scores as an algorithm gets them from its context's model."""
    model = Loaded(open_algorithm(folder), Settings(algorithm=folder, profile=profile)).model
    if model is None:
        raise ValueError("the folder has no model")
    return lambda batch: model.run({"patches": batch})["scores"]


def bound_to(model: Path, device: str, *providers: str) -> Run:
    """Scores by onnxruntime alone: the batch bound as it lies, the scores on the device, fetched at the end."""
    session: Any = onnxruntime.InferenceSession(str(model), providers=list(providers))

    def run_bound(batch: NDArray[np.float32]) -> NDArray[np.float32]:
        binding = session.io_binding()
        binding.bind_cpu_input("patches", batch)
        binding.bind_output("scores", device)
        session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()[0]

    return run_bound


def _ms_an_image(run_once: Run, batch: NDArray[np.float32]) -> float:
    """Time for one image, over as many batches as make a visit long enough to be read."""
    once_ms = time_ms(lambda: run_once(batch))
    count = max(1, int(VISIT_MS / once_ms))
    return time_ms(lambda: [run_once(batch) for _ in range(count)]) / count / len(batch)
