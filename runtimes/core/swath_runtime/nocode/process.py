"""The `process` of an algorithm without code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_algorithm.agreement import kind_of
from swath_algorithm.nocode import ARGMAX, BOXES, DIMENSIONS, PROBABILITIES, Use, use_of
from swath_converters import Image
from swath_converters.detection import Detection, to_wire
from swath_converters.errors import BandMissing
from swath_runtime.context import Context, InputRejected
from swath_runtime.nocode.boxes import Boxes, boxes_of, distinct, together
from swath_runtime.nocode.scaling import band_indices, scaled, valid
from swath_runtime.nocode.stacking import GraphMismatch, Raw, Stacking, Subject
from swath_runtime.nocode.tiles import Tiling, Window, blended
from swath_runtime.onnx import OnnxModel

NODATA = 255  # of classes and masks; `classes` of describe.yml have values up to 254
Outputs = Iterator[Raw]
"""What the graph gives for each tile that is still to come."""


class NoCode:
    """An image in, what the graph makes of it out, as `model` of describe.yml says; at most `most` tiles at once."""

    def __init__(self, describe: Mapping[str, Any], model: OnnxModel, most: int = 1) -> None:
        self._use, self._model = use_of(describe), model
        self._input: Mapping[str, Any] = self._use.model["input"]
        self._output: Mapping[str, Any] = self._use.model["output"]
        self._as_list = kind_of(describe["output"]["properties"][self._use.output]) == "array"
        self._name: str = self._input.get("name") or next(iter(model.inputs))
        order: list[str] = list(self._input.get("dimOrder", DIMENSIONS))
        self._to_graph = [DIMENSIONS.index(axis) for axis in order]
        sides = dict(zip(order, model.inputs[self._name][1], strict=True))
        self._fixed = (sides["height"], sides["width"])
        self._dtype = np.dtype(self._input.get("dataType", "float32"))
        output_order: list[str] = list(self._output.get("dimOrder", DIMENSIONS))
        name = self._output.get("name") or model.outputs[0]
        axes = {} if self._use.kind == BOXES else {name: output_order.index("batch")}
        self._stacking = Stacking(self._run, self._values, self._to_graph, self._dtype, axes, most)

    def process(self, _context: Context, **inputs: Any) -> dict[str, Any]:
        """The one output by name.

        Raises:
            BandMissing: the image lacks a band that the graph takes.
            InputRejected: it has more or fewer bands than the graph takes, or complex samples.
            GraphMismatch: the graph gave something of another size than it was given.
        """
        (result,) = self.process_batch([inputs], _context)
        if isinstance(result, Exception):
            raise result
        return result

    def process_batch(self, items: Sequence[Mapping[str, Any]], _context: Context) -> list[dict[str, Any] | Exception]:
        """The outputs of each item; or the BandMissing or InputRejected that says why there are none.

        Raises GraphMismatch, for all of them.
        """
        subjects = [self._subject(one) for one in items]
        alike = sorted((one for one in subjects if isinstance(one, Subject)), key=lambda one: one.shape)
        outputs = self._stacking.outputs(alike, _context)
        results = {id(one): {self._use.output: self._result(one, outputs)} for one in alike}
        return [one if isinstance(one, Exception) else results[id(one)] for one in subjects]

    def _subject(self, inputs: Mapping[str, Any]) -> Subject | Exception:
        image: Image = inputs[self._use.image]
        pointer = f"/{self._use.image}"
        if image.dtype.kind == "c":
            return InputRejected(f"The image holds {image.dtype}; the model takes real numbers.", pointer)
        try:
            bands = band_indices(image, self._use.bands, pointer)
        except BandMissing as error:
            return error
        threshold = float(inputs.get(self._use.threshold_input or "", self._output.get("threshold", 0.5)))
        return Subject(image, bands, threshold, self._tiling(image))

    def _result(self, subject: Subject, outputs: Outputs) -> Any:
        return self._detections(subject, outputs) if self._use.kind == BOXES else self._picture(subject, outputs)

    def _run(self, given: NDArray[Any]) -> Raw:
        return self._model.run({self._name: given})

    def _values(self, subject: Subject, window: Window) -> NDArray[np.float32]:
        fill = self._input.get("nodata", 0.0)
        return scaled(subject.image, window, subject.bands, self._input.get("valueScaling", ()), fill)

    def _probabilities(self, outputs: Raw, window: Window, tiling: Tiling) -> NDArray[np.float32]:
        """Probabilities of a window, float32 (classes, rows, columns)."""
        output = outputs[self._output.get("name") or self._model.outputs[0]]
        order = self._output.get("dimOrder", DIMENSIONS)
        if output.ndim != len(order):
            raise GraphMismatch(f"the model's output has {output.ndim} axes, not {len(order)}")
        found = output.transpose([order.index(axis) for axis in DIMENSIONS])[0]
        if found.shape[1:] != (tiling.height, tiling.width):
            raise GraphMismatch(f"the model gave {found.shape[1:]} pixels for {(tiling.height, tiling.width)}")
        rows, columns = (side.stop - side.start for side in window)
        return self._activated(found[:, :rows, :columns].astype(np.float32), axis=0)

    def _boxes(self, outputs: Raw, tiling: Tiling) -> Boxes:
        """Detections of a tile, in its pixels."""
        said: Mapping[str, Any] = self._output["boxes"]
        others = {said.get("scores"), said.get("labels")}
        name = self._output.get("name") or next(one for one in self._model.outputs if one not in others)
        try:
            size = (tiling.width, tiling.height)
            return boxes_of(outputs, name, said, size, partial(self._activated, axis=-1))
        except ValueError as error:
            raise GraphMismatch(str(error)) from error

    def _tiling(self, image: Image) -> Tiling:
        said = self._use.model.get("tiling")
        if said:
            return Tiling(said["height"], said["width"], said.get("overlap", 0))
        return Tiling(self._fixed[0] or image.height, self._fixed[1] or image.width, 0)

    def _activated(self, values: NDArray[Any], axis: int) -> NDArray[Any]:
        match self._output.get("activation", "none"):
            case "softmax":
                powers = np.exp(values - values.max(axis=axis, keepdims=True))
                return powers / powers.sum(axis=axis, keepdims=True)
            case "sigmoid":
                return 1 / (1 + np.exp(-np.clip(values, -80, 80)))  # beyond, float32 has no other answer
            case _:
                return values

    def _picture(self, subject: Subject, outputs: Outputs) -> Image:
        image, tiling = subject.image, subject.tiling
        result: NDArray[Any] | None = None
        strips = blended(
            tiling, image.height, image.width, lambda window: self._probabilities(next(outputs), window, tiling)
        )
        for rows, probabilities in strips:
            strip = self._finished(probabilities, subject.threshold)
            strip[:, ~valid(image, (rows, slice(None)), subject.bands)] = np.nan if strip.dtype.kind == "f" else NODATA
            if result is None:
                result = np.empty((strip.shape[0], image.height, image.width), strip.dtype)
            result[:, rows] = strip
        assert result is not None  # noqa: S101 - an image has at least one row
        return _named(image, result, self._use)

    def _finished(self, probabilities: NDArray[np.float32], threshold: float) -> NDArray[Any]:
        if self._use.kind == PROBABILITIES:
            return probabilities.copy()
        if self._use.kind == ARGMAX:
            return _values(self._use, probabilities.shape[0])[probabilities.argmax(axis=0)][None]
        if probabilities.shape[0] != 1:
            raise GraphMismatch(f"the model gave {probabilities.shape[0]} classes; a threshold takes one")
        return (probabilities >= threshold).astype(np.uint8)

    def _detections(self, subject: Subject, outputs: Outputs) -> Any:
        image, threshold = subject.image, subject.threshold
        tiles: list[Boxes] = []
        for rows, columns in subject.windows():
            found = self._boxes(next(outputs), subject.tiling)
            tiles.append(found.chosen(found.scores >= threshold).moved(columns.start, rows.start))
        overlap = self._output["boxes"].get("maximumOverlap", 0.5)
        kept = distinct(together(tiles), threshold, overlap)
        names = [one["name"] for one in self._use.classes]
        in_world = image.is_georeferenced and not self._as_list
        features: list[Any] = []
        for edges, score, label in zip(kept.edges, kept.scores, kept.labels, strict=True):
            if not 0 <= label < len(names):
                raise GraphMismatch(f"the model names class {label} of {len(names)}")
            one = Detection.of_box(edges, names[label], min(max(float(score), 0.0), 1.0))
            features.append(to_wire(one.in_world(image) if in_world else one))
        return features if self._as_list else {"type": "FeatureCollection", "features": features}


def _values(use: Use, count: int) -> NDArray[np.uint8]:
    """The sample value of each class, in the graph's order."""
    if use.classes and len(use.classes) != count:
        raise GraphMismatch(f"the model gave {count} classes, describe.yml names {len(use.classes)}")
    named = [one.get("value", index) for index, one in enumerate(use.classes)]
    return np.array(named or range(count), np.uint8)


def _named(image: Image, result: NDArray[Any], use: Use) -> Image:
    """The result on the image's grid, with the names and colours of its classes."""
    names = tuple(one["name"] for one in use.classes)
    if use.kind == PROBABILITIES:
        return image.like(result, nodata=float("nan"), band_names=names)
    if use.kind != ARGMAX:
        return image.like(result, nodata=NODATA, band_names=names or ("mask",))
    colors = {
        one.get("value", index): (*bytes.fromhex(one["color"]), 255)
        for index, one in enumerate(use.classes)
        if "color" in one
    }
    classes = image.like(result, nodata=NODATA, band_names=("class",))
    return replace(classes, color_map=colors or None)
