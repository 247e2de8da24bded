"""One algorithm, served: requests in, replies out, no framework anywhere."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swath_algorithm.defaults import fill_defaults
from swath_algorithm.folder import Algorithm
from swath_converters import Image
from swath_converters.access.accounts import gs_from_environ, s3_from_environ
from swath_converters.errors import ConversionError
from swath_converters.image import is_encodable
from swath_converters.parts import Part
from swath_converters.policy import Policy
from swath_registry.newer import Newer
from swath_registry.validation import Validator
from swath_runtime.asked import Asked, never
from swath_runtime.configuration import Configuration
from swath_runtime.conversion import Leaf, Node, compile_schema, leaves_of
from swath_runtime.crew import Crew
from swath_runtime.description import single_answers
from swath_runtime.errors import ProfileUnusable, SettingInvalid
from swath_runtime.execution import Execution
from swath_runtime.http import Head, Reply
from swath_runtime.isolation.pool import Pool
from swath_runtime.links import base_url
from swath_runtime.load import Loaded
from swath_runtime.logs import Stages
from swath_runtime.multiparts import KINDS as MULTIPARTS
from swath_runtime.multiparts import multipart_reply
from swath_runtime.negotiation import choose
from swath_runtime.payload import JSON, read_payload
from swath_runtime.problems import NOT_READY, Problem, failure_of, invalid
from swath_runtime.references import is_wanted, reference_reply
from swath_runtime.results import DEFAULT_IMAGE, check_outputs, json_reply, on_grid, outputs_of, single_reply
from swath_runtime.settings import Settings
from swath_runtime.taken_over import absent_inputs, bare

MOST_STREAMS = 32  # answers that are sent while they come to be, each on a thread
GRACE_S = 2.0  # how long a call that is told to stop may take to heed it

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What one call gave: outputs as JSON, with the images that stand in it as `cid:POINTER` by pointer."""

    document: dict[str, Any]
    images: dict[str, Image]


def require_profile(algorithm: Algorithm, settings: Settings) -> None:
    """Raise ProfileUnusable unless the algorithm declares the profile, or the settings name the providers."""
    if settings.profile not in algorithm.profiles and not settings.onnx_providers:
        known = ", ".join(algorithm.profiles)
        raise ProfileUnusable(settings.profile, f"{algorithm.name} declares {known}", "see profiles in describe.yml")


