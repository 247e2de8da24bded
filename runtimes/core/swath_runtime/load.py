"""An algorithm folder brought to life: process.py imported, its model opened, its hooks called."""

import inspect
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any

from swath_algorithm.folder import Algorithm
from swath_algorithm.layout import PROCESS
from swath_algorithm.nocode import graph_mistakes, is_without_code, use_of
from swath_algorithm.onnx_graph import Graph, Tensor
from swath_converters.resources import ResourceError, at_hand
from swath_runtime.configuration import Configuration
from swath_runtime.context import Cancellation, Context
from swath_runtime.errors import LoadFailed, ModelUnavailable
from swath_runtime.functions import functions
from swath_runtime.gathering import limits_of
from swath_runtime.importing import guarded, import_process
from swath_runtime.nocode.process import NoCode
from swath_runtime.onnx import OnnxModel, dtype_of, expected_of, open_model
from swath_runtime.settings import Settings

logger = logging.getLogger(__name__)


class Loaded:
    """A started algorithm: `process` takes inputs by name, `process_batch` a list of those; `stop` ends it once.

    `module` is its process.py where that has been imported before; without `configuration` it is that of describe.yml.
    """

    def __init__(
        self,
        algorithm: Algorithm,
        settings: Settings,
        module: ModuleType | None = None,
        configuration: Configuration | None = None,
    ) -> None:
        self._logger = logging.getLogger(f"swath.algorithm.{algorithm.name}")
        self._settings = settings
        self._configuration = configuration or Configuration(algorithm.describe)
        self.model = _model(algorithm, settings)
        self._instance: Any = None
        self.process, self.process_batch = self._functions(algorithm, module)
        if hasattr(self._instance, "on_start"):
            guarded(f"{PROCESS}: on_start", lambda: self._hook("on_start"))
        self._stops = hasattr(self._instance, "on_stop")
        self._stopped = threading.Lock()

    def _functions(
        self, algorithm: Algorithm, module: ModuleType | None
    ) -> tuple[Callable[..., Any], Callable[..., Any]]:
        """`process` and `process_batch`: of one that the algorithm lacks, what the other makes of it."""
        if self.model and is_without_code(algorithm.describe):
            graph = _without_code(algorithm, self.model, self._settings.profile)
            return graph.process, graph.process_batch
        module, signature = module or import_process(algorithm), algorithm.signature
        if signature.owner:
            self._instance = guarded(f"{PROCESS}: {signature.owner}()", getattr(module, signature.owner))
        source = self._instance if signature.owner else module
        return guarded(PROCESS, lambda: functions(source, signature))

    def context(
        self, on_progress: Callable[[float, str], None] | None = None, cancelled: Cancellation | None = None
    ) -> Context:
        """A fresh context for one call."""
        return Context(
            self._settings.profile, self._logger, self.model, on_progress, cancelled, self._configuration.value
        )

    def call(self, contexts: Sequence[Context], name: str, /, *arguments: Any, **inputs: Any) -> Any:
        """What the algorithm's function of that name gives back; `contexts` tell whether it is still wanted."""
        return getattr(self, name)(*arguments, **inputs)

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
    return open_model(path, settings, expected_of(algorithm.describe))


def _without_code(algorithm: Algorithm, model: OnnxModel, profile: str) -> NoCode:
    """The graph, used as `model` says; raises LoadFailed where it is another than that."""
    graph = Graph(_tensors(model.inputs), _tensors(model.outputs_said))
    for pointer, message, advice in graph_mistakes(use_of(algorithm.describe), graph):
        raise LoadFailed(f"describe.yml {pointer}", f"{message}; {advice}")
    return NoCode(algorithm.describe, model, limits_of(algorithm.describe, profile).most)


def _tensors(said: Mapping[str, tuple[str, tuple[int | None, ...]]]) -> dict[str, Tensor]:
    return {name: Tensor(dtype_of(kind), shape) for name, (kind, shape) in said.items()}
