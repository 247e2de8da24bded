"""HTTP requests that reach this machine's own servers whatever proxy the environment names."""

import urllib.request
from http.client import HTTPResponse
from ipaddress import ip_address
from urllib.parse import urlsplit

_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def opened(request: urllib.request.Request | str, timeout_s: float) -> HTTPResponse:
    """The answer to an http or https request, to be closed; past any proxy where it goes to this machine.

    Raises URLError (HTTPError for a status from 400 on), OSError, or http.client.HTTPException.
    """
    url = request if isinstance(request, str) else request.full_url
    send = _DIRECT.open if _is_loopback(urlsplit(url).hostname or "") else urllib.request.urlopen
    return send(request, timeout=timeout_s)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
