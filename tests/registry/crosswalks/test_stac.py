"""STAC items become valid images, and what was left out is said with its reason."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from registry.mutants import mutants

from swath_registry.crosswalks import AssetUnknown, Crosswalk, NotAnItem, image_of_asset, images_of_item, is_item
from swath_registry.errors import RegistryError
from swath_registry.matching import match
from swath_registry.validation import Validator

DATA = Path(os.environ.get("SWATH_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "stac"
ITEMS = ["LC08_L2SP_047027.json", "S2A_L2A_T07HFE.json", "item_basic.json"]
RED = {"name": "B04", "common_name": "red", "center_wavelength": 0.665, "full_width_half_max": 0.038}


def item(asset: dict[str, Any] | None = None, version: str = "1.1.0", **properties: Any) -> dict[str, Any]:
    """An item with one asset, `data`."""
    return {
        "type": "Feature",
        "stac_version": version,
        "id": "scene",
        "geometry": None,
        "properties": {"datetime": "2026-05-01T10:40:31Z"} | properties,
        "links": [{"rel": "self", "href": "https://catalogue.example/items/scene.json"}],
        "assets": {"data": {"href": "scene.tif", "type": "image/tiff; application=geotiff"} | (asset or {})},
    }


def left(found: Crosswalk) -> dict[str, str]:
    return {one.pointer: one.reason for one in found.left_out}


def image(*args: Any, **named: Any) -> dict[str, Any]:
    return image_of_asset(item(*args, **named)).document


@pytest.mark.data
@pytest.mark.parametrize("name", ITEMS)
def test_every_asset_of_real_items_becomes_a_valid_image_and_nothing_is_lost_silently(name: str):
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"the real item {name} is not at hand: {path} is absent (SWATH_TEST_DATA names the folder)")
    document = json.loads(path.read_text())
    validator = Validator("image")
    for asset, found in images_of_item(document).items():
        assert validator.violations(found.document) == []
        told = {*found.mapped.values(), *left(found)}
        for place, members in (
            ("/properties", document["properties"]),
            (f"/assets/{asset}", document["assets"][asset]),
        ):
            for member in members:
                assert any(one == f"{place}/{member}" or one.startswith(f"{place}/{member}/") for one in told), member


@pytest.mark.data
def test_a_real_sentinel_2_band_is_accepted_by_who_wants_it():
    path = DATA / "S2A_L2A_T07HFE.json"
    if not path.is_file():
        pytest.skip(f"the real item is not at hand: {path} is absent (SWATH_TEST_DATA names the folder)")
    document = image_of_asset(json.loads(path.read_text()), "red").document
    wanted = {
        "mediaTypes": ["image/tiff"],
        "dataTypes": ["uint16"],
        "sensors": [{"constellation": "Sentinel-2", "instrument": "msi"}],
        "bands": {"allOf": [{"commonName": "red"}], "exact": True},
        "crsCodes": ["EPSG:32707"],
        "georeferenced": True,
        "gsd": {"max": 10},
        "width": {"max": 10980},
        "cloudCover": {"max": 60},
        "incidenceAngle": {"max": 12},
        "datetime": {"min": "2019-01-01T00:00:00Z"},
    }
    found = match(document, wanted)
    assert found.verdict == "accept", [reason.message for reason in found.reasons]
    assert match(document, wanted | {"cloudCover": {"max": 50}}).obstacles


def test_bands_of_1_0_are_put_side_by_side():
    raster = {"data_type": "uint16", "nodata": 0, "scale": 0.0001, "offset": -0.1, "spatial_resolution": 10}
    found = image({"eo:bands": [RED], "raster:bands": [raster | {"unit": "kelvin"}]}, version="1.0.0")
    assert found["bands"] == [
        {
            **{"name": "B04", "commonName": "red", "centerWavelength": 0.665, "fullWidthHalfMax": 0.038},
            **{"dataType": "uint16", "nodata": 0, "unit": "K", "scale": 0.0001, "offset": -0.1, "gsd": 10},
        }
    ]
    assert found["dataType"] == "uint16"


def test_bands_of_1_1_take_what_the_asset_says_of_all():
    bands = [{"name": "B04", "eo:common_name": "red"}, {"name": "B08", "nodata": 7, "raster:scale": 2}]
    found = image({"bands": bands, "data_type": "int16", "nodata": 0, "raster:scale": 0.5, "gsd": 10})
    assert found["bands"] == [
        {"name": "B04", "commonName": "red", "dataType": "int16", "nodata": 0, "scale": 0.5},
        {"name": "B08", "dataType": "int16", "nodata": 7, "scale": 2},
    ]
    assert (found["dataType"], found["gsd"]) == ("int16", 10)


def test_the_items_own_bands_of_1_1_are_those_of_an_asset_without():
    assert image(bands=[{"name": "B04"}])["bands"] == [{"name": "B04"}]


def test_the_items_own_bands_of_1_0_are_a_summary():
    found = image_of_asset(item(version="1.0.0", **{"eo:bands": [RED]}))
    assert "bands" not in found.document and "summary" in left(found)["/properties/eo:bands"]


def test_lists_of_different_length_are_told_apart():
    found = image_of_asset(item({"eo:bands": [RED, RED], "raster:bands": [{"data_type": "uint8"}]}))
    assert len(found.document["bands"]) == 1 and "2 bands" in left(found)["/assets/data/eo:bands"]


def test_a_band_without_a_name_is_called_by_its_number():
    assert [one["name"] for one in image({"raster:bands": [{"data_type": "uint8"}] * 2})["bands"]] == ["1", "2"]


def test_a_common_name_that_is_none_of_the_list_is_left_out_with_the_reason():
    found = image_of_asset(item({"eo:bands": [{"name": "B05", "common_name": "purple"}]}))
    assert found.document["bands"] == [{"name": "B05"}]
    assert "must be one of" in left(found)["/assets/data/eo:bands/0/common_name"]


def test_angles_out_of_range_are_reported_not_dropped_silently():
    found = image_of_asset(item(**{"view:off_nadir": 5, "view:sun_azimuth": 400, "view:incidence_angle": -3}))
    assert found.document["acquisition"] == {"offNadir": 5}
    assert "360" in left(found)["/properties/view:sun_azimuth"]
    assert "/properties/view:incidence_angle" in left(found)


def test_an_object_of_which_nothing_is_left_goes():
    assert "acquisition" not in image(**{"view:sun_azimuth": 400})


@pytest.mark.parametrize(
    ("said", "crs"),
    [
        ({"proj:code": "EPSG:32631", "proj:epsg": 4326}, "EPSG:32631"),
        ({"proj:epsg": 32631}, "EPSG:32631"),
        ({"proj:epsg": None, "proj:wkt2": 'PROJCRS["x"]'}, 'PROJCRS["x"]'),
        ({"proj:projjson": {"id": {"authority": "IAU_2015", "code": 30110}}}, "IAU_2015:30110"),
        ({"proj:code": None}, None),
    ],
)
def test_the_crs_is_what_says_it_best(said: dict[str, Any], crs: str | None):
    found = image_of_asset(item(**said))
    assert found.document.get("crs") == crs
    assert {*found.mapped.values(), *left(found)} >= {f"/properties/{name}" for name in said}


def test_a_shape_is_height_before_width_and_a_transform_has_six_coefficients():
    grid = {"proj:epsg": 4326, "proj:shape": [20, 30], "proj:transform": [1, 0, 2, 0, -1, 50, 0, 0, 1]}
    found = image(grid)
    assert (found["size"], found["transform"]) == ({"width": 30, "height": 20}, [1, 0, 2, 0, -1, 50])


def test_a_transform_without_a_crs_is_left_out():
    assert (
        "needs a CRS"
        in left(image_of_asset(item({"proj:transform": [1, 0, 2, 0, -1, 50]})))["/assets/data/proj:transform"]
    )


def test_what_the_asset_says_goes_before_what_the_item_says():
    found = image_of_asset(item({"gsd": 60}, gsd=10))
    assert found.document["gsd"] == 60 and left(found)["/properties/gsd"] == "The asset says its own."


def test_a_null_datetime_gives_way_to_start_and_end():
    span = {"start_datetime": "2026-01-01T00:00:00Z", "end_datetime": "2026-02-01T00:00:00Z"}
    found = image_of_asset(item(datetime=None, **span))
    assert "datetime" not in found.document
    assert (found.document["startDatetime"], found.document["endDatetime"]) == tuple(span.values())
    assert "null" in left(found)["/properties/datetime"]


def test_a_start_without_an_end_is_left_out():
    found = image_of_asset(item(datetime=None, start_datetime="2026-01-01T00:00:00Z"))
    assert "startDatetime" not in found.document and "needs an end" in left(found)["/properties/start_datetime"]


@pytest.mark.parametrize(("text", "digest"), [("1220" + "ab" * 32, "ab" * 32), ("1220" + "AB" * 32, "ab" * 32)])
def test_a_multihash_of_sha_256_is_the_digest(text: str, digest: str):
    assert image({"file:checksum": text, "file:size": 12})["sha256"] == digest


def test_another_multihash_is_left_out():
    assert (
        "SHA-256" in left(image_of_asset(item({"file:checksum": "d50110" + "ab" * 16})))["/assets/data/file:checksum"]
    )


def test_a_radar_image_has_mode_and_polarizations():
    found = image({"sar:polarizations": ["VV", "VH"]}, **{"sar:instrument_mode": "IW", "sat:orbit_state": "descending"})
    assert found["bands"] == [{"name": "VV", "polarization": "VV"}, {"name": "VH", "polarization": "VH"}]
    assert found["sensor"] == {"mode": "IW", "sensorType": "RADAR"}
    assert found["acquisition"] == {"orbitState": "descending"}


def test_processing_and_software_are_kept():
    found = image(**{"processing:level": "L1C", "processing:software": {"s2": "1"}, "product:type": "S2MSI1C"})
    assert found["processing"] == {"level": "L1C", "software": {"s2": "1"}, "productType": "S2MSI1C"}


def test_orbits_without_a_frame_are_left_out():
    vectors = {"sat:orbit_state_vectors": {"2026-05-01T10:40:30Z": [1, 2, 3, 4, 5, 6]}}
    assert "frame" in left(image_of_asset(item(**vectors)))["/properties/sat:orbit_state_vectors"]


def test_hrefs_are_resolved_by_the_items_own_link():
    assert image()["href"] == "https://catalogue.example/items/scene.tif"
    assert image({"href": "s3://bucket/a b.tif"})["href"] == "s3://bucket/a%20b.tif"


def test_heights_of_a_bbox_are_left_out():
    document = item() | {"bbox": [1, 2, -5, 3, 4, 900]}
    assert image_of_asset(document).document["bbox"] == [1, 2, 3, 4]


def test_one_of_several_images_must_be_named():
    document = item()
    document["assets"]["other"] = document["assets"]["data"]
    document["assets"]["thumbnail"] = document["assets"]["data"] | {"roles": ["thumbnail"]}
    assert [*images_of_item(document)] == ["data", "other"]
    with pytest.raises(AssetUnknown, match="data, other"):
        image_of_asset(document)
    with pytest.raises(AssetUnknown, match="no asset 'red'"):
        image_of_asset(document, "red")
    assert image_of_asset(document, "thumbnail").document["id"] == "scene"


@pytest.mark.parametrize("document", [{}, [], {"type": "Feature"}, item() | {"assets": {"data": {}}}])
def test_what_is_no_item_is_refused(document: Any):
    with pytest.raises(NotAnItem):
        image_of_asset(document)
    assert is_item(document) is (document != [] and "stac_version" in document)


def test_whatever_an_item_says_there_is_a_valid_image_or_an_error_of_ours():
    bands = {"eo:bands": [RED], "raster:bands": [{"data_type": "uint16", "nodata": 0, "statistics": {}}]}
    place = {"proj:epsg": 4326, "proj:shape": [1, 2], "proj:transform": [1, 0, 0, 0, 1, 0], "proj:projjson": {"id": {}}}
    radar = {"sar:polarizations": ["VV"], "classification:classes": [{"value": 1, "name": "a"}]}
    span = {"start_datetime": "2020-01-01T00:00:00Z", "end_datetime": "2020-01-01T00:00:00Z"}
    validator, refused = Validator("image"), 0
    for mutant in mutants(item(bands | place | radar, "1.0.0", instruments=["msi"], **span), 1200, 3):
        try:
            assert validator.is_valid(image_of_asset(mutant).document)
        except RegistryError:
            refused += 1
    assert refused < 400
