"""An algorithm folder brought to life: process.py imported, its model opened, its hooks called."""

import importlib.util
import inspect
import logging
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from swath_algorithm.folder import Algorithm
from swath_algorithm.layout import PROCESS
from swath_algorithm.nocode import graph_mistakes, is_without_code, use_of
from swath_algorithm.onnx_graph import Graph, Tensor
from swath_converters.resources import ResourceError, at_hand
from swath_runtime.context import Context
from swath_runtime.errors import LoadFailed, ModelUnavailable, RuntimeFailure
from swath_runtime.onnx import OnnxModel, dtype_of, open_model
from swath_runtime.settings import Settings

logger = logging.getLogger(__name__)


class Loaded:
    """A started algorithm; `process` is its function, `stop` calls its `on_stop` once."""

    def __init__(self, algorithm: Algorithm, settings: Settings) -> None:
        self._logger = logging.getLogger(f"swath.algorithm.{algorithm.name}")
        self._settings = settings
        self.model = _model(algorithm, settings)
        self._instance: Any = None
        self.process: Callable[..., Any] = self._process(algorithm)
        if hasattr(self._instance, "on_start"):
            _guarded(f"{PROCESS}: on_start", lambda: self._hook("on_start"))
        self._stops = hasattr(self._instance, "on_stop")
        self._stopped = threading.Lock()

    def _process(self, algorithm: Algorithm) -> Callable[..., Any]:
        if self.model and is_without_code(algorithm.describe):
            return _without_code(algorithm, self.model)
        module, owner = _import(algorithm), algorithm.signature.owner
        if owner:
            self._instance = _guarded(f"{PROCESS}: {owner}()", getattr(module, owner))
        return (self._instance if owner else module).process

    def context(self, on_progress: Callable[[float, str], None] | None = None) -> Context:
        """A fresh context for one call."""
        return Context(self._settings.profile, self._logger, self.model, on_progress)

    def stop(self) -> None:
        """Call the algorithm's `on_stop`, the first time only; its error is logged, for nobody waits for it."""
        if not self._stops or not self._stopped.acquire(blocking=False):
            return
        try:
            self._instance.on_stop()
        except (Exception, SystemExit):
            self._logger.exception("on_stop failed")

    def _hook(self, name: str) -> None:
        hook = getattr(self._instance, name)
        hook(self.context()) if inspect.signature(hook).parameters else hook()


def _model(algorithm: Algorithm, settings: Settings) -> OnnxModel | None:
    path = algorithm.model
    if path is None:
        return None
    if algorithm.model_elsewhere:
        try:
            path = at_hand(path, *algorithm.model_elsewhere, logger.info)
        except ResourceError as error:
            raise ModelUnavailable(str(error), error.hint, error.exit_code) from error
    return open_model(path, settings.profile, settings.onnx_providers, allow_fallback=settings.gpu_fallback)


def _without_code(algorithm: Algorithm, model: OnnxModel) -> Callable[..., Any]:
    """The process of `model.input` and `model.output`; raises LoadFailed where the graph is another than they say."""
    from swath_runtime.nocode.process import NoCode

    graph = Graph(_tensors(model.inputs), _tensors(model.outputs_said))
    for pointer, message, advice in graph_mistakes(use_of(algorithm.describe), graph):
        raise LoadFailed(f"describe.yml {pointer}", f"{message}; {advice}")
    return NoCode(algorithm.describe, model).process


def _tensors(said: Mapping[str, tuple[str, tuple[int | None, ...]]]) -> dict[str, Tensor]:
    return {name: Tensor(dtype_of(kind), shape) for name, (kind, shape) in said.items()}


def _import(algorithm: Algorithm) -> ModuleType:
    path = algorithm.folder / PROCESS
    name = f"swath_algorithm_{algorithm.name.replace('-', '_')}"
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # process.py may import what lies beside it
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise LoadFailed(str(path), "Python can't import it")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    _guarded(str(path), lambda: spec.loader.exec_module(module))  # pyright: ignore[reportOptionalMemberAccess]
    return module


def _guarded(what: str, call: Callable[[], Any]) -> Any:
    """The call's result; whatever an author's code raises becomes LoadFailed with the reason."""
    try:
        return call()
    except RuntimeFailure:
        raise
    except (Exception, SystemExit, KeyboardInterrupt) as error:  # on a thread, the latter two would end in silence
        place = _last_place(error)
        raise LoadFailed(what, f"{type(error).__name__}: {error}{place}") from error


def _last_place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
