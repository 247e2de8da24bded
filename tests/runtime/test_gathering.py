"""Which calls go together, by a clock that the test turns."""

from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
import pytest

from swath_converters import Image
from swath_runtime.gathering import ALONE, MEMORY, Limits, Waiting, likeness_of, limits_of


@dataclass(frozen=True)
class One:
    name: str
    arrived_s: float = 0.0
    likeness: Any = None


def waiting(limits: Limits, *ones: One) -> Waiting[One]:
    found: Waiting[One] = Waiting(limits)
    for one in ones:
        found.add(one)
    return found


def names(taken: list[One]) -> str:
    return "".join(one.name for one in taken)


def test_what_waits_goes_together_in_the_order_it_came():
    assert names(waiting(Limits(8, 8), *map(One, "cab")).take(0)) == "cab"


def test_no_batch_holds_more_than_the_most():
    some = waiting(Limits(2, 2), *map(One, "abcde"))
    assert [names(some.take(0)) for _ in range(4)] == ["ab", "cd", "e", ""]


def test_without_batches_each_goes_alone():
    some = waiting(ALONE, *map(One, "abc"))
    assert [names(some.take(0)) for _ in range(3)] == ["a", "b", "c"]


def test_the_first_waits_for_others_as_long_as_it_may_and_no_longer():
    some = waiting(Limits(8, 8, 0.5), One("a", 1.0), One("b", 1.4))
    assert some.take(1.49) == []
    assert some.due_s() == 1.5
    assert names(some.take(1.5)) == "ab"
    assert some.due_s() is None


def test_from_the_preferred_size_on_nobody_waits():
    some = waiting(Limits(8, 3, 60), *map(One, "ab"))
    assert some.take(1) == []
    some.add(One("c"))
    assert names(some.take(1)) == "abc"


def test_more_than_the_preferred_size_go_together_where_they_are_there():
    assert names(waiting(Limits(8, 3, 60), *map(One, "abcde")).take(0)) == "abcde"


def test_only_the_like_go_together():
    some = waiting(Limits(8, 8), One("a", 0, 1), One("b", 1, 2), One("c", 2, 1), One("d", 3, 2))
    assert [names(some.take(9)) for _ in range(3)] == ["ac", "bd", ""]


def test_nobody_starves_behind_full_batches_of_another_kind():
    some = waiting(Limits(2, 2, 5), One("lonely", 0, "rare"), *(One("x", 0.1 * one, "usual") for one in range(1, 100)))
    taken: list[str] = []
    for now_s in range(1, 10):
        taken.append(names(some.take(now_s)))
    assert taken[4] == "lonely"
    assert set(taken[:4] + taken[5:]) == {"xx"}


def test_a_full_batch_does_not_wait_for_one_that_still_may():
    some = waiting(Limits(2, 2, 5), One("a", 0, 1), One("b", 1, 2), One("c", 1, 2))
    assert names(some.take(1)) == "bc"


def test_one_that_is_taken_out_is_no_part_of_a_batch():
    one, other = One("a"), One("b")
    some = waiting(Limits(8, 8), one, other)
    assert (some.remove(one), some.remove(one), len(some)) == (True, False, 1)
    assert names(some.take(0)) == "b"
    assert not some.remove(other)


def test_it_is_told_when_somebody_must_look():
    some: Waiting[One] = Waiting(Limits(8, 3, 60))
    assert [some.add(One(name)) for name in "abcd"] == [True, False, True, False]


@pytest.mark.parametrize("order", sorted(set(permutations("aabbc"))))
def test_in_whatever_order_they_come_each_goes_once_with_its_like(order: tuple[str, ...]):
    some = waiting(Limits(2, 2), *(One(name, index, name) for index, name in enumerate(order)))
    batches = []
    while taken := some.take(9):
        batches.append(names(taken))
    assert sorted(batches) == ["aa", "bb", "c"]
    assert len(some) == 0


def take_and_end(some: Waiting[One], now_s: float) -> str:
    taken = some.take(now_s)
    if taken:
        some.ended(len(taken))
    return names(taken)


