"""What docs/matching.md says is so."""

import re
from pathlib import Path
from typing import Any

from swath_registry.matching.filters import FILTERS
from swath_registry.matching.planning import REPAIRABLE
from swath_registry.matching.steps import OPERATIONS

DOCS = (Path(__file__).parents[3] / "docs" / "matching.md").read_text()


def test_the_examples_of_the_docs_run():
    (block,) = re.findall(r"^```python\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)
    exec(compile(block, "docs/matching.md", "exec"), {})  # noqa: S102


def test_the_table_has_every_filter_and_its_repair():
    rows: dict[str, Any] = {}
    table = DOCS.split("## Filters")[1].split("## Steps")[0]
    for names, _, repair, _ in re.findall(r"^\| (.*?) \| (.*?) \| (.*?) \|(.*)\|$", table, re.MULTILINE):
        rows |= {name: re.findall(r"`(\w+)`", repair) for name in re.findall(r"`(\w+)`", names) if name in FILTERS}
    assert {*rows} == {*FILTERS}
    assert {name for name, repairs in rows.items() if repairs} == REPAIRABLE
    assert {repair for repairs in rows.values() for repair in repairs} == {*OPERATIONS}


def test_the_steps_are_listed_in_their_order():
    (listed,) = re.findall(r"done in this order: (.*?)\.\s", DOCS, re.DOTALL)
    assert re.findall(r"`(\w+)`", listed) == [*OPERATIONS]
