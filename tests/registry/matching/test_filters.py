"""Each filter: an image that it takes, one that it refuses, and one that doesn't say."""

from typing import Any

import pytest

from swath_registry.matching import Match, match
from swath_registry.matching.bands import BAND_FILTERS
from swath_registry.matching.filters import FILTERS, NO_FILTERS, SENSOR_FILTERS
from swath_registry.matching.planning import REPAIRABLE
from swath_schemas import load

BOX = {"type": "Polygon", "coordinates": [[[2, 48], [3, 48], [3, 49], [2, 49], [2, 48]]]}
FAR = {"type": "Polygon", "coordinates": [[[20, 48], [21, 48], [21, 49], [20, 49], [20, 48]]]}
LARGE = {"type": "Polygon", "coordinates": [[[0, 40], [9, 40], [9, 50], [0, 50], [0, 40]]]}
POINT = {"time": "2026-05-01T10:40:30Z", "position": [1, 2, 3]}
ORBIT = {"referenceFrame": "ITRF", "timeScale": "UTC", "points": [POINT, POINT]}
CONTROL = {"crs": "EPSG:4326", "points": [{"row": 0, "column": 0, "x": 2, "y": 48}]}
PLACED = {"crs": "EPSG:32631", "transform": [10, 0, 0, 0, -10, 0]}
RGB = [{"name": "B04", "commonName": "red"}, {"name": "B03", "commonName": "green"}, {"name": "B02"}]

# filter: (what it asks, an image that it takes, one that it refuses or None)
CASES: dict[str, tuple[Any, dict[str, Any], dict[str, Any] | None]] = {
    "mediaTypes": (["image/tiff"], {"mediaType": "IMAGE/TIFF; application=geotiff"}, {"mediaType": "image/png"}),
    "compressions": (["zstd", "none"], {"compression": "none"}, {"compression": "lzw"}),
    "dataTypes": (["uint16"], {"dataType": "uint16"}, {"dataType": "uint8"}),
    "sensors": (
        [{"constellation": "sentinel-2", "instrument": "MSI"}],
        {"sensor": {"constellation": "Sentinel-2", "instruments": ["msi"]}},
        {"sensor": {"constellation": "Pleiades"}},
    ),
    "processingLevels": (["L1C"], {"processing": {"level": "l1c"}}, {"processing": {"level": "L2A"}}),
    "productTypes": (["mono"], {"processing": {"productType": "mono"}}, {"processing": {"productType": "bundle"}}),
    "orthorectified": (False, {"processing": {"orthorectified": False}}, {"processing": {"orthorectified": True}}),
    "georeferenced": (True, PLACED, None),
    "georeferencing": (["rpc", "groundControlPoints"], {"groundControlPoints": CONTROL}, None),
    "groundControlPoints": ({"max": 1}, {"groundControlPoints": CONTROL}, {"groundControlPoints": {"points": [1, 2]}}),
    "crsCodes": (["EPSG:32631"], {"crs": "epsg:32631"}, {"crs": "EPSG:4326"}),
    "bands": ({"allOf": [{"name": "B03"}]}, {"bands": RGB}, {"bands": RGB[:1]}),
    "bandCount": ({"min": 3}, {"bands": RGB}, {"bands": RGB[:2]}),
    "width": ({"max": 10}, {"size": {"width": 10, "height": 99}}, {"size": {"width": 11, "height": 1}}),
    "height": ({"minExclusive": 10}, {"size": {"width": 1, "height": 11}}, {"size": {"width": 99, "height": 10}}),
    "pixels": ({"maxExclusive": 100}, {"size": {"width": 9, "height": 11}}, {"size": {"width": 10, "height": 10}}),
    "sizeBytes": ({"max": 3}, {"sizeBytes": 3}, {"sizeBytes": 4}),
    "bitsPerSample": ({"max": 12}, {"bitsPerSample": 12}, {"bitsPerSample": 14}),
    "overviews": (True, {"overviews": [2]}, {"overviews": []}),
    "gsd": ({"min": 10, "max": 20}, {"gsd": 20}, {"gsd": 20.1}),
    "cloudCover": ({"max": 20}, {"acquisition": {"cloudCover": 20}}, {"acquisition": {"cloudCover": 20.5}}),
    "snowCover": ({"maxExclusive": 20}, {"acquisition": {"snowCover": 19}}, {"acquisition": {"snowCover": 20}}),
    "offNadir": ({"max": 30}, {"acquisition": {"offNadir": 1}}, {"acquisition": {"offNadir": 31}}),
    "incidenceAngle": ({"max": 30}, {"acquisition": {"incidenceAngle": 1}}, {"acquisition": {"incidenceAngle": 31}}),
    "sunElevation": ({"min": 0}, {"acquisition": {"sunElevation": 0}}, {"acquisition": {"sunElevation": -1}}),
    "orbitStates": (
        ["ascending"],
        {"acquisition": {"orbitState": "ascending"}},
        {"acquisition": {"orbitState": "descending"}},
    ),
    "datetime": (
        {"min": "2026-01-01T00:00:00Z"},
        {"datetime": "2026-01-01T01:00:00+01:00"},
        {"datetime": "2025-12-31T23:59:59Z"},
    ),
    "coverage": ({"within": LARGE, "intersects": BOX}, {"geometry": BOX}, {"geometry": FAR}),
    "ephemeris": (
        {"minPoints": 2, "referenceFrames": ["ITRF"]},
        {"ephemeris": ORBIT},
        {"ephemeris": ORBIT | {"points": [POINT]}},
    ),
    "tile": ({"width": 9, "height": 9}, {"size": {"width": 9, "height": 9}}, {"size": {"width": 10, "height": 9}}),
}
UNREPAIRABLE = {
    *("sensors", "processingLevels", "productTypes", "orthorectified", "groundControlPoints", "sizeBytes"),
    *("bitsPerSample", "cloudCover", "snowCover", "offNadir", "incidenceAngle", "sunElevation", "orbitStates"),
    *("datetime", "coverage", "ephemeris"),
}


