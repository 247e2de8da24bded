"""What an image object of 1.1.0 says beside its file: control points, polynomials, classes, bits."""

from typing import Any

import numpy as np
import pytest
from converters.rasters import UTM, image, samples

from swath_converters import Image, Policy
from swath_converters.control import GroundControlPoint
from swath_converters.control_documents import points_document, points_of, rpcs_document, rpcs_of
from swath_converters.errors import MalformedValue, UndecodableImage
from swath_converters.image import from_wire, to_wire
from swath_registry.examples import examples
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED

VALIDATOR = Validator("image@1.1")
RAW = {one.path.stem: one.document for one in examples(PUBLISHED, PUBLISHED.resolve("image@1.1.0"))[0]}["raw"]
POINTS: dict[str, Any] = {
    "crs": "EPSG:4326",
    "points": [
        {"row": 0, "column": 0, "x": 2, "y": 48, "z": 90, "id": "NW"},
        {"row": 9.5, "column": 0, "x": 2, "y": 47},
    ],
}
BARE = Image(samples((3, 10, 20), "uint16"))
CLASSES = Image(samples((1, 10, 20), "uint8"))


def received(file: Image = BARE, **document: object) -> Image:
    value = {"data": to_wire(file), **document}
    assert VALIDATOR.violations(value) == []
    return from_wire(value, {}, Policy())


def test_control_points_complete_a_file_that_has_none():
    result = received(groundControlPoints=POINTS)
    assert result.gcps == (GroundControlPoint(0, 0, 2, 48, 90, "NW"), GroundControlPoint(9.5, 0, 2, 47))
    assert (result.gcp_crs, result.transform) == ("EPSG:4326", None)


def test_control_points_of_the_object_replace_those_of_the_file():
    file = Image(BARE.array, gcps=(GroundControlPoint(0, 0, 9, 9),) * 3, gcp_crs="EPSG:3857")
    assert received(file, groundControlPoints=POINTS).gcps == points_of(POINTS)[0]


def test_control_points_of_the_object_replace_the_transform_of_the_file():
    assert image().transform == UTM
    result = received(image(), groundControlPoints=POINTS)
    assert (result.transform, len(result.gcps)) == (None, 2)


def test_a_transform_in_the_object_goes_before_its_control_points():
    result = received(groundControlPoints=POINTS, crs="EPSG:32631", transform=list(UTM)[:6])
    assert (result.transform, result.gcps) == (UTM, ())


def test_control_points_of_an_unknown_system_are_refused_with_their_place():
    with pytest.raises(MalformedValue, match="EPSG:999999 is no CRS") as refused:
        received(groundControlPoints=POINTS | {"crs": "EPSG:999999"})
    assert refused.value.pointer == "/groundControlPoints/crs"


def test_polynomials_complete_a_file_that_has_none():
    rpcs = received(rpc=RAW["rpc"]).rpcs
    assert rpcs is not None
    assert (rpcs.line_off, rpcs.long_scale, rpcs.err_bias) == (10000, 0.15, 4.5)
    assert rpcs.samp_num_coeff == tuple(RAW["rpc"]["sampleNumerator"])


def test_polynomials_without_errors_say_nothing_of_them():
    assert received(rpc={k: v for k, v in RAW["rpc"].items() if not k.startswith("error")}).rpcs == rpcs_of(
        {k: v for k, v in RAW["rpc"].items() if not k.startswith("error")}
    )


def test_control_points_and_polynomials_go_on_into_the_file_that_is_written():
    first = received(groundControlPoints=POINTS, rpc=RAW["rpc"])
    again = from_wire(to_wire(first), {}, Policy())
    assert [(one.row, one.column, one.x, one.y, one.z) for one in again.gcps] == [(0, 0, 2, 48, 90), (9.5, 0, 2, 47, 0)]
    assert again.rpcs == first.rpcs


def test_what_is_read_from_a_document_is_said_again_as_a_document():
    points, crs = points_of(POINTS)
    assert points_document(points, crs) == POINTS
    known = {name: value for name, value in RAW["rpc"].items() if not name.startswith("x-")}
    assert rpcs_document(rpcs_of(known)) == known


def test_colors_of_classes_become_the_color_map():
    classes = [
        {"value": 1, "name": "tree", "color": "006400"},
        {"value": 2, "name": "x"},
        {"value": 0, "name": "y", "color": "0000ff80"},
    ]
    assert received(CLASSES, classes=classes).color_map == {1: (0, 100, 0, 255), 0: (0, 0, 255, 128)}


def test_colors_of_classes_go_before_those_of_the_file_which_stay_for_other_values():
    file = Image(CLASSES.array, color_map={1: (1, 1, 1, 255), 5: (5, 5, 5, 255)})
    found = received(file, classes=[{"value": 1, "name": "tree", "color": "006400"}]).color_map or {}
    assert (found[1], found[5]) == ((0, 100, 0, 255), (5, 5, 5, 255))


def test_classes_without_colors_leave_the_image_as_it_is():
    assert received(CLASSES, classes=[{"value": 1, "name": "tree"}]).color_map is None


@pytest.mark.parametrize(
    ("file", "document", "pointer", "message"),
    [
        (BARE, {"classes": [{"value": 1, "name": "a"}]}, "/classes", "the file has 3 of uint16"),
        (BARE, {"bitsPerSample": 17}, "/bitsPerSample", "16 bits, not 17"),
        (
            BARE,
            {"bands": [{"name": "a"}, {"name": "b", "bitsPerSample": 32}, {"name": "c"}]},
            "/bands/1/bitsPerSample",
            "16 bits, not 32",
        ),
    ],
)
def test_an_object_that_contradicts_its_file_is_refused(
    file: Image, document: dict[str, object], pointer: str, message: str
):
    with pytest.raises(UndecodableImage, match=message) as refused:
        received(file, **document)
    assert refused.value.pointer == pointer


def test_a_class_that_no_sample_can_be_is_refused():
    with pytest.raises(MalformedValue, match="No uint8 sample can be 256") as refused:
        received(CLASSES, classes=[{"value": 0, "name": "a"}, {"value": 256, "name": "b"}])
    assert refused.value.pointer == "/classes/1/value"


def test_bits_that_a_sample_has_are_accepted():
    bands = [{"name": name, "bitsPerSample": 12} for name in "abc"]
    np.testing.assert_array_equal(received(bitsPerSample=16, bands=bands, overviews=[2, 4]).array, BARE.array)
