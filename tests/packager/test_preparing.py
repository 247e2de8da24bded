"""A base and the wheels on it, made ready side by side."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from packager.images import small_image

from swath_packager import parts, preparing
from swath_packager.base import Base, Known
from swath_packager.distributions import Closure
from swath_packager.errors import BaseUnavailable, DependenciesUnavailable
from swath_packager.order import Order, order
from swath_packager.parts import Wheels, nobody
from swath_packager.preparing import Prepared, prepare
from swath_packager.resolution import Lock
from swath_packager.resolver import Target
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store
from swath_packager.trees import placed_tree

WAIT_S = 60
Prepare = Callable[[Callable[[Known], Base]], Prepared]


@pytest.fixture
def base(store: Store) -> Base:
    return Base("a-base:1", "a test", "3.11", "amd64", small_image(store))


@pytest.fixture
def wanted(folder: Callable[..., Path]) -> Order:
    return order(str(folder()), next(iter(known_runtimes())), "cpu", platform="linux/amd64")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, store: Store) -> list[Target]:
    """The targets that wheels were begun for; nothing is built or fetched."""
    begun: list[Target] = []

    def make_wheels(wanted: Order, target: Target, store: Store, *_: object) -> Wheels:
        begun.append(target)
        trees = {name: placed_tree(name, {target.python: b""}, target, store) for name in ("dependencies", "runtime")}
        return Wheels(Lock(()), trees)

    def unpacked(closure: Closure, store: Store) -> tuple[str, Path]:
        return "wheels", store.folder

    monkeypatch.setattr(preparing, "make_wheels", make_wheels)
    monkeypatch.setattr(preparing, "unpacked", unpacked)
    return begun


def test_wheels_are_made_while_the_base_still_is(
    wanted: Order, base: Base, store: Store, made: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = threading.Event()
    real = preparing.make_wheels

    def make_wheels(*told: object) -> Wheels:
        wheels = real(*told)
        whole.set()
        return wheels

    def find(known: Known) -> Base:
        known("3.11")
        assert whole.wait(WAIT_S)
        return base

    monkeypatch.setattr(preparing, "make_wheels", make_wheels)
    prepare(wanted, find, store, lambda step: None, nobody)
    assert made == [Target("3.11", "amd64")]


def test_a_base_that_tells_nothing_beforehand_gets_its_wheels_afterwards(
    wanted: Order, base: Base, store: Store, made: list[Target]
) -> None:
    prepare(wanted, lambda known: base, store, lambda step: None, nobody)
    assert made == [Target("3.11", "amd64")]


def test_the_wheels_are_those_of_the_base_that_was_found(
    wanted: Order, base: Base, store: Store, made: list[Target]
) -> None:
    def find(known: Known) -> Base:
        known("3.13")
        return base

    prepared = prepare(wanted, find, store, lambda step: None, nobody)
    assert [one.name for one in prepared.parts.trees["dependencies"].folder.iterdir()] == ["3.11"]


def test_a_base_that_cannot_be_had_is_told_before_wheels_that_cannot(
    wanted: Order, store: Store, made: list[Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = threading.Event()

    def fails(*told: object) -> Wheels:
        failed.set()
        raise DependenciesUnavailable("fetching", "no answer")

    def find(known: Known) -> Base:
        known("3.11")
        assert failed.wait(WAIT_S)
        raise BaseUnavailable("a-base:1", [])

    monkeypatch.setattr(preparing, "make_wheels", fails)
    with pytest.raises(BaseUnavailable):
        prepare(wanted, find, store, lambda step: None, nobody)


def test_each_layer_is_told_once_it_is_whole(
    wanted: Order, base: Base, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(parts, "locked", lambda *_, **__: (Lock(()), ()))
    monkeypatch.setattr(preparing, "unpacked", lambda closure, store: ("wheels", store.folder))
    monkeypatch.setattr(
        "swath_packager.trees.unpacked", lambda closure, store: ("w", store.tree("w", lambda tree: None))
    )
    prepared = prepare(wanted, lambda known: base, store, lambda step: None, lambda name, tree: told.append(name))
    assert sorted(told) == sorted(prepared.parts.trees) == sorted(one.name for one in prepared.plan.layers)
