"""Which bands are taken: by name, common name, wavelength or polarization, each filter a band of its own."""

from itertools import permutations
from random import Random
from typing import Any

import pytest

from swath_registry.matching import match
from swath_registry.matching.bands import choose_bands
from swath_registry.matching.facts import Facts
from swath_registry.matching.truth import Truth

S2 = [
    {"name": "B02", "commonName": "blue", "centerWavelength": 0.49},
    {"name": "B03", "commonName": "green", "centerWavelength": 0.56},
    {"name": "B04", "commonName": "red", "centerWavelength": 0.665},
    {"name": "B05", "commonName": "rededge071", "centerWavelength": 0.704},
    {"name": "B08", "commonName": "nir", "centerWavelength": 0.842},
    {"name": "B8A", "commonName": "nir08", "centerWavelength": 0.865},
]


def chosen(wanted: dict[str, Any], bands: list[dict[str, Any]]) -> tuple[str, tuple[int, ...] | None]:
    found = match({"href": "a.tif", "bands": bands}, {"bands": wanted})
    return found.verdict, found.bands


def test_bands_come_in_the_order_in_which_they_are_asked_for():
    wanted = {"allOf": [{"commonName": "nir"}, {"name": "B04"}, {"centerWavelength": {"max": 0.5}}]}
    assert chosen(wanted, S2) == ("accept", (4, 2, 0))


def test_no_band_is_taken_twice():
    near = {"centerWavelength": {"min": 0.8, "max": 0.9}}
    assert chosen({"allOf": [near, near]}, S2) == ("accept", (4, 5))
    assert chosen({"allOf": [near, near, near]}, S2) == ("reject", None)


def test_the_nearest_in_wavelength_is_taken_then_the_first():
    assert chosen({"allOf": [{"centerWavelength": {"min": 0.83, "max": 0.90}}]}, S2) == ("accept", (5,))
    alike = [{"name": "a", "centerWavelength": 0.8}, {"name": "b", "centerWavelength": 0.8}]
    assert chosen({"allOf": [{"centerWavelength": {"min": 0.7}}]}, alike) == ("accept", (0,))


def test_a_filter_leaves_the_one_band_that_another_needs():
    wide, narrow = {"centerWavelength": {"min": 0.8, "max": 0.9}}, {"name": "B08"}
    assert chosen({"allOf": [wide, narrow]}, S2) == ("accept", (5, 4))


def test_the_first_set_that_is_there_is_taken():
    sar = [{"name": "VV", "polarization": "VV"}, {"name": "VH", "polarization": "VH"}]
    wanted = {"anyOf": [[{"polarization": "HH"}], [{"polarization": "VV"}, {"polarization": "VH"}]]}
    assert chosen(wanted, sar) == ("accept", (0, 1))
    assert chosen(wanted, sar[:1]) == ("reject", None)


def test_exact_refuses_other_bands_and_tells_which_to_keep():
    wanted = {"allOf": [{"name": "B04"}], "exact": True}
    found = match({"href": "a.tif", "bands": S2}, {"bands": wanted})
    assert (found.verdict, found.after, found.bands) == ("reject", "accept", (2,))
    assert [step.arguments for step in found.steps if step.operation == "select_bands"] == [{"bands": [2]}]


def test_ordered_looks_for_any_bands_that_stand_in_order():
    wanted = {"allOf": [{"centerWavelength": {"min": 0.5}}, {"name": "B04"}], "ordered": True}
    assert chosen(wanted, S2) == ("accept", (1, 2))
    backwards = {"allOf": [{"name": "B04"}, {"name": "B03"}], "ordered": True}
    assert chosen(backwards, S2) == ("reject", (2, 1))
    assert match({"href": "a.tif", "bands": S2}, {"bands": backwards}).steps[0].arguments == {"bands": [2, 1]}


def test_the_filter_that_has_no_band_is_pointed_at():
    found = match({"href": "a.tif", "bands": S2}, {"bands": {"allOf": [{"name": "B04"}, {"commonName": "lwir"}]}})
    assert found.reasons[0].capability == "/bands/allOf/1"
    assert found.reasons[0].message.endswith("none is left that is lwir")


@pytest.mark.parametrize(
    ("name", "band", "truth"),
    [
        ("red", {"centerWavelength": 0.665}, Truth.HOLDS),
        ("red", {"centerWavelength": 0.56}, Truth.FAILS),
        ("nir08", {"centerWavelength": 0.865}, Truth.UNKNOWN),  # nir reaches there too
        ("red", {"centerWavelength": 0.65, "fullWidthHalfMax": 0.5}, Truth.UNKNOWN),  # it may be panchromatic
        ("red", {}, Truth.UNKNOWN),
        ("red", {"commonName": "red", "centerWavelength": 0.9}, Truth.HOLDS),  # what is said decides
        ("red", {"polarization": "VV"}, Truth.FAILS),
    ],
)
def test_a_common_name_that_is_not_said_is_told_by_wavelength_where_only_one_reaches(
    name: str, band: Any, truth: Truth
):
    facts = Facts.of({"href": "a.tif", "bands": [{"name": "x"} | band]})
    assert choose_bands({"allOf": [{"commonName": name}]}, facts).truth is truth


def test_a_band_called_by_its_number_has_no_name():
    assert chosen({"allOf": [{"name": "B04"}]}, [{"name": "1"}, {"name": "2"}]) == ("unknown", None)
    assert chosen({"allOf": [{"name": "B04"}]}, [{"name": "2"}]) == ("reject", None)
    assert chosen({"allOf": [{"name": "2"}]}, [{"name": "1"}, {"name": "2"}]) == ("accept", (1,))


@pytest.mark.parametrize("seed", range(5))
def test_a_choice_exists_just_where_trying_all_of_them_finds_one(seed: int):
    source = Random(seed)  # noqa: S311
    for _ in range(150):
        count, needed = source.randint(1, 5), source.randint(1, 4)
        bands = [{"name": f"b{index}", "centerWavelength": source.randint(1, 9)} for index in range(count)]
        limits = [sorted(source.sample(range(10), 2)) for _ in range(needed)]
        filters = [{"centerWavelength": {"min": low, "max": high}} for low, high in limits]
        ordered, exact = source.random() < 0.5, source.random() < 0.3
        found = choose_bands({"allOf": filters, "ordered": ordered, "exact": exact}, Facts.of({"bands": bands}))
        possible = [
            one
            for one in permutations(range(count), needed)
            if all(
                low <= bands[index]["centerWavelength"] <= high for index, (low, high) in zip(one, limits, strict=True)
            )
        ]
        fitting = [one for one in possible if not ordered or list(one) == sorted(one)]
        assert (found.truth is Truth.HOLDS) is (bool(fitting) and (not exact or count == needed))
        if found.truth is Truth.HOLDS:
            assert found.indexes in fitting
        else:
            assert (found.indexes is not None) is bool(possible)
