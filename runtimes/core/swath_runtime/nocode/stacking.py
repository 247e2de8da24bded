"""Tiles of one or several images, run through a graph several at a time."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_converters import Image
from swath_runtime.context import Context
from swath_runtime.nocode.tiles import Tiling, Window

Raw = dict[str, NDArray[Any]]
"""What a graph gives, by name."""


class GraphMismatch(RuntimeError):
    """The graph gave something of another size or form than describe.yml says."""


@dataclass(frozen=True)
class Subject:
    """An image that is to be looked at, and how.

    Attributes:
        image: the image.
        bands: indices of those that the graph takes, in its order.
        threshold: probability from which something counts, 0–1.
        tiling: the tiles that the graph sees of it.
    """

    image: Image
    bands: list[int]
    threshold: float
    tiling: Tiling

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of each of its tiles as the graph sees it: (height, width, bands)."""
        return self.tiling.height, self.tiling.width, len(self.bands)

    def windows(self) -> Iterator[Window]:
        """Its tiles, row by row, cut at its edges."""
        height, width = self.image.height, self.image.width
        for top in self.tiling.rows(height):
            for left in self.tiling.columns(width):
                bottom, right = min(top + self.tiling.height, height), min(left + self.tiling.width, width)
                yield slice(top, bottom), slice(left, right)


class Stacking:
    """Runs tiles through a graph, at most so many at a time.

    Args:
        run: outputs of the graph, of what stands for its input.
        values: what the graph sees of a tile, float32 (bands, rows, columns).
        to_graph: the axes (batch, bands, height, width) in the graph's order.
        dtype: of the graph's input.
        batch_axes: where the batch is, of each output by name; 0 where it isn't named.
        most: tiles of one run.
    """

    def __init__(
        self,
        run: Callable[[NDArray[Any]], Raw],
        values: Callable[[Subject, Window], NDArray[np.float32]],
        to_graph: Sequence[int],
        dtype: np.dtype[Any],
        batch_axes: Mapping[str, int],
        most: int,
    ) -> None:
        self._run, self._values, self._batch_axes = run, values, batch_axes
        self._to_graph, self._dtype, self._most = to_graph, dtype, most

    def outputs(self, subjects: Sequence[Subject], context: Context) -> Generator[Raw]:
        """What the graph gives for each tile of each subject, one after the other; its batch axis holds one.

        Tells the context how far it is, and heeds it between runs. Tiles of one size, also of several images, go
        together.
        """
        tiles = [(subject, window) for subject in subjects for window in subject.windows()]
        done = 0
        for some in _of_one_size(tiles, self._most):
            context.check_cancelled()
            outputs = self._run(self._stacked(some))
            for name, output in outputs.items():
                axis = self._batch_axes.get(name, 0)
                if len(some) > 1 and (output.ndim <= axis or output.shape[axis] != len(some)):
                    raise GraphMismatch(f"the model gave {output.shape} for {len(some)} tiles at once")
            done += len(some)
            context.progress(done / len(tiles), "running the model")
            for index in range(len(some)):
                yield outputs if len(some) == 1 else {name: self._one(name, outputs, index) for name in outputs}

    def _one(self, name: str, outputs: Raw, index: int) -> NDArray[Any]:
        axis = self._batch_axes.get(name, 0)
        return outputs[name][(slice(None),) * axis + (slice(index, index + 1),)]

    def _stacked(self, tiles: Sequence[tuple[Subject, Window]]) -> NDArray[Any]:
        """What the graph takes for these; a tile that is smaller than the others is continued with its edge."""
        tiling = tiles[0][0].tiling
        stack: NDArray[np.float32] | None = None
        for index, (subject, window) in enumerate(tiles):
            values = self._values(subject, window)
            high, wide = tiling.height - values.shape[1], tiling.width - values.shape[2]
            if high or wide:
                values = np.pad(values, ((0, 0), (0, high), (0, wide)), mode="edge")
            if stack is None:
                stack = values[None] if len(tiles) == 1 else np.empty((len(tiles), *values.shape), np.float32)
            if len(tiles) > 1:
                stack[index] = values
        assert stack is not None  # noqa: S101 - there is at least one tile
        return np.ascontiguousarray(stack.transpose(self._to_graph), self._dtype)


def _of_one_size(tiles: Iterable[tuple[Subject, Window]], most: int) -> Iterator[list[tuple[Subject, Window]]]:
    """The tiles in their order, in groups whose members the graph can see at once."""
    group: list[tuple[Subject, Window]] = []
    for tile in tiles:
        if group and (len(group) == most or not _are_alike(group[0][0], tile[0])):
            yield group
            group = []
        group.append(tile)
    if group:
        yield group


def _are_alike(one: Subject, other: Subject) -> bool:
    return one.shape == other.shape
