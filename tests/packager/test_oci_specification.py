"""Archives keep to the OCI image specification, whatever their compression and whatever base they stand on."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from packager.images import small_image
from packager.oci_checks import SCHEMAS, broken_rules

from swath_packager.archive import write_archive
from swath_packager.archive_reading import read_archive
from swath_packager.compression import COMPRESSIONS, LEVELS, PIECE, Compression, compressor
from swath_packager.flattening import unpack_image
from swath_packager.image import Image, compose
from swath_packager.layers import Entry, make_layer, open_layer
from swath_packager.plan import Plan
from swath_packager.store import Store

ENTRIES = (Entry("opt/swath/algorithm/process.py", b"x" * 3_000_000), Entry("opt/link", link="swath"))
Composed = Callable[[Compression], Image]


@pytest.fixture
def composed(store: Store, plan: Plan) -> Composed:
    return lambda kind: compose(small_image(store), {"a": make_layer(ENTRIES, store, compression=kind)}, plan)


@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_an_archive_keeps_to_the_specification(
    composed: Composed, kind: Compression, plan: Plan, tmp_path: Path
) -> None:
    write_archive(composed(kind), plan.tag, tmp_path / "a.tar")
    assert broken_rules(tmp_path / "a.tar") == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda config: config["rootfs"]["diff_ids"].pop(), "diff_ids"),
        (lambda config: config.pop("os"), "'os' is a required property"),
        (lambda config: config["config"].update(Env=["PATH"]), "Env"),
        (lambda config: config.update(created="yesterday"), "created"),
    ],
)
def test_the_check_finds_what_is_wrong(
    composed: Composed, plan: Plan, tmp_path: Path, change: Callable[[dict[str, object]], object], told: str
) -> None:
    image = composed("gzip")
    change(image.config)
    write_archive(image, plan.tag, tmp_path / "a.tar")
    assert told in "\n".join(broken_rules(tmp_path / "a.tar"))


def test_the_schemas_name_their_part_of_the_specification() -> None:
    for path in SCHEMAS.glob("*.json"):
        assert "image-spec 1.1" in json.loads(path.read_text())["description"]


@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_what_was_compressed_can_be_read_again(
    composed: Composed, kind: Compression, plan: Plan, tmp_path: Path
) -> None:
    write_archive(composed(kind), plan.tag, tmp_path / "a.tar")
    read = read_archive(tmp_path / "a.tar", Store(tmp_path / "other"))
    with open_layer(read.layers[-1]) as tar:
        content = {one.name: (tar.extractfile(one) or tar.fileobj).read() for one in tar if one.isfile()}
    assert content == {"opt/swath/algorithm/process.py": ENTRIES[0].content}


@pytest.mark.parametrize("kind", COMPRESSIONS)
def test_the_bytes_do_not_depend_on_the_number_of_cores(monkeypatch: pytest.MonkeyPatch, kind: Compression) -> None:
    data = b"".join(bytes([index % 251]) * (index % 97) for index in range(60_000)) + bytes(PIECE)
    made: list[bytes] = []
    for cores in (1, 2, 5):
        monkeypatch.setattr("swath_packager.compression.cores", lambda cores=cores: cores)
        parts: list[bytes] = []
        packer = compressor(kind, parts.append)
        for start in range(0, len(data), 100_003):
            packer.write(data[start : start + 100_003])
        packer.close()
        made.append(b"".join(parts))
    assert len(set(made)) == 1
    assert len(made[0]) < len(data) / 4
    assert set(LEVELS) == set(COMPRESSIONS)


@pytest.mark.parametrize(
    ("kind", "digest"),
    [
        ("gzip", "9fea6df28a91e808"),
        ("zstd", "0840b378f00f66c7"),
    ],
)
def test_the_bytes_are_those_that_any_machine_makes(kind: Compression, digest: str) -> None:
    """A digest that changes here changes for everybody's images: raise FORMAT in layers.py then."""
    parts: list[bytes] = []
    packer = compressor(kind, lambda data: parts.append(bytes(data)))
    packer.write(b"".join(number.to_bytes(4, "big") for number in range(400_000)))
    packer.close()
    assert hashlib.sha256(b"".join(parts)).hexdigest()[:16] == digest


def test_a_gzip_layer_of_several_members_is_read_to_its_end(store: Store) -> None:
    content = bytes(range(256)) * (3 * PIECE // 256)
    layer = make_layer([Entry("a/data", content), Entry("b/last", b"last")], store)
    assert layer.blob.path.read_bytes().count(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff") > 1
    with open_layer(layer) as tar:
        found = {one.name: (tar.extractfile(one) or tar.fileobj).read() for one in tar if one.isfile()}
    assert found == {"a/data": content, "b/last": b"last"}


def test_layers_are_laid_out_as_a_container_would_see_them(store: Store, tmp_path: Path) -> None:
    first = small_image(store, entries=(Entry("opt/a/one", b"1"), Entry("opt/a/two", b"2"), Entry("opt/b/x", b"x")))
    second = make_layer(
        [
            Entry("opt/a/.wh.one", b""),
            Entry("opt/b/.wh..wh..opq", b""),
            Entry("opt/b/y", b"y", mode=0o755),
            Entry("abs", link="/etc"),
            Entry("abs/outside", b"must not leave the folder"),
        ],
        store,
    )
    unpack_image(Image(first.config, (*first.layers, second)), tmp_path / "root")
    files = {one.relative_to(tmp_path / "root").as_posix() for one in (tmp_path / "root").rglob("*") if one.is_file()}
    assert {"opt/a/two", "opt/b/y", "etc/hostname"} <= files
    assert not {"opt/a/one", "opt/b/x"} & files
    assert (tmp_path / "root/opt/b/y").stat().st_mode & 0o111
    assert not Path("/etc/outside").exists()