def test_a_lone_caller_is_not_kept_waiting_for_others_who_never_come():
    some: Waiting[One] = Waiting(Limits(8, 8, 5))
    for round_ in range(MEMORY):
        some.add(One("a", round_))
        assert take_and_end(some, round_) == ""
        assert take_and_end(some, round_ + 5) == "a"
    assert some.add(One("a", 100))
    assert take_and_end(some, 100) == "a"


def test_as_many_are_waited_for_as_were_there_lately():
    some: Waiting[One] = Waiting(Limits(8, 8, 5))
    for sizes in ("abc", *["a"] * (MEMORY - 1)):
        for name in sizes:
            some.add(One(name))
        assert take_and_end(some, 5) == sizes
    assert [some.add(One(name, 10)) for name in "ab"] == [True, False]
    assert some.take(10) == []
    assert some.add(One("c", 10))
    assert names(some.take(10)) == "abc"


def test_those_who_run_or_come_meanwhile_are_counted_too():
    some: Waiting[One] = Waiting(Limits(8, 8, 5))
    for _ in range(MEMORY):
        some.add(One("a"))
        assert names(some.take(5)) == "a"
        some.add(One("b"))
        some.ended(1)
        assert take_and_end(some, 5) == "b"
    some.add(One("a"))
    assert names(some.take(5)) == "a"
    some.add(One("b", 5))
    assert names(some.take(5)) == "b"
    some.ended(1)
    some.ended(1)
    some.add(One("c", 5))
    assert some.take(5) == []


def test_limits_are_those_of_the_description():
    batch = {"maxSize": 8, "preferredSize": 4, "maxDelaySeconds": 0.5, "dynamicMemoryPerItem": 100}
    describe = {"batched": True, "batch": batch, "resources": {"ram": 1000}, "execution": {"concurrency": 1}}
    assert limits_of(describe, "cpu") == Limits(8, 4, 0.5)
    assert limits_of(describe | {"resources": {"ram": 350}}, "cpu") == Limits(3, 3, 0.5)
    assert limits_of(describe | {"resources": {"ram": 50}}, "cpu") == Limits(1, 1, 0.5)
    assert limits_of(describe | {"batched": False}, "cpu") == ALONE


IMAGE = Image(np.zeros((2, 4, 6), np.uint8), crs="EPSG:32631", band_names=("red", "nir"))
OTHERS = {
    "size": Image(np.zeros((2, 6, 4), np.uint8), crs="EPSG:32631", band_names=("red", "nir")),
    "bands": Image(np.zeros((2, 4, 6), np.uint8), crs="EPSG:32631", band_names=("nir", "red")),
    "dataType": Image(np.zeros((2, 4, 6), np.int8), crs="EPSG:32631", band_names=("red", "nir")),
    "crs": Image(np.zeros((2, 4, 6), np.uint8), crs="EPSG:32632", band_names=("red", "nir")),
}


@pytest.mark.parametrize("differs", OTHERS)
@pytest.mark.parametrize("alike", OTHERS)
def test_images_are_alike_in_what_is_asked_for_alone(differs: str, alike: str):
    one, other = ({"image": image, "list": [image]} for image in (IMAGE, OTHERS[differs]))
    assert (likeness_of(one, [alike]) == likeness_of(other, [alike])) == (differs != alike)
    assert likeness_of(one, []) == likeness_of(other, [])


def test_of_a_bare_array_its_own_facts_count():
    one, other = ({"image": np.zeros(shape)} for shape in ((2, 3, 4), (1, 3, 4)))
    assert likeness_of(one, ["size", "dataType", "crs"]) == likeness_of(other, ["size", "dataType", "crs"])
    assert likeness_of(one, ["bands"]) != likeness_of(other, ["bands"])


def test_what_is_no_image_does_not_keep_calls_apart():
    one, other = ({"image": IMAGE, "threshold": value} for value in (0.1, [2, "x"]))
    assert likeness_of(one, ["size"]) == likeness_of(other | {"threshold": 3}, ["size"])
