"""Every algorithm of this repository passes its own examples wherever it can be served on this machine."""

import re
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from algorithms.conftest import ALGORITHMS

from swath_algorithm.check import check
from swath_algorithm.folder import known_names, open_algorithm
from swath_runtime.server import installed_runtimes
from swath_testing.run import run_cases
from swath_testing.targets import DIRECT, RUNTIMES, open_target

NAMES = known_names(ALGORITHMS)


def skip_without_requirements(folder: Path) -> None:
    """Skips, by name, where what an algorithm asks for itself is not installed here."""
    file = folder / "requirements.txt"
    for line in file.read_text("utf-8").splitlines() if file.is_file() else ():
        name = re.match(r"[A-Za-z0-9._-]*", line)
        assert name
        try:
            version(name[0])
        except PackageNotFoundError:
            pytest.skip(f"{folder.name} needs {name[0]}, which is not installed in this environment")


@pytest.mark.parametrize("place", [DIRECT, *RUNTIMES])
@pytest.mark.parametrize("name", NAMES)
def test_an_algorithm_passes_its_examples_on(name: str, place: str) -> None:
    pytest.importorskip("onnxruntime")
    if place != DIRECT and place not in installed_runtimes():
        pytest.skip(f"the {place} runtime is not installed in this environment")
    skip_without_requirements(ALGORITHMS / name)
    algorithm = open_algorithm(ALGORITHMS / name)
    with open_target(place, algorithm) as base_url:
        report = run_cases(algorithm, base_url, place)
    assert len(report.results) >= 1
    assert report.passed, report.summary()


@pytest.mark.parametrize("name", NAMES)
def test_an_algorithm_and_its_examples_have_no_mistakes_where_nothing_of_it_is_installed(name: str) -> None:
    assert check(ALGORITHMS / name) == []


@pytest.mark.parametrize("name", [one for one in NAMES if (ALGORITHMS / one / "requirements.txt").is_file()])
def test_an_algorithm_with_requirements_locks_them_for_both_runtimes(name: str) -> None:
    locked = tomllib.loads((ALGORITHMS / name / "requirements.lock").read_text("utf-8"))["image"]
    assert {one["runtime"] for one in locked} == set(RUNTIMES)
