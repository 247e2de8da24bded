"""Values on their way to another process and back: intact, writable, and in memory that is used again."""

import gc
import logging
import socket
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from typing import Any

import numpy as np
import pytest
from affine import Affine

from swath_converters import Image
from swath_converters.control import GroundControlPoint, Rpcs
from swath_converters.errors import BandMissing, NotJson, TooLarge
from swath_runtime.context import Cancelled, Context, InputRejected
from swath_runtime.isolation.cancellation import Flag, Signals
from swath_runtime.isolation.channel import Channel, Closed
from swath_runtime.isolation.failures import Raised, error_of, told
from swath_runtime.problems import TABLE, failure_of

Ends = tuple[Channel, Channel]
BIG = (3, 64, 64)
RPCS = Rpcs(*(float(one) for one in range(10)), *(tuple(map(float, range(20))) for _ in range(4)), err_bias=0.5)


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Both ends of one line."""
    here, there = map(Channel, socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    yield here, there
    here.close()
    there.close()


def sent(ends: Ends, value: Any) -> Any:
    here, there = ends
    here.send("value", value)
    return there.receive()[1]


def sample(**facts: Any) -> Image:
    return Image(np.arange(np.prod(BIG), dtype=np.float32).reshape(BIG), **facts)


@pytest.mark.parametrize(
    "image",
    [
        sample(
            crs="EPSG:32631", transform=Affine(10, 0, 6e5, 0, -10, 5e6), nodata=(1.0, None, float("nan")),
            band_names=("B02", None, "B04"), scales=(1e-4, 1.0, 2.0), offsets=(0.0, -0.1, 3.0), tags={"a": "b"},
            band_descriptions=("blue", None, "red"), units=("1", None, "K"), mask=np.eye(64, dtype=np.bool_),
            color_interpretation=("blue", None, "red"), band_tags=({"x": "1"}, {}, {"y": "2"}),
        ),
        sample(gcps=(GroundControlPoint(0, 1, 2.5, 48.0, 3.0, "p"),), gcp_crs="EPSG:4326", rpcs=RPCS),
        Image(np.zeros((1, 90, 90), np.uint8), color_map={0: (1, 2, 3, 255), 7: (0, 0, 0, 0)}),
        Image(np.asfortranarray(np.random.default_rng(1).random(BIG))),
        Image(np.random.default_rng(1).random((64, 64, 6)).transpose(2, 0, 1)[::2, ::-1]),
        Image(np.ones((1, 1, 1), np.complex64)),
    ],
    ids=["everything", "control", "colours", "by columns", "a view", "one sample"],
)  # fmt: skip
def test_an_image_arrives_with_all_that_is_known_of_it(ends, image):
    found = sent(ends, {"image": image})["image"]
    for one in fields(Image):
        np.testing.assert_equal(getattr(found, one.name), getattr(image, one.name), one.name)
    assert found.dtype == image.dtype


def test_pixels_may_be_written_to_where_they_arrive_and_stay_what_they_were_where_they_came_from(ends):
    image = sample()
    before = image.array.copy()
    found = sent(ends, image)
    found.array[...] = -1
    np.testing.assert_array_equal(image.array, before)


def test_an_array_that_may_not_be_written_to_stays_so(ends):
    array = np.zeros(BIG)
    array.flags.writeable = False
    assert not sent(ends, array).flags.writeable


@pytest.mark.parametrize("size", [0, 1, 1000, 100_000, 5_000_000])
def test_texts_of_any_length_arrive(ends, size):
    assert sent(ends, ["é" * size, b"x" * size]) == ["é" * size, b"x" * size]


def test_more_arrays_than_have_a_place_beside_the_pickle_arrive(ends):
    arrays = [np.full(1200, one) for one in range(700)]
    np.testing.assert_array_equal(sent(ends, arrays), arrays)


def test_what_is_still_held_is_never_written_over(ends):
    here, there = ends
    held = []
    for number in range(6):
        held.append(sent(ends, np.full(BIG, number)))
        there.send("seen")  # tells what was let go: nothing
        here.receive()
    for number, array in enumerate(held):
        assert (array == number).all()


def test_memory_that_nobody_holds_is_used_again(ends):
    here, there = ends
    places = set()
    for number in range(5):
        array = sent(ends, np.full(BIG, number))
        places.add(array.ctypes.data)
        del array
        gc.collect()
        there.send("seen")
        here.receive()
    assert len(places) == 1


class Color(Enum):
    RED = "red"


@dataclass
class Found:
    share: float
    color: Color


class Pixels(np.ndarray):
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Found(0.5, Color.RED), {"share": 0.5, "color": "red"}),
        (type("Share", (float,), {"__module__": "an_algorithm"})(0.5), 0.5),
        (type("Members", (dict,), {"__module__": "an_algorithm"})(a=[1]), {"a": [1]}),
        (date(2024, 5, 1), date(2024, 5, 1)),
        (np.float32(0.5), np.float32(0.5)),
    ],
)
def test_a_value_of_an_algorithms_own_class_arrives_as_what_it_means(ends, value, expected):
    assert sent(ends, [value]) == [expected]


def test_an_array_of_an_algorithms_own_class_arrives_as_an_array(ends):
    found = sent(ends, np.zeros(BIG).view(Pixels))
    assert type(found) is np.ndarray


@pytest.mark.parametrize("value", [object(), lambda: None, Found, (one for one in ())])
def test_what_has_no_meaning_elsewhere_is_refused(ends, value):
    class Own:
        pass

    with pytest.raises((NotJson, TypeError)):
        ends[0].packed(Own() if type(value) is object else value)


@pytest.mark.parametrize(
    "error",
    [
        InputRejected("too dark", "/image"),
        BandMissing("B99", ["B02", None], pointer="/image"),
        TooLarge("pixels", 9, 4),
        Cancelled(),
    ],
    ids=lambda one: type(one).__name__,
)
def test_an_error_that_the_core_knows_arrives_as_it_was_raised(ends, error):
    found = error_of(sent(ends, told(error)))
    assert (type(found), vars(found), str(found)) == (type(error), vars(error), str(error))
    assert isinstance(found.__cause__, Raised)


def test_every_error_of_the_table_means_the_same_problem_after_the_way(ends):
    for kind, row in TABLE:
        error = kind.__new__(kind, "what happened")
        vars(error).update(message="what happened", pointer="/image")
        problem = failure_of(error_of(sent(ends, told(error))))
        assert (problem.kind, problem.message, problem.errors[0].pointer) == (row, "what happened", "/image")


def test_any_other_error_arrives_as_its_trace(ends):
    class Own(Exception):
        pass

    def fail() -> None:
        raise Own("secret")

    try:
        fail()
    except Own as error:
        found = error_of(sent(ends, told(error)))
    assert type(found) is Raised
    assert "test_isolated_values.py" in str(found)
    assert "Own: secret" in str(found)


def test_a_context_carries_what_another_process_may_know_and_stays_connected(ends):
    here, there = ends
    context = Context("gpu", logging.getLogger("here"), config={"threshold": 0.5})
    here.send("call", {"context": context, "x": [context]}, [context])
    signals = Signals(there)

    def revive(number: int, carried: dict[str, Any]) -> Context:
        return Context("cpu", logging.getLogger("there"), cancelled=Flag(signals, number)).resume(carried)

    value = there.receive(revive)[1]
    found = value["context"]
    assert value["x"][0] is found
    assert (found.profile, found.config, found.logger.name) == ("gpu", {"threshold": 0.5}, "there")
    assert not found.is_cancelled
    assert not found.wait_cancelled(0.0)
    here.send("cancel", 0)
    assert found.wait_cancelled(30)
    assert found.is_cancelled


def test_a_side_that_has_gone_is_noticed(ends):
    here, there = ends
    there.close()
    with pytest.raises(Closed):
        here.send("call")
    with pytest.raises(Closed):
        here.receive()
