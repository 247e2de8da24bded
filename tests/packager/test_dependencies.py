"""What goes into an image's dependency and algorithm layers. Nothing here asks a package index."""

from collections.abc import Callable
from pathlib import Path

import pytest

from swath_algorithm.folder import open_algorithm
from swath_packager import conflicts, resolution
from swath_packager.compiling import find_python
from swath_packager.distributions import closure_of, source_folder
from swath_packager.errors import DependenciesUnavailable, RequirementsConflict
from swath_packager.requirements import Asked
from swath_packager.resolution import Lock, resolve
from swath_packager.resolver import Target, Wanted
from swath_packager.runtimes import known_runtimes
from swath_packager.store import Store
from swath_packager.trees import algorithm_files, algorithm_tree, placed_tree, runtime_tree

TARGET = Target("3.11", "amd64")
COMPILED = """\
numpy==2.4.6 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
nvidia-cublas==13.1.2 \\
    --hash=sha256:cc
"""


def _named(folder: Path, files: list[Path]) -> list[str]:
    return [one.relative_to(folder).as_posix() for one in files]


def _distribution() -> str:
    return next(iter(known_runtimes().values()))


def test_a_runtime_stands_on_the_core_and_the_converters_and_not_on_the_tools() -> None:
    names = {folder.name for folder in closure_of(_distribution()).sources}
    assert {"converters", "registry", "core"} <= names
    assert not names & {"cli", "testing", "packager"}


def test_a_runtime_brings_its_own_framework_only() -> None:
    for runtime, distribution in known_runtimes().items():
        wanted = {one.split(">")[0] for one in closure_of(distribution).requirements}
        assert runtime in wanted
        assert not {"fastapi", "flask"} - {runtime} & wanted


def test_the_runtime_comes_without_the_examples_that_schemas_are_tested_by(store: Store) -> None:
    tree = runtime_tree(closure_of(_distribution()), TARGET, store).folder
    assert (tree / "swath_schemas/image/1.0.0/schema.json").is_file()
    assert not list(tree.glob("swath_schemas/**/examples"))
    for record in tree.glob("*.dist-info/RECORD"):
        listed = [line.split(",")[0] for line in record.read_text("utf-8").splitlines()]
        assert [one for one in listed if not (tree / one).is_file()] == []


def test_tools_to_generate_with_are_not_asked_for() -> None:
    assert not [one for one in closure_of(_distribution()).requirements if "datamodel" in one or "docker" in one]


def test_a_distribution_from_a_wheel_has_no_source_folder() -> None:
    assert source_folder("click") is None
    assert source_folder("there-is-no-such-distribution") is None


def test_a_lock_keeps_every_hash_and_can_be_split_by_name() -> None:
    lock = resolution._parse(COMPILED)
    assert lock.entries[0] == "numpy==2.4.6 --hash=sha256:aa --hash=sha256:bb"
    assert lock.pins == ("numpy==2.4.6", "nvidia-cublas==13.1.2")
    assert lock.only(lambda name: name.startswith("nvidia-")).names == ("nvidia-cublas",)


def _wanted(*own: Asked) -> Wanted:
    return Wanted(("numpy>=2", "pydantic>=2"), (), own)


def _index(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Wanted], str | None]) -> None:
    """An index of the test's own: answers a requirements file, or says why there is none."""

    def compile_(wanted: Wanted, *_: object) -> tuple[str | None, str]:
        said = answer(wanted)
        return (COMPILED, "") if said is None else (None, said)

    monkeypatch.setattr(resolution, "compile_lock", compile_)
    monkeypatch.setattr(conflicts, "compile_lock", compile_)


def _lines(wanted: Wanted) -> set[str]:
    return {*wanted.requirements, *(one.line for one in wanted.own)}


