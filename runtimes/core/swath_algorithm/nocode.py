"""An algorithm without code: `model.input` and `model.output` of describe.yml say how its ONNX graph is used.

What they leave out is found here once, for the check and for the service alike.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from swath_algorithm.agreement import IMAGE, kind_of
from swath_algorithm.findings import did_you_mean
from swath_algorithm.onnx_graph import Graph, Tensor
from swath_schemas import resolve

DIMENSIONS = ("batch", "bands", "height", "width")
BOXES, THRESHOLD, ARGMAX, PROBABILITIES = "boxes", "threshold", "argmax", "probabilities"
Mistake = tuple[str, str, str]  # pointer into describe.yml, what is wrong, what to do


@dataclass(frozen=True)
class Use:
    """How a graph is used.

    Attributes:
        image: the service's input that the graph sees.
        output: the service's output that it becomes.
        threshold_input: the service's input that is the threshold, or None.
        model: `model` of the description.
        batched: whether it sees several images at once.
    """

    image: str
    output: str
    threshold_input: str | None
    model: Mapping[str, Any]
    batched: bool = False

    @property
    def bands(self) -> Sequence[str]:
        """Names of the bands that the graph takes, in its order; none: all, as they stand."""
        return self.model["input"].get("bands", ())

    @property
    def classes(self) -> Sequence[Mapping[str, Any]]:
        """The classes, in the graph's order; none where it doesn't say."""
        return self.model["output"].get("classes", ())

    @property
    def kind(self) -> str:
        """probabilities, argmax, threshold or boxes."""
        return self.model["output"]["postProcessing"]


def is_without_code(describe: Mapping[str, Any]) -> bool:
    """Whether a description says how its model is used."""
    return "input" in describe.get("model", {})


def use_of(describe: Mapping[str, Any]) -> Use:
    """How the graph of a description without mistakes is used."""
    model, inputs = describe["model"], describe["input"]["properties"]
    images = [name for name, schema in inputs.items() if kind_of(schema) == IMAGE]
    output = model["output"].get("output") or next(iter(describe["output"]["properties"]))
    image, threshold = model["input"].get("image") or images[0], model["output"].get("thresholdInput")
    return Use(image, output, threshold, model, describe.get("batched", False))


def mistakes(describe: Mapping[str, Any]) -> Iterator[Mistake]:
    """What of `model` does not fit the inputs and outputs of a valid description."""
    found = [*_image_mistakes(describe), *_output_mistakes(describe)]
    yield from found
    if not found:
        use = use_of(describe)
        yield from _threshold_mistakes(use, describe["input"]["properties"])
        yield from _scaling_mistakes(use)
        yield from _tiling_mistakes(use)


def graph_mistakes(use: Use, graph: Graph) -> Iterator[Mistake]:
    """What of `model` does not fit the graph."""
    name = use.model["input"].get("name")
    tensor = _chosen(graph.inputs, name)
    if tensor is None:
        yield _no_tensor("/model/input/name", "input", name, graph.inputs)
        return
    others = [one for one in graph.inputs if graph.inputs[one] is not tensor]
    if others:
        said = ", ".join(others)
        yield "/model/input", f"the graph has further inputs ({said})", "use it in a process.py, by context.model.run"
    yield from _input_mistakes(use, tensor)
    if use.kind == BOXES:
        yield from _box_mistakes(use, graph)
        return
    name = use.model["output"].get("name")
    answer = _chosen(graph.outputs, name)
    if answer is None:
        yield _no_tensor("/model/output/name", "output", name, graph.outputs)
    else:
        yield from _picture_mistakes(use, answer)


def sides(tensor: Tensor, order: Sequence[str]) -> dict[str, int | None]:
    """Sides of a tensor by the name of their axis."""
    return dict(zip(order, tensor.shape, strict=True))


def _image_mistakes(describe: Mapping[str, Any]) -> Iterator[Mistake]:
    inputs = describe["input"].get("properties", {})
    images = [name for name, schema in inputs.items() if kind_of(schema) == IMAGE]
    named = describe["model"]["input"].get("image")
    if named is not None and named not in images:
        yield "/model/input/image", f"'{named}' is no image among the inputs", did_you_mean(named, images)
    elif named is None and len(images) != 1:
        count = f"{len(images)} images are" if images else "no image is"
        yield "/model/input", f"{count} among the inputs", "name one: image"
    else:
        yield from _unused(describe, named or images[0])


def _unused(describe: Mapping[str, Any], image: str) -> Iterator[Mistake]:
    used = {image, describe["model"]["output"].get("thresholdInput")}
    for name in describe["input"].get("properties", {}):
        if name not in used:
            yield f"/input/properties/{name}", f"without a process.py nothing uses the input '{name}'", "take it out"


def _output_mistakes(describe: Mapping[str, Any]) -> Iterator[Mistake]:
    outputs = describe["output"].get("properties", {})
    named = describe["model"]["output"].get("output")
    if named is not None and named not in outputs:
        yield "/model/output/output", f"there is no output '{named}'", did_you_mean(named, list(outputs))
        return
    if len(outputs) != 1:
        count = f"{len(outputs)} outputs are" if outputs else "no output is"
        yield "/model/output", f"{count} declared, of which the graph gives one", "declare one"
        return
    name, schema = next(iter(outputs.items()))
    wants = describe["model"]["output"]["postProcessing"]
    fits = _is_detections(schema) if wants == BOXES else kind_of(schema) == IMAGE
    if not fits:
        what = "$ref: featureCollection/1, or a list of detection/1" if wants == BOXES else "$ref: image/1"
        yield f"/output/properties/{name}", f"postProcessing {wants} gives something else", f"write {what}"


def _is_detections(schema: Any) -> bool:
    members = cast("dict[str, Any]", schema if isinstance(schema, dict) else {})
    is_list = members.get("type") == "array"
    inner: Any = members.get("items") if is_list else members
    reference: Any = cast("dict[str, Any]", inner).get("$ref") if isinstance(inner, dict) else None
    wanted = "detection" if is_list else "featureCollection"
    return isinstance(reference, str) and not reference.startswith("#") and resolve(reference).type == wanted


def _threshold_mistakes(use: Use, inputs: Mapping[str, Any]) -> Iterator[Mistake]:
    name = use.threshold_input
    numbers = [one for one, schema in inputs.items() if kind_of(schema) in {"number", "integer"}]
    if name is not None and name not in numbers:
        yield "/model/output/thresholdInput", f"'{name}' is no number among the inputs", did_you_mean(name, numbers)
    elif name is not None and use.kind not in {THRESHOLD, BOXES}:
        yield "/model/output/thresholdInput", f"{use.kind} takes no threshold", "take it out"


def _scaling_mistakes(use: Use) -> Iterator[Mistake]:
    for index, step in enumerate(use.model["input"].get("valueScaling", ())):
        for name, value in step.items():
            at = f"/model/input/valueScaling/{index}/{name}"
            if isinstance(value, list) and use.bands and len(value) != len(use.bands):  # pyright: ignore[reportUnknownArgumentType]
                yield at, f"{len(value)} values for {len(use.bands)} bands", "write one for each band, or one for all"  # pyright: ignore[reportUnknownArgumentType]
        if step["type"] == "z-score" and 0 in _listed(step["stddev"]):
            yield (
                f"/model/input/valueScaling/{index}/stddev",
                "a deviation of 0 divides by nothing",
                "write more than 0",
            )
        if step["type"] == "min-max" and any(
            low == high for low, high in _pairs(_listed(step["minimum"]), _listed(step["maximum"]))
        ):
            yield f"/model/input/valueScaling/{index}", "minimum and maximum are the same", "write a range"


def _tiling_mistakes(use: Use) -> Iterator[Mistake]:
    tiling = use.model.get("tiling", {})
    if tiling and tiling.get("overlap", 0) >= min(tiling["width"], tiling["height"]):
        yield "/model/tiling/overlap", "tiles overlap by as much as they are wide or high", "write less"


def _input_mistakes(use: Use, tensor: Tensor) -> Iterator[Mistake]:
    said = use.model["input"].get("dataType", "float32")
    if tensor.dtype and tensor.dtype != said:
        yield "/model/input/dataType", f"the graph's input is {tensor.dtype}, not {said}", f"write {tensor.dtype}"
    order = use.model["input"].get("dimOrder", DIMENSIONS)
    if len(tensor.shape) != len(order):
        yield "/model/input", f"the graph's input has {len(tensor.shape)} axes, not four", "use it in a process.py"
        return
    fixed = sides(tensor, order)
    if use.bands and fixed["bands"] not in {None, len(use.bands)}:
        yield "/model/input/bands", f"the graph takes {fixed['bands']} bands, not {len(use.bands)}", "name as many"
    if fixed["batch"] not in {None, 1}:
        yield "/model/input", f"the graph takes {fixed['batch']} images at once", "export it with a free batch axis"
    elif use.batched and fixed["batch"]:
        advice = "export it with a free batch axis, or write batched: false"
        yield "/batched", "the graph takes one image at once: its batch axis is fixed to 1", advice
    tiling = use.model.get("tiling", {})
    for side in ("width", "height"):
        if tiling and fixed[side] not in {None, tiling[side]}:
            yield f"/model/tiling/{side}", f"the graph's {side} is fixed to {fixed[side]}", f"write {fixed[side]}"


def _picture_mistakes(use: Use, tensor: Tensor) -> Iterator[Mistake]:
    order = use.model["output"].get("dimOrder", DIMENSIONS)
    if len(tensor.shape) != len(order):
        yield "/model/output", f"the graph's output has {len(tensor.shape)} axes, not four", "use it in a process.py"
        return
    if use.batched and sides(tensor, order)["batch"]:
        yield _one_answer(use.model["output"].get("name"))
    found = sides(tensor, order)["bands"]
    wanted = 1 if use.kind == THRESHOLD else len(use.classes)
    if found is not None and wanted and found != wanted:
        at = "/model/output/postProcessing" if use.kind == THRESHOLD else "/model/output/classes"
        yield at, f"the graph gives {found} classes, not {wanted}", "name as many" if wanted > 1 else "write argmax"


def _box_mistakes(use: Use, graph: Graph) -> Iterator[Mistake]:
    said = use.model["output"]
    others = {f"boxes/{one}": said["boxes"].get(one) for one in ("scores", "labels")}
    wrong = {
        at: name for at, name in {"name": said.get("name"), **others}.items() if name and name not in graph.outputs
    }
    for at, name in wrong.items():
        yield _no_tensor(f"/model/output/{at}", "output", name, graph.outputs)
    left = [one for one in graph.outputs if one not in others.values()]
    if use.batched and not wrong and left:
        for name in (said.get("name") or left[0], *filter(None, others.values())):
            if graph.outputs[name].shape[:1] not in {(), (None,)}:
                yield _one_answer(name)
    if not wrong and "name" not in said and len(left) != 1:
        yield _no_tensor("/model/output/name", "output", None, graph.outputs)


def _one_answer(name: str | None) -> Mistake:
    what = f"'{name}'" if name else "the graph's output"
    message = f"{what} is of one image: its batch axis is fixed"
    return "/batched", message, "export it with a free batch axis, or write batched: false"


def _chosen(tensors: Mapping[str, Tensor], name: str | None) -> Tensor | None:
    return next(iter(tensors.values())) if name is None and len(tensors) == 1 else tensors.get(name or "")


def _no_tensor(pointer: str, what: str, name: str | None, known: Mapping[str, Tensor]) -> Mistake:
    said = f"the graph has no {what} '{name}'" if name else f"the graph has several {what}s"
    return pointer, said, did_you_mean(name, list(known)) if name else f"name one: {', '.join(known)}"


def _listed(value: Any) -> list[float]:
    return cast("list[float]", value) if isinstance(value, list) else [value]


def _pairs(left: list[float], right: list[float]) -> Iterator[tuple[float, float]]:
    count = max(len(left), len(right))
    return zip(left * (count if len(left) == 1 else 1), right * (count if len(right) == 1 else 1), strict=False)
