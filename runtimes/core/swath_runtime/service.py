"""One algorithm, served: requests in, replies out, no framework anywhere."""

import logging
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from swath_algorithm.folder import Algorithm
from swath_algorithm.source import BATCH, PROCESS
from swath_converters import Image
from swath_converters.errors import ConversionError
from swath_converters.parts import Part
from swath_runtime.answers import Answers, Outcome
from swath_runtime.asked import Asked, never
from swath_runtime.calls import Call
from swath_runtime.configuration import Configuration, tag_of
from swath_runtime.context import Context
from swath_runtime.crew import Crew
from swath_runtime.errors import ProfileUnusable
from swath_runtime.execution import Execution
from swath_runtime.gathering import likeness_of, limits_of
from swath_runtime.http import Head, Reply
from swath_runtime.inputs import Inputs
from swath_runtime.isolation.pool import Pool
from swath_runtime.links import base_url
from swath_runtime.load import Loaded
from swath_runtime.logs import Stages
from swath_runtime.lookout import Early
from swath_runtime.metrics.observer import Observer, Unobserved
from swath_runtime.policies import policy_of
from swath_runtime.problems import NOT_READY, Problem, failure_of, stopping
from swath_runtime.settings import Settings

MOST_STREAMS = 32  # answers that are sent while they come to be, each on a thread
GRACE_S = 2.0  # how long a call that is told to stop may take to heed it

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Begun:
    """A call that waits for the algorithm or is in its hands, with its images, on whose grid results lie."""

    call: Call
    images: tuple[Image, ...]


def require_profile(algorithm: Algorithm, settings: Settings) -> None:
    """Raise ProfileUnusable unless the algorithm declares the profile, or the settings name the providers."""
    if settings.profile not in algorithm.profiles and not settings.onnx_providers:
        known = ", ".join(algorithm.profiles)
        raise ProfileUnusable(settings.profile, f"{algorithm.name} declares {known}", "see profiles in describe.yml")


