"""ONNX sessions by profile: an algorithm names a model, never a provider (docs/onnx-sessions.md)."""

from swath_runtime.onnx.expected import Expected, expected_of
from swath_runtime.onnx.model import OnnxModel, dtype_of, open_model

__all__ = ["Expected", "OnnxModel", "dtype_of", "expected_of", "open_model"]
