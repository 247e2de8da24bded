"""Several calls in one request: each item gets its own status, and a bad one fails alone."""

import logging
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any, cast

import orjson

from swath_converters.parts import Part
from swath_registry.validation import Validator, Violation
from swath_runtime.answers import Outcome
from swath_runtime.asked import Asked
from swath_runtime.http import Reply, media_type
from swath_runtime.links import API
from swath_runtime.multiparts import MIXED, Piece, mixed_reply
from swath_runtime.negotiation import choose
from swath_runtime.operations import OF_A_CALL, operation, ref
from swath_runtime.payload import JSON, MULTIPART, RAW, read_payload
from swath_runtime.problems import (
    GONE,
    INVALID,
    TOO_LARGE,
    UNSUPPORTED,
    Problem,
    invalid,
    problem_document,
    problem_of,
)
from swath_runtime.references import PREFERENCE
from swath_runtime.service import Begun, Service
from swath_runtime.table import Routes
from swath_runtime.tracebacks import forget_tracebacks

AHEAD = 2  # of what runs at once, as much again waits with its images decoded
SERVER_ERROR = 500
ITEMS: Mapping[str, Any] = {"items": {"type": "array", "items": {}}}
FORM: dict[str, Any] = {
    "type": "object",
    "properties": ITEMS,
    "required": ["items"],
    "additionalProperties": False,
}

logger = logging.getLogger(__name__)


class BatchRoutes:
    """POST /process/batch: a list of inputs, answered by a list of outputs and problems in its order."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._check = Validator(FORM)

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        return {f"{API}/process/batch": {"POST": self._process}}

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The operations by path."""
        return {"/process/batch": {"post": batch_operation(self._service)}}

    def _process(self, asked: Asked) -> Reply:
        kind = choose(asked.head.header("accept"), (JSON, MIXED))
        refers = kind == JSON and self._service.answers.refers(asked.head)
        with self._service.admitted():
            with asked.stages.time("parse"):
                items, parts = self._items(asked)
            pieces: list[Piece] = []

            def encode(outcome: Outcome, index: int) -> dict[str, Any]:
                if kind == JSON:
                    return self._service.answers.document_of(outcome, by_reference=refers)
                images, document = self._service.answers.pieces_of(outcome, f"items/{index}/")
                pieces.extend(images)
                return document

            document = {"items": list(self._answers(items, parts, asked, encode))}
            with asked.stages.time("encode"):
                if kind == MIXED:
                    return mixed_reply(document, pieces)
                applied = (("preference-applied", PREFERENCE),) if refers else ()
                return Reply(200, (("content-type", JSON), *applied), orjson.dumps(document))

    def _items(self, asked: Asked) -> tuple[Sequence[Any], Mapping[str, Part]]:
        settings = self._service.settings
        if media_type(asked.head.header("content-type")) in RAW:
            raise Problem(UNSUPPORTED, "One image is no list of items.", f"Supported: {JSON}, {MULTIPART}.")
        payload = read_payload(asked.request, ITEMS, [], settings.max_body_bytes)
        if violations := self._check.violations(payload.document):
            raise invalid(violations)
        items: list[Any] = payload.document["items"]
        if len(items) > settings.max_batch_items:
            message = f"{len(items):,} items are more than the {settings.max_batch_items:,} of one request."
            raise Problem(TOO_LARGE, message, "Send them in several requests.")
        return items, payload.parts

    def _answers(
        self,
        items: Sequence[Any],
        parts: Mapping[str, Part],
        asked: Asked,
        encode: Callable[[Outcome, int], dict[str, Any]],
    ) -> Generator[dict[str, Any]]:
        """The answer of each item, in their order; only so many are decoded at a time as keep the algorithm at work."""
        ahead = AHEAD * self._service.at_once
        begun: deque[tuple[int, Begun | Problem]] = deque()

        def first() -> dict[str, Any]:
            index, one = begun.popleft()
            if isinstance(one, Problem):
                return _failed(one, asked)
            try:
                outcome = self._service.finish(one, asked.stages, asked.is_gone)
                with asked.stages.time("encode"):
                    return {"status": 200, "output": encode(outcome, index)}
            except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
                return _failed(_alone(error), asked)

        try:
            for index, item in enumerate(items):
                if len(begun) == ahead:
                    yield first()
                begun.append((index, self._begun(item, parts, asked)))
            while begun:
                yield first()
        finally:
            for _, one in begun:
                if isinstance(one, Begun):
                    self._service.give_up(one)

    def _begun(self, item: Any, parts: Mapping[str, Part], asked: Asked) -> Begun | Problem:
        if not isinstance(item, dict):
            place = Violation("", "must be an object", "type", "")
            return Problem(INVALID, "An item must be an object.", "Give its inputs by their names.", [place])
        try:
            return self._service.begin(cast("dict[str, Any]", item), parts, asked.stages)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            return _alone(error)


def batch_operation(service: Service) -> dict[str, Any]:
    """What POST /process/batch takes and gives, as an OpenAPI operation."""
    describe, most = service.algorithm.describe, service.settings.max_batch_items
    output = {key: value for key, value in describe["output"].items() if key != "content"}
    taken = {**FORM, "properties": {"items": {"type": "array", "maxItems": most, "items": describe["input"]}}}
    done = {
        "type": "object",
        "required": ["status", "output"],
        "properties": {"status": {"const": 200}, "output": output},
    }
    failed = {
        "type": "object",
        "required": ["status", "error"],
        "properties": {"status": {"type": "integer"}, "error": ref("error@1")},
    }
    given = {"type": "array", "items": {"oneOf": [done, failed]}}
    schema = {"type": "object", "required": ["items"], "properties": {"items": given}}
    success = {
        "200": {
            "description": "An answer for each item, in their order.",
            "content": {JSON: {"schema": schema}, MIXED: {}},
        }
    }
    body = {"required": True, "content": {JSON: {"schema": taken}, MULTIPART: {"schema": taken}}}
    return operation("processBatch", f"{describe['title']}, several times.", success, OF_A_CALL, requestBody=body)


def _failed(problem: Problem, asked: Asked) -> dict[str, Any]:
    return {"status": problem.kind.status, "error": problem_document(problem, asked.ident)}


def _alone(error: Exception) -> Problem:
    """The problem of one item; raises that of a caller who has gone, which ends the whole request."""
    problem = problem_of(error)
    if problem.kind is GONE:
        raise problem
    if problem.kind.status == SERVER_ERROR:
        logger.exception("%s: %s", problem.kind.title, problem.message)
    forget_tracebacks(error)
    return problem