def one(name: str, wanted: Any, image: dict[str, Any], **more: Any) -> Match:
    return match({"href": "scene.tif"} | image, {name: wanted} | more)


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_every_property_of_the_capabilities_is_honoured(version: str):
    schema = load(f"imageCapabilities@{version}")
    assert set(schema["properties"]) <= {*FILTERS, *NO_FILTERS}
    parts = schema["$defs"]
    assert set(parts["bandFilter"]["properties"]) == BAND_FILTERS
    assert set(parts["sensorFilter"]["properties"]) <= {*SENSOR_FILTERS}
    assert set(parts["bands"]["properties"]) == {"allOf", "anyOf", "exact", "ordered"}
    assert set(parts["coverage"]["properties"]) == {"intersects", "within"}
    assert set(parts["ephemerisFilter"]["properties"]) == {"minPoints", "referenceFrames"}
    assert set(parts["tile"]["properties"]) == {"width", "height", "overlap"}
    for name in ("positiveRange", "countRange", "percentRange", "angleRange"):
        assert set(parts[name]["properties"]) == {"min", "max", "minExclusive", "maxExclusive"}


def test_every_filter_has_cases_here_and_every_one_of_them_a_way_of_repair_or_none():
    assert {*CASES, "passing"} == {*FILTERS}
    assert {*FILTERS} == REPAIRABLE | UNREPAIRABLE | {"georeferenced", "georeferencing"}


@pytest.mark.parametrize("name", CASES)
def test_an_image_that_a_filter_takes_is_accepted(name: str):
    wanted, fits, _ = CASES[name]
    found = one(name, wanted, fits)
    assert (found.verdict, found.after, found.steps, found.obstacles) == ("accept", "accept", (), {})
    assert found.reasons[0].message


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name][2]])
def test_an_image_that_a_filter_refuses_is_rejected_with_the_reason(name: str):
    wanted, _, unfit = CASES[name]
    assert unfit is not None
    found = one(name, wanted, unfit)
    (reason,) = found.reasons
    assert found.verdict == "reject"
    assert reason.filter == name and reason.capability.startswith(f"/{name}") and reason.image.startswith("/")
    assert reason.expected == wanted and reason.actual is not None
    assert "is asked for; the image has" in reason.message
    assert (name in found.obstacles) is (name in UNREPAIRABLE or not found.steps)


