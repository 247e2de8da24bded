"""Examples as data: which there are, what they hold, and the files beside them."""

from pathlib import Path
from typing import Any

import pytest
from algorithm.folders import good, write

from swath_algorithm.cases import case_folders, file_beside, files_named, read_case, with_files
from swath_registry.errors import DocumentUnreadable


def test_cases_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        write(tmp_path / "examples" / name / "input.json", b"{}")
    write(tmp_path / "examples" / "notes" / "read.me", b"")
    assert [one.name for one in case_folders(tmp_path)] == ["a", "b", "c"]


def test_a_case_holds_what_its_files_say(tmp_path: Path) -> None:
    case = read_case(good(tmp_path) / "examples" / "one")
    assert case.name == "one"
    assert case.inputs == {"image": {"href": "image.tif"}}
    assert case.expected == {"fraction": 0.5}
    assert case.tolerances == {"fraction": {"abs": 0.1}}


def test_a_case_may_only_have_to_succeed(tmp_path: Path) -> None:
    write(tmp_path / "input.json", b"{}")
    case = read_case(tmp_path)
    assert case.expected is None
    assert case.tolerances == {}


def test_files_are_those_of_relative_and_absolute_paths_at_any_depth() -> None:
    value = {"a": {"href": "x.tif"}, "b": [{"href": "/y"}, {"href": "https://swath.example/z"}], "c": {"href": 1}}
    assert list(files_named(value)) == [("/a/href", "x.tif"), ("/b/0/href", "/y")]


@pytest.mark.parametrize("name", ["../secret.tif", "sub/../../secret.tif", "/etc/passwd", "gone.tif", ".", "link.tif"])
def test_no_file_outside_the_example_is_opened(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "one"
    write(tmp_path / "secret.tif", b"secret")
    write(folder / "sub" / "inner.tif", b"")
    (folder / "link.tif").symlink_to(tmp_path / "secret.tif")
    assert file_beside(folder, name) is None
    with pytest.raises(DocumentUnreadable, match="is no file of this example's folder"):
        with_files({"image": {"href": name}}, folder, lambda path, others: path.read_bytes())


def test_a_file_below_the_example_is_opened(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "inner.tif", b"pixels")
    assert with_files([{"href": "sub/inner.tif"}], tmp_path, lambda path, others: path.read_bytes()) == [b"pixels"]


def test_json_files_are_put_in_as_they_are_and_others_with_what_stands_beside_their_name(tmp_path: Path) -> None:
    write(tmp_path / "roi.GeoJSON", b'{"type": "Point"}')
    write(tmp_path / "a.tif", b"")

    def told(path: Path, others: dict[str, Any]) -> Any:
        return path.name, others

    value = {"roi": {"href": "roi.GeoJSON"}, "image": {"href": "a.tif", "nodata": 0}, "n": 1}
    assert with_files(value, tmp_path, told) == {
        "roi": {"type": "Point"}, "image": ("a.tif", {"nodata": 0}), "n": 1,
    }  # fmt: skip
