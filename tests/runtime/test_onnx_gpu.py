"""ONNX sessions on a GPU: skipped, by name, where there is none that onnxruntime can use."""

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swath_runtime.errors import ModelMemoryExceeded
from swath_runtime.onnx import OnnxModel, open_model
from swath_runtime.settings import Settings

pytestmark = pytest.mark.gpu
ALGORITHMS = Path(__file__).parents[2] / "algorithms"
UNET, CLOUDS = (ALGORITHMS / name / "model.onnx" for name in ("cloud-unet", "cloud-detection"))
TOLERANCE = 1e-2  # of logits: cuDNN reckons convolutions of float32 with TF32's ten bits of mantissa
MIB = 1 << 20


@pytest.fixture(scope="module", autouse=True)
def _gpu() -> None:
    ort = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed in this environment")
    if "CUDAExecutionProvider" not in ort.get_available_providers():
        pytest.skip("this onnxruntime has no CUDA provider: install swath-runtime[gpu]")
    if shutil.which("nvidia-smi") is None or subprocess.run(["nvidia-smi", "-L"], check=False).returncode != 0:
        pytest.skip("no GPU: nvidia-smi finds none")


@pytest.fixture(scope="module")
def gpu(_gpu: None) -> OnnxModel:
    return open_model(UNET, Settings(profile="gpu"))


def tile(size: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).random((1, 4, size, size), np.float32)


def test_a_session_of_the_gpu_profile_computes_on_the_gpu(gpu: OnnxModel) -> None:
    assert gpu.providers[0] == "CUDAExecutionProvider"


def test_the_gpu_gives_what_the_cpu_gives(gpu: OnnxModel, capsys: pytest.CaptureFixture[str]) -> None:
    cpu = open_model(UNET, Settings())
    given = {next(iter(cpu.inputs)): tile(256)}
    difference = float(np.abs(gpu.run(given)[gpu.outputs[0]] - cpu.run(given)[cpu.outputs[0]]).max())
    with capsys.disabled():
        print(f"\ncloud-unet, cpu and gpu: they differ by {difference:.2g} at most")  # noqa: T201
    assert difference < TOLERANCE


def test_masks_are_the_same_on_both() -> None:
    reflectance = np.random.default_rng(0).random((1, 3, 256, 300), np.float32)
    given = {"reflectance": reflectance, "threshold": np.array(0.1, np.float32)}
    masks = [open_model(CLOUDS, Settings(profile=profile)).run(given)["mask"] for profile in ("cpu", "gpu")]
    np.testing.assert_array_equal(*masks)


def test_threads_get_their_own_answers(gpu: OnnxModel) -> None:
    name = next(iter(gpu.inputs))
    tiles = [tile(64 * (1 + index % 3), index) for index in range(24)]
    alone = [gpu.run({name: one})[gpu.outputs[0]] for one in tiles]
    with ThreadPoolExecutor(8) as threads:
        together = list(threads.map(lambda one: gpu.run({name: one})[gpu.outputs[0]], tiles))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, atol=TOLERANCE)


def test_a_limit_of_the_gpu_s_memory_holds() -> None:
    model = open_model(UNET, Settings(profile="gpu", onnx_memory_bytes=64 * MIB))
    name = next(iter(model.inputs))
    with pytest.raises(ModelMemoryExceeded):
        model.run({name: tile(2048)})
    assert model.run({name: tile(64)})[model.outputs[0]].shape[-1] == 64


def test_a_gpu_that_can_not_be_seen_is_refused() -> None:
    program = (
        "import sys; from pathlib import Path; from swath_runtime.errors import ProfileUnusable;"
        "from swath_runtime.onnx import open_model; from swath_runtime.settings import Settings\n"
        "try: open_model(Path(sys.argv[1]), Settings(profile='gpu'))\n"
        "except ProfileUnusable as error: sys.exit(error.exit_code)"
    )
    environ = os.environ | {"CUDA_VISIBLE_DEVICES": ""}
    assert subprocess.run([sys.executable, "-c", program, UNET], env=environ, check=False).returncode == 3


def test_the_share_of_onnxruntime_s_own_speed_is_told(gpu: OnnxModel, capsys: pytest.CaptureFixture[str]) -> None:
    import onnxruntime as ort

    session = ort.InferenceSession(str(UNET), providers=["CUDAExecutionProvider"])
    name, given = next(iter(gpu.inputs)), tile(512)

    def alone() -> Any:
        binding = session.io_binding()
        binding.bind_cpu_input(name, given)
        binding.bind_output(gpu.outputs[0], "cuda")
        session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()[0]

    ours, theirs, copied = (
        _median_s(call) for call in (lambda: gpu.run({name: given}), alone, lambda: session.run(None, {name: given}))
    )
    with capsys.disabled():
        print(f"\nof onnxruntime's images a second: with IO binding {theirs / ours:.2f}, without {copied / ours:.2f}")  # noqa: T201
    np.testing.assert_allclose(gpu.run({name: given})[gpu.outputs[0]], alone(), atol=TOLERANCE)


def _median_s(call: Callable[[], Any], rounds: int = 50) -> float:
    took: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        took.append(time.perf_counter() - began)
    return statistics.median(took[5:])
