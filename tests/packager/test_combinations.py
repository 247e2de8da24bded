"""One call, several images; folders for other builders; platforms; profiles from elsewhere. Nothing is fetched."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from packager.images import small_image

from swath_cli.main import run
from swath_packager import distributions, parts, preparing, trees
from swath_packager.archive import write_archive
from swath_packager.archive_reading import read_config
from swath_packager.layers import Entry
from swath_packager.order import order
from swath_packager.resolution import Lock
from swath_packager.resolver import Target
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store
from swath_packager.trees import Tree, placed_tree

RUNTIME = next(iter(known_runtimes()))
_PROFILE = """\
name = "{name}"
description = "Another accelerator"
base = "example/base:1"
requirements = ["onnxruntime-openvino==1.30.0"]
{more}
"""


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache of the test's own, a small base, and dependencies that no index is asked for; gives the base."""
    monkeypatch.setenv("SWATH_CACHE", str(tmp_path / "cache"))
    store = Store(tmp_path / "cache")

    def installed(lock: Lock, target: Target, store: Store, **_: object) -> Tree:
        return placed_tree("some", {"numpy.py": b"", "some-1.dist-info/METADATA": b"Name: some\nVersion: 1\n"}, target,
                           store, destination="/opt/swath/dependencies")  # fmt: skip

    def unpacked(closure: distributions.Closure, store: Store) -> tuple[str, Path]:
        return "wheels", store.tree("wheels", lambda tree: (tree / "swath_runtime.py").write_text("") and None)

    monkeypatch.setattr(parts, "locked", lambda *_, **__: (Lock(("some==1 --hash=sha256:aa",)), ()))
    monkeypatch.setattr(parts, "dependencies_tree", installed)
    for module in (preparing, trees):
        monkeypatch.setattr(module, "unpacked", unpacked)
    write_archive(small_image(store, entries=(Entry("etc/os-release", b"ID=debian\n"),)), "b:1", tmp_path / "base.tar")
    return tmp_path / "base.tar"


