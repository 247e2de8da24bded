"""Extras of the runtime that an image carries: asked for, planned, locked, told."""

from collections.abc import Callable
from importlib.metadata import metadata
from pathlib import Path

import pytest

from swath_cli.main import run
from swath_packager import resolution
from swath_packager.distributions import closure_of, requirements_of
from swath_packager.errors import ExtraUnknown
from swath_packager.extras import CORE, checked_extras, known_extras
from swath_packager.lockfile import LOCK, read_lock_file
from swath_packager.locking import SERVICE_LOCK, locked
from swath_packager.order import Order, order
from swath_packager.profile import known_profiles
from swath_packager.resolver import Target, Wanted
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store

RUNTIME, DISTRIBUTION = next(iter(known_runtimes().items()))
IMAGE = (RUNTIME, "cpu")
TARGET = Target("3.11", "amd64")
PLACES = {"jwt": "pyjwt", "opentelemetry": "opentelemetry-sdk", "postgresql": "psycopg-binary"}


@pytest.fixture
def ordered(folder: Callable[..., Path]) -> Callable[..., Order]:
    """`ordered("jwt", files=…)`: an order of a folder of the test's own, with extras."""
    return lambda *extras, **files: order(str(folder(**files)), RUNTIME, "cpu", extras=extras)


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> list[Wanted]:
    """What a package index was asked for; it answers with whatever was preferred."""
    asked: list[Wanted] = []

    def answer(wanted: Wanted, target: Target, store: Store, preferred: tuple[str, ...]) -> tuple[str, str]:
        asked.append(wanted)
        names = [*wanted.extras, *(one.line for one in wanted.own)]
        return "".join(f"{name}==1 \\\n    --hash=sha256:aa\n" for name in names), ""

    monkeypatch.setattr(resolution, "compile_lock", answer)
    return asked


def test_extras_are_those_that_the_runtime_declares_but_for_the_profiles() -> None:
    declared = set(metadata(CORE).get_all("Provides-Extra") or ())
    assert set(PLACES) <= set(known_extras())
    assert set(known_extras()) == declared - set(known_profiles())


def test_what_is_asked_for_twice_or_in_another_order_is_the_same() -> None:
    assert checked_extras(["postgresql", "jwt", "JWT"]) == ("jwt", "postgresql")


@pytest.mark.parametrize("name", ["kerberos", "cpu", ""])
def test_an_unknown_extra_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ExtraUnknown) as refused:
        checked_extras(["jwt", name])
    assert f"'{name}'" in str(refused.value)
    assert all(one in refused.value.hint for one in known_extras())


def test_the_command_ends_with_2_and_names_the_known_ones(
    folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["package", str(folder()), "--runtime", RUNTIME, "--with", "kerberos", "--plan"]) == 2
    assert "jwt" in capsys.readouterr().err


def test_the_plan_tells_them(ordered: Callable[..., Order]) -> None:
    plan = ordered("postgresql", "jwt").plan
    assert plan.as_json()["extras"] == ["jwt", "postgresql"]
    assert f"{CORE}[jwt,postgresql]" in {one.name: one for one in plan.layers}["dependencies"].contents
    assert "with         jwt, postgresql" in plan.as_text()
    assert plan.labels["io.swath.extras"] == "jwt,postgresql"


def test_an_image_without_any_says_nothing_of_them(ordered: Callable[..., Order]) -> None:
    plan = ordered().plan
    assert "io.swath.extras" not in plan.labels
    assert not any(CORE in one for one in {one.name: one for one in plan.layers}["dependencies"].contents)


def test_a_folder_s_and_the_command_s_are_carried_both(ordered: Callable[..., Order]) -> None:
    files = {"pyproject.toml": '[tool.swath]\nwith = ["postgresql"]\n'}
    assert ordered("jwt", files=files).plan.extras == ("jwt", "postgresql")


