"""What must be so of every image and every service."""

import random
from collections import Counter

import pytest
from registry.matching import making

from swath_registry.matching import Truth, apply_steps, match
from swath_registry.validation import Validator

CASES = 400
SEEDS = range(6)
ORDER = {"reject": 0, "unknown": 1, "accept": 2}


@pytest.fixture(params=SEEDS)
def source(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.param)  # noqa: S311


def test_what_is_made_here_is_valid(source: random.Random):
    images, capabilities = Validator("image@1"), Validator("imageCapabilities@1")
    for _ in range(50):
        one, more = making.image_and_more(source)
        wide = making.capabilities(source)
        for validator, document in (
            (images, one),
            (images, more),
            (capabilities, wide),
            (capabilities, making.narrowed(source, wide)),
        ):
            assert validator.violations(document) == []


def test_every_verdict_comes_up(source: random.Random):
    found = Counter(match(making.image(source), making.capabilities(source, 3)).verdict for _ in range(CASES))
    assert min(found[verdict] for verdict in ORDER) > CASES / 50


def test_narrowing_capabilities_never_makes_an_image_more_welcome(source: random.Random):
    for _ in range(CASES):
        image, wide = making.image(source), making.capabilities(source)
        narrow = making.narrowed(source, wide)
        before, after = match(image, wide), match(image, narrow)
        assert ORDER[after.verdict] <= ORDER[before.verdict], (image, wide, narrow)


def test_no_single_filter_grows_more_welcoming_when_it_is_narrowed(source: random.Random):
    for _ in range(CASES):
        image, wide = making.image(source), making.capabilities(source, 1)
        narrow = making.narrowed(source, wide)
        truths = {reason.filter: reason.truth for reason in match(image, wide).reasons}
        for reason in match(image, narrow).reasons:
            assert reason.truth <= truths.get(reason.filter, Truth.HOLDS), (image, wide, narrow)


def test_saying_more_of_an_image_never_makes_an_accepted_one_undecided(source: random.Random):
    for _ in range(CASES):
        little, more = making.image_and_more(source)
        capabilities = making.capabilities(source) | {"onMissing": "unknown", "onMissingOf": {"gsd": "unknown"}}
        before = {reason.filter: reason.truth for reason in match(little, capabilities).reasons}
        for reason in match(more, capabilities).reasons:
            if before[reason.filter] is not Truth.UNKNOWN:
                assert reason.truth is before[reason.filter], (reason, little, more)


def test_the_order_of_members_changes_nothing(source: random.Random):
    for _ in range(CASES):
        image, capabilities = making.image(source), making.capabilities(source)
        shuffled = [dict(source.sample(list(one.items()), len(one))) for one in (image, capabilities)]
        assert match(*shuffled).as_json() == match(image, capabilities).as_json()


def test_after_its_steps_an_image_is_what_the_match_says(source: random.Random):
    planned = 0
    for _ in range(CASES * 3):
        image, capabilities = making.image(source), making.capabilities(source, 4)
        found = match(image, capabilities)
        if not found.steps:
            continue
        planned += 1
        again = match(apply_steps(image, found.steps), capabilities)
        assert found.after != "reject"
        assert all(reason.truth is not Truth.FAILS for reason in again.reasons), (image, capabilities, found.steps)
        is_told = all(step.operation != "reproject" for step in found.steps)
        if found.after == "accept" and is_told:
            assert again.verdict == "accept", (image, capabilities, found.steps)
        if found.after == "unknown":
            assert any(reason.truth is Truth.UNKNOWN for reason in again.reasons), (image, capabilities, found.steps)
    assert planned > CASES / 10


def test_an_image_that_fits_needs_no_steps_and_one_that_does_not_has_steps_or_obstacles(source: random.Random):
    for _ in range(CASES):
        found = match(making.image(source), making.capabilities(source))
        assert bool(found.steps or found.obstacles) is (found.verdict == "reject")
        assert not (found.steps and found.obstacles)


def test_a_match_leaves_its_documents_as_they_are(source: random.Random):
    for _ in range(CASES // 4):
        image, capabilities = making.image(source), making.capabilities(source)
        before = repr((image, capabilities))
        found = match(image, capabilities)
        apply_steps(image, found.steps)
        assert repr((image, capabilities)) == before


def test_documents_after_the_steps_are_valid(source: random.Random):
    validator = Validator("image@1")
    for _ in range(CASES):
        image = making.image(source)
        found = match(image, making.capabilities(source, 3))
        if found.steps:
            assert validator.violations(apply_steps(image, found.steps)) == []
