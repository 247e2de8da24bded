"""Where metrics are read."""

import os
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import orjson

from swath_runtime.asked import Asked
from swath_runtime.auth.principal import METRICS
from swath_runtime.http import Reply
from swath_runtime.links import API
from swath_runtime.metrics.families import BUILD, WORKERS
from swath_runtime.metrics.machine import Gpus, processes
from swath_runtime.metrics.meter import Meter
from swath_runtime.metrics.text import document, exposition
from swath_runtime.negotiation import choose
from swath_runtime.operations import operation
from swath_runtime.payload import JSON
from swath_runtime.service import Service
from swath_runtime.table import Routes, scoped

TEXT, OPENMETRICS = "text/plain", "application/openmetrics-text"
KINDS = {
    JSON: JSON,
    TEXT: f"{TEXT}; version=0.0.4; charset=utf-8",
    OPENMETRICS: f"{OPENMETRICS}; version=1.0.0; charset=utf-8",
}


class MetricsRoom:
    """Answers `/metrics` as Prometheus asks for it, and `/api/v1/metrics` as JSON; both in any of the three forms.

    Attributes:
        meter: what counts; set before the first request.
    """

    meter: Meter

    def __init__(self, service: Service) -> None:
        self._service = service
        self._gpus = Gpus()

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        return scoped(METRICS, {f"{API}/metrics": {"GET": self._get_json}, "/metrics": {"GET": self._get_text}})

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The operations by path."""
        content: dict[str, Any] = {JSON: {"schema": {"type": "object"}}}
        content |= {kind: {"schema": {"type": "string"}} for kind in (TEXT, OPENMETRICS)}
        success = {"200": {"description": "Of all workers together.", "content": content}}
        return {"/metrics": {"get": operation("getMetrics", "What the service counted.", success, ["406"])}}

    def _get_json(self, asked: Asked) -> Reply:
        return self._answer(asked, (JSON, TEXT, OPENMETRICS))

    def _get_text(self, asked: Asked) -> Reply:
        return self._answer(asked, (TEXT, OPENMETRICS, JSON))

    def _answer(self, asked: Asked, available: tuple[str, ...]) -> Reply:
        kind = choose(asked.head.header("accept"), available)
        readings = self._readings()
        is_open = kind == OPENMETRICS
        body = orjson.dumps(document(readings)) if kind == JSON else exposition(readings, as_openmetrics=is_open)
        headers = (("content-type", KINDS[kind]), ("vary", "accept"), ("cache-control", "no-store"))
        return Reply(200, headers, body)

    def _readings(self) -> dict[Any, Any]:
        service, algorithm = self._service, self._service.algorithm
        service.tell_loads()
        numbers = [os.getpid(), *service.crew.others_living]
        settings = service.settings
        built = (algorithm.name, algorithm.version, settings.runtime, settings.profile, version("swath-runtime"))
        return {
            **dict(self.meter.read()),
            **dict(processes(numbers)),
            **dict(self._gpus.read()),
            WORKERS: {(): len(numbers)},
            BUILD: {built: 1},
        }
