"""A copy of the smallest algorithm, to change."""

import shutil
from pathlib import Path

import pytest
from conftest import ROOT


@pytest.fixture
def grayscale(tmp_path: Path) -> Path:
    """A copy of the smallest algorithm, to change."""
    source = ROOT / "algorithms" / "grayscale"
    return Path(shutil.copytree(source, tmp_path / "grayscale", ignore=shutil.ignore_patterns("__pycache__")))
