"""Absolute links that are right for the caller, behind a proxy too."""

import re

from swath_runtime.http import Head

API = "/api/v1"
_HOST = re.compile(r"[A-Za-z0-9._~\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_PREFIX = re.compile(r"(/[A-Za-z0-9._~\-]+)*/?")


def base_url(head: Head, public_url: str, own_scheme: str = "http") -> str:
    """What the caller sees this service under, without a slash at the end.

    `public_url` wins; else `Forwarded` (RFC 7239), else `X-Forwarded-Proto`, `-Host` and `-Prefix`, else `Host` and the
    service's own scheme. Of a list, the first entry counts (the proxy that the client spoke to). A value that is no
    host is ignored.
    """
    if public_url:
        return public_url.rstrip("/")
    forwarded = _forwarded(head.header("forwarded"))
    scheme = forwarded.get("proto") or _first(head.header("x-forwarded-proto")) or own_scheme
    host = forwarded.get("host") or _first(head.header("x-forwarded-host"))
    if not _HOST.fullmatch(host):
        host = head.header("host")
    prefix = _first(head.header("x-forwarded-prefix"))
    prefix = prefix.rstrip("/") if _PREFIX.fullmatch(prefix) else ""
    scheme = scheme if scheme in {"http", "https"} else own_scheme
    return f"{scheme}://{host}{prefix}" if _HOST.fullmatch(host) else prefix


def _first(header: str) -> str:
    return header.partition(",")[0].strip()


def _forwarded(header: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in _first(header).split(";"))
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs if value}