@pytest.mark.parametrize("name", PLACES)
def test_what_an_extra_requires_is_required_with_it_alone(name: str) -> None:
    without, with_it = closure_of(DISTRIBUTION), closure_of(DISTRIBUTION, [name])
    more = set(with_it.requirements) - set(without.requirements)
    assert any(PLACES[name].startswith(one.split(">")[0].split("[")[0]) for one in more)
    assert set(without.requirements) <= set(with_it.requirements)
    assert with_it.sources == without.sources


@pytest.mark.parametrize(
    ("line", "extra", "told"),
    [
        ("a>=1", "", "a>=1"),
        ("a>=1", "x", None),
        ('a>=1; extra == "x"', "x", "a>=1"),
        ("a[b]>=1; extra == 'x'", "x", "a[b]>=1"),
        ('a; extra == "x"', "", None),
        ('a; extra == "x"', "y", None),
        ('a; python_version < "3.12" and extra == "x"', "x", 'a; python_version < "3.12"'),
        ('a; (os_name == "a" or os_name == "b") and extra == "x_y"', "x-y", 'a; os_name == "a" or os_name == "b"'),
        ('a; python_version < "3.12"', "", 'a; python_version < "3.12"'),
        ('a; extra == "x" or os_name == "nt"', "x", None),
    ],
)  # fmt: skip
def test_requirements_are_told_apart_by_the_extra_that_they_are_of(line: str, extra: str, told: str | None) -> None:
    assert [str(one) for one in requirements_of([line], extra)] == ([told] if told else [])


@pytest.mark.parametrize("names", [("jwt",), ("jwt", "postgresql"), tuple(PLACES)])
def test_algorithms_without_requirements_share_what_is_locked_for_extras_too(
    ordered: Callable[..., Order], index: list[Wanted], store: Store, names: tuple[str, ...]
) -> None:
    wanted = ordered(*names)
    plain, _ = locked(ordered().wanted, IMAGE, wanted.algorithm.folder, TARGET, store, lambda step: None)
    lock, notes = locked(wanted.wanted, IMAGE, wanted.algorithm.folder, TARGET, store, lambda step: None)
    assert set(plain.entries) < set(lock.entries)
    assert {PLACES[one] for one in names} <= set(lock.names)
    assert not {PLACES[one] for one in PLACES.keys() - set(names)} & set(lock.names)
    assert all("--hash=" in one for one in lock.entries)
    assert list(lock.names) == sorted(set(lock.names))
    assert (index, notes) == ([], ())
    assert not (wanted.algorithm.folder / LOCK).exists()


def test_what_is_shared_has_one_version_of_each_whatever_the_extras() -> None:
    versions: dict[tuple[str, ...], set[str]] = {}
    for one in read_lock_file(SERVICE_LOCK).sections:
        for pin in one.pins:
            name, _, version = pin.partition("==")
            versions.setdefault((one.runtime, one.profile, one.python, one.platform, name), set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_with_requirements_of_its_own_each_set_of_extras_is_locked_beside_the_algorithm(
    ordered: Callable[..., Order], index: list[Wanted], store: Store
) -> None:
    files = {"requirements.txt": "shapely>=2\n"}
    for _ in range(2):
        for names in ((), ("jwt",), ("jwt", "postgresql")):
            wanted = ordered(*names, files=files)
            locked(wanted.wanted, IMAGE, wanted.algorithm.folder, TARGET, store, lambda step: None)
    assert [one.extras for one in index] == [(), ("jwt",), ("jwt", "postgresql")]
    assert [one.extras for one in read_lock_file(wanted.algorithm.folder / LOCK).sections] == [
        (),
        ("jwt",),
        ("jwt", "postgresql"),
    ]


def test_an_algorithm_that_was_given_a_lock_of_its_own_has_its_extras_in_it(
    ordered: Callable[..., Order], index: list[Wanted], store: Store
) -> None:
    for names, relock in (((), True), (("jwt",), False)):
        wanted = ordered(*names)
        locked(wanted.wanted, IMAGE, wanted.algorithm.folder, TARGET, store, lambda step: None, relock=relock)
    assert len(index) == 2
    assert [one.extras for one in read_lock_file(wanted.algorithm.folder / LOCK).sections] == [(), ("jwt",)]
