"""Bills of materials: valid, the same for the same image, and true to what lies in it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packager.images import small_image

from swath_algorithm.folder import Algorithm, open_algorithm
from swath_cli.main import run
from swath_packager.archive import write_archive
from swath_packager.base import Base
from swath_packager.image import Image
from swath_packager.layers import Entry, make_layer
from swath_packager.order import order
from swath_packager.resolver import Target
from swath_packager.runtimes import known_runtimes
from swath_packager.sbom import SBOM_PATH, Subject, sbom_document, sbom_of, sbom_text
from swath_packager.sbom.licences import licences_of
from swath_packager.sbom.reading import base_files, files_of
from swath_packager.store import Store
from swath_packager.trees import placed_tree

STATUS = b"""\
Package: libc6
Status: install ok installed
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u10
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Depends: libgcc-s1 (>= 4.0), libcrypt1 | libcrypt2
SHA256: 00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa00aa

Package: libcrypt1
Status: install ok installed
Architecture: amd64
Version: 1:4.4.33-2
Maintainer: Marco d'Itri <md@linux.it>

Package: gone
Status: deinstall ok not-installed
Architecture: amd64
Version: 1.0
"""
COPYRIGHT = b"""\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Files: *
License: LGPL-2.1+
Files: debian/*
License: Expat
"""
RELEASE = b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
BASE_FILES = {
    "var/lib/dpkg/status": STATUS,
    "usr/share/doc/libc6/copyright": COPYRIGHT,
    "usr/share/doc/libcrypt1/copyright": b"This is free software; see the source.",
    "usr/lib/os-release": RELEASE,
}
METADATA = """\
Metadata-Version: 2.4
Name: Spatial.Things
Version: 1.2+local
Summary: Things in
  space
License-Expression: MIT OR Apache-2.0
Author: The Authors
Requires-Dist: numpy>=2
Requires-Dist: pytest; extra == "test"
Requires-Dist: absent
"""
OLD = "Metadata-Version: 2.1\nName: numpy\nVersion: 2.4.6\nClassifier: License :: OSI Approved :: BSD License\n"


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """A folder of two installed wheels."""
    for name, text in (("spatial_things-1.2+local", METADATA), ("numpy-2.4.6", OLD)):
        place = tmp_path / "wheels" / f"{name}.dist-info"
        place.mkdir(parents=True)
        (place / "METADATA").write_text(text)
    return tmp_path / "wheels"


@pytest.fixture
def subject(clouds: Algorithm, wheels: Path) -> Subject:
    return Subject(clouds, "fastapi", "cpu", "3.11", "python:3.11-slim", BASE_FILES, [wheels])


def part(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [one for one in document["components"] if one["name"] == name]
    return found


def needed(document: dict[str, Any], reference: str) -> list[str]:
    (found,) = [one for one in document["dependencies"] if one["ref"] == reference]
    return found.get("dependsOn", [])


def test_it_is_valid_by_the_strict_schema(subject: Subject) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom_text(subject)) is None


def test_one_of_nothing_known_is_valid_too(folder: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    bare = Subject(open_algorithm(folder()), "flask", "cpu", "3.12", "scratch", {}, [tmp_path / "none"])
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom_text(bare)) is None
    assert sbom_document(bare)["compositions"][0]["aggregate"] == "incomplete"


def test_every_reference_leads_to_a_part(subject: Subject) -> None:
    document = sbom_document(subject)
    known = {one["bom-ref"] for one in document["components"]} | {document["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in document["dependencies"]} == known
    assert {other for one in document["dependencies"] for other in one.get("dependsOn", ())} <= known


def test_the_same_image_gives_the_same_bytes(subject: Subject) -> None:
    other = replace(subject, base_files=dict(reversed(BASE_FILES.items())))
    assert sbom_text(subject) == sbom_text(other)


def test_what_an_extra_requires_is_told_where_the_extra_is_asked_for(clouds: Algorithm, tmp_path: Path) -> None:
    said = {
        "swath_runtime": 'Requires-Dist: store[quick]; extra == "postgresql"\nRequires-Dist: tokens; extra == "jwt"\n',
        "store": 'Requires-Dist: quick-store; extra == "quick"\nRequires-Dist: tokens; extra == "other"\n',
        "quick_store": "",
        "tokens": "",
    }
    for name, requires in said.items():
        place = tmp_path / f"{name}-1.dist-info"
        place.mkdir()
        (place / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: 1\n{requires}")
    document = sbom_document(Subject(clouds, "flask", "cpu", "3.11", "b:1", BASE_FILES, [tmp_path], ["postgresql"]))
    assert needed(document, "pkg:pypi/swath-runtime@1") == ["pkg:pypi/store@1"]
    assert needed(document, "pkg:pypi/store@1") == ["pkg:pypi/quick-store@1"]
    properties = document["metadata"]["component"]["properties"]
    assert {"name": "swath:extras", "value": "postgresql"} in properties


def test_another_image_has_another_serial_number(subject: Subject) -> None:
    other = replace(subject, python="3.12")
    assert sbom_document(subject)["serialNumber"] != sbom_document(other)["serialNumber"]


def test_there_is_a_time_only_where_one_is_given(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert "timestamp" not in sbom_document(subject)["metadata"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert sbom_document(subject)["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"


def test_a_distribution_is_told_by_its_own_metadata(subject: Subject) -> None:
    assert part(sbom_document(subject), "spatial-things") == {
        "type": "library",
        "bom-ref": "pkg:pypi/spatial-things@1.2%2Blocal",
        "name": "spatial-things",
        "version": "1.2+local",
        "purl": "pkg:pypi/spatial-things@1.2%2Blocal",
        "description": "Things in space",
        "authors": [{"name": "The Authors"}],
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
    }


def test_distributions_need_each_other_without_their_extras(subject: Subject) -> None:
    assert needed(sbom_document(subject), "pkg:pypi/spatial-things@1.2%2Blocal") == ["pkg:pypi/numpy@2.4.6"]


def test_a_package_is_told_by_what_dpkg_notes(subject: Subject) -> None:
    purl = "pkg:deb/debian/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=debian-12"
    assert part(sbom_document(subject), "libc6") == {
        "type": "library",
        "bom-ref": purl,
        "name": "libc6",
        "version": "2.36-9+deb12u10",
        "purl": purl,
        "supplier": {"name": "GNU Libc Maintainers"},
        "licenses": [{"expression": "LGPL-2.1-or-later AND MIT"}],
        "hashes": [{"alg": "SHA-256", "content": "00aa" * 16}],
    }


def test_a_package_that_is_not_installed_is_not_told(subject: Subject) -> None:
    assert "gone" not in {one["name"] for one in sbom_document(subject)["components"]}


def test_a_licence_in_prose_is_not_guessed(subject: Subject) -> None:
    assert "licenses" not in part(sbom_document(subject), "libcrypt1")


def test_the_model_bears_the_digest_that_the_description_declares(subject: Subject, clouds: Algorithm) -> None:
    model = part(sbom_document(subject), "model.onnx")
    assert model["type"] == "machine-learning-model"
    assert model["hashes"][0]["content"] == clouds.describe["model"]["sha256"]


@pytest.mark.parametrize(
    ("said", "licences"),
    [
        (["Apache 2.0"], [{"expression": "Apache-2.0"}]),
        (["mit"], [{"expression": "MIT"}]),
        (["GPL-2+", "Expat"], [{"expression": "GPL-2.0-or-later AND MIT"}]),
        (["MIT OR ISC", "Zlib"], [{"expression": "(MIT OR ISC) AND Zlib"}]),
        (["BSD"], [{"license": {"name": "BSD"}}]),
        (["MIT", "our own"], [{"license": {"name": "MIT"}}, {"license": {"name": "our own"}}]),
        (["", "  "], []),
    ],
)
def test_licences_are_put_in_spdx_words_where_they_can_be(said: list[str], licences: list[Any]) -> None:
    assert licences_of(said) == licences


def _base(store: Store, *layers: tuple[Entry, ...]) -> Image:
    image = small_image(store)
    made = tuple(make_layer(one, store) for one in layers)
    rootfs = {"type": "layers", "diff_ids": [one.diff_id for one in (*image.layers, *made)]}
    return Image({**image.config, "rootfs": rootfs}, (*image.layers, *made))


def test_what_a_later_layer_removes_or_replaces_is_not_read(store: Store) -> None:
    first = (
        Entry("var/lib/dpkg/status.d/libc6", b"old"),
        Entry("var/lib/dpkg/status.d/dash", b"x"),
        Entry("a/b", b"1"),
    )
    later = (
        Entry("var/lib/dpkg/status.d/libc6", b"new"),
        Entry("var/lib/dpkg/status.d/.wh.dash", b""),
        Entry(".wh.a", b""),
    )
    assert files_of(_base(store, first, later), lambda path: path.startswith(("var", "a"))) == {
        "var/lib/dpkg/status.d/libc6": b"new"
    }


def test_the_packages_of_a_base_are_read_from_its_layers_once(store: Store) -> None:
    entries = tuple(Entry(path, content) for path, content in BASE_FILES.items())
    base = Base("python:3.11-slim", "a test", "3.11", "amd64", _base(store, entries))
    assert base_files(base, None, store) == BASE_FILES
    for layer in base.image.layers if base.image else ():
        layer.blob.path.unlink()
    assert base_files(base, None, store) == BASE_FILES


def test_it_is_printed_from_an_archive(
    store: Store, subject: Subject, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = sbom_text(subject)
    write_archive(_base(store, (Entry(SBOM_PATH, text.encode()),)), "a:1", tmp_path / "a.tar")
    assert run(["sbom", str(tmp_path / "a.tar")]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(text)


def test_an_archive_without_one_is_named(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_archive(small_image(store), "a:1", tmp_path / "a.tar")
    assert run(["sbom", str(tmp_path / "a.tar")]) == 1
    assert f"it holds no {SBOM_PATH}" in capsys.readouterr().err


def test_debian_packages_that_an_algorithm_asks_for_are_in_the_bill(
    store: Store, folder: Callable[..., Path], tmp_path: Path
) -> None:
    asked = b"Package: libgl1\nArchitecture: amd64\nVersion: 1.6.0-1\nDepends: libcrypt1\n"
    files: dict[str, Path | bytes] = {
        "var/lib/dpkg/status.d/libgl1": asked,
        "usr/share/doc/libgl1/copyright": COPYRIGHT,
    }
    image = small_image(store, entries=tuple(Entry(path, content) for path, content in BASE_FILES.items()))
    base = Base("b:1", "a test", "3.11", "amd64", image)
    system = placed_tree("system", files, Target("3.11", "amd64"), store)
    wanted = order(str(folder()), next(iter(known_runtimes())), "cpu")
    document = json.loads(sbom_of(wanted, base, {"system": system}, store))
    found = part(document, "libgl1")
    assert found["purl"] == "pkg:deb/debian/libgl1@1.6.0-1?arch=amd64&distro=debian-12"
    assert found["licenses"] == part(document, "libc6")["licenses"]
    assert needed(document, found["bom-ref"]) == [part(document, "libcrypt1")["bom-ref"]]
