"""Documents cross from one version of their type to another: up always, down where nothing is lost."""

import copy
import json
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest

from swath_registry.additions import additions
from swath_registry.errors import DocumentInvalid, GenerationFailed
from swath_registry.examples import Example, examples
from swath_registry.upgrade_steps import generated_steps
from swath_registry.upgrades import NotConvertible, WouldLose, chain, convert, reduce
from swath_registry.upgrades.step import Added, Step
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED, SchemaId, SchemaStore, UnknownSchema

BY_TYPE = [[each for each in PUBLISHED.schemas() if each.type == name] for name in PUBLISHED.types()]
PAIRS = [pair for versions in BY_TYPE for pair in product(versions, repeat=2)]
IMAGE = {"href": "scene.tif", "bands": [{"name": "a"}, {"name": "b"}]}


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=str)
def test_every_valid_example_goes_up_and_down_where_nothing_is_lost(old: SchemaId, new: SchemaId) -> None:
    for example in examples(PUBLISHED, old)[0]:
        before = copy.deepcopy(example.document)
        if _is_lossless(example, old, new):
            converted = convert(example.document, str(old), str(new))
            assert Validator(str(new)).violations(converted) == []
        else:
            with pytest.raises(WouldLose) as refused:
                convert(example.document, str(old), str(new))
            assert refused.value.losses
        assert example.document == before


@pytest.mark.parametrize(("old", "new"), PAIRS, ids=str)
def test_what_is_reduced_on_purpose_is_valid_and_says_all_that_it_lost(old: SchemaId, new: SchemaId) -> None:
    for example in examples(PUBLISHED, old)[0]:
        reduced = reduce(example.document, str(old), str(new))
        assert Validator(str(new)).violations(reduced.document) == []
        assert bool(reduced.lost) != _is_lossless(example, old, new)


@pytest.mark.parametrize(("older", "newer"), [pair for each in BY_TYPE for pair in pairwise(each)], ids=str)
def test_each_step_is_walked_both_ways_by_an_example(older: SchemaId, newer: SchemaId) -> None:
    valid = examples(PUBLISHED, newer)[0]
    assert {_is_lossless(example, newer, older) for example in valid} == {True, False}


def test_a_document_without_anything_new_goes_down_as_it_is() -> None:
    assert convert(IMAGE, "image@1.1.0", "image@1.0.0") is IMAGE


def test_a_text_goes_up_and_down_as_it_is() -> None:
    assert convert("scene.tif", "image@1.0.0", "image@1.1.0") == "scene.tif"
    assert convert("scene.tif", "image@1.1.0", "image@1.0.0") == "scene.tif"


def test_what_would_be_lost_is_named_with_its_place_and_meaning() -> None:
    document = IMAGE | {"overviews": [2], "bands": [{"name": "a"}, {"name": "b", "bitsPerSample": 12}]}
    with pytest.raises(WouldLose, match="can't hold what this document") as refused:
        convert(document, "image@1.1.0", "image@1.0.0")
    assert [loss.pointer for loss in refused.value.losses] == ["/bands/1/bitsPerSample", "/overviews"]
    assert refused.value.losses[1].message == "Smaller copies of the image within the file"


def test_places_are_those_of_the_document_that_was_given() -> None:
    bands = [{"name": "a", "bitsPerSample": 8}, {"name": "b"}, {"name": "c", "bitsPerSample": 8}]
    lost = reduce(IMAGE | {"bands": bands}, "image@1.1.0", "image@1.0.0").lost
    assert [loss.pointer for loss in lost] == ["/bands/0/bitsPerSample", "/bands/2/bitsPerSample"]


def test_what_is_empty_once_something_is_left_out_goes_too() -> None:
    reduced = reduce({"sensors": [{"mode": "IW"}]}, "imageCapabilities@1.1.0", "imageCapabilities@1.0.0")
    assert [loss.pointer for loss in reduced.lost] == ["/sensors", "/sensors/0", "/sensors/0/mode"]
    assert reduced.document == {}


def test_what_says_no_more_than_its_absence_is_left_out_and_no_loss() -> None:
    document = {"overviews": False, "gsd": {"max": 10}}
    assert convert(document, "imageCapabilities@1.1.0", "imageCapabilities@1.0.0") == {"gsd": {"max": 10}}
    nested = {"inputs": {"scene": {"capabilities": document}}}
    lowered = convert(nested, "inputCapabilities@1.1.0", "inputCapabilities@1.0.0")
    assert lowered == {"inputs": {"scene": {"capabilities": {"gsd": {"max": 10}}}}}
    assert nested["inputs"]["scene"]["capabilities"] is document


