"""Algorithms without code: an ONNX graph used as `model.input`, `model.tiling` and `model.output` say."""
