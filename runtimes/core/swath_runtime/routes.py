"""Which path does what, and how every request is answered: the one way in for a runtime."""

import logging
import re
import uuid
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

import orjson
import yaml

from swath_runtime.description import served_description
from swath_runtime.http import Buffer, Head, Reply, Request
from swath_runtime.intake import Intake
from swath_runtime.links import API, base_url
from swath_runtime.logs import Stages, access, correlation_id
from swath_runtime.negotiation import choose
from swath_runtime.openapi import openapi_document
from swath_runtime.payload import JSON
from swath_runtime.problems import (
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    NOT_READY,
    TARGET_TOO_LONG,
    Problem,
    problem_of,
    problem_reply,
)
from swath_runtime.service import Service

YAML = "application/yaml"  # RFC 9512
CORRELATION = re.compile(r"[\x21-\x7e]{1,128}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # W3C Trace Context
SERVER_ERROR = 500
PLAIN = "/:@!$&'()*+,;=~"  # what a path may hold besides letters and digits; a line break would forge a log line
MOST_TARGET = 8000  # of path and query; the servers take a little more, so that the answer is the core's

logger = logging.getLogger(__name__)


class Exchange:
    """One request while it comes in: feed it the body, then take the reply.

    Made from the head alone, so that a body which is not wanted need not be held.
    """

    def __init__(self, router: "Router", head: Head) -> None:
        self._router, self._head = router, head
        self._stages = Stages()
        self._intake = Intake(head, router.service.settings.max_body_bytes)

    def feed(self, chunk: Buffer) -> bool:
        """Take the next chunk of the body; False once reading on is of no use."""
        return self._intake.feed(chunk)

    def reply(self) -> Reply:
        """The answer. Never raises; runs the algorithm, so call it off the event loop."""
        head = self._head
        given = head.header("x-correlation-id")
        ident = given if CORRELATION.fullmatch(given) else str(uuid.uuid4())
        token = correlation_id.set(ident)
        try:
            reply = self._answer(ident)
            facts = {
                "status": reply.status, "ms": self._stages.total_ms, "bytesOut": len(reply.body), **self._stages.took_ms
            }  # fmt: skip
            access.info("%s %s", head.method, quote(head.path[:200], PLAIN), extra={"facts": facts})
            return reply
        finally:
            correlation_id.reset(token)

    def _answer(self, ident: str) -> Reply:
        try:
            reply = self._router.answer(Request(self._head, self._intake.body()), self._stages)
        except Exception as error:
            problem = problem_of(error)
            if problem.kind.status == SERVER_ERROR:
                logger.exception("%s: %s", problem.kind.title, problem.message)
            reply = problem_reply(problem, ident)
        traceparent = self._head.header("traceparent")
        traced = (("traceparent", traceparent),) if TRACEPARENT.fullmatch(traceparent) else ()
        length = (("content-length", str(len(reply.body))),)
        return Reply(reply.status, (*reply.headers, ("x-correlation-id", ident), *traced, *length), reply.body)


class Router:
    """The paths of a service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._describe = lru_cache(maxsize=64)(self._describe_at)
        self._openapi = lru_cache(maxsize=64)(self._openapi_at)
        self._routes: dict[str, dict[str, Callable[[Request, Stages], Reply]]] = {
            f"{API}/health": {"GET": self._get_health},
            f"{API}/ready": {"GET": self._get_ready},
            f"{API}/describe": {"GET": self._get_describe},
            f"{API}/version": {"GET": self._get_version},
            f"{API}/openapi": {"GET": self._get_openapi},
            f"{API}/process": {"POST": self._post_process},
        }

    def begin(self, head: Head) -> Exchange:
        """An exchange for a request whose head has come."""
        return Exchange(self, head)

    def handle(self, request: Request) -> Reply:
        """The reply to a whole request."""
        exchange = self.begin(request.head)
        if request.body:
            exchange.feed(request.body)
        return exchange.reply()

    def answer(self, request: Request, stages: Stages) -> Reply:
        """The reply of the path's handler; raises Problem."""
        if len(request.head.path) + len(request.head.query) > MOST_TARGET:
            hint = "Give the inputs in the body."
            raise Problem(TARGET_TOO_LONG, f"Path and query are longer than {MOST_TARGET:,} characters.", hint)
        methods = self._routes.get(request.head.path)
        if methods is None:
            raise Problem(NOT_FOUND, "There is nothing at this path.", f"Paths: {', '.join(self._routes)}.")
        method = "GET" if request.head.method == "HEAD" else request.head.method
        handler = methods.get(method)
        if handler is None:
            allowed = ", ".join(methods)
            raise Problem(METHOD_NOT_ALLOWED, f"This path takes {allowed}.", headers=[("allow", allowed)])
        return handler(request, stages)

    def _get_health(self, request: Request, stages: Stages) -> Reply:
        return Reply(200, (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")), b"OK")

    def _get_ready(self, request: Request, stages: Stages) -> Reply:
        state = self.service.state
        if state != "ready":
            raise Problem(NOT_READY, f"The service is {state}.", "Ask again.", headers=[("retry-after", "1")])
        return _json({"status": state})

    def _get_version(self, request: Request, stages: Stages) -> Reply:
        algorithm = self.service.algorithm
        return _json({"name": algorithm.name, "version": algorithm.version, "swath": version("swath-runtime")})

    def _get_describe(self, request: Request, stages: Stages) -> Reply:
        return _json_bytes(self._describe(self._base(request.head)))

    def _get_openapi(self, request: Request, stages: Stages) -> Reply:
        kind = choose(request.head.header("accept"), (JSON, YAML, "application/vnd.oai.openapi"))
        document = self._openapi(self._base(request.head), kind != JSON)
        return Reply(200, (("content-type", kind), ("vary", "accept")), document)

    def _post_process(self, request: Request, stages: Stages) -> Reply:
        return self.service.process(request, stages)

    def _base(self, head: Head) -> str:
        settings = self.service.settings
        return base_url(head, settings.public_url, settings.scheme)

    def _describe_at(self, base: str) -> bytes:
        return orjson.dumps(served_description(self.service.algorithm, base))

    def _openapi_at(self, base: str, as_yaml: bool) -> bytes:
        document: dict[str, Any] = openapi_document(self.service.algorithm, base, self.service.images)
        return (
            yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()
            if as_yaml
            else orjson.dumps(document)
        )


def _json(document: dict[str, Any]) -> Reply:
    return _json_bytes(orjson.dumps(document))


def _json_bytes(body: bytes) -> Reply:
    return Reply(200, (("content-type", JSON),), body)
