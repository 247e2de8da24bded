"""Algorithm folders of the tests' own: a small good one, changed as a test asks."""

import textwrap
from pathlib import Path

_DESCRIBE = """\
name: twice
title: Twice
version: 1.2.0
family: test
description: Twice a number.
organization: Swath
email: tests@swath.example
resources: {cpu: 1, ram: 268435456}
input:
  type: object
  properties:
    number: {type: number, description: Any number.}
  required: [number]
output:
  type: object
  properties:
    number: {type: number, description: Twice the number.}
  required: [number]
"""
_PROCESS = '''\
"""Twice a number."""


def process(number: float) -> dict:
    """The number and itself, added."""
    return {"number": number + number}
'''
_CASE = {"input.json": '{"number": 21}', "expected.json": '{"number": 42}'}


def folder_with(place: Path, *, more: str = "", files: dict[str, str] | None = None, process: str = _PROCESS) -> Path:
    """A folder that doubles numbers; `more` is added to describe.yml, `files` beside it."""
    written = {
        "describe.yml": _DESCRIBE + textwrap.dedent(more),
        "process.py": process,
        **{f"examples/answer/{name}": text for name, text in _CASE.items()},
        **(files or {}),
    }
    for name, text in written.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return place