@pytest.fixture
def accelerators(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder of profiles beside Swath's own."""
    place = tmp_path / "profiles"
    place.mkdir()
    (place / "any-name.toml").write_text(_PROFILE.format(name="openvino", more=""))
    (place / "cpu-arm.toml").write_text(_PROFILE.format(name="cpu-arm64", more='platform = "linux/arm64"'))
    monkeypatch.setenv("SWATH_PROFILES", str(place))
    yield place


def _options(base: Path) -> list[str]:
    return ["--builder", "oci", "--base", str(base), "--no-try"]


def test_every_runtime_and_profile_in_one_call(
    no_index: Path, folder: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "images"
    assert run(["package", str(folder()), "--all", *_options(no_index), "--output", str(out), "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    wanted = {(runtime, profile) for runtime in known_runtimes() for profile in ("cpu", "gpu")}
    assert {(one["runtime"], one["profile"]) for one in told} == wanted
    assert all(Path(one["file"]).is_file() for one in told)


def test_one_that_fails_does_not_hide_the_others(
    no_index: Path, accelerators: Path, folder: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (accelerators / "broken.toml").write_text('name = "broken"\ndescription = "no base"\nrequirements = []\n')
    made = folder(more="profiles: [broken, cpu]\n")
    assert run(["package", str(made), "--all", *_options(no_index), "--output", str(tmp_path / "images")]) == 1
    said = capsys.readouterr().out
    assert f"failed    {RUNTIME} broken" in said
    assert f"twice-1.2.0-{RUNTIME}-cpu.tar" in said
    assert len(list((tmp_path / "images").glob("*.tar"))) == len(known_runtimes())


def test_steps_are_lines_for_machines_and_the_answer_is_one(
    no_index: Path, folder: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "a.tar")
    assert run(["package", str(folder()), "--runtime", RUNTIME, *_options(no_index), "--output", out, "--json"]) == 0
    told = capsys.readouterr()
    (answer,) = told.out.splitlines()
    assert json.loads(answer)["layers"][-1] == "algorithm"
    assert {"step", "seconds"} == set(json.loads(told.err.splitlines()[0]))


def test_where_nobody_watches_no_steps_are_told(
    no_index: Path, folder: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "a.tar")
    assert run(["package", str(folder()), "--runtime", RUNTIME, *_options(no_index), "--output", out]) == 0
    assert capsys.readouterr().err == ""


def test_the_bill_of_materials_lies_beside_the_archive(
    no_index: Path, folder: Callable[..., Path], tmp_path: Path
) -> None:
    out = tmp_path / "a.tar"
    assert run(["package", str(folder()), "--runtime", RUNTIME, *_options(no_index), "--output", str(out)]) == 0
    assert json.loads((tmp_path / "a.tar.cdx.json").read_text())["bomFormat"] == "CycloneDX"
    assert sorted(one.name for one in tmp_path.iterdir() if "a.tar" in one.name) == ["a.tar", "a.tar.cdx.json"]


def test_labels_are_added_to_swaths_own(no_index: Path, folder: Callable[..., Path], tmp_path: Path) -> None:
    out = tmp_path / "a.tar"
    options = [*_options(no_index), "--output", str(out), "--label", "org.example.revision=abc=1"]
    assert run(["package", str(folder()), "--runtime", RUNTIME, *options]) == 0
    labels = read_config(out)["config"]["Labels"]
    assert labels["org.example.revision"] == "abc=1"
    assert labels["org.opencontainers.image.base.name"] == "base.tar"


def test_a_folder_for_another_builder_holds_all_that_it_copies(
    no_index: Path, folder: Callable[..., Path], tmp_path: Path
) -> None:
    place = tmp_path / "context"
    options = ["--base", str(no_index), "--emit", str(place)]
    assert run(["package", str(folder()), "--runtime", RUNTIME, *options]) == 0
    lines = (place / "Dockerfile").read_text().splitlines()
    assert lines[:2] == ["FROM scratch", "COPY layers/base/ /"]
    copied = [line.split()[1] for line in lines if line.startswith("COPY")]
    assert all(any((place / one).iterdir()) for one in copied)
    assert 'ENV PYTHON_VERSION="3.11.2"' in lines  # what the base sets
    assert (place / "layers/base/etc/hostname").read_bytes() == b"base"


def test_a_folder_in_use_is_not_written_into(
    no_index: Path, folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    made = folder()
    assert run(["package", str(made), "--runtime", RUNTIME, "--base", str(no_index), "--emit", str(made)]) == 2
    assert "not an empty folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ["--emit", "x", "--builder", "oci"],
        ["--emit", "x", "--all"],
        ["--all", "--tag", "a:1"],
        ["--label", "novalue"],
        ["--builder", "docker", "--compression", "zstd"],
        ["--builder", "docker", "--platform", "linux/arm64"],
        ["--platform", "linux/s390x"],
        ["--output", "."],
    ],
)
def test_options_that_contradict_each_other_are_a_usage_error(
    options: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SWATH_CACHE", str(tmp_path))
    assert run(["package", "cloud-detection", "--runtime", RUNTIME, *options]) == 2


@pytest.mark.parametrize("base", ["/nofile.tar", "./nothing", "nothing.tar"])
def test_a_base_that_looks_like_a_file_and_is_none_is_named(
    base: str, folder: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["package", str(folder()), "--runtime", RUNTIME, "--builder", "oci", "--base", base]) == 1
    assert "there is no such file" in capsys.readouterr().err


def test_a_profile_is_found_by_what_it_declares_not_by_its_files_name(
    accelerators: Path, folder: Callable[..., Path]
) -> None:
    made = folder(more="profiles: [cpu, openvino, cpu-arm64]\n")
    plan = order(str(made), RUNTIME, "openvino").plan
    assert plan.env["SWATH_PROFILE"] == "openvino"
    assert plan.tag == f"swath/twice:1.2.0-{RUNTIME}-openvino"
    assert "onnxruntime-openvino==1.30.0" in plan.layers[0].contents


def test_a_profile_may_be_of_another_platform(
    no_index: Path, accelerators: Path, folder: Callable[..., Path], tmp_path: Path
) -> None:
    made = folder(more="profiles: [cpu, cpu-arm64]\n")
    wanted = order(str(made), RUNTIME, "cpu-arm64")
    assert wanted.plan.platform == "linux/arm64"
    assert wanted.file_name == f"twice-1.2.0-{RUNTIME}-cpu-arm64-arm64.tar"


def test_an_unknown_profile_is_told_with_those_from_elsewhere(
    accelerators: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["package", "cloud-detection", "--runtime", RUNTIME, "--profile", "tpu", "--plan"]) == 2
    assert "cpu, cpu-arm64, gpu, openvino" in capsys.readouterr().err
