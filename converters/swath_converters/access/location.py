"""An http(s) URL taken apart strictly, and whether the policy allows its scheme, host and port.

Nothing is repaired: what two parsers could read in two ways (user names, backslashes, hosts in Unicode or with
percent signs, numbers that resolvers take for addresses, a trailing dot) is refused, not interpreted.
"""

import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import urljoin

from ..errors import AccessDenied, MalformedValue, SchemeDenied
from ..policy import Policy

PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(?i:(https?))://([^/?#]*)(/[^?#]*)?(\?[^#]*)?")
_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")  # RFC 3986 §2, no fragment
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label that makes resolvers read an address: 127.1, 0x7f.1


@dataclass(frozen=True)
class Location:
    """Where one file is on the web.

    Attributes:
        scheme: http or https.
        host: a name in lower case, or an address as `ipaddress` writes it, IPv6 without brackets.
        port: of the server.
        target: path and query, as sent; it may hold secrets, so it is in no representation.
    """

    scheme: str
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def authority(self) -> str:
        """Host and port as in a `Host` header, the scheme's own port left out."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: all of a URL that an error may show."""
        return f"{self.scheme}://{self.authority}"

    def __str__(self) -> str:
        return self.origin


def parse_url(text: str) -> Location:
    """The parts of an absolute http(s) URL.

    Raises:
        MalformedValue: it is not written strictly by RFC 3986, has a user name, a fragment or an odd host.
    """
    found = _URL.fullmatch(text)
    if found is None or _CHARACTERS.fullmatch(text) is None:
        raise _malformed("it is not an absolute http(s) URL of RFC 3986 characters without a fragment")
    scheme, authority, path, query = found[1].lower(), found[2], found[3] or "/", found[4] or ""
    if "@" in authority:
        raise _malformed("it has a user name or password")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise _malformed("its host or port is not plain")
    port = int(parts[2]) if parts[2] else PORTS[scheme]
    if not 0 < port < 65536:
        raise _malformed("its port is none")
    return Location(scheme, _host(parts[1].lower()), port, path + query)


def redirected(location: Location, target: str) -> Location:
    """Where a `Location` header leads to; raises as `parse_url`, and AccessDenied for a way from https to http."""
    new = parse_url(urljoin(location.origin + location.target, target.partition("#")[0]))
    if (location.scheme, new.scheme) == ("https", "http"):
        raise AccessDenied("The URI is redirected from https to http, which is not followed.")
    return new


def check_allowed(location: Location, policy: Policy) -> None:
    """Raises AccessDenied unless the policy allows the scheme, and the host with this port."""
    if location.scheme not in policy.schemes:
        raise SchemeDenied(location.scheme, ("data", "cid", *sorted(policy.schemes)))
    if not any(_matches(location, entry) for entry in policy.hosts):
        raise AccessDenied(
            f"{location.origin} is not among the hosts that are read from here.",
            hint="Send the image itself, or ask the operator to allow the host, with its port.",
        )


def _matches(location: Location, entry: str) -> bool:
    parts = re.fullmatch(r"(\[.*\]|[^:]*)(?::([0-9]+))?", entry)
    if parts is None or location.port != (int(parts[2]) if parts[2] else PORTS[location.scheme]):
        return False
    name = parts[1].strip("[]")
    return location.host.endswith(name[1:]) if name.startswith("*.") else location.host == name


def _host(text: str) -> str:
    """The host, if it is an address in its one plain form or a name that no resolver takes for an address."""
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise _malformed("its host is no IPv6 address") from None
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            raise _malformed("its host is an IPv4 address that is not written as four decimal numbers") from None
    if len(text) > 253 or any(_LABEL.fullmatch(label) is None for label in labels):
        raise _malformed("its host is no name (without a trailing dot; international names as xn--…)")
    return text


def _malformed(reason: str) -> MalformedValue:
    return MalformedValue(
        f"The URL is not accepted: {reason}.", hint="Write https://host/path, percent-encoded, without user name."
    )
