"""Detections out of what a graph writes: boxes, scores and classes; of two that overlap the weaker is dropped."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Outputs = Mapping[str, NDArray[Any]]
Activated = Callable[[NDArray[Any]], NDArray[Any]]


@dataclass(frozen=True)
class Boxes:
    """Detections of a tile or an image.

    Attributes:
        edges: float64 (n, 4): left, top, right, bottom, px.
        scores: float64 (n,), 0–1.
        labels: int64 (n,): place of the class in `model.output.classes`.
    """

    edges: NDArray[np.float64]
    scores: NDArray[np.float64]
    labels: NDArray[np.int64]

    def chosen(self, which: NDArray[Any]) -> "Boxes":
        """Some of them, by index or by a mask."""
        return Boxes(self.edges[which], self.scores[which], self.labels[which])

    def moved(self, left: int, top: int) -> "Boxes":
        """The same in an image of which the tile is a part."""
        return Boxes(self.edges + np.array([left, top, left, top]), self.scores, self.labels)


def together(all_boxes: Sequence[Boxes]) -> Boxes:
    """Those of several tiles as one."""
    return Boxes(
        np.concatenate([np.zeros((0, 4)), *(one.edges for one in all_boxes)]),
        np.concatenate([np.zeros(0), *(one.scores for one in all_boxes)]),
        np.concatenate([np.zeros(0, np.int64), *(one.labels for one in all_boxes)]),
    )


def boxes_of(
    outputs: Outputs, name: str, said: Mapping[str, Any], size: tuple[int, int], activated: Activated
) -> Boxes:
    """The boxes of one tile.

    Args:
        outputs: what the graph gave, by name.
        name: the output that holds the boxes.
        said: `model.output.boxes`.
        size: width and height of the tile, px.
        activated: what turns scores into probabilities.

    Raises:
        ValueError: the outputs are not of the form that is said.
    """
    if "scores" in said:
        edges = _of_first(outputs[name])
        scores = activated(_of_first(outputs[said["scores"]]))
        labels = _of_first(outputs[said["labels"]]).astype(np.int64) if "labels" in said else None
    else:
        together_ = _of_first(outputs[name]).T  # (n, 4 + classes)
        edges, scores, labels = together_[:, :4], activated(together_[:, 4:]), None
    if edges.ndim != 2 or edges.shape[1] != 4 or len(scores) != len(edges):
        raise ValueError(f"boxes of {edges.shape} with scores of {scores.shape} are none")
    if labels is None:
        scores = scores if scores.ndim == 2 else scores[:, None]
        labels = scores.argmax(axis=1) if scores.shape[1] else np.zeros(len(scores), np.int64)
    if scores.ndim == 2:
        scores = np.take_along_axis(scores, labels[:, None], axis=1)[:, 0]
    return _whole(Boxes(_edges(edges.astype(np.float64), said, size), scores.astype(np.float64), labels))


def distinct(boxes: Boxes, threshold: float, maximum_overlap: float) -> Boxes:
    """Those of at least the threshold, the strongest first; of two of a class that overlap more the weaker is dropped.

    Source: greedy non-maximum suppression, as R. Girshick et al. (CVPR 2014) have it.
    """
    boxes = boxes.chosen(boxes.scores >= threshold)
    boxes = boxes.chosen(np.argsort(-boxes.scores, kind="stable"))
    kept: list[int] = []
    left = np.arange(len(boxes.scores))
    while left.size:
        first, left = int(left[0]), left[1:]
        kept.append(first)
        rivals = (boxes.labels[left] == boxes.labels[first]) & (
            _overlap(boxes.edges[first], boxes.edges[left]) >= maximum_overlap
        )
        left = left[~rivals]
    return boxes.chosen(np.array(kept, np.int64))


def _of_first(output: NDArray[Any]) -> NDArray[Any]:
    """Without the axis of the batch, which holds one."""
    if output.ndim < 2 or output.shape[0] != 1:
        raise ValueError(f"an output of {output.shape} is not that of one image")
    return output[0]


def _edges(edges: NDArray[np.float64], said: Mapping[str, Any], size: tuple[int, int]) -> NDArray[np.float64]:
    """Left, top, right, bottom in pixels of the tile, cut at its edges."""
    if said.get("format", "xyxy") == "cxcywh":
        half = edges[:, 2:] / 2
        edges = np.concatenate([edges[:, :2] - half, edges[:, :2] + half], axis=1)
    if said.get("coordinates", "pixel") == "normalized":
        edges = edges * np.array([*size, *size], np.float64)
    return np.clip(edges, 0.0, np.array([*size, *size], np.float64))


def _whole(boxes: Boxes) -> Boxes:
    """Without those that are not numbers or have no area."""
    width, height = (boxes.edges[:, axis + 2] - boxes.edges[:, axis] for axis in (0, 1))
    return boxes.chosen(np.isfinite(boxes.edges).all(axis=1) & np.isfinite(boxes.scores) & (width > 0) & (height > 0))


def _overlap(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Intersection over union of a box with others, 0–1."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    shared = np.prod(np.clip(high - low, 0.0, None), axis=1)
    areas = np.prod(others[:, 2:] - others[:, :2], axis=1) + np.prod(one[2:] - one[:2])
    return shared / (areas - shared)
