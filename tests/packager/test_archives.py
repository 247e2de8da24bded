"""Layers and archives: the same bytes every time, and what is written can be read."""

import hashlib
import io
import json
import os
import tarfile
from pathlib import Path

import pytest
from packager.images import small_image

from swath_packager.archive import qualified, write_archive
from swath_packager.archive_reading import opened, read_archive, read_config
from swath_packager.errors import ArchiveUnreadable
from swath_packager.image import compose
from swath_packager.layers import Entry, epoch, make_layer, tree_entries
from swath_packager.plan import Plan
from swath_packager.store import Store


def _tree(folder: Path) -> Path:
    (folder / "package" / "inner").mkdir(parents=True)
    (folder / "package" / "b.py").write_text("b = 1\n")
    (folder / "package" / "a.py").write_text("a = 1\n")
    (folder / "package" / "inner" / "tool").write_text("#!/bin/sh\n")
    (folder / "package" / "inner" / "tool").chmod(0o700)
    (folder / "package" / "link").symlink_to("a.py")
    return folder


def _members(archive: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(archive) as tar:
        return {one.name: one for one in tar}


def test_a_layer_is_the_same_from_another_folder_umask_and_time(store: Store, tmp_path: Path) -> None:
    first = _tree(tmp_path / "one")
    previous = os.umask(0o077)
    try:
        second = _tree(tmp_path / "elsewhere" / "two")
    finally:
        os.umask(previous)
    os.utime(second / "package" / "a.py", (1, 1))
    layers = [make_layer(tree_entries(one, "/opt/x"), store) for one in (first, second)]
    assert layers[0].blob.digest == layers[1].blob.digest


def test_a_layer_holds_nothing_of_the_machine_that_made_it(store: Store, tmp_path: Path) -> None:
    layer = make_layer(tree_entries(_tree(tmp_path / "one"), "/opt/x"), store)
    for member in _members(layer.blob.path).values():
        assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, "", "")
        assert member.mtime == epoch()
        assert member.mode in (0o755, 0o644, 0o777)
        assert str(tmp_path) not in member.name + member.linkname


def test_members_are_sorted_and_stand_in_folders_of_their_own(store: Store, tmp_path: Path) -> None:
    names = list(_members(make_layer(tree_entries(_tree(tmp_path / "one"), "/opt/x"), store).blob.path))
    assert names == sorted(names)
    assert names[:3] == ["opt", "opt/x", "opt/x/package"]


def test_the_owners_right_to_execute_is_kept(store: Store, tmp_path: Path) -> None:
    members = _members(make_layer(tree_entries(_tree(tmp_path / "one"), "/"), store).blob.path)
    assert members["package/inner/tool"].mode == 0o755
    assert members["package/a.py"].mode == 0o644
    assert members["package/link"].linkname == "a.py"


def test_the_diff_id_is_the_digest_of_the_unpacked_tar(store: Store) -> None:
    import gzip

    layer = make_layer([Entry("a", b"1")], store)
    assert layer.diff_id == f"sha256:{hashlib.sha256(gzip.decompress(layer.blob.path.read_bytes())).hexdigest()}"
    assert layer.blob.digest == f"sha256:{hashlib.sha256(layer.blob.path.read_bytes()).hexdigest()}"


def test_a_keyed_layer_is_made_once(store: Store) -> None:
    made = make_layer([Entry("a", b"1")], store, key="k")
    assert make_layer([Entry("never", b"read")], store, key="k") == made


