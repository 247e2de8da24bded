"""What the packager's tests share: small algorithm folders, synthetic images, and images built once per session."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packager.folders import folder_with

from swath_algorithm.folder import Algorithm, open_algorithm
from swath_packager.engine import Engine
from swath_packager.order import Order, order
from swath_packager.packaging import build
from swath_packager.plan import Plan, make_plan
from swath_packager.profile import read_profile
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store

ROOT = Path(__file__).parents[2]
CLOUDS = ROOT / "algorithms" / "cloud-detection"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store of the test's own."""
    return Store(tmp_path / "store")


@pytest.fixture
def clouds() -> Algorithm:
    return open_algorithm(CLOUDS)


@pytest.fixture
def plan(clouds: Algorithm) -> Plan:
    return make_plan(clouds, "fastapi", "swath-fastapi", read_profile("cpu"), tag="team/clouds:1")


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """`folder(...)`: an algorithm folder of the test's own, with what describe.yml says changed as told."""
    return lambda **changes: folder_with(tmp_path / "algorithm", **changes)


@pytest.fixture(scope="session")
def built(engine: Engine) -> Iterator[Callable[[str], Order]]:
    """`built("flask")`: cloud detection with that runtime, in the engine; built once a session."""
    made: dict[str, Order] = {}

    def make(runtime: str) -> Order:
        if runtime not in known_runtimes():
            pytest.skip(f"the {runtime} runtime is not installed in this environment")
        if runtime not in made:
            made[runtime] = order(str(CLOUDS), runtime, "cpu", tag=f"swath-test/clouds:{runtime}")
            build(made[runtime], "docker", None, lambda step: None, quiet=True)
        return made[runtime]

    yield make
    for one in made.values():
        engine.remove_image(one.plan.tag)
