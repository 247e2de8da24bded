"""The fake algorithms do what other tests rely on, and their folders are valid where they should be."""

import logging
import threading
from pathlib import Path

import numpy as np
import pytest
from algorithms.conftest import load

from swath_algorithm.folder import open_algorithm
from swath_converters import Image
from swath_runtime import Cancelled, Context

FAKES = Path(__file__).parents[1] / "fakes"


def process(name: str):
    return load(FAKES / name / "process.py").process


@pytest.mark.parametrize("name", ["echo", "always_fails", "too_slow", "wrong_type", "no_code", "isolated"])
def test_a_fake_is_a_valid_folder(name):
    assert open_algorithm(FAKES / name).name == name.replace("_", "-")


def test_echo_gives_back_the_very_image():
    image = Image(np.zeros((5, 2, 3), np.int8))
    assert process("echo")(image)["image"] is image


def test_always_fails_says_its_secret_and_its_input():
    module = load(FAKES / "always_fails" / "process.py")
    with pytest.raises(RuntimeError, match=module.MARKER) as caught:
        module.process("my payload")
    assert "my payload" in str(caught.value)


def test_too_slow_ends_when_it_is_cancelled():
    context = Context("cpu", logging.getLogger("test"))
    threading.Timer(0.01, context.cancel).start()
    with pytest.raises(Cancelled):
        process("too_slow")(60.0, context)


def test_wrong_type_gives_a_string():
    assert isinstance(process("wrong_type")()["value"], str)