@pytest.mark.parametrize("name", CASES)
def test_an_image_that_does_not_say_is_undecided_and_onmissing_decides(name: str):
    wanted = CASES[name][0]
    found = one(name, wanted, {})
    assert (found.verdict, found.steps) == ("unknown", ())
    assert found.missing == (found.reasons[0].image,) and "doesn't say" in found.reasons[0].message
    assert one(name, wanted, {}, onMissing="accept").verdict == "accept"
    assert one(name, wanted, {}, onMissing="reject").verdict == "reject"
    assert one(name, wanted, {}, onMissing="reject", onMissingOf={name: "accept"}).verdict == "accept"


@pytest.mark.parametrize(
    ("image", "ways", "verdict"),
    [
        ({"href": "https://data.example/a.tif"}, ["byReference"], "accept"),
        ({"href": "a.tif"}, ["byValue"], "reject"),
        ({"data": "AAAA"}, ["byReference"], "reject"),
        ({"href": "cid:part"}, ["byValue"], "accept"),
        ("data:image/png;base64,AAAA", ["byValue"], "accept"),
        ("AAAA", ["byValue"], "accept"),
        ("s3://bucket/a.tif", ["byReference"], "accept"),
    ],
)
def test_how_an_image_is_handed_over_is_known(image: Any, ways: list[str], verdict: str):
    assert match(image, {"passing": ways}).verdict == verdict


def test_no_capabilities_take_every_image():
    assert match("a.tif", {"description": "all", "x-note": 1}).verdict == "accept"


def test_a_filter_that_is_not_known_here_decides_nothing():
    found = match("a.tif", {"moonPhase": ["full"]})
    assert found.verdict == "unknown" and found.reasons[0].filter == "moonPhase"


def test_a_data_uri_tells_its_media_type_and_base64_its_size():
    assert match("data:image/png;base64,AAAA", {"mediaTypes": ["image/png"]}).verdict == "accept"
    assert match({"data": "AAAA"}, {"sizeBytes": {"max": 3}}).verdict == "accept"
    assert match({"data": "AAA="}, {"sizeBytes": {"max": 1}}).verdict == "reject"


def test_a_data_type_bounds_the_bits_of_a_sample():
    assert one("bitsPerSample", {"max": 8}, {"dataType": "uint8"}).verdict == "accept"
    assert one("bitsPerSample", {"min": 9}, {"dataType": "uint8"}).verdict == "reject"
    assert one("bitsPerSample", {"max": 12}, {"dataType": "uint16"}).verdict == "unknown"


def test_bands_that_say_their_own_data_type_are_looked_at_one_by_one():
    bands = [{"name": "a", "dataType": "uint8"}, {"name": "b"}]
    assert one("dataTypes", ["uint8"], {"bands": bands}).verdict == "unknown"
    assert one("dataTypes", ["uint8"], {"bands": bands, "dataType": "uint8"}).verdict == "accept"
    assert one("dataTypes", ["uint16"], {"bands": bands}).verdict == "reject"


def test_the_finest_band_bounds_the_gsd():
    bands = [{"name": "a", "gsd": 10}, {"name": "b"}]
    assert one("gsd", {"max": 10}, {"bands": bands}).verdict == "accept"
    assert one("gsd", {"min": 20}, {"bands": bands}).verdict == "reject"
    assert one("gsd", {"min": 5}, {"bands": bands}).verdict == "unknown"
    assert one("gsd", {"min": 5}, {"bands": bands[:1]}).verdict == "accept"


def test_a_time_span_that_only_partly_fits_is_undecided():
    span = {"startDatetime": "2025-12-01T00:00:00Z", "endDatetime": "2026-02-01T00:00:00Z"}
    wanted = {"min": "2026-01-01T00:00:00Z"}
    assert one("datetime", wanted, span).verdict == "unknown"
    assert one("datetime", wanted, span | {"startDatetime": "2026-01-02T00:00:00Z"}).verdict == "accept"
    assert one("datetime", wanted, span | {"endDatetime": "2025-12-31T00:00:00Z"}).verdict == "reject"
    assert one("datetime", wanted, span | {"datetime": "2026-01-15T00:00:00Z"}).verdict == "accept"


def test_a_leap_second_is_a_time():
    assert one("datetime", {"max": "2017-01-01T00:00:00Z"}, {"datetime": "2016-12-31T23:59:60Z"}).verdict == "accept"


def test_wkt_is_not_compared_with_codes():
    assert one("crsCodes", ["EPSG:4326"], {"crs": 'GEOGCRS["WGS 84"]'}).verdict == "unknown"
