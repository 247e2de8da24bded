"""Steps: what is planned, in what order, at what cost, and why not."""

from typing import Any

import pytest

from swath_registry.matching import Match, match, match_inputs

SCENE: dict[str, Any] = {
    "href": "scene.tif",
    "mediaType": "image/tiff",
    "compression": "deflate",
    "size": {"width": 1000, "height": 500},
    "dataType": "uint16",
    "nodata": 0,
    "bands": [{"name": "B03", "commonName": "green"}, {"name": "B04", "commonName": "red"}],
    "crs": "EPSG:32631",
    "transform": [10, 0, 0, 0, -10, 0],
    "bbox": [2, 48, 3, 49],
    "gsd": 10,
}


def planned(wanted: dict[str, Any], **more: Any) -> Match:
    return match(SCENE | more, wanted)


def steps(found: Match) -> list[tuple[str, dict[str, Any]]]:
    return [(step.operation, dict(step.arguments)) for step in found.steps]


def test_steps_come_with_the_fewest_samples_first_and_the_file_last():
    wanted = {
        "mediaTypes": ["image/png"],
        "dataTypes": ["uint8"],
        "gsd": {"min": 20},
        "bands": {"allOf": [{"name": "B04"}], "exact": True},
        "passing": ["byReference"],
    }
    assert steps(planned(wanted)) == [
        ("select_bands", {"bands": [1]}),
        ("resample", {"size": [500, 250]}),
        ("cast", {"dataType": "uint8", "rounding": "exact"}),
        ("reformat", {"mediaType": "image/png"}),
        ("store", {}),
    ]


def test_costs_are_those_of_the_samples():
    found = planned({"gsd": {"min": 20}, "dataTypes": ["float32"]})
    resample, cast, reformat = found.steps
    raw, small = 1000 * 500 * 2 * 2, 500 * 250 * 2 * 2
    assert (resample.cost.samples, resample.cost.bytes, resample.cost.is_lossless) == (
        500 * 250 * 2 * 4,
        raw + small,
        False,
    )
    assert (cast.cost.bytes, cast.cost.is_lossless) == (small + 2 * small, True)
    assert found.cost.bytes == resample.cost.bytes + cast.cost.bytes + (reformat.cost.bytes or 0)
    assert not found.cost.is_lossless


def test_pixels_are_never_made_finer():
    assert planned({"gsd": {"max": 5}}).obstacles == {
        "gsd": "Its pixels would have to be finer, or more, than they are."
    }
    assert "width" in planned({"width": {"min": 2000}}).obstacles


def test_one_factor_shrinks_both_sides():
    assert steps(planned({"width": {"max": 100}}))[0] == ("resample", {"size": [100, 50]})
    assert steps(planned({"pixels": {"max": 5000}}))[0] == ("resample", {"size": [100, 50]})
    assert steps(planned({"height": {"maxExclusive": 101}, "gsd": {"min": 25}}))[0] == (
        "resample",
        {"size": [200, 100]},
    )


def test_a_size_that_gives_too_coarse_a_pixel_is_none():
    assert "gsd" in planned({"width": {"max": 100}, "gsd": {"max": 50}}).obstacles


def test_an_image_is_cut_where_the_service_takes_tiles():
    found = planned({"tile": {"width": 256, "height": 256, "overlap": 16}, "width": {"max": 256}})
    assert steps(found) == [
        ("tile", {"width": 256, "height": 256, "overlap": 16}),
        ("reformat", {"mediaType": "image/tiff"}),
    ]
    assert (found.after, found.cost.is_lossless) == ("accept", True)
    assert found.steps[1].cost.samples == 5 * 3 * 256 * 256 * 2  # what neighbours share is written twice


def test_a_reprojection_leaves_open_what_only_it_shows():
    found = planned({"crsCodes": ["EPSG:4326", "EPSG:32632"], "width": {"max": 5000}, "georeferenced": True})
    assert steps(found)[0] == ("reproject", {"crs": "EPSG:4326"})
    assert found.after == "unknown" and found.cost.bytes is None
    assert planned({"crsCodes": ["EPSG:4326"], "georeferenced": True}).after == "accept"


def test_of_several_reference_systems_the_zone_of_the_image_is_taken():
    codes = ["EPSG:4326", "EPSG:32630", "EPSG:32631"]
    found = planned({"crsCodes": codes, "gsd": {"min": 20}}, crs="EPSG:3857")
    assert steps(found)[0] == ("reproject", {"crs": "EPSG:32631", "gsd": 20})
    assert found.after == "accept"


def test_an_image_without_a_transform_is_not_reprojected():
    bare = {name: value for name, value in SCENE.items() if name != "transform"}
    assert "no CRS and transform" in match(bare, {"crsCodes": ["EPSG:4326"]}).obstacles["crsCodes"]


@pytest.mark.parametrize(
    ("source", "accepted", "target", "rounding", "is_lossless", "is_certain"),
    [
        ({"dataType": "uint8"}, ["float32", "int16"], "int16", "exact", True, True),
        ({"dataType": "uint16"}, ["uint8", "float32"], "float32", "exact", True, True),
        ({"dataType": "uint16", "bitsPerSample": 8}, ["uint8"], "uint8", "exact", True, True),
        ({"dataType": "uint16"}, ["uint8"], "uint8", "exact", True, False),
        ({"dataType": "float32"}, ["uint8"], "uint8", "nearest", False, False),
        ({"dataType": "float64"}, ["float32"], "float32", "nearest", False, False),
        ({"dataType": "int32"}, ["float32"], "float32", "nearest", False, True),
        ({"dataType": "int32"}, ["float64"], "float64", "exact", True, True),
        ({"dataType": "cfloat32"}, ["float32"], "float32", "exact", True, False),
        ({"dataType": "cint16"}, ["cfloat64"], "cfloat64", "exact", True, True),
    ],
)
def test_the_cast_that_loses_least_is_taken(
    source: dict[str, Any], accepted: list[str], target: str, rounding: str, is_lossless: bool, is_certain: bool
):
    cast = next(step for step in planned({"dataTypes": accepted}, **source).steps if step.operation == "cast")
    assert (cast.arguments["dataType"], cast.arguments["rounding"]) == (target, rounding)
    assert (cast.cost.is_lossless, not cast.caveat) == (is_lossless, is_certain)


