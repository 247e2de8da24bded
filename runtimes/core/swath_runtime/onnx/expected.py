"""What is known of a model's calls before the first one comes: how many at once, and of which shapes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from swath_algorithm.nocode import DIMENSIONS, is_without_code

MOST_SAMPLES = 1 << 26
"""Batches of more samples are left out of the warm-up: maxSize may be a bound that no batch reaches."""

Shape = tuple[int | None, ...]  # None where a side is free


@dataclass(frozen=True)
class Expected:
    """What is known of the calls.

    Attributes:
        calls: of the model at once, in one process.
        processes: of one worker of the server, each with a model of its own.
        name: the graph's input that the description speaks of; "": its first.
        axes: what that input's axes are; none: nothing is said of them.
        sides: axis -> its length, where the description says it.
        batches: how many items are given to the graph at once: one, and those that it prefers and takes at most.
    """

    calls: int = 1
    processes: int = 1
    name: str = ""
    axes: Sequence[str] = ()
    sides: Mapping[str, int] | None = None
    batches: tuple[int, ...] = (1,)


UNKNOWN = Expected()


def expected_of(describe: Mapping[str, Any]) -> Expected:
    """What a description says of its model's calls; of their shapes only where it is an algorithm without code."""
    execution = describe["execution"]
    at_once: int = execution["concurrency"]
    calls, processes = (1, at_once) if execution.get("isolation") == "process" else (at_once, 1)
    if not is_without_code(describe):
        return Expected(calls, processes)
    said, tiling = describe["model"]["input"], describe["model"].get("tiling", {})
    sides = {axis: tiling[axis] for axis in ("height", "width") if axis in tiling}
    if "bands" in said:
        sides["bands"] = len(said["bands"])
    batch: Mapping[str, int] = describe.get("batch", {}) if describe.get("batched") else {}
    batches = tuple(sorted({1, batch.get("preferredSize", 1), batch.get("maxSize", 1)}))
    axes = tuple(said.get("dimOrder", DIMENSIONS))
    return Expected(calls, processes, said.get("name", ""), axes, sides, batches)


def shapes_of(inputs: Mapping[str, Shape], expected: Expected) -> list[dict[str, Shape]]:
    """Shapes of all inputs, once for each size of batch; None where neither the graph nor the description says a side.

    One item comes first, whatever its size; a batch that is too large is left out.

    Args:
        inputs: name -> shape as the graph has it.
        expected: what is known besides.
    """
    named = expected.name or next(iter(inputs), "")
    found: list[dict[str, Shape]] = []
    for batch in expected.batches:
        sides = {**(expected.sides or {}), "batch": batch}
        shapes = {
            name: _filled(shape, expected.axes, sides) if name == named else shape for name, shape in inputs.items()
        }
        samples = sum(math.prod(side or 1 for side in shape) for shape in shapes.values())
        if shapes not in found and (not found or samples <= MOST_SAMPLES):
            found.append(shapes)
    return found


def shape_text(name: str, shape: Shape) -> str:
    """`x 1×4×512×512`; `?` for a free side."""
    return f"{name} {'×'.join('?' if side is None else str(side) for side in shape)}".rstrip()


def _filled(shape: Shape, axes: Sequence[str], sides: Mapping[str, int]) -> Shape:
    if len(axes) != len(shape):
        return shape
    return tuple(sides.get(axis) if side is None else side for axis, side in zip(axes, shape, strict=True))
