"""Names lead to schemas: references, aliases, pinning."""

import pytest

import swath_schemas
from swath_schemas import SchemaId, SchemaStore, UnknownSchema, is_reference, load, pin, resolve, types, versions

BASE = "https://schemas.swath.example"


def test_all_types_of_the_first_release_are_there() -> None:
    assert set(types()) >= {
        *("batch", "describe", "error", "featureCollection", "geometry", "image", "imageCapabilities"),
        *("inputCapabilities", "job", "link", "metadata", "output", "resources", "roi"),
    }


@pytest.mark.parametrize(
    "reference",
    ["link", "link@1", "link/1", "link@1.0", "link/1.0.0", f"{BASE}/link/1", f"{BASE}/link/1.0.0"],
)
def test_every_form_of_reference_leads_to_the_version(reference: str) -> None:
    assert str(resolve(reference)) == "link@1.0.0"


def test_an_exact_version_is_never_taken_for_a_newer_one() -> None:
    assert [str(resolve(name)) for name in ("image@1.0", "image@1.0.0")] == ["image@1.0.0"] * 2


@pytest.mark.parametrize(
    "reference", ["", "Image", "image@", "image@1.0.0.0", "image@01", "image/1#/$defs/band", "../image"]
)
def test_what_is_no_reference_is_refused(reference: str) -> None:
    with pytest.raises(UnknownSchema):
        resolve(reference)


def test_an_unknown_type_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownSchema) as caught:
        resolve("imageCapability@1")
    assert "Did you mean imageCapabilities?" in caught.value.hint


def test_an_unknown_version_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownSchema) as caught:
        resolve("image@7")
    assert "image@1.0.0" in caught.value.hint


def test_a_fragment_is_refused_with_the_reason() -> None:
    with pytest.raises(UnknownSchema, match="fragment"):
        resolve("image/1#/$defs/band")


def test_an_alias_means_the_newest_version_by_number(tmp_path: object) -> None:
    store = _store(tmp_path, "1.2.0", "1.10.0", "2.0.0")
    assert str(store.resolve("thing@1")) == "thing@1.10.0"
    assert str(store.resolve("thing")) == "thing@2.0.0"
    assert str(store.resolve("thing@1.2")) == "thing@1.2.0"
    assert store.versions("thing") == ("1.2.0", "1.10.0", "2.0.0")


def test_id_path_and_version_agree() -> None:
    for name in types():
        for version in versions(name):
            assert load(f"{name}@{version}")["$id"] == SchemaId(name, version).uri == f"{BASE}/{name}/{version}"


def test_references_are_told_from_other_text() -> None:
    assert all(map(is_reference, ["image/1", "image@1.0", f"{BASE}/anything"]))
    assert not any(map(is_reference, ["image", "#/$defs/band", "image/tiff", "https://json-schema.org/x", ""]))


def test_pinning_makes_aliases_exact_and_leaves_the_rest() -> None:
    schema = {
        "properties": {"a": {"$ref": "roi/1"}, "$ref": {"type": "string"}, "const": {"$ref": "link/1"}},
        "items": [{"$ref": "#/$defs/x"}],
        "default": {"$ref": "roi/1"},
        "examples": [{"$ref": "roi/1"}],
    }
    pinned = pin(schema)
    assert pinned["properties"]["a"] == {"$ref": f"{BASE}/roi/1.0.0"}
    assert pinned["properties"]["const"] == {"$ref": f"{BASE}/link/1.0.0"}
    assert {key: pinned[key] for key in ("items", "default", "examples")} == {
        key: schema[key] for key in ("items", "default", "examples")
    }
    assert schema["properties"]["a"] == {"$ref": "roi/1"}


def test_pinning_an_unknown_type_is_refused() -> None:
    with pytest.raises(UnknownSchema):
        pin({"$ref": "imge/1"})


def test_the_loader_needs_nothing_but_the_standard_library() -> None:
    import subprocess
    import sys

    code = "import sys, swath_schemas; print([m for m in ('pydantic', 'jsonschema_rs', 'yaml') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert swath_schemas.PUBLISHED.base_uri == BASE


def _store(folder: object, *numbers: str) -> SchemaStore:
    from pathlib import Path

    root = Path(str(folder))
    (root / "registry.json").write_text('{"base_uri": "https://a.example/"}')
    for number in numbers:
        (root / "thing" / number).mkdir(parents=True)
        (root / "thing" / number / "schema.json").write_text("{}")
    return SchemaStore(root)
