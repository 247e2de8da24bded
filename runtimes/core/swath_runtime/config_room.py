"""GET and PUT /config: the algorithm's own configuration."""

from collections.abc import Mapping
from typing import Any

import orjson

from swath_runtime.asked import Asked
from swath_runtime.auth.principal import CONFIG, READ
from swath_runtime.codings import unpacked
from swath_runtime.configuration import ConfigInvalid, Configuration, tag_of
from swath_runtime.http import Head, Reply, media_type
from swath_runtime.links import API
from swath_runtime.operations import answer, operation
from swath_runtime.payload import JSON, json_object
from swath_runtime.problems import CHANGED, FORBIDDEN, INVALID, NOT_KEPT, UNSUPPORTED, Problem
from swath_runtime.settings import Settings
from swath_runtime.table import Routes, Scoped

MOST_BYTES = 1 << 20  # it is read at every change by every worker, and handed to every call


class ConfigRoom:
    """Shows the configuration, and changes it where `configSchema` says what it may be."""

    def __init__(self, configuration: Configuration, settings: Settings) -> None:
        self._configuration, self._settings = configuration, settings

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        methods = {"GET": Scoped(self._get, READ)}
        if self._configuration.schema:
            methods["PUT"] = Scoped(self._put, CONFIG)
        return {f"{API}/config": methods}

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The operations by path."""
        schema = dict(self._configuration.schema or {"type": "object"})
        shown = answer("The configuration.", JSON, schema)
        shown["200"]["headers"] = {"ETag": {"description": "Of this configuration.", "schema": {"type": "string"}}}
        item = {"get": operation("getConfig", "The algorithm's configuration.", shown)}
        if self._configuration.schema:
            item["put"] = operation(
                "putConfig",
                "Change the algorithm's configuration, from the next call on.",
                shown,
                ["400", "403", "412", "413", "415", "503"],
                parameters=[
                    {
                        "name": "If-Match",
                        "in": "header",
                        "description": "Change it only while its ETag is one of these.",
                        "schema": {"type": "string"},
                    }
                ],
                requestBody={"required": True, "content": {JSON: {"schema": schema}}},
            )
        return {"/config": item}

    def _get(self, asked: Asked) -> Reply:
        return _shown(self._configuration.value)

    def _put(self, asked: Asked) -> Reply:
        if not self._settings.is_guarded and not self._settings.config_writable:
            message = "The operator does not let the configuration be changed."
            hint = "The operator may set SWATH_CONFIG_WRITABLE=true, or ask for tokens and give out the scope config."
            raise Problem(FORBIDDEN, message, hint)
        try:
            changed = self._configuration.change(_document(asked), lambda tag: _require_match(asked.head, tag))
        except ConfigInvalid as error:
            hint = "configSchema in GET describe says what the configuration may be."
            raise Problem(INVALID, str(error), hint, error.violations) from None
        except OSError as error:
            raise Problem(NOT_KEPT, f"The configuration could not be kept ({error.strerror}).", "Try again.") from None
        return _shown(changed)


def _shown(value: Mapping[str, Any]) -> Reply:
    headers = (("content-type", JSON), ("etag", tag_of(value)), ("cache-control", "no-cache"))
    return Reply(200, headers, orjson.dumps(value))


def _document(asked: Asked) -> dict[str, Any]:
    kind = media_type(asked.head.header("content-type"))
    if kind != JSON:
        raise Problem(UNSUPPORTED, "A configuration is sent as JSON.", f"Supported: {JSON}.")
    body = unpacked(asked.request.body, asked.head.header("content-encoding"), MOST_BYTES)
    return json_object(body)


def _require_match(head: Head, tag: str) -> None:
    """Raise Problem 412 where `If-Match` (RFC 9110, section 13.1.1) names other tags than that of what is there."""
    wanted = head.header("if-match")
    if wanted and wanted != "*" and tag not in {one.strip() for one in wanted.split(",")}:
        hint = "GET it again, and change what is there now."
        raise Problem(CHANGED, "The configuration is another by now.", hint, headers=[("etag", tag)])
