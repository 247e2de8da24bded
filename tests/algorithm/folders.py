"""A small good folder, and how to spoil it: `spoiled` puts one edit into it."""

from collections.abc import Mapping
from pathlib import Path

DESCRIBE = """\
name: probe
title: Probe
version: 1.0.0
family: test
description: A mask, and how much of it is set.
organization: Swath
email: tests@swath.example
resources:
  cpu: 1
  ram: 268435456
input:
  type: object
  properties:
    image:
      $ref: image/1
    threshold:
      type: number
      default: 0.5
  required: [image]
output:
  type: object
  properties:
    mask:
      $ref: image/1
    fraction:
      type: number
  required: [mask, fraction]
"""
PROCESS = """\
from swath_converters import Image


def process(image: Image, threshold: float) -> dict:
    return {"mask": image, "fraction": threshold}
"""
INPUT = '{\n  "image": {"href": "image.tif"}\n}\n'
EXPECTED = '{\n  "fraction": 0.5\n}\n'
TOLERANCES = '{\n  "fraction": {"abs": 0.1}\n}\n'
GOOD: Mapping[str, str] = {
    "describe.yml": DESCRIBE,
    "process.py": PROCESS,
    "examples/one/input.json": INPUT,
    "examples/one/expected.json": EXPECTED,
    "examples/one/tolerances.json": TOLERANCES,
    "examples/one/image.tif": "II*\0",
}


def good(parent: Path) -> Path:
    """A folder without a mistake."""
    folder = parent / "probe"
    for name, text in GOOD.items():
        write(folder / name, text.encode())
    return folder


def spoiled(parent: Path, file: str, old: str, new: str | bytes | None) -> Path:
    """The good folder with `old` in one file made `new`; the whole file where `old` is empty, no file for None."""
    folder = good(parent)
    if new is None:
        (folder / file).unlink()
    elif isinstance(new, bytes) or not old:
        write(folder / file, new if isinstance(new, bytes) else new.encode())
    else:
        assert GOOD[file].count(old) >= 1, f"{old!r} does not stand in {file}"
        write(folder / file, GOOD[file].replace(old, new, 1).encode())
    return folder


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
