"""The service's own OpenAPI document, made of what its rooms say of themselves."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
import yaml

from swath_runtime.asked import Asked
from swath_runtime.http import Reply
from swath_runtime.links import API
from swath_runtime.negotiation import choose
from swath_runtime.openapi import openapi_document
from swath_runtime.operations import operation
from swath_runtime.payload import JSON
from swath_runtime.service import Service
from swath_runtime.table import Room, Routes

YAML = "application/yaml"  # RFC 9512
OPENAPI = "application/vnd.oai.openapi"  # answered with YAML


class Documents:
    """Tells programs what the service's paths take and give."""

    def __init__(self, service: Service, rooms: Sequence[Room]) -> None:
        self._service, self._rooms = service, rooms
        self._openapi = lru_cache(maxsize=64)(self._openapi_at)

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        return {f"{API}/openapi": {"GET": self._get_openapi}}

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The operations by path."""
        content = {kind: {"schema": {"type": "object"}} for kind in (JSON, YAML, OPENAPI)}
        success = {"200": {"description": "An OpenAPI 3.1 document.", "content": content}}
        return {"/openapi": {"get": operation("getOpenapi", "This document.", success, ["406"])}}

    def _get_openapi(self, asked: Asked) -> Reply:
        kind = choose(asked.head.header("accept"), (JSON, YAML, OPENAPI))
        document = self._openapi(self._service.base_url(asked.head), kind != JSON)
        return Reply(200, (("content-type", kind), ("vary", "accept")), document)

    def _openapi_at(self, base: str, as_yaml: bool) -> bytes:
        describe, is_guarded = self._service.algorithm.describe, self._service.settings.is_guarded
        document = openapi_document(describe, base, [*self._rooms, self], is_guarded=is_guarded)
        if as_yaml:
            return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode()
        return orjson.dumps(document)
