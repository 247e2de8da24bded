"""An algorithm in processes of its own, to be called like one that is loaded here."""

import logging
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from swath_algorithm.folder import Algorithm
from swath_runtime.configuration import Configuration
from swath_runtime.context import Context
from swath_runtime.isolation.keeper import Keeper
from swath_runtime.isolation.place import Place
from swath_runtime.settings import Settings


@dataclass(frozen=True)
class Elsewhere:
    """What is known here of a model that other processes have open."""

    providers: tuple[str, ...]


class Pool:
    """As many processes as `execution.concurrency` says, each with the algorithm loaded; what `Loaded` is to threads.

    Attributes:
        model: what is known of the model; None where the algorithm has none.
    """

    def __init__(self, algorithm: Algorithm, settings: Settings, configuration: Configuration) -> None:
        """Start the processes and wait for them; raises StartFailed with what the algorithm's loading raised."""
        execution = algorithm.describe["execution"]
        self._logger = logging.getLogger(f"swath.algorithm.{algorithm.name}")
        self._profile, self._configuration = settings.profile, configuration
        self._keeper = Keeper(replace(settings, algorithm=algorithm.folder))
        most_calls: int | None = execution.get("callsPerProcess")
        self._places = [Place(self._keeper, most_calls) for _ in range(execution["concurrency"])]
        self._free: queue.LifoQueue[Place] = queue.LifoQueue()  # the one used last has its memory at hand
        try:
            self._places[0].wait_ready()  # alone: what it fetches or fails on, the others need not
            for place in self._places[1:]:
                place.begin()
            for place in self._places:
                place.wait_ready()
                self._free.put(place)
        except BaseException:
            self._keeper.finish()
            raise
        providers = self._places[0].providers
        self.model = None if providers is None else Elsewhere(providers)

    @property
    def shared(self) -> str:
        """What its processes share, in words."""
        return self._keeper.shared

    def context(self, on_progress: Callable[[float, str], None] | None = None) -> Context:
        """A fresh context for one call."""
        return Context(self._profile, self._logger, None, on_progress, config=self._configuration.value)

    def call(self, contexts: Sequence[Context], name: str, /, *arguments: Any, **inputs: Any) -> Any:
        """What the algorithm's function of that name gives back, run in a process that is free.

        Once none of the contexts is wanted any more the process is told to stop the call, and killed if it does not.
        """
        place = self._free.get()
        try:
            return place.call(contexts, name, arguments, inputs)
        finally:
            self._free.put(place)

    def stop(self) -> None:
        """Call `on_stop` in each process that ran `on_start`, and end them all, in bounded time."""
        for place in self._places:
            place.retire()
        self._keeper.finish()
