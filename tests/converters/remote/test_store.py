"""`store.put`: whole or not at all, below an allowed prefix, never through a link."""

import hashlib
import os
import socket
from pathlib import Path

import numpy as np
import pytest
from converters.rasters import image
from converters.remote.object_store import KEYS, TOKEN, ObjectStore
from converters.remote.web import LOOPBACK, Web, raw_server, serving

from swath_converters import Policy, store
from swath_converters.errors import AccessDenied, CannotEncode, MalformedValue, StoreFailed, UndecodableImage
from swath_converters.image import decode_image, encode_image, from_wire
from swath_converters.policy import Credentials
from swath_converters.policy import ObjectStore as StoreOf
from swath_registry.validation import Validator

CONTENT = b"the bytes of a result" * 1000


def into(folder: Path) -> Policy:
    return Policy(output_prefixes=(f"{folder.as_uri()}/",))


def into_bucket(web: Web, credentials: Credentials | None = KEYS, **changes: float) -> Policy:
    at = StoreOf(web.origin, credentials=lambda: credentials)
    return Policy(output_prefixes=("s3://maps/out/", "gs://maps/out/"), networks=(LOOPBACK,), s3=at, gs=at, **changes)


def everything_below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_the_default_policy_lets_nothing_be_written(tmp_path: Path):
    for uri in (f"{tmp_path.as_uri()}/a.tif", "s3://maps/out/a.tif", "gs://maps/out/a.tif", "https://a.test/a.tif"):
        for policy in (Policy(), Policy.below(tmp_path)):
            with pytest.raises(AccessDenied, match="not opened here"):
                store.put(CONTENT, uri, policy)
    assert everything_below(tmp_path) == []


def test_an_image_is_put_as_a_file_and_described(tmp_path: Path):
    sent = image()
    stored = store.put(sent, f"{tmp_path.as_uri()}/jobs/1/mask%20a.tif", into(tmp_path))
    content = (tmp_path / "jobs" / "1" / "mask a.tif").read_bytes()
    np.testing.assert_array_equal(decode_image(content, Policy()).array, sent.array)
    assert (stored.media_type, stored.size_bytes) == ("image/tiff", len(content))
    assert stored.sha256 == hashlib.sha256(content).hexdigest()
    assert everything_below(tmp_path) == ["jobs", "jobs/1", "jobs/1/mask a.tif"]


def test_what_was_put_is_an_image_that_can_be_sent_on(tmp_path: Path):
    sent = image()
    document = store.put(sent, f"{tmp_path.as_uri()}/a%20scene.tif", into(tmp_path)).as_image()
    assert Validator("image@1").violations(document) == []
    received = from_wire(document, {}, Policy.below(tmp_path))
    np.testing.assert_array_equal(received.array, sent.array)
    (tmp_path / "a scene.tif").write_bytes(encode_image(sent.array))
    with pytest.raises(UndecodableImage) as changed:
        from_wire(document, {}, Policy.below(tmp_path))
    assert changed.value.pointer in {"/sizeBytes", "/sha256"}


@pytest.mark.parametrize("content", [CONTENT, bytearray(CONTENT), memoryview(CONTENT), b""])
def test_bytes_are_put_as_they_are(content, tmp_path: Path):
    store.put(content, f"{tmp_path.as_uri()}/a.json", into(tmp_path), media_type="application/json")
    assert (tmp_path / "a.json").read_bytes() == bytes(content)


def test_what_stood_there_is_replaced(tmp_path: Path):
    (tmp_path / "a.tif").write_bytes(b"older and longer" * 10_000)
    store.put(CONTENT, f"{tmp_path.as_uri()}/a.tif", into(tmp_path))
    assert (tmp_path / "a.tif").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "uri",
    [
        "file://{outside}/a.tif",
        "file://{root}/../outside/a.tif",
        "file://{root}/%2e%2e/outside/a.tif",
        "file://{root}/x/../../outside/a.tif",
        "file://{root}/a%00.tif",
        "file://{root}",
        "file://{root}/",
        "file://{root}/x/",
        "file://{root}-sibling/a.tif",
        "file://example.org{root}/a.tif",
        "file://{root}/a.tif?x",
        "file:a.tif",
        "file:///vsimem{root}/a.tif",
        "file:///vsizip{root}/a.zip/a.tif",
        "file:///etc/cron.d/a",
    ],
)
def test_nothing_is_written_outside_the_prefix(uri: str, tmp_path: Path):
    root, outside, sibling = tmp_path / "root", tmp_path / "outside", tmp_path / "root-sibling"
    for folder in (root, outside, sibling):
        folder.mkdir()
    with pytest.raises(AccessDenied, match="names no place that may be written"):
        store.put(CONTENT, uri.format(root=root, outside=outside), into(root))
    assert everything_below(tmp_path) == ["outside", "root", "root-sibling"]


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path):
    (root := tmp_path / "root").mkdir()
    (outside := tmp_path / "outside").mkdir()
    (root / "link").symlink_to(outside)
    with pytest.raises(StoreFailed) as failed:
        store.put(CONTENT, f"{root.as_uri()}/link/a.tif", into(root))
    assert str(tmp_path) not in str(failed.value)
    assert everything_below(outside) == []


