"""Images from a registry: anonymously, checked, and with patience for its faults."""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from packager.fake_registry import TOKEN, FakeRegistry, serving
from packager.images import small_image

from swath_packager import registry_client
from swath_packager.credentials import credentials_of
from swath_packager.errors import RegistryUnavailable
from swath_packager.reference import parse_reference
from swath_packager.registry_client import RegistryClient
from swath_packager.store import Store


@pytest.fixture(autouse=True)
def no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "nothing"))
    monkeypatch.setattr(registry_client, "PAUSE_S", 0.01)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[FakeRegistry]:
    with serving(FakeRegistry(small_image(Store(tmp_path / "theirs")))) as answering:
        yield answering


def _client(registry: FakeRegistry, version: str = ":one") -> RegistryClient:
    return RegistryClient(parse_reference(registry.reference + version))


def test_an_image_is_pulled_with_an_anonymous_token(registry: FakeRegistry, store: Store) -> None:
    image, _ = _client(registry).pull(store, "amd64", lambda step: None)
    assert image.config["config"]["WorkingDir"] == "/work"
    assert image.layers[0].blob.path.is_file()
    assert image.layers[0].diff_id == image.config["rootfs"]["diff_ids"][0]


def test_the_platform_is_chosen_from_an_index(registry: FakeRegistry, store: Store) -> None:
    platforms = [{"os": "windows", "architecture": "amd64"}, {"os": "linux", "architecture": "arm64"}]
    registry.add_index("many", platforms)
    assert _client(registry, ":many").pull(store, "arm64", lambda step: None)[0].layers
    with pytest.raises(RegistryUnavailable, match="linux/amd64"):
        _client(registry, ":many").pull(store, "amd64", lambda step: None)


def test_the_token_does_not_follow_a_redirect(registry: FakeRegistry, store: Store) -> None:
    registry.redirects_blobs = True
    _client(registry).pull(store, "amd64", lambda step: None)
    elsewhere = [sent for path, sent in registry.asked if path.startswith("/elsewhere/")]
    assert elsewhere
    assert set(elsewhere) == {None}
    assert any(sent == f"Bearer {TOKEN}" for path, sent in registry.asked if "/blobs/" in path)


def test_a_server_that_is_busy_for_a_moment_is_asked_again(registry: FakeRegistry, store: Store) -> None:
    registry.failures = 1
    assert _client(registry).pull(store, "amd64", lambda step: None)[0].layers


def test_a_server_that_stays_busy_is_named_with_its_answer(registry: FakeRegistry, store: Store) -> None:
    registry.failures = 100
    with pytest.raises(RegistryUnavailable, match="503"):
        _client(registry).pull(store, "amd64", lambda step: None)


def test_layers_that_are_here_already_are_not_fetched(registry: FakeRegistry, store: Store) -> None:
    _client(registry).pull(store, "amd64", lambda step: None)
    registry.asked.clear()
    _client(registry).pull(store, "amd64", lambda step: None)
    assert not [path for path, _ in registry.asked if "/blobs/" in path]


def test_a_layer_that_arrives_changed_is_refused(registry: FakeRegistry, store: Store) -> None:
    for digest in registry.blobs:
        registry.blobs[digest] += b" "
    with pytest.raises(RegistryUnavailable, match="arrived as"):
        _client(registry).pull(store, "amd64", lambda step: None)


def test_an_unknown_tag_is_a_404_with_the_reference(registry: FakeRegistry, store: Store) -> None:
    with pytest.raises(RegistryUnavailable, match="library/base:two: HTTP 404"):
        _client(registry, ":two").pull(store, "amd64", lambda step: None)


def test_a_registry_that_wants_a_token_answers_all_the_same(registry: FakeRegistry) -> None:
    assert _client(registry).answers()


def test_where_nobody_listens_the_reason_is_given_at_once(registry: FakeRegistry, store: Store) -> None:
    absent = RegistryClient(parse_reference("127.0.0.1:1/a/b:1"))
    assert not absent.answers()
    with pytest.raises(RegistryUnavailable, match="no answer"):
        absent.pull(store, "amd64", lambda step: None)


def test_an_image_is_pulled_by_digest_and_checked(registry: FakeRegistry, store: Store) -> None:
    registry.add_index("many", [{"os": "linux", "architecture": "amd64"}])
    digest = next(one for one in registry.manifests if one.startswith("sha256:"))
    _, told = _client(registry, f"@{digest}").pull(store, "amd64", lambda step: None)
    assert told == digest
    registry.manifests[digest] = (registry.manifests[digest][0], b"{}")
    with pytest.raises(RegistryUnavailable, match="arrived as another"):
        _client(registry, f"@{digest}").pull(store, "amd64", lambda step: None)


def test_a_layer_that_breaks_off_is_fetched_again(registry: FakeRegistry, store: Store) -> None:
    registry.breaks_off = 1
    assert _client(registry).pull(store, "amd64", lambda step: None)[0].layers


def _settings(folder: Path, monkeypatch: pytest.MonkeyPatch, told: dict[str, object]) -> None:
    (folder / "config.json").write_text(json.dumps(told))
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))


def test_what_docker_login_kept_goes_to_the_token_server(
    registry: FakeRegistry, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = base64.b64encode(b"me:secret").decode()
    _settings(tmp_path, monkeypatch, {"auths": {f"127.0.0.1:{registry.port}": {"auth": auth}}})
    _client(registry).pull(store, "amd64", lambda step: None)
    assert [sent for path, sent in registry.asked if path.startswith("/token")] == [f"Basic {auth}"]


def test_a_credential_helper_is_asked_as_docker_asks_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    helper = tmp_path / "docker-credential-vault"
    helper.write_text('#!/bin/sh\nread name\necho "{\\"Username\\": \\"$1-$name\\", \\"Secret\\": \\"s\\"}"\n')
    helper.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    _settings(tmp_path, monkeypatch, {"credHelpers": {"host.example": "vault"}})
    assert credentials_of("host.example") == ("get-host.example", "s")
    assert credentials_of("other.example") is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"auths": {"host.example": {"auth": "???"}}}'])
def test_settings_without_credentials_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    assert credentials_of("host.example") is None


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("python:3.12-slim", "docker.io/library/python:3.12-slim"),
        ("team/base", "docker.io/team/base:latest"),
        ("host.example:5000/a/b:1", "host.example:5000/a/b:1"),
        ("host.example/a@sha256:00", "host.example/a@sha256:00"),
        ("host.example/a:1@sha256:00", "host.example/a@sha256:00"),
    ],
)
def test_names_are_understood_as_engines_understand_them(text: str, whole: str) -> None:
    assert str(parse_reference(text)) == whole


def test_only_this_machine_is_asked_in_plain_text() -> None:
    assert parse_reference("localhost:5000/a").url == "http://localhost:5000/v2"
    assert parse_reference("host.example/a").url == "https://host.example/v2"
    assert parse_reference("localhost.evil.example/a").url.startswith("https://")
