"""The algorithms of this repository, their code loaded without any server."""

import importlib.util
import logging
import sys
from pathlib import Path
from types import ModuleType

import pytest

from swath_runtime import Context

ALGORITHMS = Path(__file__).parents[2] / "algorithms"


def load(path: Path) -> ModuleType:
    """A Python file as a module of its own, which is not left behind in sys.modules."""
    name = f"{path.parent.name}_{path.stem}".replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    del sys.modules[name]
    return module


@pytest.fixture(scope="session")
def cloud_detection_folder() -> Path:
    return ALGORITHMS / "cloud-detection"


@pytest.fixture(scope="session")
def cloud_detection(cloud_detection_folder: Path) -> ModuleType:
    return load(cloud_detection_folder / "process.py")


@pytest.fixture(scope="session")
def grayscale() -> ModuleType:
    return load(ALGORITHMS / "grayscale" / "process.py")


@pytest.fixture(scope="session")
def spectral_index() -> ModuleType:
    return load(ALGORITHMS / "spectral-index" / "process.py")


@pytest.fixture(scope="session")
def object_detection() -> ModuleType:
    return load(ALGORITHMS / "tile-object-detection" / "process.py")


@pytest.fixture(scope="session")
def change_detection() -> ModuleType:
    return load(ALGORITHMS / "tile-change-detection" / "process.py")


@pytest.fixture
def plain_context() -> Context:
    """A context without a model."""
    return Context("cpu", logging.getLogger("swath.algorithm"), None)


@pytest.fixture(scope="session")
def cpu_model(cloud_detection_folder: Path):
    pytest.importorskip("onnxruntime")
    from swath_runtime.onnx import open_model
    from swath_runtime.settings import Settings

    return open_model(cloud_detection_folder / "model.onnx", Settings())


@pytest.fixture
def context(cpu_model) -> Context:
    return Context("cpu", logging.getLogger("swath.algorithm.cloud-detection"), cpu_model)
