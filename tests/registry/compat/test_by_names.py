"""Objects whose properties are held together name by name: what is proven, and what must not be."""

from typing import Any

import pytest

from swath_registry.compatibility import compare
from swath_registry.compatibility.by_names import covers_by_names

TEXT, WHOLE, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}


def objects(**keywords: Any) -> dict[str, Any]:
    return {"type": "object", **keywords}


def holds(old: Any, new: Any) -> bool:
    """By the parts alone: the same, nothing within something, something within anything, whole numbers in numbers."""
    return covers_by_names(old, new, covers)


def covers(one: Any, other: Any) -> bool:
    return one is False or other is True or one == other or (one, other) == (WHOLE, NUMBER)


CLOSED = objects(patternProperties={"^x": TEXT}, additionalProperties=False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CLOSED, objects(patternProperties={"^x": TEXT, "^y": WHOLE}, additionalProperties=False)),
        (objects(additionalProperties=WHOLE), objects(patternProperties={"^.*$": NUMBER})),
        (objects(properties={"a": CLOSED}), objects(properties={"a": CLOSED})),
        (objects(properties={"xa": TEXT}, additionalProperties=False), CLOSED),
    ],
)
def test_every_kind_of_name_is_looked_at(old: Any, new: Any) -> None:
    assert holds(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CLOSED, objects(patternProperties={"^x": TEXT, "y$": WHOLE}, additionalProperties=False)),  # "xy"
        (objects(patternProperties={"^.*$": WHOLE}), objects(additionalProperties=WHOLE)),  # "\n"
        (objects(properties={"a": TEXT}), objects(properties={"a": TEXT}, required=["a"])),
        (CLOSED, objects(patternProperties={"^x": TEXT}, additionalProperties=False, minProperties=1)),
        (CLOSED, {**CLOSED, "type": "array"}),
        (objects(properties={"a": {"$ref": "#"}}), objects(properties={"a": {"$ref": "#"}})),
        (CLOSED, objects(patternProperties={"^xa": TEXT}, additionalProperties=False)),
    ],
)
def test_what_some_name_may_break_is_not_proven(old: Any, new: Any) -> None:
    assert not holds(old, new)


def test_it_is_found_within_objects_and_behind_references() -> None:
    wider = objects(patternProperties={"^x": {"$ref": "#/$defs/t"}, "^y": WHOLE}, additionalProperties=False)
    old = objects(properties={"a": CLOSED}, description="before")
    new = {**objects(properties={"a": wider}), "$defs": {"t": TEXT}}
    found = compare(old, new)
    assert (found.backward.status, found.forward.status) == ("proven", "broken")
