"""The README's examples run, and the type that it adds is one."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from swath_converters import Policy
from swath_converters.errors import MalformedValue, NotJson
from swath_converters.image import ENCODABLE, ENCODABLE_BY_NAME

README = Path(__file__).parents[2] / "converters" / "README.md"


def blocks() -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)


def run(block: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(block, str(README), "exec"), names)  # noqa: S102
    return names


def test_the_readmes_examples_run():
    assert len(blocks()) == 2
    for block in blocks():
        run(block)


def test_the_type_that_the_readme_adds_is_a_converter():
    added = run(blocks()[1])
    assert isinstance(added["memory"], str)
    memory = added["from_wire"]([0.5, 1], {}, Policy())
    assert memory.dtype == np.float32
    assert added["to_wire"](memory) == [0.5, 1]
    with pytest.raises(MalformedValue):
        added["from_wire"]([], {}, Policy())
    with pytest.raises(NotJson) as refused:
        added["to_wire"](np.array([1, np.nan]))
    assert refused.value.pointer == "/1"


def test_the_readme_lists_every_media_type_that_is_written_in_their_order():
    table = README.read_text().partition("## Media types")[2].partition("\n\n- ")[0]
    assert tuple(re.findall(r"^\| `([a-z]+/[a-z0-9-]+)`", table, re.MULTILINE)) == (*ENCODABLE, *ENCODABLE_BY_NAME)
