"""Writes model.onnx: the green/red cloud test as an ONNX graph.

Run it with `python algorithms/cloud-detection/make_model.py` (needs the package `onnx`), then put the sha256
that it prints into describe.yml. The same source gives the same bytes.

The graph uses operators of the default ONNX domain only, at opset 17, which onnxruntime 1.12 and newer run:

    reflectance  float32 (batch, 3, height, width): B03, B04, B11 top-of-atmosphere reflectance; NaN is nodata
    threshold    float32 scalar: B11 above which a bright pixel is cloud and not snow
    mask         uint8 (batch, 1, height, width): 1 cloud, 0 clear, 255 nodata (any of the three bands is NaN)

Sources:
Braaten, Cohen & Yang, Remote Sensing of Environment 169, 2015, 128–138 (the green/red test, for Landsat MSS);
https://custom-scripts.sentinel-hub.com/sentinel-2/cby_cloud_detection/ (on Sentinel-2; B11 against snow).
"""

import hashlib
import sys
from pathlib import Path

from onnx import ModelProto, NodeProto, TensorProto, checker, helper

OPSET = 17
IR_VERSION = 8  # the IR that came with opset 17 (ONNX 1.12)

# Both from the Sentinel-2 form of the test (second source above), in top-of-atmosphere reflectance.
BRIGHT_GREEN = 0.39  # above it a pixel is cloud whatever its colour
WHITISH_GREEN = 0.175  # above it a pixel is cloud when it is also greener than red

CLEAR, CLOUD, NODATA = 0, 1, 255


def make_model() -> ModelProto:
    """The cloud test as a checked ONNX model; its inputs and output are described at the top of this file."""
    graph = helper.make_graph(
        nodes=_nodes(),
        name="cloud-detection",
        inputs=[
            helper.make_tensor_value_info("reflectance", TensorProto.FLOAT, ["batch", 3, "height", "width"]),
            helper.make_tensor_value_info("threshold", TensorProto.FLOAT, []),
        ],
        outputs=[helper.make_tensor_value_info("mask", TensorProto.UINT8, ["batch", 1, "height", "width"])],
        initializer=[
            helper.make_tensor("bright_green", TensorProto.FLOAT, [], [BRIGHT_GREEN]),
            helper.make_tensor("whitish_green", TensorProto.FLOAT, [], [WHITISH_GREEN]),
            helper.make_tensor("clear", TensorProto.UINT8, [], [CLEAR]),
            helper.make_tensor("cloud", TensorProto.UINT8, [], [CLOUD]),
            helper.make_tensor("nodata", TensorProto.UINT8, [], [NODATA]),
        ],
        doc_string="Green/red cloud test of Braaten, Cohen & Yang (2015), with B11 against snow.",
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    checker.check_model(model, full_check=True)
    return model


def _nodes() -> list[NodeProto]:
    steps = [
        ("Split", ["reflectance"], ["green", "red", "swir"]),
        # Cloud: swir > threshold and (green > 0.39 or (green > 0.175 and green > red)).
        ("Greater", ["swir", "threshold"], ["not_snow"]),
        ("Greater", ["green", "bright_green"], ["bright"]),
        ("Greater", ["green", "whitish_green"], ["whitish"]),
        ("Greater", ["green", "red"], ["greener"]),
        ("And", ["whitish", "greener"], ["whitish_and_greener"]),
        ("Or", ["bright", "whitish_and_greener"], ["cloud_like"]),
        ("And", ["cloud_like", "not_snow"], ["is_cloud"]),
        ("Where", ["is_cloud", "cloud", "clear"], ["cloud_or_clear"]),
        # Nodata: any band is NaN.
        ("IsNaN", ["green"], ["green_missing"]),
        ("IsNaN", ["red"], ["red_missing"]),
        ("IsNaN", ["swir"], ["swir_missing"]),
        ("Or", ["green_missing", "red_missing"], ["green_or_red_missing"]),
        ("Or", ["green_or_red_missing", "swir_missing"], ["missing"]),
        ("Where", ["missing", "nodata", "cloud_or_clear"], ["mask"]),
    ]
    attributes = {"Split": {"axis": 1}}
    return [
        helper.make_node(operator, inputs, outputs, name=outputs[-1], **attributes.get(operator, {}))
        for operator, inputs, outputs in steps
    ]


def main() -> None:
    """Writes model.onnx beside this file, and its sha256 to the standard output."""
    content = make_model().SerializeToString(deterministic=True)
    Path(__file__).with_name("model.onnx").write_bytes(content)
    sys.stdout.write(f"{hashlib.sha256(content).hexdigest()}  model.onnx\n")


if __name__ == "__main__":
    main()
