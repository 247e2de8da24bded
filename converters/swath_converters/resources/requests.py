"""From a URI to a request: where it goes, and what proves who asks, sent to that host alone."""

import base64
import http.client
import netrc
import os
import ssl
import urllib.request
from email.message import Message
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from .errors import ResourceUnavailable, UriUnusable

SCHEMES = ("http", "https", "s3", "gs")
SILENCE_S = 30.0  # a server that says nothing for so long is taken for gone
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def open_uri(uri: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    """The answer to GET, redirects followed; raises what urllib raises, and UriUnusable.

    Proxies and authorities are this machine's own (HTTPS_PROXY, SSL_CERT_FILE). Credentials come from netrc, or for
    s3 and gs from the variables of their own tools; no redirect carries them on.
    """
    url, proof = _addressed(uri, headers)
    request = urllib.request.Request(url, headers={"Accept-Encoding": "identity", "User-Agent": "swath"})  # noqa: S310 - http(s) only
    for name, value in {**headers, **proof}.items():
        request.add_unredirected_header(name, value)
    if byte_range := headers.get("Range"):
        request.add_header("Range", byte_range)  # this one goes with a redirect too
    return _opener(uri).open(request, timeout=SILENCE_S)


def _addressed(uri: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The http(s) URL of a URI, and the headers that prove who asks."""
    parts = urlsplit(uri)
    if parts.scheme not in SCHEMES or not parts.hostname or not parts.path.strip("/"):
        raise UriUnusable(
            uri, "it names no file", f"write {', '.join(f'{one}:' for one in SCHEMES)} with host and path"
        )
    if "@" in parts.netloc:
        hint = "keep them in ~/.netrc, or in the variables of the store's own tools (AWS_ACCESS_KEY_ID …)"
        raise UriUnusable(uri, "it holds a user name or password", hint)
    if parts.scheme in ("s3", "gs"):
        return _object(uri, headers)
    return uri.partition("#")[0], _netrc(uri)


def _object(uri: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    from ..access.accounts import gs_from_environ, s3_from_environ
    from ..access.objects import locate_object
    from ..errors import ConversionError
    from ..policy import Policy

    scheme, _, rest = uri.partition("://")
    prefix = f"{scheme}://{rest.partition('/')[0]}/"
    try:
        remote = locate_object(uri, (prefix,), Policy(s3=s3_from_environ(), gs=gs_from_environ()))
        location = remote.location
        proof = remote.sign("GET", location, {"Host": location.authority, **headers}, b"") if remote.sign else {}
    except ConversionError as error:
        raise UriUnusable(uri, error.message, error.hint) from None
    return location.origin + location.target, proof


def _netrc(uri: str) -> dict[str, str]:
    """Basic authentication by netrc, over https (or to this machine) only."""
    parts = urlsplit(uri)
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    if not path.is_file() or (parts.scheme == "http" and parts.hostname not in _LOOPBACK):
        return {}
    try:
        found = netrc.netrc(path).authenticators(parts.hostname or "")
    except (netrc.NetrcParseError, OSError) as error:
        raise ResourceUnavailable(uri, "the netrc file cannot be read", f"{type(error).__name__}: {path}") from None
    if found is None:
        return {}
    pair = f"{found[0]}:{found[2] or ''}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def _opener(uri: str) -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(
        _Redirects(uri), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows to http(s), never from https down to http."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        if req.full_url.startswith("https:") and not newurl.startswith("https:"):
            raise ResourceUnavailable(self._uri, "it is redirected from https to something less safe")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # pyright: ignore[reportArgumentType]
