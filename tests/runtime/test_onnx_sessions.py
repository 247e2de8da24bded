"""ONNX sessions: threads, memory, warm-up and providers, all without a GPU."""

import logging
import multiprocessing
import os
import pickle
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnxruntime", reason="onnxruntime is not installed in this environment")
import onnx
from onnx import TensorProto, helper
from runtime.nocode_folders import FREE, folder, graph, probabilities
from runtime.onnx_devices import CPU, CUDA, answer_of, pretend

from swath_algorithm.folder import open_algorithm
from swath_runtime.errors import ModelMemoryExceeded, ProfileUnusable
from swath_runtime.load import Loaded
from swath_runtime.onnx import Expected, OnnxModel, expected_of, open_model
from swath_runtime.onnx import session as sessions
from swath_runtime.onnx.expected import MOST_SAMPLES, shapes_of
from swath_runtime.onnx.session import open_session, threads_of
from swath_runtime.problems import problem_of
from swath_runtime.settings import Settings

MIB = 1 << 20
UNET = Path(__file__).parents[2] / "algorithms" / "cloud-unet"
OPENVINO = "OpenVINOExecutionProvider"


@pytest.fixture
def squares(tmp_path: Path) -> Path:
    """A graph, y = (-x)², of any shape: what it computes with is as large as what it gives."""
    nodes = [helper.make_node("Neg", ["x"], ["minus"]), helper.make_node("Mul", ["minus", "minus"], ["y"])]
    graph(tmp_path / "model.onnx", nodes, {"x": FREE}, {"y": FREE})
    return tmp_path / "model.onnx"


def ones(mib: int, value: float = 1.0) -> dict[str, Any]:
    return {"x": np.full((1, mib, 512, 512), value, np.float32)}


# Threads


@pytest.mark.parametrize(
    ("cores", "workers", "expected", "threads"),
    [
        (8, 1, Expected(), 8),
        (8, 4, Expected(), 2),
        (8, 1, Expected(calls=3), 6),  # five threads of the session's own, and three that calls come on
        (8, 2, Expected(calls=4), 1),
        (8, 1, Expected(processes=4), 2),
        (2, 4, Expected(calls=9), 1),
    ],
)
def test_the_cores_are_shared_among_workers_processes_and_calls(
    monkeypatch: pytest.MonkeyPatch, cores: int, workers: int, expected: Expected, threads: int
) -> None:
    monkeypatch.setattr(sessions, "usable_cores", lambda: cores)
    assert threads_of(Settings(workers=workers), expected) == threads


def test_threads_that_are_set_are_not_shared() -> None:
    assert threads_of(Settings(workers=4, onnx_threads=7), Expected(calls=3)) == 7


THREADS = """
import os, sys
from pathlib import Path
from swath_runtime.onnx import open_model
from swath_runtime.settings import Settings
counts = []
for threads in (1, 4):
    kept = open_model(Path(sys.argv[1]), Settings(onnx_threads=threads))
    counts.append(len(os.listdir("/proc/self/task")))
print(counts[1] - counts[0])
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
def test_a_session_of_one_thread_starts_none_and_one_of_four_three(squares: Path) -> None:
    # The first is still counted when its session is replaced: it had no threads that could end.
    done = subprocess.run([sys.executable, "-c", THREADS, squares], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "3"


def test_threads_that_wait_do_not_spin(squares: Path) -> None:
    options = open_session(squares, Settings(), Expected()).session.get_session_options()
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


# Memory


def test_a_call_that_needs_more_than_the_limit_is_refused_and_the_next_one_is_not(squares: Path) -> None:
    model = open_model(squares, Settings(onnx_memory_bytes=32 * MIB))
    for _ in range(3):
        with pytest.raises(ModelMemoryExceeded, match=str(32 * MIB)):
            model.run(ones(64))
        assert model.run(ones(8, 3.0))["y"].max() == 9


def test_each_session_has_the_limit_that_it_was_opened_with(squares: Path) -> None:
    narrow, wide = (open_model(squares, Settings(onnx_memory_bytes=most * MIB)) for most in (16, 128))
    assert wide.run(ones(32))["y"].max() == 1
    with pytest.raises(ModelMemoryExceeded):
        narrow.run(ones(32))
    assert open_model(squares, Settings()).run(ones(32))["y"].max() == 1


def test_a_caller_hears_that_the_input_is_too_large() -> None:
    problem = problem_of(ModelMemoryExceeded(5))
    assert problem.kind.status == 413
    assert "smaller image" in problem.hint


def test_a_declared_shape_beyond_the_limit_is_refused_at_the_start(tmp_path: Path) -> None:
    shape = (1, 4, 1024, 1024)
    graph(tmp_path / "model.onnx", [helper.make_node("Neg", ["x"], ["y"])], {"x": shape}, {"y": shape})
    with pytest.raises(ModelMemoryExceeded) as caught:
        open_model(tmp_path / "model.onnx", Settings(onnx_memory_bytes=4 * MIB))
    assert caught.value.exit_code == 3
    assert "SWATH_ONNX_MEMORY_BYTES" in caught.value.hint


@pytest.mark.parametrize("providers", [(OPENVINO,), ("TensorrtExecutionProvider", CUDA)])
def test_a_limit_that_a_provider_does_not_know_is_refused(squares: Path, providers: tuple[str, ...]) -> None:
    with pytest.raises(ProfileUnusable, match=providers[0]) as caught:
        open_model(squares, Settings(onnx_providers=providers, onnx_memory_bytes=MIB))
    assert "SWATH_ONNX_MEMORY_BYTES" in caught.value.hint


GIVEN_BACK = """
import sys
from pathlib import Path
import numpy as np
from swath_runtime.onnx import open_model
from swath_runtime.settings import Settings

