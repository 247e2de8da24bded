"""A loaded ONNX model: what an algorithm calls as `context.model`."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from swath_runtime.errors import ModelMemoryExceeded
from swath_runtime.onnx.expected import UNKNOWN, Expected, Shape, shape_text, shapes_of
from swath_runtime.onnx.memory import KEPT_INPUT_BYTES, is_out_of_memory
from swath_runtime.onnx.session import Opened, open_session
from swath_runtime.settings import Settings

DTYPES: Mapping[str, str] = {
    "float16": "float16", "float": "float32", "double": "float64", "bool": "bool",
    **{f"{sign}int{bits}": f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}  # fmt: skip
"""numpy's names of the element types that ONNX names and numpy has."""
logger = logging.getLogger(__name__)


class OnnxModel:
    """A loaded model; `run` may be called from several threads at once.

    Attributes:
        inputs: name -> (dtype as ONNX says it, shape with None where it is free).
        outputs: names, in the graph's order.
        outputs_said: name -> (dtype as ONNX says it, shape with None where it is free).
        providers: execution providers that the session really uses.
        warmed: the shapes that it was warmed with, such as "x 1×4×512×512".
        not_warmed: those that it could not be warmed with; "?" is a side that nothing declares.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened, self._session = opened, opened.session
        self.inputs = _said(self._session.get_inputs())
        self.outputs_said = _said(self._session.get_outputs())
        self.outputs: tuple[str, ...] = tuple(self.outputs_said)
        self.providers: tuple[str, ...] = tuple(self._session.get_providers())
        self.warmed: tuple[str, ...] = ()
        self.not_warmed: tuple[str, ...] = ()
        kinds = [kind for kind, _ in (*self.inputs.values(), *self.outputs_said.values())]
        self._is_bound = bool(opened.device) and all(map(dtype_of, kinds))  # only such tensors can be
        self._kept_input_bytes = KEPT_INPUT_BYTES
        self._last_was_large = False  # shared by threads without a lock: at worst one call gives back what it need not

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Outputs by name, for inputs by name; dtypes and shapes are the graph's own.

        Raises:
            ModelMemoryExceeded: it needs more memory than SWATH_ONNX_MEMORY_BYTES, or than there is.
        """
        try:
            outputs = self._run_bound(inputs) if self._is_bound else self._run(inputs)
        except Exception as error:
            if is_out_of_memory(error):
                raise ModelMemoryExceeded(self._opened.limit_bytes) from error
            raise
        return dict(zip(self.outputs, outputs, strict=True))

    def warm(self, expected: Expected = UNKNOWN) -> None:
        """Run on zeros of every shape that the graph and the description fix, so that the first caller does not pay.

        A graph may refuse zeros and be right for real input: that is logged, and no reason not to start.

        Raises:
            ModelMemoryExceeded: a shape that is declared needs more memory than there may be.
        """
        warmed: list[str] = []
        not_warmed: list[str] = []
        for shapes in shapes_of({name: shape for name, (_, shape) in self.inputs.items()}, expected):
            (warmed if self._warm(shapes) else not_warmed).append(
                ", ".join(shape_text(name, shape) for name, shape in shapes.items())
            )
        self.warmed, self.not_warmed = tuple(warmed), tuple(not_warmed)

    def facts(self) -> dict[str, Any]:
        """What an operator wants to know of the session, for the log."""
        limit_bytes = self._opened.limit_bytes
        return {
            "providers": ",".join(self.providers),
            "threads": self._opened.threads,
            **({"memoryLimitBytes": limit_bytes} if limit_bytes else {}),
            **({"warmed": "; ".join(self.warmed)} if self.warmed else {}),
            **({"notWarmed": "; ".join(self.not_warmed)} if self.not_warmed else {}),
        }

    def _run(self, inputs: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Memory is given back after a large call, and after the next: what it gave lay in the arena until then."""
        is_large = bool(self._opened.limit_bytes) or _bytes_of(inputs.values()) > self._kept_input_bytes
        gives_back, self._last_was_large = is_large or self._last_was_large, is_large
        return self._session.run(None, dict(inputs), self._opened.giving_back if gives_back else None)

    def _run_bound(self, inputs: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """The same through buffers on the device, all from the session's own arena, so under its limit.

        A binding is of one call: they hold what they were bound to, and calls of several threads must not meet in one.
        """
        binding = self._session.io_binding()
        for name, array in inputs.items():
            binding.bind_cpu_input(name, array)
        for name in self.outputs:
            binding.bind_output(name, self._opened.device)
        self._session.run_with_iobinding(binding)
        return binding.copy_outputs_to_cpu()

    def _warm(self, shapes: Mapping[str, Shape]) -> bool:
        zeros = _zeros({name: (self.inputs[name][0], shape) for name, shape in shapes.items()})
        if zeros is None:
            return False
        self._kept_input_bytes = max(self._kept_input_bytes, _bytes_of(zeros.values()))
        try:
            self.run(zeros)
        except ModelMemoryExceeded:
            raise
        except Exception as error:  # noqa: BLE001 - onnxruntime raises bare subclasses of Exception
            logger.warning("the model can't be warmed with zeros (%s)", type(error).__name__)
            return False
        return True


def open_model(path: Path, settings: Settings, expected: Expected = UNKNOWN) -> OnnxModel:
    """The model under the settings' profile, warm.

    Raises:
        ProfileUnusable: onnxruntime is not there, the profile is unknown and names no providers, the session does
            not use the first provider asked for (onnxruntime itself falls back to the CPU without a word), or a limit
            of memory can't be held.
        LoadFailed: the file is no model that onnxruntime can load.
        ModelMemoryExceeded: a shape that is declared needs more memory than there may be.
    """
    began = time.perf_counter()
    model = OnnxModel(open_session(path, settings, expected))
    loaded = time.perf_counter()
    model.warm(expected)
    took_ms = {"loadMs": (loaded - began) * 1000, "warmMs": (time.perf_counter() - loaded) * 1000}
    rounded = {name: round(value, 1) for name, value in took_ms.items()}
    logger.info("the model %s is loaded", path.name, extra={"facts": model.facts() | rounded})
    return model


def dtype_of(kind: str) -> str:
    """The name that numpy has for an element type of ONNX (`tensor(float)`); "" where it has none."""
    return DTYPES.get(kind.removeprefix("tensor(").removesuffix(")"), "")


def _said(tensors: Sequence[Any]) -> dict[str, tuple[str, Shape]]:
    return {
        one.name: (one.type, tuple(side if isinstance(side, int) else None for side in one.shape)) for one in tensors
    }


def _bytes_of(arrays: Iterable[Any]) -> int:
    return sum(getattr(one, "nbytes", 0) for one in arrays)  # a sequence of tensors is a list, and has none


def _zeros(said: Mapping[str, tuple[str, Shape]]) -> dict[str, NDArray[Any]] | None:
    """Zeros of every input; None where a side is free or numpy lacks the type."""
    dtypes = {name: dtype_of(kind) for name, (kind, _) in said.items()}
    if not all(dtypes.values()) or any(None in shape for _, shape in said.values()):
        return None
    return {name: np.zeros([side or 0 for side in shape], dtypes[name]) for name, (_, shape) in said.items()}
