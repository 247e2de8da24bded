"""Where a base comes from, in which order, and what is told where there is none."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packager.fake_registry import FakeRegistry, serving
from packager.images import small_image

from swath_packager import apt, debian
from swath_packager.archive import write_archive
from swath_packager.base import base_in_store
from swath_packager.errors import BaseUnavailable, BaseUnfit
from swath_packager.layers import Entry
from swath_packager.order import Order, order
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store

ABSENT = "127.0.0.1:1/nothing/here:1"


@pytest.fixture
def ordered(folder: Callable[..., Path]) -> Callable[[str | None], Order]:
    runtime = next(iter(known_runtimes()))
    return lambda base: order(str(folder()), runtime, "cpu", base=base)


@pytest.fixture
def no_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apt, "at_hand", lambda: "no apt-get here")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[FakeRegistry]:
    with serving(FakeRegistry(small_image(Store(tmp_path / "theirs")))) as answering:
        yield answering


def test_an_archive_that_was_asked_for_is_the_base(
    ordered: Callable[[str | None], Order], store: Store, tmp_path: Path
) -> None:
    write_archive(small_image(store), "base:1", tmp_path / "base.tar")
    base = base_in_store(ordered(str(tmp_path / "base.tar")), lambda: None, store, lambda step: None)
    assert base.python == "3.11"
    assert base.image is not None


def test_a_base_is_fetched_from_its_registry(
    ordered: Callable[[str | None], Order], store: Store, registry: FakeRegistry
) -> None:
    base = base_in_store(ordered(f"{registry.reference}:one"), lambda: None, store, lambda step: None)
    assert base.origin == "its registry"
    assert base.image is not None


def test_one_that_was_asked_for_is_never_replaced(ordered: Callable[[str | None], Order], store: Store) -> None:
    with pytest.raises(BaseUnavailable) as refused:
        base_in_store(ordered(ABSENT), lambda: None, store, lambda step: None)
    assert refused.value.exit_code == 3
    assert any("engine" in one for one in refused.value.tried)
    assert any("registry" in one for one in refused.value.tried)


def test_every_way_that_was_tried_is_told(
    ordered: Callable[[str | None], Order], store: Store, no_packages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = ordered(None)
    monkeypatch.setattr("swath_packager.base.parse_reference", lambda text: _absent())
    with pytest.raises(BaseUnavailable) as refused:
        base_in_store(wanted, lambda: None, store, lambda step: None)
    assert [one.split()[0] for one in refused.value.tried] == ["an", "the", "Debian"]  # engine, registry, packages
    assert "--base" in refused.value.hint


def _absent() -> object:
    from swath_packager.reference import Reference

    return Reference("127.0.0.1:1", "nothing", "1")


def test_the_python_is_found_in_the_layers_where_the_environment_is_silent(
    ordered: Callable[[str | None], Order], store: Store, tmp_path: Path
) -> None:
    silent = small_image(store, python=None, entries=(Entry("usr/local/bin/python3.13", b"elf", mode=0o755),))
    write_archive(silent, "base:1", tmp_path / "base.tar")
    assert base_in_store(ordered(str(tmp_path / "base.tar")), lambda: None, store, lambda step: None).python == "3.13"


def test_a_base_without_python_is_refused(ordered: Callable[[str | None], Order], store: Store, tmp_path: Path) -> None:
    write_archive(small_image(store, python=None), "base:1", tmp_path / "base.tar")
    with pytest.raises(BaseUnfit, match="no python3"):
        base_in_store(ordered(str(tmp_path / "base.tar")), lambda: None, store, lambda step: None)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("./lib/x86_64-linux-gnu/libc.so.6", "usr/lib/x86_64-linux-gnu/libc.so.6"),
        ("./usr/bin/python3.11", "usr/bin/python3.11"),
        ("./bin/dash", "usr/bin/dash"),
        ("./etc/passwd", "etc/passwd"),
        ("./lib", ""),
        ("./", ""),
    ],
)
def test_debian_paths_are_put_under_usr(name: str, place: str) -> None:
    assert apt.merged(name) == place


@pytest.mark.parametrize("path", ["usr/bin/dash", "usr/share/man/man1/x", "usr/share/doc/x/changelog.gz"])
def test_shells_and_manuals_stay_out_of_an_assembled_base(path: str) -> None:
    assert not debian.is_wanted(path)


@pytest.mark.parametrize("path", ["usr/bin/python3.11", "usr/share/doc/x/copyright", "usr/lib/os-release"])
def test_python_and_licences_stay_in_an_assembled_base(path: str) -> None:
    assert debian.is_wanted(path)
