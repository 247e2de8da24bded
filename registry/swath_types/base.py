"""What the generated models share: what JSON Schema asks and pydantic's own types don't.

An integer may be written 1.0; a text may have to be a date and time, a URI, a UUID or an address, and stays the
text it was. Rules of whole objects are in `rules`. Models check; they never stand in for the document itself.
"""

import re
from datetime import date
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Strict

from swath_types.rules import Rules

_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\.[0-9]+)?"
    r"([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
# What can't stand in a URI (RFC 3986): searched for, since a data: URI may have tens of megabytes.
_NO_URI = re.compile(r"[^A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]|%(?![0-9A-Fa-f]{2})")
_COLON_WITHOUT_SCHEME = re.compile(r"(?![A-Za-z][A-Za-z0-9+.-]*:)[^/?#]*:")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf'{_ATOM}(\.{_ATOM})*|"([ !#-\[\]-~]|\\[ -~])*"')
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*")


class Model(Rules):
    """Base of the generated models that are objects."""

    model_config = ConfigDict(allow_inf_nan=False)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _date_time(text: str) -> str:
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError("must be a date and time with zone (RFC 3339)")
    date.fromisoformat(found[1])
    return text


def _uri_reference(text: str) -> str:
    if _NO_URI.search(text) or _COLON_WITHOUT_SCHEME.match(text) or text.count("#") > 1:
        raise ValueError("must be a URI or a relative reference (RFC 3986)")
    return text


def _uuid(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise ValueError("must be a UUID (RFC 4122)")
    return text


def _email(text: str) -> str:
    local, _, host = text.rpartition("@")
    is_host = (len(host) <= 253 and _HOST.fullmatch(host)) or _is_address(host)
    if len(local) > 64 or not _LOCAL.fullmatch(local) or not is_host:
        raise ValueError("must be an e-mail address (RFC 5321)")
    return text


def _is_address(host: str) -> bool:
    """Whether a host is an IP address in brackets: [127.0.0.1], [IPv6:::1]."""
    if not (host.startswith("[") and host.endswith("]")):
        return False
    try:
        if host[:6].lower() == "[ipv6:":
            return IPv6Address(host[6:-1]).version == 6
        return IPv4Address(host[1:-1]).version == 4
    except ValueError:
        return False


Integer = Annotated[int, Strict(), BeforeValidator(_whole)]
DateTime = Annotated[str, Strict(), AfterValidator(_date_time)]
UriReference = Annotated[str, Strict(), AfterValidator(_uri_reference)]
Uuid = Annotated[str, Strict(), AfterValidator(_uuid)]
Email = Annotated[str, Strict(), AfterValidator(_email)]