def resident_bytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

model = open_model(Path(sys.argv[1]), Settings())
(name,) = model.inputs
resident: list[int] = []
for size in (64, 720, 64):
    model.run({name: np.zeros((1, 4, size, size), np.float32)})
    resident.append(resident_bytes())
print(resident[2] - resident[0])
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is measured in /proc")
def test_memory_of_a_large_call_is_given_back() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-c", GIVEN_BACK, UNET / "model.onnx"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    assert int(done.stdout) < 150 * MIB  # it needed 370 MB, which an arena that is left alone keeps


# Warm-up


def test_shapes_are_those_of_the_graph_filled_with_what_is_declared() -> None:
    axes = ("batch", "height", "width", "bands")
    expected = Expected(name="x", axes=axes, sides={"height": 64, "width": 32}, batches=(1, 8))
    inputs = {"x": (None, None, None, 3), "other": (2, None)}
    assert shapes_of(inputs, expected) == [
        {"x": (1, 64, 32, 3), "other": (2, None)},
        {"x": (8, 64, 32, 3), "other": (2, None)},
    ]


def test_a_batch_that_the_graph_fixes_is_the_only_one() -> None:
    expected = Expected(axes=("batch", "bands", "height", "width"), batches=(1, 8))
    assert shapes_of({"x": (4, 3, 8, 8)}, expected) == [{"x": (4, 3, 8, 8)}]


def test_a_batch_as_large_as_no_machine_is_left_out() -> None:
    expected = Expected(axes=("batch", "bands", "height", "width"), batches=(1, MOST_SAMPLES))
    assert shapes_of({"x": (None, 1, 8, 8)}, expected) == [{"x": (1, 1, 8, 8)}]


def test_a_tile_that_is_declared_is_warmed_with(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "swath_runtime")
    loaded = Loaded(open_algorithm(UNET), Settings(algorithm=UNET))
    assert loaded.model is not None
    name = next(iter(loaded.model.inputs))
    assert (loaded.model.warmed, loaded.model.not_warmed) == ((f"{name} 1×4×512×512",), ())


BATCHED = {"batched": True, "batch": {"maxSize": 6, "preferredSize": 4}, "execution": {"concurrency": 2}}


def test_a_batched_algorithm_is_warmed_with_the_batches_that_it_takes() -> None:
    describe = open_algorithm(UNET).describe | BATCHED
    assert expected_of(describe).batches == (1, 4, 6)
    assert expected_of(describe | {"batched": False}).batches == (1,)


@pytest.mark.parametrize(("isolation", "calls", "processes"), [("thread", 3, 1), ("process", 1, 3)])
def test_calls_at_once_are_threads_or_processes(isolation: str, calls: int, processes: int) -> None:
    expected = expected_of({"execution": {"concurrency": 3, "isolation": isolation}})
    assert (expected.calls, expected.processes) == (calls, processes)


def test_sides_that_nothing_declares_are_said_and_not_guessed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    graph(tmp_path / "model.onnx", [helper.make_node("Neg", ["x"], ["y"])], {"x": FREE}, {"y": FREE})
    caplog.set_level(logging.INFO, "swath_runtime")
    path = folder(tmp_path, probabilities(input={"bands": ["a", "b"]}))
    Loaded(open_algorithm(path), Settings(algorithm=path))
    facts = [record.facts for record in caplog.records if hasattr(record, "facts")]
    assert [(one["notWarmed"], "warmed" in one) for one in facts] == [("x 1×2×?×?", False)]


