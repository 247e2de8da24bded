"""Whatever is valid can be matched: mutants of the examples, each against the other."""

import json
from itertools import islice
from typing import Any

import pytest
from registry.mutants import mutants

from swath_registry.matching import apply_steps, match
from swath_registry.validation import Validator
from swath_schemas import PUBLISHED

COUNT = 1500


def examples(name: str) -> list[Any]:
    folder = PUBLISHED.path(PUBLISHED.resolve(name)).parent / "examples" / "valid"
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]


def valid_mutants(name: str, seed: int) -> list[Any]:
    validator = Validator(name)
    every = [one for example in examples(name) for one in islice(mutants(example, COUNT, seed), COUNT)]
    return [one for one in every if validator.is_valid(one)]


@pytest.mark.parametrize("version", ["1.0.0", "1.1.0"])
def test_every_valid_mutant_is_judged_and_told_in_words(version: str):
    images, capabilities = valid_mutants(f"image@{version}", 1), valid_mutants(f"imageCapabilities@{version}", 2)
    assert min(len(images), len(capabilities)) > 200
    for index in range(max(len(images), len(capabilities))):
        image, wanted = images[index % len(images)], capabilities[index * 7 % len(capabilities)]
        found = match(image, wanted)
        assert json.dumps(found.as_json())
        assert all(reason.message for reason in found.reasons)
        apply_steps(image, found.steps)
