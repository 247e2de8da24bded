"""What an algorithm returns, as JSON: the same values or an error with the place."""

import dataclasses
import datetime
import enum
import json
from typing import Any

import numpy as np
import pydantic
import pytest

from swath_converters.errors import NotJson
from swath_converters.json_values import to_json


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Point(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="allow", populate_by_name=True)
    kind: str = pydantic.Field("Point", alias="type")
    place: list[float] = []
    note: str | None = None


class Listed(pydantic.RootModel[list[int]]):
    pass


@dataclasses.dataclass
class Counted:
    count: np.int64
    share: float


class Shape:
    __geo_interface__ = {"type": "Point", "coordinates": (1.5, np.float32(2))}  # noqa: RUF012


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (np.bool_(True), True),
        (np.int8(-5), -5),
        (np.uint64(2**64 - 1), 2**64 - 1),
        (np.float32(0.5), 0.5),
        (np.float64(0.1), 0.1),
        (np.str_("a"), "a"),
        (np.array(7), 7),
        (np.arange(6).reshape(2, 3), [[0, 1, 2], [3, 4, 5]]),
        (np.array([True, False]), [True, False]),
        (np.array([1, "a", None], object), [1, "a", None]),
        ((1, 2.5, "x"), [1, 2.5, "x"]),
        ({"a": {"b": (np.int16(1),)}}, {"a": {"b": [1]}}),
        (Color.RED, "red"),
        (Level.HIGH, 3),
        (datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.UTC), "2024-05-06T07:08:09+00:00"),
        (Counted(np.int64(3), 0.25), {"count": 3, "share": 0.25}),
        (Shape(), {"type": "Point", "coordinates": [1.5, 2.0]}),
        (Point(place=[1, 2]), {"type": "Point", "place": [1, 2]}),
        (Point(note=None, extra=1), {"type": "Point", "place": [], "note": None, "extra": 1}),
        (Listed([1, 2]), [1, 2]),
    ],
)
def test_a_value_becomes_plain_json(value: Any, expected: Any):
    result = to_json(value)
    assert result == expected
    assert json.loads(json.dumps(result, allow_nan=False)) == expected


@pytest.mark.parametrize("value", [np.int8(1), np.float64(1), Level.HIGH, np.str_("a"), np.bool_(True)])
def test_no_subclass_of_a_plain_value_is_left(value: Any):
    assert type(to_json(value)) in (int, float, str, bool)


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        (float("nan"), ""),
        (np.float32("inf"), ""),
        ({"a": [1, float("-inf")]}, "/a/1"),
        ({"a/b": {"~": float("nan")}}, "/a~1b/~0"),
        (np.array([[1, 2], [3, np.nan]]), "/1/1"),
        ({"x": np.array(np.inf)}, "/x"),
        (Point(place=[1, float("nan")]), "/place/1"),
    ],
)
def test_what_is_no_number_is_refused_with_its_place(value: Any, pointer: str):
    with pytest.raises(NotJson, match="JSON has no number for") as refused:
        to_json(value)
    assert refused.value.pointer == pointer


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (b"bytes", "class bytes"),
        (bytearray(b"x"), "class bytearray"),
        (1j, "class complex"),
        (np.complex64(1), "complex64"),
        (np.array([1j]), "complex128"),
        (np.datetime64("2024-01-01"), "datetime64"),
        ({1: "a"}, "name is of class int"),
        ({1, 2}, "class set"),
        (object(), "class object"),
    ],
)
def test_what_json_cannot_hold_is_refused_by_class(value: Any, message: str):
    with pytest.raises(NotJson, match=message) as refused:
        to_json({"out": [value]})
    assert refused.value.pointer == "/out/0"
