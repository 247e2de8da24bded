"""The gpu image on a GPU: skipped, by name, where an engine or a GPU is missing."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from packager.conftest import CLOUDS

from swath_packager import packaging
from swath_packager.engine import Engine
from swath_packager.order import Order, order
from swath_packager.runtimes import known_runtimes
from swath_packager.trial import HARDENING, serving_image, try_in_engine
from swath_testing.run import run_cases

pytestmark = [pytest.mark.engine, pytest.mark.gpu, pytest.mark.timeout(900)]
# Ends well only where the session that the service itself would open runs on CUDA.
_ON_CUDA = (
    "from pathlib import Path; from swath_runtime.onnx import open_model; "
    "from swath_runtime.settings import Settings;"
    "model = open_model(Path('/opt/swath/algorithm/model.onnx'), Settings(profile='gpu'));"
    "raise SystemExit(model.providers[0] != 'CUDAExecutionProvider')"
)


@pytest.fixture(scope="module")
def gpu() -> None:
    """A GPU of this machine."""
    if shutil.which("nvidia-smi") is None:
        pytest.skip("no GPU: there is no nvidia-smi")
    if subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no GPU: nvidia-smi finds none")


@pytest.fixture(scope="module")
def image(gpu: None, engine: Engine) -> Iterator[Order]:
    """Cloud detection under the gpu profile, in the engine."""
    wanted = order(str(CLOUDS), next(iter(known_runtimes())), "gpu", tag="swath-test/clouds:gpu")
    packaging.build(wanted, "docker", None, lambda step: None, quiet=True)
    yield wanted
    engine.remove_image(wanted.plan.tag)


def test_a_session_of_the_gpu_image_runs_on_cuda(image: Order, engine: Engine) -> None:
    container = engine.run(image.plan.tag, [*HARDENING, *image.profile.trial_options])
    try:
        assert engine.execute(container, ["python3", "-c", _ON_CUDA]) == 0, engine.logs(container)
    finally:
        engine.remove(container)


def test_the_examples_pass_in_the_gpu_image(image: Order, engine: Engine) -> None:
    trial = try_in_engine(image, engine, lambda step: None)
    assert trial.outcome is not None, trial.where
    assert trial.passed, trial.outcome.summary()


def test_the_gpu_image_serves_where_the_test_command_asks_it(image: Order) -> None:
    with serving_image(image.plan.tag) as url:
        assert run_cases(image.algorithm, url).passed