def test_source_date_epoch_is_the_time_of_every_member(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert {one.mtime for one in _members(make_layer([Entry("a/b", b"1")], store).blob.path).values()} == {1700000000}


def test_an_archive_is_the_same_on_every_writing(store: Store, plan: Plan, tmp_path: Path) -> None:
    base = small_image(store)
    for name in ("one.tar", "two.tar"):
        layers = {"algorithm": make_layer([Entry("opt/swath/algorithm/process.py", b"x")], store)}
        write_archive(compose(base, layers, plan), plan.tag, tmp_path / name)
    assert (tmp_path / "one.tar").read_bytes() == (tmp_path / "two.tar").read_bytes()


def test_an_archive_is_an_oci_layout_whose_blobs_have_their_digests(store: Store, plan: Plan, tmp_path: Path) -> None:
    digest = write_archive(compose(small_image(store), {}, plan), plan.tag, tmp_path / "a.tar")
    with tarfile.open(tmp_path / "a.tar") as tar:
        contents = {one.name: (tar.extractfile(one) or io.BytesIO()).read() for one in tar}
    assert json.loads(contents["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    (entry,) = json.loads(contents["index.json"])["manifests"]
    assert entry["digest"] == digest
    assert entry["annotations"]["io.containerd.image.name"] == "docker.io/team/clouds:1"
    manifest = json.loads(contents[f"blobs/{digest.replace(':', '/')}"])
    for described in (manifest["config"], *manifest["layers"]):
        content = contents[f"blobs/{described['digest'].replace(':', '/')}"]
        assert described["size"] == len(content)
        assert described["digest"] == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_an_archive_is_also_what_docker_load_takes(store: Store, plan: Plan, tmp_path: Path) -> None:
    write_archive(compose(small_image(store), {}, plan), plan.tag, tmp_path / "a.tar")
    with opened(tmp_path / "a.tar") as contents:
        (entry,) = json.load(contents.open("manifest.json"))
        assert entry["RepoTags"] == ["team/clouds:1"]
        assert all(contents.open(name).read() for name in (entry["Config"], *entry["Layers"]))


def test_what_is_written_can_be_read(store: Store, plan: Plan, tmp_path: Path) -> None:
    written = compose(small_image(store), {"algorithm": make_layer([Entry("x", b"x")], store)}, plan)
    write_archive(written, plan.tag, tmp_path / "a.tar")
    read = read_archive(tmp_path / "a.tar", Store(tmp_path / "other"))
    assert read.config == written.config
    assert [one.diff_id for one in read.layers] == [one.diff_id for one in written.layers]
    assert read.labels == dict(plan.labels)
    assert read_config(tmp_path / "a.tar") == written.config


def test_a_layout_folder_is_read_like_its_archive(store: Store, plan: Plan, tmp_path: Path) -> None:
    written = compose(small_image(store), {}, plan)
    write_archive(written, plan.tag, tmp_path / "a.tar")
    with tarfile.open(tmp_path / "a.tar") as tar:
        tar.extractall(tmp_path / "layout", filter="data")
    (tmp_path / "layout" / "manifest.json").unlink()
    assert read_archive(tmp_path / "layout", store).config == written.config


def test_what_docker_save_writes_is_read(store: Store, tmp_path: Path) -> None:
    """The older form: uncompressed layers in folders named by an id, and no OCI layout."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("empty"))
    diff_id = f"sha256:{hashlib.sha256(layer.getvalue()).hexdigest()}"
    config = json.dumps({"architecture": "amd64", "config": {}, "rootfs": {"diff_ids": [diff_id]}}).encode()
    files = {
        "abc.json": config,
        "1234/layer.tar": layer.getvalue(),
        "manifest.json": json.dumps([{"Config": "abc.json", "RepoTags": None, "Layers": ["1234/layer.tar"]}]).encode(),
    }
    with tarfile.open(tmp_path / "saved.tar", "w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    read = read_archive(tmp_path / "saved.tar", store)
    assert read.layers[0].blob.digest == read.layers[0].diff_id == diff_id


def test_a_blob_that_does_not_have_its_digest_is_refused(store: Store, plan: Plan, tmp_path: Path) -> None:
    image = small_image(store)
    write_archive(image, plan.tag, tmp_path / "a.tar")
    place = f"layout/blobs/{image.layers[0].blob.digest.replace(':', '/')}"
    with tarfile.open(tmp_path / "a.tar") as tar:
        tar.extractall(tmp_path / "layout", filter="data")
    (tmp_path / place).write_bytes(b"something else")
    with pytest.raises(ArchiveUnreadable, match="digest"):
        read_archive(tmp_path / "layout", Store(tmp_path / "other"))


@pytest.mark.parametrize("content", [b"", b"not a tar", b"PK\x03\x04"])
def test_another_file_is_refused_by_name(store: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "odd.tar").write_bytes(content)
    with pytest.raises(ArchiveUnreadable, match=r"odd\.tar"):
        read_archive(tmp_path / "odd.tar", store)


def test_a_failed_writing_leaves_no_file_and_keeps_the_old_one(store: Store, plan: Plan, tmp_path: Path) -> None:
    output = tmp_path / "out" / "a.tar"
    output.parent.mkdir()
    output.write_bytes(b"the old one")
    image = small_image(store)
    image.layers[0].blob.path.unlink()
    with pytest.raises(FileNotFoundError):
        write_archive(image, plan.tag, output)
    assert [one.name for one in output.parent.iterdir()] == ["a.tar"]
    assert output.read_bytes() == b"the old one"


@pytest.mark.parametrize(
    ("tag", "whole"),
    [
        ("a", "docker.io/library/a:latest"),
        ("a:1", "docker.io/library/a:1"),
        ("team/a:1", "docker.io/team/a:1"),
        ("localhost/a:1", "localhost/a:1"),
        ("host.example:5000/a", "host.example:5000/a:latest"),
    ],
)
def test_names_are_completed_as_containerd_wants_them(tag: str, whole: str) -> None:
    assert qualified(tag) == whole
