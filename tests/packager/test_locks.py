"""`requirements.lock`: written beside the algorithm, believed until something changes, and the same for everybody."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from swath_packager import locking, resolution, service_lock
from swath_packager.errors import LockStale, LockUnreadable, RequirementRefused
from swath_packager.lockfile import LOCK, LockFile, read_lock_file
from swath_packager.locking import SERVICE_LOCK, locked, section_of
from swath_packager.requirements import Asked, asked_by
from swath_packager.resolution import Lock
from swath_packager.resolver import Target, Wanted
from swath_packager.store import Store

TARGET = Target("3.11", "amd64")
IMAGE = ("fastapi", "cpu")
OWN = Asked("shapely>=2", "requirements.txt:1")
WANTED = Wanted(("numpy>=2",), ("numpy<3",), (OWN,))
ANSWER = "numpy==2.4.6 \\\n    --hash=sha256:aa\nshapely==2.1.2 \\\n    --hash=sha256:cc \\\n    --hash=sha256:bb\n"
Lines = Callable[[str], None]


def _quietly(step: str) -> None:
    pass


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> list[Target]:
    """An index that answers always the same; the list tells for which targets it was asked."""
    asked: list[Target] = []

    def answer(wanted: Wanted, target: Target, *_: object) -> tuple[str, str]:
        asked.append(target)
        return ANSWER, ""

    monkeypatch.setattr(resolution, "compile_lock", answer)
    return asked


def test_the_first_build_writes_the_lock_and_the_next_asks_nobody(
    index: list[Target], tmp_path: Path, store: Store
) -> None:
    first, notes = locked(WANTED, IMAGE, tmp_path, TARGET, store, _quietly)
    again, _ = locked(WANTED, IMAGE, tmp_path, TARGET, Store(tmp_path / "elsewhere"), _quietly)
    assert first.pins == again.pins == ("numpy==2.4.6", "shapely==2.1.2")
    assert set(first.text.split()) == set(again.text.split())
    assert index == [TARGET]
    assert notes == ()


def test_runtimes_profiles_pythons_and_platforms_share_one_file(
    index: list[Target], tmp_path: Path, store: Store
) -> None:
    for image, target in ((IMAGE, TARGET), (("flask", "gpu"), TARGET), (IMAGE, Target("3.12", "arm64"))):
        locked(WANTED, image, tmp_path, target, store, _quietly)
    written = read_lock_file(tmp_path / LOCK)
    told = [(one.runtime, one.profile, one.python, one.platform) for one in written.sections]
    assert told == [
        ("fastapi", "cpu", "3.11", "linux/amd64"),
        ("fastapi", "cpu", "3.12", "linux/arm64"),
        ("flask", "gpu", "3.11", "linux/amd64"),
    ]
    assert (tmp_path / LOCK).read_text().count("sha256:aa") == 1


def test_the_order_in_which_sections_were_made_does_not_show(index: list[Target], tmp_path: Path, store: Store) -> None:
    texts: list[str] = []
    for name, order in (("a", (IMAGE, ("flask", "cpu"))), ("b", (("flask", "cpu"), IMAGE))):
        (tmp_path / name).mkdir()
        for image in order:
            locked(WANTED, image, tmp_path / name, TARGET, store, _quietly)
        texts.append((tmp_path / name / LOCK).read_text())
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("changed", "who", "line"),
    [
        (replace(WANTED, own=(Asked("shapely>=2.1", "requirements.txt:1"),)), "the algorithm asks", "+ shapely>=2.1"),
        (replace(WANTED, requirements=("numpy>=2.1",)), "Swath asks", "+ numpy>=2.1"),
        (replace(WANTED, constraints=()), "Swath asks", "- limit numpy<3"),
    ],
)
def test_a_lock_that_no_longer_fits_is_refused_with_what_changed(
    index: list[Target], tmp_path: Path, store: Store, changed: Wanted, who: str, line: str
) -> None:
    locked(WANTED, IMAGE, tmp_path, TARGET, store, _quietly)
    with pytest.raises(LockStale, match=who) as refused:
        locked(changed, IMAGE, tmp_path, TARGET, store, _quietly)
    assert line in refused.value.changed
    assert "--relock" in refused.value.hint


def test_relocking_asks_the_index_again_and_drops_what_is_out_of_date(
    index: list[Target], tmp_path: Path, store: Store
) -> None:
    locked(WANTED, ("flask", "cpu"), tmp_path, TARGET, store, _quietly)
    changed = replace(WANTED, own=(Asked("shapely", "requirements.txt:1"),))
    locked(changed, IMAGE, tmp_path, TARGET, store, _quietly, relock=True)
    assert len(index) == 2
    assert [one.runtime for one in read_lock_file(tmp_path / LOCK).sections] == ["fastapi"]


def test_a_folder_that_cannot_be_written_to_is_packaged_and_that_is_told(
    index: list[Target], tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, text: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(locking, "_write", refuse)
    lock, notes = locked(WANTED, IMAGE, tmp_path, TARGET, store, _quietly)
    assert lock.pins
    assert "Permission denied" in notes[0]
    assert not (tmp_path / LOCK).exists()


def test_nothing_is_written_beside_an_algorithm_that_requires_nothing(
    index: list[Target], tmp_path: Path, store: Store
) -> None:
    locked(replace(WANTED, own=()), IMAGE, tmp_path, TARGET, store, _quietly)
    assert not (tmp_path / LOCK).exists()


def test_what_algorithms_without_requirements_share_fits_what_is_installed_here() -> None:
    told = f"{', '.join(service_lock.stale())}; run `nox -s lock`"
    assert not service_lock.stale(), told


def test_no_lock_names_an_index_or_a_path() -> None:
    text = SERVICE_LOCK.read_text()
    assert "://" not in text
    assert "index" not in text


@pytest.mark.parametrize("text", ["version = ", "[[image]]\nruntime = 'x'", '[hashes]\n"a==1" = 5'])
def test_a_damaged_lock_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / LOCK).write_text(text)
    with pytest.raises(LockUnreadable, match=LOCK):
        read_lock_file(tmp_path / LOCK)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    lock = Lock(("a==1 --hash=sha256:bb --hash=sha256:aa",))
    made = LockFile().with_section(section_of(WANTED, IMAGE, TARGET, lock), lock)
    (tmp_path / LOCK).write_text(made.text)
    assert read_lock_file(tmp_path / LOCK) == made


def _folder(place: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


def test_requirements_are_read_from_all_files_that_hold_some(tmp_path: Path) -> None:
    made = _folder(
        tmp_path,
        {
            "requirements.txt": "# ours\nshapely>=2  # lines\n-r more/geo.txt\nscipy==1.16.0 \\\n  --hash=sha256:aa\n",
            "more/geo.txt": "pyproj ; python_version > '3'\n",
            "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\ndependencies = ['affine']\n",
        },
    )
    assert [(one.line, one.origin) for one in asked_by(made)] == [
        ("shapely>=2", "requirements.txt:2"),
        ("pyproj ; python_version > '3'", "more/geo.txt:1"),
        ("scipy==1.16.0", "requirements.txt:4"),
        ("affine", "pyproject.toml, dependency 1"),
    ]


def test_a_wheel_in_the_folder_is_locked_by_its_bytes(tmp_path: Path) -> None:
    made = _folder(tmp_path, {"requirements.txt": "./wheels/My_Tool-1.2-py3-none-any.whl\n"})
    _folder(made, {"wheels/My_Tool-1.2-py3-none-any.whl": "one"})
    (before,) = asked_by(made)
    assert before.line == "my-tool==1.2"
    told = before.told
    _folder(made, {"wheels/My_Tool-1.2-py3-none-any.whl": "two"})
    assert asked_by(made)[0].told != told


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("--index-url https://me:secret@host.example/simple", "set on the machine"),
        ("-e .", "can be locked"),
        ("tool @ https://host.example/tool-1.0-py3-none-any.whl", "an address can't be locked"),
        ("git+https://host.example/tool", "requirements.txt:1"),
        ("./wheels/absent-1.0-py3-none-any.whl", "no such wheel"),
        ("-r absent.txt", "no such file"),
        ("==", "requirements.txt:1"),
    ],
)
def test_what_cannot_be_locked_is_refused_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    made = _folder(tmp_path, {"requirements.txt": f"{line}\n"})
    with pytest.raises(RequirementRefused) as refused:
        asked_by(made)
    assert reason in f"{refused.value} {refused.value.hint}"


def test_a_plan_tells_the_digests_of_what_is_known(folder: Callable[..., Path]) -> None:
    from swath_packager.order import order
    from swath_packager.runtimes import known_runtimes

    runtime = next(iter(known_runtimes()))
    made = folder(files={"requirements.txt": "shapely>=2\n", "requirements.lock": "version = 1\n"})
    before, after = (order(str(made), runtime, "cpu").plan for _ in range(2))
    assert before == after
    layers = {one["name"]: one["sources"] for one in json.loads(json.dumps(before.as_json()))["layers"]}
    assert {"name": "shapely>=2", "digest": None} in layers["dependencies"]
    assert any(one["name"] == LOCK and one["digest"].startswith("sha256:") for one in layers["dependencies"])
    assert {one["name"] for one in layers["algorithm"]} == {"describe.yml", "process.py", "requirements.txt"}
    (made / "process.py").write_text((made / "process.py").read_text() + "# edited\n")
    edited = order(str(made), runtime, "cpu").plan
    assert edited.layers[-1] != before.layers[-1]
    assert edited.layers[:-1] == before.layers[:-1]
