"""Servers on ports of their own, one thread each, for as long as a test needs them."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from clients.registry_server import Stage, running

from swath_registry.catalogue import Catalogue
from swath_registry.cli import registry
from swath_registry.lock import lock_in
from swath_registry_server.confluent.store import RegisteredSubjects
from swath_registry_server.service import Service
from swath_schemas import PUBLISHED, SchemaStore

Serve = Callable[..., str]


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue(PUBLISHED.root)


@pytest.fixture(scope="session")
def _stages(catalogue: Catalogue) -> Iterator[list[tuple[Stage, str]]]:
    """Two servers for all tests, each with the service of the test that runs: starting and ending them takes time."""
    with ExitStack() as stack:
        stages = [Stage(Service(catalogue)) for _ in range(2)]
        yield [(stage, stack.enter_context(running(stage))) for stage in stages]


@pytest.fixture
def serve(catalogue: Catalogue, _stages: list[tuple[Stage, str]]) -> Serve:
    """`serve(folder)`: the address of a server that keeps what is registered there; two at most."""
    free = iter(_stages)

    def start(writable: Path) -> str:
        stage, url = next(free)
        stage.service = Service(catalogue, RegisteredSubjects(writable))
        return url

    return start


@pytest.fixture(scope="session")
def address(catalogue: Catalogue) -> Iterator[str]:
    """A read-only server for all tests that only read."""
    with running(Service(catalogue)) as url:
        yield url


@pytest.fixture(scope="session")
def site_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the published versions; only to read."""
    out = tmp_path_factory.mktemp("site") / "public"
    done = CliRunner().invoke(registry, ["site", "--out", str(out)], catch_exceptions=False)
    assert done.exit_code == 0
    return out


@pytest.fixture
def registry_of(tmp_path: Path) -> Callable[[dict[str, dict[str, Any]]], Path]:
    """A folder in which the schemas are published, in their order: `registry_of({"a@1.0.0": {…}})`."""

    def make(schemas: dict[str, dict[str, Any]], name: str = "registry") -> Path:
        root = tmp_path / name
        root.mkdir()
        (root / "registry.json").write_text('{"base_uri": "https://schemas.example"}')
        for each, schema in schemas.items():
            type_, _, version = each.partition("@")
            path = root / type_ / version / "schema.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps({"$id": f"https://schemas.example/{type_}/{version}", **schema}))
        store = SchemaStore(root)
        lock_in(store, [store.resolve(each) for each in schemas])
        return root

    return make
