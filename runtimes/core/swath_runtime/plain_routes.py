"""What every service answers: whether it is alive and ready, what it is, and the result of one call."""

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import orjson

from swath_runtime.asked import Asked
from swath_runtime.auth.principal import OPEN
from swath_runtime.description import served_description
from swath_runtime.http import Reply
from swath_runtime.links import API
from swath_runtime.operations import answer, operation, ref
from swath_runtime.payload import JSON
from swath_runtime.problems import NOT_READY, Problem
from swath_runtime.process_operation import process_operation
from swath_runtime.service import Service
from swath_runtime.table import Routes, scoped


class PlainRoutes:
    """Handlers of the paths that need nothing but the service itself."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._describe = lru_cache(maxsize=64)(self._describe_at)

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        return {
            **scoped(OPEN, {f"{API}/health": {"GET": self._get_health}, f"{API}/ready": {"GET": self._get_ready}}),
            f"{API}/describe": {"GET": self._get_describe},
            f"{API}/version": {"GET": self._get_version},
            f"{API}/process": {"POST": self._service.process},
        }

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The operations by path."""
        describe, anything = self._service.algorithm.describe, {"type": "object"}
        alive = answer("It is.", "text/plain", {"type": "string"})
        return {
            "/health": {"get": operation("getHealth", "Whether the service is alive.", alive)},
            "/ready": {
                "get": operation("getReady", "Whether the model is loaded.", answer("It is.", JSON, anything), ["503"])
            },
            "/describe": {
                "get": operation("getDescribe", "What the service is.", answer("This.", JSON, ref("describe@1")))
            },
            "/version": {"get": operation("getVersion", "Versions of what runs.", answer("These.", JSON, anything))},
            "/process": {"post": process_operation(describe, self._service.inputs.images)},
        }

    def _get_health(self, asked: Asked) -> Reply:
        return Reply(200, (("content-type", "text/plain; charset=utf-8"), ("cache-control", "no-store")), b"OK")

    def _get_ready(self, asked: Asked) -> Reply:
        state = self._service.state
        if state != "ready":
            raise Problem(NOT_READY, f"The service is {state}.", "Ask again.", headers=[("retry-after", "1")])
        return json_answer({"status": state})

    def _get_version(self, asked: Asked) -> Reply:
        algorithm = self._service.algorithm
        return json_answer({"name": algorithm.name, "version": algorithm.version, "swath": version("swath-runtime")})

    def _get_describe(self, asked: Asked) -> Reply:
        return Reply(200, (("content-type", JSON),), self._describe(self._service.base_url(asked.head)))

    def _describe_at(self, base: str) -> bytes:
        return orjson.dumps(served_description(self._service.algorithm, base))


def json_answer(document: Any) -> Reply:
    """A document as a 200."""
    return Reply(200, (("content-type", JSON),), orjson.dumps(document))
