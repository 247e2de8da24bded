"""An algorithm whose calls run in a process of their own is served like any other, whatever becomes of the process."""

import numpy as np
import pytest
from contract.conftest import make_image, tiff
from contract.forms import image_in, post_json, post_raw
from contract.test_bad_input import problem


@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "float64"])
def test_pixels_and_place_come_back_intact_from_the_process(serve, dtype):
    image = make_image(dtype, nodata=3, band_names=("B02", "B03", "B04"), units=("1", "1", "K"))
    found = image_in(post_raw(serve("isolated"), tiff(image), accept="image/tiff").expect(200))
    np.testing.assert_array_equal(found.array, image.array + image.dtype.type(1))
    for name in ("crs", "transform", "nodata", "band_names", "units", "dtype"):
        assert getattr(found, name) == getattr(image, name), name


def test_images_of_growing_and_shrinking_sizes_come_back_intact(serve):
    for count in (1, 200, 3, 400, 1):
        image = make_image("uint16", count)
        found = image_in(post_raw(serve("isolated"), tiff(image), accept="image/tiff").expect(200))
        np.testing.assert_array_equal(found.array, image.array + 1)


@pytest.mark.parametrize("what", ["abort", "segfault", "killed", "leave"])
def test_a_process_that_dies_fails_its_call_and_no_other(serve, what):
    found = problem(post_json(serve("isolated"), {"what": what}), 500)
    assert found["type"].endswith("/algorithm-failed")
    assert "process ended" in found["message"]
    assert "Try again" in found["hint"]
    assert post_json(serve("isolated"), {"what": "answer"}).expect(200).json == {"what": "answer"}


@pytest.mark.parametrize("what", ["exit", "raise"])
def test_what_an_algorithm_raises_ends_its_call_only_and_is_not_told(serve, what):
    answer = post_json(serve("isolated"), {"what": what})
    assert problem(answer, 500)["type"].endswith("/algorithm-failed")
    assert b"secret" not in answer.body
    assert b"process.py" not in answer.body
    post_json(serve("isolated"), {"what": "answer"}).expect(200)


def test_an_algorithms_own_refusal_is_the_callers_to_read(serve):
    found = problem(post_json(serve("isolated"), {"what": "reject"}), 422)
    assert found["message"] == "There is no snow in it."
    assert found["errors"] == [{"pointer": "/what", "message": "There is no snow in it."}]


def test_a_missing_band_is_named_with_the_input_that_lacks_it(serve):
    image = tiff(make_image(band_names=("B02", "B03", "B04")))
    found = problem(post_raw(serve("isolated"), image, query="?what=band"), 422)
    assert "'B99'" in found["message"]
    assert [one["pointer"] for one in found["errors"]] == ["/image"]


@pytest.mark.parametrize("what", ["fork", "leftover", "print", "late", "odd"])
def test_what_an_algorithm_does_beside_its_call_is_no_part_of_the_answer(serve, what):
    assert post_json(serve("isolated"), {"what": what}).expect(200).json == {"what": what}
    assert post_json(serve("isolated"), {"what": "answer"}).expect(200).json == {"what": "answer"}
