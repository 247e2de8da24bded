"""A bounded part of the fuzzing; `tests/converters/fuzz/run.py` is the whole of it."""

import pytest
from converters.fuzz.cases import case
from converters.fuzz.intact import intact_files
from converters.fuzz.run import Totals, run_cases

from swath_converters import Policy
from swath_converters.image import decode_image

CASES = 240


@pytest.mark.parametrize("file", intact_files(), ids=lambda file: file.name)
def test_what_is_changed_was_whole(file):
    assert decode_image(file.content, Policy()).shape == (3, 76, 90)


def test_damaged_files_end_no_process_and_never_show_pixels_that_nobody_sent():
    """Refused, the very same pixels, or others where the format has nothing to tell by; alike in any memory."""
    totals = Totals()
    run_cases(1, CASES, totals)
    assert totals.failures == []
    assert sum(totals.outcomes.values()) == CASES
    assert totals.outcomes["refused"] > CASES / 3
    assert sum(bool(file.guarded) for file in intact_files()) >= 4
    guarded = {file.name for file in intact_files() if file.is_guarded}
    assert guarded >= {"png", "png 16", "png interlaced"}


def test_cases_are_the_same_every_time():
    assert [case(index)[1] for index in range(40)] == [case(index)[1] for index in range(40)]
