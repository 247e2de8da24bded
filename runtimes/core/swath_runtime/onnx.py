"""ONNX sessions by profile: an algorithm names a model, never a provider."""

import importlib
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_runtime.errors import LoadFailed, ProfileUnusable

PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "cpu": ("CPUExecutionProvider",),
    "gpu": ("CUDAExecutionProvider",),
}
DTYPES: Mapping[str, str] = {
    "float16": "float16", "float": "float32", "double": "float64", "bool": "bool",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}  # fmt: skip
"""numpy's names of the element types that ONNX names and numpy has."""
CPU = "CPUExecutionProvider"

logger = logging.getLogger(__name__)


class OnnxModel:
    """A loaded model; `run` may be called from several threads at once.

    Attributes:
        inputs: name -> (dtype as ONNX says it, shape with None where it is free).
        outputs: names, in the graph's order.
        outputs_said: name -> (dtype as ONNX says it, shape with None where it is free).
        providers: execution providers that the session really uses.
    """

    def __init__(self, path: Path, profile: str, providers: Sequence[str], *, allow_fallback: bool) -> None:
        self._session = _session(path, profile, list(providers), allow_fallback)
        self.inputs = _said(self._session.get_inputs())
        self.outputs_said = _said(self._session.get_outputs())
        self.outputs: tuple[str, ...] = tuple(self.outputs_said)
        self.providers: tuple[str, ...] = tuple(self._session.get_providers())

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Outputs by name, for inputs by name; dtypes and shapes are the graph's own."""
        return dict(zip(self.outputs, self._session.run(None, dict(inputs)), strict=True))

    def warm(self) -> None:
        """Run once on zeros where every input's dtype and shape are fixed, so that the first caller does not pay.

        A graph may refuse zeros and be right for real input: that is logged, and no reason not to start.
        """
        zeros = {name: _zeros(kind, shape) for name, (kind, shape) in self.inputs.items()}
        given = {name: array for name, array in zeros.items() if array is not None}
        if len(given) < len(zeros):
            return
        try:
            self.run(given)
        except Exception as error:  # noqa: BLE001 - onnxruntime raises bare subclasses of Exception
            logger.warning("the model can't be warmed with zeros (%s)", type(error).__name__)


def open_model(path: Path, profile: str, providers: Sequence[str], *, allow_fallback: bool) -> OnnxModel:
    """The model under a profile, warm; `providers` of none means the profile's own.

    Raises:
        ProfileUnusable: onnxruntime is not there, the profile is unknown and names no providers, or the session does
            not use the first provider asked for. (onnxruntime itself falls back to the CPU without a word.)
        LoadFailed: the file is no model that onnxruntime can load.
    """
    wanted = tuple(providers) or PROVIDERS.get(profile)
    if not wanted:
        hint = f"known: {', '.join(PROVIDERS)}; or name the providers: SWATH_ONNX_PROVIDERS"
        raise ProfileUnusable(profile, "there is no such profile", hint)
    model = OnnxModel(path, profile, wanted, allow_fallback=allow_fallback)
    model.warm()
    return model


def _session(path: Path, profile: str, providers: list[str], allow_fallback: bool) -> Any:
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # it looks up a vendor's host and writes files otherwise
    try:
        ort: Any = importlib.import_module("onnxruntime")
    except ImportError:
        hint = "install swath-runtime[cpu] or swath-runtime[gpu]"
        raise ProfileUnusable(profile, "onnxruntime is not installed", hint) from None
    missing = [one for one in providers[:1] if one not in ort.get_available_providers()]
    if not missing:
        session = _open(ort, path, providers)
        missing = [one for one in providers[:1] if one not in session.get_providers()]
        if not missing:
            return session
    hint = "give the container a GPU (docker run --gpus all), use the cpu profile, or allow SWATH_GPU_FALLBACK=true"
    if not allow_fallback:
        raise ProfileUnusable(profile, f"onnxruntime can't use {missing[0]} on this machine", hint)
    logger.warning("the profile '%s' runs on the CPU: %s can't be used here", profile, missing[0])
    return _open(ort, path, [CPU])


def _open(ort: Any, path: Path, providers: list[str]) -> Any:
    options = ort.SessionOptions()
    options.log_severity_level = 3  # errors only: a missing GPU is said once, by us
    chosen = providers if CPU in providers else [*providers, CPU]
    try:
        if "CUDAExecutionProvider" in chosen and hasattr(ort, "preload_dlls"):
            ort.preload_dlls()  # maps the CUDA libraries of the nvidia wheels beside it
        return ort.InferenceSession(str(path), options, providers=chosen)
    except Exception as error:  # onnxruntime raises bare subclasses of Exception from its C++ side
        raise LoadFailed(path.name, f"onnxruntime can't load it ({type(error).__name__})") from error


def dtype_of(kind: str) -> str:
    """The name that numpy has for an element type of ONNX (`tensor(float)`); "" where it has none."""
    return DTYPES.get(kind.removeprefix("tensor(").removesuffix(")"), "")


def _said(tensors: Sequence[Any]) -> dict[str, tuple[str, tuple[int | None, ...]]]:
    return {
        one.name: (one.type, tuple(side if isinstance(side, int) else None for side in one.shape)) for one in tensors
    }


def _zeros(kind: str, shape: tuple[int | None, ...]) -> NDArray[Any] | None:
    dtype = dtype_of(kind)
    sides = [side for side in shape if side is not None]
    return np.zeros(sides, dtype) if dtype and len(sides) == len(shape) else None
