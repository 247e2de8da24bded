"""Which engine and which client: small scripts named docker stand for them."""

import os
import sys
from pathlib import Path

import pytest

from swath_packager import build_client as clients
from swath_packager import engine as engines
from swath_packager.build_client import find_build_client
from swath_packager.engine import find_engine, require_engine
from swath_packager.errors import EngineFailed, EngineMissing
from swath_packager.run_options import as_arguments

_ANSWER = '{"Client":{"Version":"%s"},"Server":{"Version":"26.1.5","Arch":"amd64"}}'


def _docker(folder: Path, client: str | None, *, buildx: bool = False) -> str:
    """A script that answers like a docker client of a version; None: no engine answers."""
    folder.mkdir()
    version = f"echo '{_ANSWER % client}'" if client else "echo 'Cannot connect to the Docker daemon' >&2; exit 1"
    script = f"""#!/bin/sh
case "$1" in
version) {version} ;;
buildx) exit {0 if buildx else 1} ;;
*) echo "out: $*"; echo "err: $*" >&2; exit 7 ;;
esac
"""
    (folder / "docker").write_text(script)
    (folder / "docker").chmod(0o755)
    return str(folder / "docker")


@pytest.fixture
def only_these(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Clients are looked for on PATH alone."""
    monkeypatch.setattr(clients, "ELSEWHERE", ())
    return monkeypatch


def _path(monkeypatch: pytest.MonkeyPatch, *clients: str) -> None:
    folders = [str(Path(one).parent) for one in clients]
    monkeypatch.setenv("PATH", os.pathsep.join(folders) or "/nowhere")


def test_the_client_that_can_build_kit_is_preferred(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without, old = _docker(tmp_path / "a", "28.2.2"), _docker(tmp_path / "b", "20.10.24")
    _path(only_these, without, old)
    found = find_build_client()
    assert (found.command, found.build_kit) == (old, True)


def test_a_new_client_has_build_kit_by_its_plugin(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _path(only_these, _docker(tmp_path / "a", "28.2.2", buildx=True))
    found = find_build_client()
    assert found.build_kit


def test_the_legacy_builder_is_taken_where_nothing_else_is(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _path(only_these, _docker(tmp_path / "a", "28.2.2"))
    found = find_build_client()
    assert not found.build_kit


def test_where_no_client_reaches_an_engine_what_was_tried_is_told(
    only_these: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _path(only_these, _docker(tmp_path / "a", None))
    with pytest.raises(EngineMissing) as missing:
        find_build_client()
    assert "Cannot connect to the Docker daemon" in missing.value.hint
    assert "--builder oci" in missing.value.hint


def test_without_a_client_that_is_told(only_these: pytest.MonkeyPatch) -> None:
    _path(only_these)
    with pytest.raises(EngineMissing, match="building") as missing:
        find_build_client()
    assert "no docker command" in missing.value.hint


def test_what_a_build_says_on_failure_is_kept(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _path(only_these, _docker(tmp_path / "a", "20.10.24"))
    with pytest.raises(EngineFailed) as failed:
        find_build_client().build(tmp_path, "a:1", quiet=True)
    assert "err: build" in failed.value.hint


def test_an_engine_that_does_not_answer_is_named_with_where_it_was_sought(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    assert find_engine() is None
    with pytest.raises(EngineMissing) as missing:
        require_engine("--builder docker")
    assert "nothing.sock" in missing.value.hint
    assert missing.value.exit_code == 3


def test_where_nothing_names_an_engine_the_sdk_is_not_even_imported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setattr(engines, "_SOCKETS", (str(tmp_path / "docker.sock"),))
    monkeypatch.setitem(sys.modules, "docker", None)  # importing it fails
    assert find_engine() is None


def test_options_of_docker_run_mean_the_same_to_the_sdk() -> None:
    options = [
        "--read-only",
        "--tmpfs",
        "/tmp:size=1m",
        "--cap-drop",
        "ALL",
        "--publish",
        "127.0.0.1::8080",
        "--user=1:1",
    ]
    assert as_arguments(options) == {
        "read_only": True,
        "tmpfs": {"/tmp": "size=1m"},
        "cap_drop": ["ALL"],
        "ports": {"8080/tcp": ("127.0.0.1", None)},
        "user": "1:1",
    }


def test_an_unknown_option_is_refused_with_the_known_ones() -> None:
    with pytest.raises(EngineFailed) as refused:
        as_arguments(["--frobnicate", "x"])
    assert "--device" in refused.value.hint
