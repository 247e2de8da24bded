"""Which engine and which client: small scripts named docker stand for them."""

import os
from pathlib import Path

import pytest

from swath_packager import engine as engines
from swath_packager.engine import find_engine, require_engine
from swath_packager.errors import EngineFailed, EngineMissing

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
    monkeypatch.setattr(engines, "ELSEWHERE", ())
    return monkeypatch


def _path(monkeypatch: pytest.MonkeyPatch, *clients: str) -> None:
    folders = [str(Path(one).parent) for one in clients]
    monkeypatch.setenv("PATH", os.pathsep.join(folders) or "/nowhere")


def test_the_client_that_can_build_kit_is_preferred(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    without, old = _docker(tmp_path / "a", "28.2.2"), _docker(tmp_path / "b", "20.10.24")
    _path(only_these, without, old)
    found = find_engine()
    assert found is not None
    assert (found.command, found.build_kit) == (old, True)


def test_a_new_client_has_build_kit_by_its_plugin(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _path(only_these, _docker(tmp_path / "a", "28.2.2", buildx=True))
    found = find_engine()
    assert found is not None
    assert found.build_kit


def test_the_legacy_builder_is_taken_where_nothing_else_is(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _path(only_these, _docker(tmp_path / "a", "28.2.2"))
    found = find_engine()
    assert found is not None
    assert not found.build_kit


def test_where_none_answers_what_was_tried_is_told(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _path(only_these, _docker(tmp_path / "a", None))
    with pytest.raises(EngineMissing) as missing:
        require_engine("--builder docker")
    assert "Cannot connect to the Docker daemon" in missing.value.hint
    assert "--builder oci" in missing.value.hint
    assert missing.value.exit_code == 3


def test_without_a_client_that_is_told(only_these: pytest.MonkeyPatch) -> None:
    _path(only_these)
    with pytest.raises(EngineMissing) as missing:
        require_engine("--builder docker")
    assert "no docker command" in missing.value.hint


def test_what_an_engine_says_on_failure_is_kept(only_these: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _path(only_these, _docker(tmp_path / "a", "20.10.24"))
    with pytest.raises(EngineFailed) as failed:
        require_engine("a test").load(tmp_path / "x.tar")
    assert "err: load" in failed.value.hint