def test_a_link_at_the_place_itself_is_replaced_and_its_target_left(tmp_path: Path):
    (root := tmp_path / "root").mkdir()
    (target := tmp_path / "passwords").write_bytes(b"untouched")
    (root / "a.tif").symlink_to(target)
    store.put(CONTENT, f"{root.as_uri()}/a.tif", into(root))
    assert target.read_bytes() == b"untouched"
    assert not (root / "a.tif").is_symlink()
    assert (root / "a.tif").read_bytes() == CONTENT


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_only_files_are_replaced(kind: str, tmp_path: Path):
    (tmp_path / "a.tif").mkdir() if kind == "folder" else os.mkfifo(tmp_path / "a.tif")
    with pytest.raises(StoreFailed, match="could not be written: File exists"):
        store.put(CONTENT, f"{tmp_path.as_uri()}/a.tif", into(tmp_path))
    assert everything_below(tmp_path) == ["a.tif"]


@pytest.mark.parametrize("failing", ["fsync", "rename"])
def test_a_write_that_fails_leaves_the_old_file_and_no_part(failing: str, tmp_path: Path, monkeypatch):
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path))

    (tmp_path / "a.tif").write_bytes(b"old")
    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(StoreFailed, match="No space left on device") as failed:
        store.put(CONTENT, f"{tmp_path.as_uri()}/a.tif", into(tmp_path))
    assert str(tmp_path) not in str(failed.value)
    assert everything_below(tmp_path) == ["a.tif"]
    assert (tmp_path / "a.tif").read_bytes() == b"old"


def test_nobody_sees_a_part_of_a_file(tmp_path: Path, monkeypatch):
    seen: list[list[str]] = []
    rename = os.rename

    def look_and_rename(*args, **kwargs) -> None:
        seen.append([path.name for path in tmp_path.glob("*.tif")])
        rename(*args, **kwargs)

    monkeypatch.setattr(os, "rename", look_and_rename)
    store.put(CONTENT, f"{tmp_path.as_uri()}/a.tif", into(tmp_path))
    assert seen == [[]]


def test_an_image_that_the_format_cannot_hold_leaves_nothing(tmp_path: Path):
    with pytest.raises(CannotEncode):
        store.put(image("float32"), f"{tmp_path.as_uri()}/a.png", into(tmp_path), media_type="image/png")
    assert everything_below(tmp_path) == []


@pytest.mark.parametrize("scheme", ["s3", "gs"])
def test_an_image_is_put_into_a_bucket_with_a_signature(scheme: str):
    objects, sent = ObjectStore(), image()
    with serving(objects) as web:
        stored = store.put(sent, f"{scheme}://maps/out/job 1/mask.tif", into_bucket(web))
    content = objects.objects["maps/out/job 1/mask.tif"]
    np.testing.assert_array_equal(decode_image(content, Policy()).array, sent.array)
    assert (stored.size_bytes, stored.uri) == (len(content), f"{scheme}://maps/out/job 1/mask.tif")
    assert objects.media_types == {"maps/out/job 1/mask.tif": "image/tiff"}
    assert [command for command, *_ in web.requests] == ["PUT"]


@pytest.mark.parametrize("uri", ["s3://maps/open/a.tif", "s3://maps/outer/a.tif", "s3://other/out/a.tif"])
def test_nothing_is_put_outside_the_allowed_folder_of_a_bucket(uri: str):
    with serving(ObjectStore()) as web, pytest.raises(AccessDenied):
        store.put(CONTENT, uri, into_bucket(web))
    assert web.requests == []


def test_a_key_that_a_proxy_would_shorten_is_refused():
    with serving(ObjectStore()) as web, pytest.raises(MalformedValue):
        store.put(CONTENT, "s3://maps/out/../open/a.tif", into_bucket(web))
    assert web.requests == []


@pytest.mark.parametrize("credentials", [Credentials(KEYS.access_key, "a-wrong-secret"), TOKEN, None])
def test_a_store_that_does_not_take_it_is_an_error_without_credentials(credentials: Credentials | None):
    objects = ObjectStore()
    with serving(objects) as web, pytest.raises(StoreFailed, match=r"did not take the result") as failed:
        store.put(CONTENT, "s3://maps/out/a.tif", into_bucket(web, credentials))
    told = f"{failed.value!r} {failed.value} {failed.value.hint}"
    assert not [one for one in (KEYS.access_key, "a-wrong-secret", TOKEN.bearer_token) if one in told]
    assert objects.objects == {}


def test_a_connection_that_ends_midway_leaves_nothing():
    def hang_up(connection: socket.socket, over: object) -> None:
        connection.recv(1000)

    with raw_server(hang_up) as web, pytest.raises(StoreFailed, match="did not take the result"):
        store.put(bytes(20_000_000), "s3://maps/out/a.tif", into_bucket(web))


def test_a_store_that_does_not_read_is_left_in_time():
    with raw_server(lambda _, over: over.wait(30)) as web, pytest.raises(StoreFailed, match="too long"):
        store.put(bytes(50_000_000), "s3://maps/out/a.tif", into_bucket(web, fetch_timeout_s=0.3))
