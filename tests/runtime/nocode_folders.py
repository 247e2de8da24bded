"""Folders without code, and small graphs for them."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import yaml
from onnx import TensorProto, helper

from swath_algorithm.folder import open_algorithm
from swath_converters import Image
from swath_runtime.context import Context
from swath_runtime.load import Loaded
from swath_runtime.settings import Settings

FREE = ("n", "c", "h", "w")
IMAGE = {"$ref": "image/1", "description": "An image."}


def graph(
    path: Path, nodes: list[Any], inputs: dict[str, Any], outputs: dict[str, Any], constants: Sequence[Any] = ()
) -> None:
    """An ONNX file of float32 (labels: int64); inputs and outputs are name -> shape."""
    told = [
        [
            helper.make_tensor_value_info(name, TensorProto.INT64 if name == "labels" else TensorProto.FLOAT, shape)
            for name, shape in said.items()
        ]
        for said in (inputs, outputs)
    ]
    made = helper.make_graph(nodes, "g", *told, list(constants))
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def folder(
    path: Path, model: dict[str, Any], output: Any = IMAGE, batch: dict[str, Any] | None = None, **inputs: Any
) -> Path:
    """A folder without code; its model.onnx must be there already."""
    digest = hashlib.sha256((path / "model.onnx").read_bytes()).hexdigest()
    describe = {
        "name": "no-code", "title": "No code", "version": "1.0.0", "family": "test", "description": "A graph.",
        "organization": "Swath", "email": "tests@swath.example", "resources": {"cpu": 1, "ram": 268435456},
        "input": {"type": "object", "properties": {"image": IMAGE, **inputs}, "required": ["image"]},
        "output": {"type": "object", "properties": {"result": output}, "required": ["result"]},
        "model": {"href": "model.onnx", "sha256": digest, **model},
        **({"batched": True, "batch": batch} if batch else {}),
    }  # fmt: skip
    (path / "describe.yml").write_text(yaml.safe_dump(describe))
    return path


def call(path: Path, image: Image, context: Context | None = None, **given: Any) -> Any:
    algorithm = open_algorithm(path)
    loaded = Loaded(algorithm, Settings(algorithm=path))
    handed = {"image": image, **given, "_context": context or loaded.context()}
    return loaded.process(**handed)["result"]


def call_batch(path: Path, items: Sequence[dict[str, Any]]) -> list[Any]:
    """The result of each item, or the error that it is instead."""
    loaded = Loaded(open_algorithm(path), Settings(algorithm=path))
    found = loaded.process_batch(list(items), _context=loaded.context())
    return [one if isinstance(one, Exception) else one["result"] for one in found]


def probabilities(**more: Any) -> dict[str, Any]:
    return {"input": {}, "output": {"postProcessing": "probabilities"}} | more
