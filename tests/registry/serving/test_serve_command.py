"""`swath registry serve`, started as people start it."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from clients.plain import ask

from swath_registry import servers
from swath_registry.catalogue import Catalogue, NothingPublished
from swath_registry.cli import registry
from swath_registry_server.confluent.store import RegisteredSubjects
from swath_registry_server.errors import PortTaken, TypeHidden
from swath_registry_server.server import serve
from swath_registry_server.service import Service
from swath_schemas import PUBLISHED

SWATH = [sys.executable, "-m", "swath_cli", "registry", "serve"]


def test_it_serves_until_sigterm_and_keeps_what_was_registered(tmp_path: Path):
    with subprocess.Popen(
        [*SWATH, "--port", "0", "--writable", str(tmp_path)], stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stderr is not None
        told = server.stderr.readline()
        url = told.split(" at ")[1].split()[0]
        schema = {"schema": '{"type": "string"}', "schemaType": "JSON"}
        assert ask(f"{url}subjects/a/versions", "POST", schema).status == 200
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0
        assert "Shutting down" in server.stderr.read()
    assert f"kept in {tmp_path}" in told
    assert (tmp_path / "registered.sqlite").is_file()


def test_what_was_answered_outlives_a_killed_server(tmp_path: Path):
    command = [*SWATH, "--port", "0", "--writable", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        url = server.stderr.readline().split(" at ")[1].split()[0]
        schema = {"schema": '{"type": "string"}', "schemaType": "JSON"}
        told = ask(f"{url}subjects/a/versions", "POST", schema).json()
        server.kill()
    (kept,) = RegisteredSubjects(tmp_path).versions("a")
    assert kept.as_json() == told


def test_a_taken_port_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}") as found:
            serve(PUBLISHED.root, None, "127.0.0.1", port, 1024, lambda _: None)
    assert found.value.exit_code == 3
    assert "--port" in found.value.hint


def test_a_registry_without_its_server_says_what_to_install(monkeypatch):
    monkeypatch.setattr(servers, "entry_points", lambda group: ())
    done = CliRunner().invoke(registry, ["serve"])
    assert isinstance(done.exception, servers.ServerMissing)
    assert "swath-registry[serve]" in done.exception.hint
    assert done.exception.exit_code == 3


def test_a_folder_without_published_versions_is_told(tmp_path):
    (tmp_path / "registry.json").write_text('{"base_uri": "https://schemas.example"}')
    with pytest.raises(NothingPublished):
        Catalogue(tmp_path)


def test_a_type_that_the_api_would_hide_is_told(tmp_path, registry_of):
    with pytest.raises(TypeHidden, match="config"):
        Service(Catalogue(registry_of({"config@1.0.0": {"description": "A. B."}})))
