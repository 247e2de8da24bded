"""Documents, and where their parts stand."""

from pathlib import Path

import pytest

from swath_registry.documents import Position, read_document
from swath_registry.errors import DocumentUnreadable

YAML = """\
name: echo
input:
  properties:
    image: {$ref: image/1}
    "a/b": [1, 0x1F, 1e3, .5, ~, no, 2024-05-01, !!str 12]
"""
JSON = """\
{
  "name": "echo",
  "input": {"properties": {
    "image": {"$ref": "image/1"},
    "a/b": [1, {"c\\"d": null}]}}
}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "text"), [("a.yml", YAML), ("a.json", JSON)])
def test_properties_stand_where_their_names_do(tmp_path: Path, name: str, text: str) -> None:
    document = read_document(write(tmp_path, name, text))
    lines = text.splitlines()
    for pointer, key in (("/name", "name"), ("/input/properties/image", "image"), ("/input/properties/a~1b", "a/b")):
        place = document.position(pointer)
        assert lines[place.line - 1][place.column - 1 :].lstrip('"').startswith(key)


@pytest.mark.parametrize(("name", "text"), [("a.yml", YAML), ("a.json", JSON)])
def test_a_missing_place_is_that_of_the_nearest_ancestor(tmp_path: Path, name: str, text: str) -> None:
    document = read_document(write(tmp_path, name, text))
    assert document.position("/input/properties/image/gone/too") == document.position("/input/properties/image")
    assert document.position("/gone") == document.position("") == Position(1, 1)


def test_items_stand_where_their_values_do(tmp_path: Path) -> None:
    assert read_document(write(tmp_path, "a.json", JSON)).position('/input/properties/a~1b/1/c"d') == Position(5, 17)


def test_yaml_scalars_are_those_of_the_core_schema(tmp_path: Path) -> None:
    value = read_document(write(tmp_path, "a.yml", YAML)).value["input"]["properties"]["a/b"]
    assert value == [1, 31, 1000.0, 0.5, None, "no", "2024-05-01", "12"]


def test_an_empty_document_is_null(tmp_path: Path) -> None:
    assert read_document(write(tmp_path, "a.yml", "# nothing\n")).value is None


@pytest.mark.parametrize(
    ("name", "text", "place", "reason"),
    [
        ("a.yml", "a: 1\nb:\n  c: 1\n  c: 2\n", "4:3", "has the key 'c' twice; first on line 3"),
        ("a.yml", "a: 1\nb: &loop\n  c: *loop\n", "2:4", "has an alias to itself inside"),
        ("a.json", '{"a": 1,\n  "a": 2}', "2:3", "has the key 'a' twice"),
        ("a.yml", "a: .nan\n", "1:4", "a number that JSON doesn't know"),
        ("a.json", '{"a": NaN}', "1:1", "NaN is no JSON number"),
        ("a.json", '{"a": \n}', "2:1", "is not JSON"),
        ("a.yml", "a: [1,\n", "2:1", "is not YAML"),
        ("a.yml", "a: !date 2024-05-01\n", "1:4", "has a tag"),
        ("a.yml", "? [1]\n: 2\n", "1:3", "a key must be text"),
        ("a.yml", "a: &x [*x]\n", "1:4", "has an alias to itself inside"),
        ("a.yml", "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
            f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
        ), None, "too large once its aliases are expanded"),
        ("a.json", "[" * 100_000, "1:1", "nested too deeply"),
    ],
)  # fmt: skip
def test_what_json_cannot_say_is_refused_at_its_place(
    tmp_path: Path, name: str, text: str, place: str | None, reason: str
) -> None:
    path = write(tmp_path, name, text)
    with pytest.raises(DocumentUnreadable) as caught:
        read_document(path)
    assert reason in str(caught.value)
    assert place is None or str(caught.value).startswith(f"{path}:{place}: ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DocumentUnreadable, match=r"gone\.yml"):
        read_document(tmp_path / "gone.yml")


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DocumentUnreadable, match="UTF-8"):
        read_document(path)
