"""Servers on ports of their own, one thread each, for as long as a test needs them."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from clients.registry_server import running

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


@pytest.fixture
def serve(catalogue: Catalogue) -> Iterator[Serve]:
    """`serve()`: the address of the published versions; with a folder, one that can be written to."""
    with ExitStack() as stack:

        def start(writable: Path | None = None, published: Catalogue = catalogue) -> str:
            registered = RegisteredSubjects(writable) if writable else None
            return stack.enter_context(running(Service(published, registered)))

        yield start


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
