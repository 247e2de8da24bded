"""What every service answers: whether it is alive and ready, what it is, and the result of one call."""

from functools import lru_cache
from importlib.metadata import version
from typing import Any

import orjson
import yaml

from swath_runtime.asked import Asked
from swath_runtime.description import served_description
from swath_runtime.http import Head, Reply
from swath_runtime.links import API, base_url
from swath_runtime.negotiation import choose
from swath_runtime.openapi import openapi_document
from swath_runtime.payload import JSON
from swath_runtime.problems import NOT_READY, Problem
from swath_runtime.service import Service
from swath_runtime.table import Routes

YAML = "application/yaml"  # RFC 9512


class PlainRoutes:
    """Handlers of the paths that need nothing but the service itself."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._describe = lru_cache(maxsize=64)(self._describe_at)
        self._openapi = lru_cache(maxsize=64)(self._openapi_at)

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        return {
            f"{API}/health": {"GET": self._get_health},
            f"{API}/ready": {"GET": self._get_ready},
            f"{API}/describe": {"GET": self._get_describe},
            f"{API}/version": {"GET": self._get_version},
            f"{API}/openapi": {"GET": self._get_openapi},
            f"{API}/process": {"POST": self._service.process},
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
        return Reply(200, (("content-type", JSON),), self._describe(self._base(asked.head)))

    def _get_openapi(self, asked: Asked) -> Reply:
        kind = choose(asked.head.header("accept"), (JSON, YAML, "application/vnd.oai.openapi"))
        document = self._openapi(self._base(asked.head), kind != JSON)
        return Reply(200, (("content-type", kind), ("vary", "accept")), document)

    def _base(self, head: Head) -> str:
        settings = self._service.settings
        return base_url(head, settings.public_url, settings.scheme)

    def _describe_at(self, base: str) -> bytes:
        return orjson.dumps(served_description(self._service.algorithm, base))

    def _openapi_at(self, base: str, as_yaml: bool) -> bytes:
        document: dict[str, Any] = openapi_document(self._service.algorithm, base, self._service.images)
        return (
            yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()
            if as_yaml
            else orjson.dumps(document)
        )


def json_answer(document: Any) -> Reply:
    """A document as a 200."""
    return Reply(200, (("content-type", JSON),), orjson.dumps(document))
