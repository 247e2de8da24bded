"""What each part of a project becomes: schemas, sizes, versions, requirements."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from import_pesto.samples import DESCRIPTION, INPUT, REQUIREMENTS, copy_of, edit, told

from swath_algorithm.folder import open_algorithm
from swath_algorithm.pesto.facts import size_bytes
from swath_algorithm.pesto.notes import Notes
from swath_algorithm.pesto.schemas import Translator
from swath_algorithm.pesto.take_over import TakenOver, take_over
from swath_algorithm.pesto.writing import as_yaml
from swath_converters.image import decode_image, encode_image
from swath_converters.policy import Policy
from swath_registry.documents import read_document
from swath_testing.run import run_cases

DRAFT_06 = "http://json-schema.org/draft-06/schema#"
IMAGE: dict[str, Any] = {"$ref": "image/1"}
DEFINED: dict[str, Any] = {
    "level": {"type": "integer", "minimum": 0},
    "levels": {"items": {"$ref": "#/definitions/level"}},
}
SCHEMAS: dict[str, tuple[Any, Any]] = {
    "an image": ({"$ref": "#/definitions/Image"}, IMAGE),
    "images": ({"$ref": "#/definitions/Images"}, {"type": "array", "items": IMAGE}),
    "metadata": ({"$ref": "#/definition/Metadata"}, {"$ref": "metadata/1"}),
    "a definition in a definition": ({"$ref": "#/definitions/levels"}, {"items": {"type": "integer", "minimum": 0}}),
    "a part of a definition": ({"$ref": "#/definitions/levels/items"}, {"type": "integer", "minimum": 0}),
    "what stands beside a reference": (
        {"$ref": "#/definitions/level", "maximum": 3, "description": "D"},
        {"type": "integer", "minimum": 0, "description": "D"},
    ),
    "nothing known": ({"$ref": "#/definitions/Unheard"}, {}),
    "a schema of elsewhere": ({"$ref": "http://x.example/y"}, {}),
    "no schema": ("text", {}),
    "an exclusive bound, as in draft-04": ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    "no exclusive bound, as in draft-04": ({"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
    "a tuple": (
        {"items": [{"type": "string"}], "additionalItems": False},
        {"prefixItems": [{"type": "string"}], "items": False},
    ),
    "dependencies": (
        {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}},
        {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}},
    ),
    "required as a truth": (
        {"properties": {"a": {"type": "string", "required": True}}},
        {"properties": {"a": {"type": "string"}}, "required": ["a"]},
    ),
    "identifiers": ({"$schema": DRAFT_06, "id": "x", "type": "null"}, {"type": "null"}),
    "a media type": ({"type": "string", "content": "text/csv"}, {"type": "string", "contentMediaType": "text/csv"}),
    "branches": ({"oneOf": [{}, {"$ref": "#/definitions/Image"}]}, {"oneOf": [{}, IMAGE]}),
}  # fmt: skip


@pytest.mark.parametrize("case", SCHEMAS)
def test_a_schema_of_draft_06_is_one_of_2020_12(case: str) -> None:
    schema, expected = SCHEMAS[case]
    assert Translator("input_schema.json", DEFINED, Notes(), is_output=False).parameter("x", schema, []) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (8, 8 * 2**30),
        (0.5, 2**29),
        (8589934592, 8589934592),
        ("500MB", 500_000_000),
        ("10 mb", 10_000_000),
        ("2Gi", 2**31),
        ("512MiB", 2**29),
        ("8GB", 8_000_000_000),
        ("4", 4 * 2**30),
        ("1000000000", 1_000_000_000),
        ("much", None),
        (-1, None),
        (True, None),
        (None, None),
    ],
)
def test_a_size_is_read_in_bytes(given: Any, expected: int | None) -> None:
    found = size_bytes(given)
    assert (found[0] if found else None) == expected


@pytest.mark.parametrize(
    ("field", "given", "written"),
    [
        ("name", "My_Service 2", ("name", "my-service-2")),
        ("name", "2nd", ("name", "service-2nd")),
        ("version", "1.0", ("version", "1.0.0")),
        ("version", "v2.1.0rc1", ("version", "2.1.0-rc1")),
        ("version", "latest", ("version", "0.0.0")),
        ("email", "nobody", ("email", "contact@example.org")),
        ("keywords", "one", ("keywords", ["one"])),
        ("licence", "GPL v2, or else", ("license", "LicenseRef-GPL-v2-or-else")),
        ("template", "Object Detection", ("template", "object-detection")),
        ("asynchronous", True, ("asynchronous", True)),
        ("sla", "none", ("x-pesto", {"sla": "none"})),
    ],
)
def test_what_describe_would_refuse_is_written_otherwise_and_told(
    field: str, given: Any, written: tuple[str, Any], tmp_path: Path
) -> None:
    found = _with(tmp_path, DESCRIPTION, {field: given})
    name, value = written
    assert _describe(found)[name] == value and found.mistakes == ()
    assert told(found, DESCRIPTION, f"/{field}")


def test_a_description_of_a_name_and_a_version_alone_is_completed(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    (project / DESCRIPTION).write_text('{"name": "bare", "version": "1.0.0"}')
    found = take_over(project, tmp_path / "into")
    assert found.mistakes == () and {"family", "email", "resources"} <= _describe(found).keys()
    assert told(found, DESCRIPTION, "/organization")[0].kind == "decided"


def test_requirements_lose_pesto_and_indexes_and_are_told_of_both(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    lines = "# ours\n--extra-index-url https://user:secret@x.example\nprocessing-factory==1.7.2\nnumpy>=1\n"
    (project / "requirements.txt").write_text(lines)
    found = take_over(project, tmp_path / "into")
    assert (found.folder / "requirements.txt").read_text() == "# ours\nnumpy>=1\n"
    assert [one.kind for one in told(found, "requirements.txt", "line")] == ["lost", "decided"]
    assert "secret" not in (found.folder / "import-report.md").read_text()


def test_files_wheels_and_variables_become_options_of_the_image(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    (project / "tool-1.0-py3-none-any.whl").write_bytes(b"wheel")
    (project / "table.csv").write_text("1")
    edit(project, REQUIREMENTS, lambda one: one.update(requirements={
        "tool": {"from": "file://tool-1.0-py3-none-any.whl", "type": "pip"},
        "table": {"from": f"file://{project}/table.csv", "to": "/etc/table.csv"},
        "far": {"from": "gs://b/m.tar.gz", "to": "/opt/m"},
        "path": {"from": "https://x.example/p.tar.gz", "to": "/opt/p", "type": "python"},
    }))  # fmt: skip
    found = take_over(project, tmp_path / "into")
    image = (found.folder / "pyproject.toml").read_text()
    assert '"OMP_NUM_THREADS" = "2"' in image and '"/etc/table.csv" = "files/table.csv"' in image
    assert "./wheels/tool-1.0-py3-none-any.whl" in (found.folder / "requirements.txt").read_text()
    kinds = [one.kind for one in told(found, REQUIREMENTS, "/requirements")]
    assert sorted(kinds) == ["lost", "lost", "mapped", "mapped"]


def test_what_an_image_needs_more_is_read_by_the_packager(tmp_path: Path) -> None:
    project = pytest.importorskip("swath_packager.project")
    found = take_over(copy_of("keywords", tmp_path), tmp_path / "into")
    assert project.read_project(found.folder).env == {"OMP_NUM_THREADS": "2"}


def test_imports_and_places_of_pesto_that_are_not_here_are_told_with_their_line(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    code = "import pesto.ws.app\nCONFIG = '/etc/pesto/config.json'\n"
    (project / "algorithm" / "other.py").write_text(code)
    notes = told(take_over(project, tmp_path / "into"), "algorithm/other.py")
    assert [(one.kind, one.pointer) for one in notes] == [("lost", "line 1"), ("lost", "line 2")]


def test_secrets_of_a_project_are_in_nothing_that_is_written(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    far = {"from": "https://user:hidden-a@x.example/m.bin", "to": "/opt/m"}
    secrets = {"environments": {"API_TOKEN": "hidden-b"}, "requirements": {"far": far}}
    edit(project, REQUIREMENTS, lambda one: one.update(secrets))
    (project / ".env").write_text("hidden-c")
    found = take_over(project, tmp_path / "into")
    assert {"/environments/API_TOKEN", "/requirements/far"} <= {one.pointer for one in told(found, REQUIREMENTS)}
    assert told(found, ".env")
    assert not any(b"hidden-" in one.read_bytes() for one in found.folder.rglob("*") if one.is_file())


def test_a_jpeg_that_is_expected_is_compared_as_such(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    mask = project / "pesto/tests/resources/test_bright/output/mask.png"
    image = decode_image(mask.read_bytes(), Policy())
    mask.with_suffix(".jpg").write_bytes(encode_image(image, "image/jpeg"))
    mask.unlink()
    found = take_over(project, tmp_path / "into")
    assert told(found, "pesto/tests/resources/test_bright/output/mask")[0].kind == "decided"
    assert run_cases(open_algorithm(found.folder)).passed


def test_names_that_mean_something_here_and_links_are_not_taken(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    (project / "process.py").write_text("another = 1\n")
    (project / "examples").mkdir()
    (project / "algorithm" / "round").symlink_to(project)
    (project / "out").symlink_to(tmp_path)
    found = take_over(project, tmp_path / "into")
    assert (found.folder / "process.py").read_bytes() == (project / "algorithm" / "process.py").read_bytes()
    assert found.mistakes == ()
    for name in ("process.py", "examples", "algorithm/round", "out"):
        assert told(found, name)[0].kind == "lost"


def test_a_test_whose_value_is_a_path_is_not_taken(tmp_path: Path) -> None:
    project = copy_of("keywords", tmp_path)
    folder = project / "pesto/tests/resources/test_path/input"
    folder.mkdir(parents=True)
    (folder / "level.csv").write_text("1,2")
    found = take_over(project, tmp_path / "into")
    assert not (found.folder / "examples" / "test_path").exists()
    assert told(found, "pesto/tests/resources/test_path/input/level.csv")[0].kind == "lost"


def test_names_that_can_be_no_parameter_are_told(tmp_path: Path) -> None:
    found = _with(tmp_path, INPUT, {"properties": {"image": {"$ref": "#/definitions/Image"}, "a-b": {}}})
    assert told(found, INPUT, "/a-b")[0].kind == "lost"


@pytest.mark.parametrize(
    "text", ["no", "1e5", "0o17", "12:30", "1.0", "~", "null", "- a", "2024-05-01", "a: b", "é\n", ""]
)
def test_a_text_is_read_back_as_it_was_written(text: str, tmp_path: Path) -> None:
    document: dict[str, Any] = {"a": text, "b": [text, {text or "c": 1.5}]}
    path = tmp_path / "describe.yml"
    path.write_text(as_yaml(document, "head"), encoding="utf-8")
    assert read_document(path).value == document


def _with(tmp_path: Path, file: str, members: dict[str, Any]) -> TakenOver:
    project = copy_of("keywords", tmp_path)
    edit(project, file, lambda document: document.update(members))
    return take_over(project, tmp_path / "into")


def _describe(found: TakenOver) -> dict[str, Any]:
    return yaml.safe_load((found.folder / "describe.yml").read_text())
