"""The service's operations as a page to read and try them on: Swagger UI, from packaged files alone."""

import zlib
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from swath_runtime.asked import Asked
from swath_runtime.auth.principal import OPEN
from swath_runtime.http import Reply
from swath_runtime.links import API
from swath_runtime.operations import answer, operation, path_parameter
from swath_runtime.problems import NOT_FOUND, Problem
from swath_runtime.table import Routes, scoped

HTML, SCRIPT, STYLE = "text/html; charset=utf-8", "text/javascript; charset=utf-8", "text/css; charset=utf-8"
PAGE = "docs.html"
ASSETS: Mapping[str, tuple[str, str]] = {
    "swagger-ui-bundle.js": ("swagger-ui/swagger-ui-bundle.js.gz", SCRIPT),
    "swagger-ui.css": ("swagger-ui/swagger-ui.css.gz", STYLE),
    "docs.js": ("docs.js", SCRIPT),
}
"""What the page refers to, all of it relative to itself: right under any prefix."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
GUARDS = (
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
)


class DocsRoom:
    """The page and its files: open to all, since a browser's address bar sends no token and they tell nothing."""

    @property
    def routes(self) -> Routes:
        """The handlers by path and method."""
        return scoped(OPEN, {f"{API}/docs": {"GET": self._get_page}, f"{API}/docs/{{file}}": {"GET": self._get_asset}})

    @property
    def openapi(self) -> Mapping[str, Any]:
        """The operations by path."""
        text = {"type": "string"}
        served = {"200": {"description": "It.", "content": {kind: {"schema": text} for kind in (SCRIPT, STYLE)}}}
        named = path_parameter("file", "Its name.", enum=list(ASSETS))
        return {
            "/docs": {"get": operation("getDocs", "A page to try the service on.", answer("It.", HTML, text))},
            "/docs/{file}": {
                "get": operation("getDocsFile", "A file of that page.", served, ["404"], parameters=[named])
            },
        }

    def _get_page(self, asked: Asked) -> Reply:
        return _file(asked, PAGE, HTML)

    def _get_asset(self, asked: Asked) -> Reply:
        if asked.names["file"] not in ASSETS:
            raise Problem(NOT_FOUND, "The page has no such file.", f"Its files: {', '.join(ASSETS)}.")
        return _file(asked, *ASSETS[asked.names["file"]])


def _file(asked: Asked, name: str, kind: str) -> Reply:
    """The reply with a packaged file; one that is packed by gzip is sent so to whoever takes it."""
    content, tag = _read(name)
    headers = (("content-type", kind), ("cache-control", "no-cache"), ("etag", tag), *GUARDS)
    if asked.head.header("if-none-match") == tag:
        return Reply(304, headers)
    if not name.endswith(".gz"):
        return Reply(200, headers, content)
    headers = (*headers, ("vary", "accept-encoding"))
    if _takes_gzip(asked.head.header("accept-encoding")):
        return Reply(200, (*headers, ("content-encoding", "gzip")), content)
    return Reply(200, headers, zlib.decompress(content, wbits=31))


@cache
def _read(name: str) -> tuple[bytes, str]:
    content = (files("swath_runtime") / "assets" / name).read_bytes()
    return content, f'"{sha256(content).hexdigest()[:32]}"'


def _takes_gzip(header: str) -> bool:
    """Whether Accept-Encoding (RFC 9110, section 12.5.3) names gzip, not with the weight 0."""
    for entry in header.split(","):
        coding, _, weight = entry.partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