def test_a_line_is_named_with_what_it_clashes_with(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    _index(monkeypatch, lambda wanted: "because of numpy" if {"numpy>=2", "numpy<1.20"} <= _lines(wanted) else None)
    own = (Asked("shapely", "requirements.txt:2"), Asked("numpy<1.20", "requirements.txt:4"))
    with pytest.raises(RequirementsConflict) as refused:
        resolve(_wanted(*own), TARGET, store, lambda step: None)
    assert refused.value.lines == ("requirements.txt:4: numpy<1.20  clashes with numpy>=2 (of Swath)",)
    assert "because of numpy" in refused.value.hint


def test_two_lines_of_the_algorithm_that_clash_name_each_other(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    _index(monkeypatch, lambda wanted: "no" if {"a<1", "a>1"} <= _lines(wanted) else None)
    own = (Asked("a<1", "requirements.txt:1"), Asked("a>1", "pyproject.toml, dependency 1"))
    with pytest.raises(RequirementsConflict) as refused:
        resolve(_wanted(*own), TARGET, store, lambda step: None)
    assert "clashes with a>1 (pyproject.toml, dependency 1)" in refused.value.lines[0]
    assert "clashes with a<1 (requirements.txt:1)" in refused.value.lines[1]


def test_a_line_that_nothing_answers_is_told_as_such(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    _index(monkeypatch, lambda wanted: "not found" if "nothing-like-it" in _lines(wanted) else None)
    with pytest.raises(RequirementsConflict, match="cannot be had at all"):
        resolve(_wanted(Asked("nothing-like-it", "requirements.txt:1")), TARGET, store, lambda step: None)


def test_an_index_that_does_not_answer_is_no_conflict(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    _index(monkeypatch, lambda wanted: "error sending request for url")
    with pytest.raises(DependenciesUnavailable) as refused:
        resolve(_wanted(Asked("shapely", "requirements.txt:1")), TARGET, store, lambda step: None)
    assert refused.value.exit_code == 3


def test_versions_are_taken_from_the_cache_where_the_index_is_away(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    _index(monkeypatch, lambda wanted: None)
    first = resolve(_wanted(), TARGET, store, lambda step: None)
    _index(monkeypatch, lambda wanted: "error sending request")
    monkeypatch.setattr(resolution, "FRESH_S", -1)
    said: list[str] = []
    assert resolve(_wanted(), TARGET, store, said.append) == first
    assert "does not answer" in said[-1]


def test_another_python_or_platform_is_another_resolution(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    asked: list[Target] = []

    def compile_(wanted: Wanted, target: Target, *_: object) -> tuple[str, str]:
        asked.append(target)
        return COMPILED, ""

    monkeypatch.setattr(resolution, "compile_lock", compile_)
    for target in (TARGET, Target("3.12", "amd64"), Target("3.11", "arm64"), TARGET):
        assert isinstance(resolve(_wanted(), target, store, lambda step: None), Lock)
    assert asked == [TARGET, Target("3.12", "amd64"), Target("3.11", "arm64")]


def test_an_image_holds_no_examples_no_secrets_and_no_rubbish(folder: Callable[..., Path]) -> None:
    unwanted = {
        ".env": "TOKEN=1", ".git/config": "x", "server.key": "k", "server.pem": "k", "inner/.netrc": "x", "id_rsa": "k",
        "credentials.json": "{}", "tests/test_it.py": "x", "__pycache__/process.cpython-311.pyc": "x",
        "inner/__pycache__/x.pyc": "x",
    }  # fmt: skip
    made = folder(files={**unwanted, "inner/weights.json": "{}"})
    assert _named(made, algorithm_files(made)) == ["describe.yml", "inner/weights.json", "process.py"]


def test_the_model_is_not_in_the_algorithms_layer(store: Store) -> None:
    clouds = open_algorithm("cloud-detection")
    assert clouds.model is not None
    algorithm = algorithm_tree(clouds.folder, [clouds.model], TARGET, store)
    model = placed_tree("model", {"model.onnx": clouds.model}, TARGET, store)
    assert not list(algorithm.folder.rglob("*.onnx"))
    assert [one.name for one in model.folder.rglob("*")] == ["model.onnx"]


def test_an_edit_changes_the_algorithms_layer_only(folder: Callable[..., Path], store: Store) -> None:
    made = folder(files={"model.onnx": "weights"})
    model = made / "model.onnx"

    def keys() -> tuple[str, str]:
        files = {"model.onnx": model}
        return algorithm_tree(made, [model], TARGET, store).key, placed_tree("model", files, TARGET, store).key

    before = keys()
    (made / "process.py").write_text((made / "process.py").read_text() + "# edited\n")
    after = keys()
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_the_same_folder_elsewhere_is_the_same_layer(folder: Callable[..., Path], store: Store, tmp_path: Path) -> None:
    made = folder()
    first = algorithm_tree(made, (), TARGET, store)
    moved = made.rename(tmp_path / "moved")
    assert algorithm_tree(moved, (), TARGET, Store(tmp_path / "other")).key == first.key


@pytest.mark.skipif(find_python("3.11") is None, reason="no Python 3.11 on this machine to compile with")
def test_byte_code_stands_beside_the_source_and_names_its_place_in_the_image(
    folder: Callable[..., Path], store: Store
) -> None:
    tree = algorithm_tree(folder(), (), TARGET, store)
    code = (tree.folder / "__pycache__" / "process.cpython-311.pyc").read_bytes()
    assert b"/opt/swath/algorithm/process.py" in code
    assert int.from_bytes(code[4:8], "little") == 0b01  # a hash that is not checked: no time, no stat at start


def test_a_python_that_is_not_here_is_not_found() -> None:
    assert find_python("3.99") is None
