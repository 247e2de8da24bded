"""A real server, spoken to over HTTP with nothing between the test and the socket that would mend a reply."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

from clients.answers import HOST, Answer

TIMEOUT_S = 60


class HttpClient:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._address = urlsplit(base_url).netloc

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        connection = HTTPConnection(self._address, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body or None, {"Host": HOST, **(headers or {})})
            reply = connection.getresponse()
            named = {name.lower(): value for name, value in reply.getheaders()}
            return Answer(reply.status, named, reply.read())
        finally:
            connection.close()