class Service:
    """An algorithm and what is compiled from its description once: validators, converters, media types.

    `start` loads it; until then, and once it is stopped, `process` answers 503. `in_process`: calls run in this
    process, whatever `execution.isolation` says, for one who calls it once.

    Attributes:
        crew: the workers of its server.
        observer: hears what it does.
        inputs, answers: what goes in and comes out, by the description.
    """

    observer: Observer

    def __init__(
        self, algorithm: Algorithm, settings: Settings, crew: Crew | None = None, *, in_process: bool = False
    ) -> None:
        require_profile(algorithm, settings)
        self.algorithm, self.settings = algorithm, settings
        policy = policy_of(settings)
        self.inputs = Inputs(algorithm, policy, settings.max_body_bytes)
        self.answers = Answers(algorithm.describe["output"], policy, is_checked=settings.validate_outputs)
        self._alike: list[str] = algorithm.describe.get("batch", {}).get("homogeneous", [])
        self._execution = self._made_execution()
        self._load = Pool if algorithm.describe["execution"]["isolation"] == "process" and not in_process else Loaded
        self.configuration = Configuration(algorithm.describe)
        self._execution.on_batch = self._hear
        self.crew, self.observer = crew or Crew(), Unobserved()
        self._is_retiring = False
        self._loaded: Loaded | Pool | None = None

    @property
    def threads(self) -> int:
        """Request threads that a runtime should have: every admitted request, every stream, some for other answers."""
        return self._execution.capacity + MOST_STREAMS + 8

    @property
    def state(self) -> str:
        """loading, ready or draining; ready only once every worker of its server is."""
        if self._is_retiring or self._execution.is_draining:
            return "draining"
        return "ready" if self._loaded and self.crew.is_whole else "loading"

    def base_url(self, head: Head) -> str:
        """What the caller of a request sees this service under."""
        return base_url(head, self.settings.public_url, self.settings.scheme)

    def start(self) -> None:
        """Load the algorithm and its model; raises RuntimeFailure with the reason."""
        began_s = time.monotonic()
        self._loaded = loaded = self._load(self.algorithm, self.settings, configuration=self.configuration)
        self.observer.loaded(time.monotonic() - began_s)
        if self._execution.is_draining:
            loaded.stop()  # nobody will call it any more
            return
        self.crew.join()
        logger.info("%s %s is ready", self.algorithm.name, self.algorithm.version, extra={"facts": self.facts()})

    def stop(self) -> bool:
        """Let nobody in any more, tell calls in work to stop, then call the algorithm's `on_stop`.

        A server lets its requests finish before. False if a call goes on nevertheless, heeding its Context not.
        Threads can't be ended: the process must be.
        """
        self.retire()
        heeded = self.end_calls()
        if self._loaded:
            self._loaded.stop()
        return heeded

    @property
    def capacity(self) -> int:
        """Calls that are let in at once."""
        return self._execution.capacity

    @property
    def at_once(self) -> int:
        """Calls that run at once at most, in batches or one by one."""
        return self._execution.at_once

    def admitted(self) -> AbstractContextManager[None]:
        """A place for one request, from reading its input to encoding its answer; Problem 503 if there is none."""
        self.require_loaded()
        return self._execution.admitted()

    def require_loaded(self) -> None:
        """Raise Problem 503 while the algorithm is loaded, and once no calls are taken any more."""
        if self._loaded is None:
            headers = [("retry-after", "1")]
            raise Problem(NOT_READY, "The model is still being loaded.", "Try again soon.", headers=headers)
        if self._execution.is_draining:
            raise stopping()

    @property
    def is_stopping(self) -> bool:
        """Whether calls are taken no more, and those in work were told to stop."""
        return self._execution.is_draining

    def retire(self) -> None:
        """Be not ready any more, though calls are still taken."""
        self._is_retiring = True
        self.crew.leave()

    def end_calls(self) -> bool:
        """Take no more calls and tell those in work to stop; False if one goes on nevertheless after GRACE_S."""
        return self._execution.stop(GRACE_S)

    def tell_loads(self) -> None:
        """Tell the observer how many calls run and wait."""
        self.observer.loads(self._execution.running, self._execution.waiting)

    def process(self, asked: Asked) -> Reply:
        """The answer to one call; raises Problem, or an error of problems.TABLE."""
        kind = self.answers.kind_for(asked.head)
        with self.admitted():
            outcome = self.finish(self._begun(asked), asked.stages, asked.is_gone, asked.early)
            with asked.stages.time("encode"):
                return self.answers.reply(kind, asked.head, outcome)

    def _begun(self, asked: Asked) -> Begun:
        """The call that a request asks for; what it was read from is let go as soon as it is decoded."""
        with asked.stages.time("parse"):
            payload = self.inputs.read(asked.request)
        asked.request.let_go()
        return self.begin(payload.document, payload.parts, asked.stages, may_run_here=asked.early is not None)

    def call(
        self,
        document: dict[str, Any],
        parts: Mapping[str, Part],
        stages: Stages | None = None,
        on_progress: Callable[[float, str], None] | None = None,
        is_gone: Callable[[], bool] = never,
        *,
        is_patient: bool = False,
    ) -> Outcome:
        """Outcome of one call: validate, convert, run, validate.

        `on_progress` hears how far the algorithm is; `is_gone` is asked a few times a second whether anybody still
        wants the result; who is patient waits for others as long as it takes, and the timeout is for running alone.
        """
        stages = stages or Stages()
        begun = self.begin(document, parts, stages, on_progress)
        return self.finish(begun, stages, is_gone, is_patient=is_patient)

    def begin(
        self,
        document: dict[str, Any],
        parts: Mapping[str, Part],
        stages: Stages,
        on_progress: Callable[[float, str], None] | None = None,
        *,
        may_run_here: bool = False,
    ) -> Begun:
        """A call that waits for its turn: validated and converted. Whoever begins it finishes it, or gives it up.

        One that may run here is finished next, by who can be answered early.
        """
        with stages.time("validate"):
            document = self.inputs.require_valid(document)
        with stages.time("decode"):
            inputs, images = self.inputs.decoded(document, parts)
            context = self._started.context(on_progress)
            handed, likeness = self.inputs.handed(inputs), self._likeness(inputs, context)
            call = self._execution.submit(handed, context, likeness, may_run_here=may_run_here)
        return Begun(call, tuple(images))

    def finish(
        self,
        begun: Begun,
        stages: Stages,
        is_gone: Callable[[], bool] = never,
        early: Early | None = None,
        *,
        is_patient: bool = False,
    ) -> Outcome:
        """Outcome of a call that was begun; `early` answers the caller of one that runs here."""
        call = begun.call
        try:
            result = self._run(call, is_gone, early, is_patient=is_patient)
        finally:
            stages.note_turn(call.arrived_s, call.batch.began_s if call.batch else None)
        with stages.time("check"):
            return self.answers.outcome_of(result, begun.images)

    def give_up(self, begun: Begun) -> None:
        """Let nobody wait for a call any more that was begun."""
        self._execution.abandon(begun.call)

    def _likeness(self, inputs: Mapping[str, Any], context: Context) -> Hashable:
        """What calls of one batch have in common: what `batch.homogeneous` says, and the configuration."""
        may_differ = self.algorithm.describe["batched"] and self.configuration.schema
        return likeness_of(inputs, self._alike), tag_of(dict(context.config)) if may_differ else None

    def _made_execution(self) -> Execution:
        said, signature = self.algorithm.describe["execution"], self.algorithm.signature

        def alone(inputs: dict[str, Any], context: Context) -> Any:
            contexts = dict.fromkeys(signature.context_names, context)
            return self._started.call([context], PROCESS, **inputs, **contexts)

        def together(items: list[dict[str, Any]], context: Context) -> Any:
            contexts = dict.fromkeys(signature.batch_context_names, context)
            return self._started.call([context], BATCH, items, **contexts)

        limits = limits_of(self.algorithm.describe, self.settings.profile)
        return Execution(alone, together, said["concurrency"], said["queueSize"], said["timeoutSeconds"], limits)

    @property
    def _started(self) -> Loaded | Pool:
        if self._loaded is None:
            raise Problem(NOT_READY, "The algorithm is not loaded.", "Call start() first.")
        return self._loaded

    def _run(self, call: Call, is_gone: Callable[[], bool], early: Early | None, *, is_patient: bool) -> Any:
        try:
            return self._execution.result(call, is_gone, early, is_patient=is_patient)
        except Exception as error:
            if isinstance(error, ConversionError) and not error.pointer and len(self.inputs.images) == 1:
                error.within(f"/{self.inputs.images[0]}")  # the algorithm knows its image, not the input's name
            raise failure_of(error) from error

    def _hear(self, calls: int, waited_s: float) -> None:
        self.observer.batch(calls)
        self.tell_loads()

    def facts(self) -> dict[str, Any]:
        """What an operator wants to know of the algorithm in work, for the log."""
        model = self._loaded.model if self._loaded else None
        return {
            "profile": self.settings.profile,
            **({"providers": ",".join(model.providers)} if model else {}),
            **({"shared": self._loaded.shared} if isinstance(self._loaded, Pool) else {}),
        }
