"""Requests made of each service's own OpenAPI document: every answer must be one that the document allows."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from conftest import algorithm_folder

from swath_runtime.server import installed_runtimes
from swath_runtime.settings import Settings
from swath_testing.targets import running_server

CONFIG = Path(__file__).with_name("schemathesis.toml")
SEED, EXAMPLES = 1, 15  # by operation, besides those that cover each keyword of its schemas

pytestmark = pytest.mark.skipif(
    find_spec("schemathesis") is None,
    reason="schemathesis, which makes the requests, is in the session 'generated' alone",
)


@pytest.fixture(params=["fastapi", "flask"])
def runtime(request):
    if request.param not in installed_runtimes():
        pytest.skip(f"the {request.param} runtime is not installed in this environment")
    return request.param


THOROUGH = [pytest.param(name, marks=pytest.mark.thorough) for name in ("echo", "cloud-detection", "spectral-index")]


@pytest.mark.parametrize("name", ["tuned", *THOROUGH])
def test_every_answer_to_generated_requests_fits_the_document(runtime, name, tmp_path):
    settings = Settings(
        algorithm=algorithm_folder(name), runtime=runtime, state_folder=tmp_path / "state", config_writable=True
    )
    with running_server(settings) as url:
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(CONFIG),
            "run",
            f"{url}/api/v1/openapi",
        ]
        asked = ["--phases=coverage,fuzzing", f"--max-examples={EXAMPLES}", f"--seed={SEED}", "--no-color"]
        done = subprocess.run(
            [*command, *asked], cwd=tmp_path, capture_output=True, text=True, timeout=170, check=False
        )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