def test_a_nodata_value_that_does_not_fit_is_replaced_and_said_so():
    cast = planned({"dataTypes": ["uint8"]}, dataType="float32", nodata="nan").steps[0]
    assert cast.arguments["nodata"] == 0 and "isn't nodata is 0" in cast.caveat


def test_samples_are_cast_for_the_sake_of_the_only_file_that_is_accepted():
    found = planned({"mediaTypes": ["image/jpeg"], "dataTypes": ["uint16", "uint8"]}, bands=SCENE["bands"][:1])
    assert [step.operation for step in found.steps] == ["cast", "reformat"]
    assert not found.cost.is_lossless
    assert planned({"mediaTypes": ["image/jpeg"]}).obstacles  # no cast is sure to lose nothing


def test_a_file_that_keeps_the_place_goes_before_one_that_does_not():
    found = planned({"mediaTypes": ["image/png", "image/jp2"], "georeferenced": True})
    assert steps(found) == [("reformat", {"mediaType": "image/jp2"})]


def test_overviews_are_made_where_an_image_is_large_enough_for_them():
    assert steps(planned({"overviews": True}, overviews=[])) == [
        ("reformat", {"mediaType": "image/tiff; profile=cloud-optimized"})
    ]
    small = {"overviews": [], "size": {"width": 10, "height": 10}}
    assert "overviews" in planned({"overviews": True}, **small).obstacles


def test_too_many_bands_are_left_out_only_where_it_is_said_which():
    assert "isn't said" in planned({"bandCount": {"max": 1}}).obstacles["bandCount"]
    found = planned({"bandCount": {"max": 1}, "bands": {"allOf": [{"commonName": "red"}]}})
    assert steps(found)[0] == ("select_bands", {"bands": [1]})


def test_an_embedded_image_is_handed_over_without_touching_a_sample():
    found = planned({"passing": ["byValue"]}, sizeBytes=12)
    assert steps(found) == [("embed", {})] and (found.cost.samples, found.cost.bytes) == (0, 12)


def test_services_are_ranked_by_verdict_then_loss_then_bytes():
    services = [
        {"cloudCover": {"max": 1}},
        {"gsd": {"min": 20}},
        {"dataTypes": ["float32"]},
        {"gsd": {"max": 10}},
        {"gsd": {"max": 1}},
    ]
    ranked = sorted(services, key=lambda one: planned(one).rank)
    assert ranked == [services[3], services[2], services[1], services[0], services[4]]


def test_a_match_as_json_says_all():
    said = planned({"gsd": {"min": 20}, "bands": {"allOf": [{"name": "B04"}]}}).as_json()
    assert {*said} == {"verdict", "after", "reasons", "steps", "cost", "obstacles", "bands", "missing"}
    assert (said["verdict"], said["after"], said["bands"]) == ("reject", "accept", [1])
    assert {*said["steps"][0]} == {"operation", "arguments", "filters", "cost"}
    assert said["reasons"][1]["message"].startswith("ground sample distance: at least 20 m is asked for")


SERVICE: dict[str, Any] = {
    "inputs": {
        "before": {"kind": "image", "capabilities": {"gsd": {"max": 10}}},
        "after": {"kind": "images", "capabilities": {"dataTypes": ["uint16"]}},
        "limit": {"kind": "literal"},
    },
    "constraints": [{"inputs": ["before", "after"], "same": ["crs", "bands"]}],
}


@pytest.mark.parametrize(
    ("inputs", "verdict"),
    [
        ({"before": SCENE, "after": [SCENE, SCENE], "limit": 3}, "accept"),
        ({"before": SCENE, "after": [SCENE | {"crs": "EPSG:4326"}]}, "reject"),
        ({"before": SCENE, "after": [SCENE, {"href": "a.tif"}]}, "unknown"),
        ({"before": SCENE | {"gsd": 20}}, "reject"),
        ({"before": SCENE}, "accept"),
    ],
)
def test_inputs_are_matched_one_by_one_and_with_each_other(inputs: dict[str, Any], verdict: str):
    found = match_inputs(inputs, SERVICE)
    assert found.verdict == verdict == match_inputs(inputs, {"input": {}, "inputCapabilities": SERVICE}).verdict
    assert found.as_json()["verdict"] == verdict


def test_an_image_whose_crs_is_wkt_is_reprojected_where_only_codes_are_taken():
    wkt = SCENE | {"crs": 'PROJCRS["WGS 84 / UTM zone 31N"]'}
    assert match(wkt, {"crsCodes": ["EPSG:32631"]}).verdict == "unknown"
    found = match(wkt, {"crsCodes": ["EPSG:32631"], "onMissing": "reject"})
    assert (found.verdict, found.after) == ("reject", "accept")
    assert steps(found)[0] == ("reproject", {"crs": "EPSG:32631", "gsd": 10})


def test_an_image_smaller_than_a_tile_is_made_smaller_still_where_its_size_is_limited():
    wanted = {"tile": {"width": 2000, "height": 2000}, "width": {"max": 500}}
    assert steps(planned(wanted))[0] == ("resample", {"size": [500, 250]})
    assert "width" in planned(wanted, size={"width": 4000, "height": 4000}).obstacles  # its tiles are too wide