def test_false_is_not_taken_for_the_number_zero() -> None:
    step = Step("a", "b", (Added("/x", "", (False,)),))
    assert step.lowered({"x": 0}) == {"x": 0}
    assert step.lowered({"x": False}) == {}


def test_a_document_that_is_not_valid_to_begin_with_is_refused_with_the_place() -> None:
    with pytest.raises(DocumentInvalid, match="/overviews") as refused:
        convert(IMAGE | {"overviews": 2}, "image@1.1.0", "image@1.0.0")
    assert [each.pointer for each in refused.value.violations] == ["/overviews"]


def test_versions_of_different_types_are_refused() -> None:
    with pytest.raises(NotConvertible, match="different types"):
        convert(IMAGE, "image@1.1.0", "roi@1.0.0")


def test_an_unknown_version_is_refused() -> None:
    with pytest.raises(UnknownSchema):
        convert(IMAGE, "image@1.1.0", "image@7")


def test_additions_follow_references_into_other_types() -> None:
    found = {
        each.pattern: each
        for each in additions(*map(PUBLISHED.resolve, ("describe@1.0.0", "describe@1.1.0")), PUBLISHED)
    }
    overviews = found["/inputCapabilities/inputs/*/capabilities/overviews"]
    assert (overviews.has_default, overviews.default) == (True, False)


def test_a_major_needs_what_only_people_know(tmp_path: Path) -> None:
    store = _store(tmp_path, {"1.0.0": {"width": {"type": "integer"}}, "2.0.0": {"size": {"type": "integer"}}})
    by_hand = tmp_path / "by_hand"
    with pytest.raises(GenerationFailed, match=r"by_hand/thing_v2_0_0\.py: up\(document\)"):
        generated_steps(store, by_hand)
    by_hand.mkdir()
    (by_hand / "thing_v2_0_0.py").touch()
    text = generated_steps(store, by_hand)["thing_v2_0_0.py"]
    assert "import thing_v2_0_0 as by_hand" in text
    assert "up=by_hand.up" in text
    assert "down=by_hand.down" in text


def test_a_major_goes_by_what_was_written_by_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    integer = {"type": "integer"}
    store = _store(tmp_path, {"1.0.0": {"width": integer}, "2.0.0": {"size": integer, "depth": integer}})
    step = Step(
        "thing@1.0.0",
        "thing@2.0.0",
        up=lambda old: {"size": old["width"]},
        down=lambda new: {("width" if name == "size" else name): value for name, value in new.items()},
    )
    monkeypatch.setattr(chain, "_step", lambda _: step)
    assert convert({"width": 3}, "thing@1", "thing@2", store) == {"size": 3}
    assert convert({"size": 3}, "thing@2", "thing@1", store) == {"width": 3}
    with pytest.raises(WouldLose, match="/depth"):
        convert({"size": 3, "depth": 1}, "thing@2", "thing@1", store)
    assert reduce({"size": 3, "depth": 1}, "thing@2", "thing@1", store).document == {"width": 3}


def test_a_document_that_no_leaving_out_makes_fit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _store(
        tmp_path, {"1.0.0": {"a": {"type": "integer"}}, "1.1.0": {"a": {"type": ["integer", "string"]}}}, ["a"]
    )
    monkeypatch.setattr(chain, "_step", lambda _: Step("thing@1.0.0", "thing@1.1.0"))
    with pytest.raises(NotConvertible, match=r"whatever is left out of it: .*/a: must be an integer"):
        reduce({"a": "text"}, "thing@1.1.0", "thing@1.0.0", store)


def _is_lossless(example: Example, old: SchemaId, new: SchemaId) -> bool:
    """Whether the other version takes an example as it is (no example holds a mere default of something new)."""
    return old.order <= new.order or Validator(str(new)).is_valid(example.document)


def _store(folder: Path, versions: dict[str, Any], required: list[str] | None = None) -> SchemaStore:
    (folder / "registry.json").write_text('{"base_uri": "https://a.example"}')
    for version, properties in versions.items():
        place = folder / "thing" / version / "schema.json"
        place.parent.mkdir(parents=True)
        schema = {"$id": f"https://a.example/thing/{version}", "title": "Thing", "type": "object"}
        schema |= {"properties": properties, "additionalProperties": False, "required": required or []}
        place.write_text(json.dumps(schema))
    return SchemaStore(folder)