class Service:
    """An algorithm and what is compiled from its description once: validators, converters, media types.

    `start` loads it; until then, and while it drains, `process` answers 503. `in_process`: calls run in this process,
    whatever `execution.isolation` says, for one who calls it once.
    """

    def __init__(
        self, algorithm: Algorithm, settings: Settings, crew: Crew | None = None, *, in_process: bool = False
    ) -> None:
        require_profile(algorithm, settings)
        self.algorithm, self.settings = algorithm, settings
        self._input: dict[str, Any] = algorithm.describe["input"]
        self._output: dict[str, Any] = algorithm.describe["output"]
        schema = {key: value for key, value in self._output.items() if key != "content"}
        self._check_input, self._newer = Validator(self._input), Newer(self._input)
        self._check_output = Validator(schema) if settings.validate_outputs else None
        self._decode: Node | None = compile_schema(self._input)
        self._encode: Node | None = compile_schema(self._output)
        self._singles = single_answers(self._output)
        self.images = leaves_of(self._decode, "image")
        self._absent = absent_inputs(algorithm.signature, self._input.get("properties", {}))
        execution = algorithm.describe["execution"]
        self._execution = Execution(execution["concurrency"], execution["queueSize"], execution["timeoutSeconds"])
        self._load = Pool if execution["isolation"] == "process" and not in_process else Loaded
        self.configuration = Configuration(algorithm.describe)
        self._policy = policy_of(settings)
        self._crew = crew or Crew()
        self._loaded: Loaded | Pool | None = None

    @property
    def threads(self) -> int:
        """Request threads that a runtime should have: every admitted request, every stream, some for other answers."""
        return self._execution.capacity + MOST_STREAMS + 8

    @property
    def state(self) -> str:
        """loading, ready or draining; ready only once every worker of its server is."""
        if self._execution.is_draining:
            return "draining"
        return "ready" if self._loaded and self._crew.is_whole else "loading"

    def base_url(self, head: Head) -> str:
        """What the caller of a request sees this service under."""
        return base_url(head, self.settings.public_url, self.settings.scheme)

    def start(self) -> None:
        """Load the algorithm and its model; raises RuntimeFailure with the reason."""
        self._loaded = loaded = self._load(self.algorithm, self.settings, configuration=self.configuration)
        if self._execution.is_draining:
            loaded.stop()  # nobody will call it any more
            return
        self._crew.join()
        logger.info("%s %s is ready", self.algorithm.name, self.algorithm.version, extra={"facts": self._facts()})

    def stop(self) -> bool:
        """Let nobody in any more, tell calls in work to stop, then call the algorithm's `on_stop`.

        A server lets its requests finish before. False if a call goes on nevertheless, heeding its Context not.
        Threads can't be ended: the process must be.
        """
        self._crew.leave()
        heeded = self._execution.stop(GRACE_S)
        if self._loaded:
            self._loaded.stop()
        return heeded

    def process(self, asked: Asked) -> Reply:
        """The answer to one call; raises Problem, or an error of problems.TABLE."""
        request, stages = asked.request, asked.stages
        if self._loaded is None:
            raise Problem(
                NOT_READY,
                "The model is still being loaded.",
                "Try again soon.",
                headers=[("retry-after", "1")],
            )
        kind = choose(request.head.header("accept"), (JSON, *self._singles, *MULTIPARTS), self._can_be_named)
        with self._execution.admitted():
            with stages.time("parse"):
                payload = read_payload(
                    request, self._input.get("properties", {}), self.images, self.settings.max_body_bytes
                )
            outcome = self.call(payload.document, payload.parts, stages, is_gone=asked.is_gone)
            with stages.time("encode"):
                if kind == JSON and is_wanted(request.head, self._policy):
                    return reference_reply(self._encode, outcome.document, outcome.images, self._policy)
                if kind == JSON:
                    return json_reply(self._encode, outcome.document, outcome.images)
                if kind in MULTIPARTS:
                    return multipart_reply(kind, self._encode, outcome.document, outcome.images)
                name = self._singles.get(kind) or self._singles[DEFAULT_IMAGE]
                return single_reply(kind, name, outcome.document, outcome.images)

    def _can_be_named(self, kind: str) -> bool:
        """Whether the one image of the answer is written as a media type that no wildcard chooses."""
        return DEFAULT_IMAGE in self._singles and is_encodable(kind)

    def call(
        self,
        document: dict[str, Any],
        parts: Mapping[str, Part],
        stages: Stages | None = None,
        on_progress: Callable[[float, str], None] | None = None,
        is_gone: Callable[[], bool] = never,
    ) -> Outcome:
        """Outcome of one call: validate, convert, run, validate.

        `on_progress` hears how far the algorithm is; `is_gone` is asked a few times a second whether anybody still
        wants the result.
        """
        stages = stages or Stages()
        with stages.time("validate"):
            document = fill_defaults(document, self._input)
            if violations := self._check_input.violations(document):
                raise invalid(violations, self._newer.taking(document))
        with stages.time("decode"):
            images: list[Image] = []
            inputs = self._decoded(document, parts, images)
        with stages.time("run"):
            result = self._run(inputs, on_progress, is_gone)
        with stages.time("check"):
            outputs = outputs_of(result, list(self._output.get("properties", {})))
            placed = on_grid(self._encode, outputs, images)
            return Outcome(*check_outputs(self._encode, placed, self._check_output))

    def _decoded(self, document: dict[str, Any], parts: Mapping[str, Part], images: list[Image]) -> dict[str, Any]:
        signature = self.algorithm.signature

        def decode(value: Any, leaf: Leaf, pointer: str) -> Any:
            memory = leaf.converter.from_wire(value, parts, self._policy)
            return bare(memory, signature, images) if isinstance(memory, Image) else memory

        inputs = self._decode.apply(document, "", decode) if self._decode else document
        return self._absent | {
            name: value.array if name in signature.bare_arrays and isinstance(value, Image) else value
            for name, value in inputs.items()
        }

    def _run(
        self, inputs: dict[str, Any], on_progress: Callable[[float, str], None] | None, is_gone: Callable[[], bool]
    ) -> Any:
        loaded = self._loaded
        if loaded is None:
            raise Problem(NOT_READY, "The algorithm is not loaded.", "Call start() first.")
        context = loaded.context(on_progress)
        handed = inputs | dict.fromkeys(self.algorithm.signature.context_names, context)
        try:
            return self._execution.call(lambda: loaded.call([context], "process", **handed), context, is_gone)
        except Exception as error:
            if isinstance(error, ConversionError) and not error.pointer and len(self.images) == 1:
                error.within(f"/{self.images[0]}")  # the algorithm knows its image, not the input's name
            raise failure_of(error) from error

    def _facts(self) -> dict[str, Any]:
        model = self._loaded.model if self._loaded else None
        return {
            "profile": self.settings.profile,
            **({"providers": ",".join(model.providers)} if model else {}),
            **({"shared": self._loaded.shared} if isinstance(self._loaded, Pool) else {}),
        }


def policy_of(settings: Settings) -> Policy:
    """What a caller's images may be and where they may come from, by the settings; SettingInvalid if they disagree."""
    try:
        return Policy(
            max_pixels=settings.max_pixels,
            max_bands=settings.max_bands,
            max_decoded_bytes=settings.max_decoded_bytes,
            max_encoded_bytes=settings.max_fetch_bytes,
            decode_timeout_s=settings.decode_timeout_seconds,
            schemes=frozenset({"file"} if settings.file_roots else ()) | frozenset(settings.url_schemes),
            roots=settings.file_roots,
            hosts=settings.url_hosts,
            networks=settings.url_networks,
            buckets=settings.url_buckets,
            output_prefixes=settings.output_prefixes,
            s3=s3_from_environ(),
            gs=gs_from_environ(),
            connect_timeout_s=settings.fetch_connect_seconds,
            read_timeout_s=settings.fetch_read_seconds,
            fetch_timeout_s=settings.fetch_timeout_seconds,
            ca_file=Path(settings.fetch_ca_file) if settings.fetch_ca_file else None,
        )
    except ValueError as error:
        raise SettingInvalid("SWATH_URL_* or SWATH_OUTPUT_PREFIXES", str(error)) from None