def test_the_session_s_facts_are_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shape = (1, 2, 8, 8)
    graph(tmp_path / "model.onnx", [helper.make_node("Neg", ["x"], ["y"])], {"x": shape}, {"y": shape})
    caplog.set_level(logging.INFO, "swath_runtime")
    open_model(tmp_path / "model.onnx", Settings(onnx_threads=2, onnx_memory_bytes=64 * MIB))
    (facts,) = [record.facts for record in caplog.records if hasattr(record, "facts")]
    assert facts.pop("loadMs") > 0
    assert facts.pop("warmMs") > 0
    assert facts == {"providers": CPU, "threads": 2, "memoryLimitBytes": 64 * MIB, "warmed": "x 1×2×8×8"}


# Providers and devices


def test_a_gpu_session_is_asked_for_with_its_limit(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, CUDA)
    session = open_session(squares, Settings(profile="gpu", onnx_memory_bytes=512 * MIB), Expected()).session
    limited = {"gpu_mem_limit": str(512 * MIB), "arena_extend_strategy": "kSameAsRequested"}
    assert session.asked == {CUDA: limited, CPU: {}}


def test_a_session_never_moves_to_the_cpu_by_itself(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, CUDA)
    assert open_session(squares, Settings(profile="gpu"), Expected()).session.falls_back is False


def test_inputs_and_outputs_of_a_gpu_session_are_bound_to_its_memory(
    squares: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, CUDA)
    opened = open_session(squares, Settings(profile="gpu"), Expected())
    given = np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4).transpose(0, 1, 3, 2)
    np.testing.assert_array_equal(OnnxModel(opened).run({"x": given})["y"], given**2)
    assert opened.session.bound_to == ["cuda"]


def test_calls_of_several_threads_do_not_meet_in_a_binding(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, CUDA)
    model = open_model(squares, Settings(profile="gpu"))
    sizes = [(value, 1 + value % 5) for value in range(120)]

    def call(one: tuple[int, int]) -> bool:
        value, side = one
        return bool((model.run({"x": np.full((1, 1, side, 64), value, np.float32)})["y"] == value**2).all())

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(call, sizes))


def test_outputs_stay_what_they_are_when_the_model_runs_again(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, CUDA)
    model = open_model(squares, Settings(profile="gpu"))
    first = model.run(ones(1, 2.0))["y"]
    model.run(ones(1, 3.0))
    assert first.min() == first.max() == 4


def test_a_number_without_axes_keeps_its_form_through_a_binding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, CUDA)
    graph(tmp_path / "model.onnx", [helper.make_node("Neg", ["x"], ["y"])], {"x": ()}, {"y": ()})
    answer = open_model(tmp_path / "model.onnx", Settings(profile="gpu")).run({"x": np.array(2, np.float32)})["y"]
    assert (answer.shape, float(answer)) == ((), -2.0)


def test_what_no_device_holds_is_run_without_a_binding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, CUDA)
    told = [[helper.make_tensor_value_info(name, TensorProto.STRING, ("n",))] for name in ("x", "y")]
    made = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", *told)
    onnx.save(helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "s.onnx")
    opened = open_session(tmp_path / "s.onnx", Settings(profile="gpu"), Expected())
    assert OnnxModel(opened).run({"x": np.array(["a", "b"], object)})["y"].tolist() == ["a", "b"]
    assert opened.session.bound_to == []


def test_another_provider_works_by_its_defaults(squares: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, OPENVINO)
    opened = open_session(squares, Settings(profile="edge", onnx_providers=(OPENVINO,)), Expected())
    assert opened.session.asked == {OPENVINO: {}, CPU: {}}
    assert OnnxModel(opened).run(ones(1, 2.0))["y"].max() == 4
    assert opened.session.bound_to == []


# Other processes


def test_a_model_opens_in_any_process(squares: Path) -> None:
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as processes:
        asked = processes.submit(answer_of, squares, Settings(onnx_memory_bytes=64 * MIB), Expected(calls=2), 3.0)
        assert asked.result() == 9


def test_a_refusal_for_memory_comes_home_from_another_process() -> None:
    there = ModelMemoryExceeded(1234)
    here = pickle.loads(pickle.dumps(there))  # noqa: S301 - our own
    assert (str(here), here.limit_bytes, here.hint) == (str(there), 1234, there.hint)
