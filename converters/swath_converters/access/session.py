"""HTTP requests for one file: one connection kept while it lasts, redirects re-checked hop by hop."""

import contextlib
import http.client
import ssl
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

from ..errors import FetchFailed, FetchTimedOut, TooLarge
from ..parts import Buffer
from ..policy import Policy
from .clock import Clock
from .location import Location, check_allowed, redirected
from .wire import Wire, connect

Sign = Callable[[str, Location, Mapping[str, str], Buffer], dict[str, str]]
"""(method, location, headers, body) -> the headers with those that prove who asks."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OVERHEAD_BYTES = 1 << 20  # headers, and the frames of chunks beyond an eighth of the body


@dataclass(frozen=True)
class Remote:
    """A file on the web.

    Attributes:
        location: where it is.
        sign: None for what anybody may ask, and for plain http(s). What is signed is not redirected: credentials
            go to the endpoint that the operator named, and nowhere else.
        is_listed: whether `Policy.hosts` must name the host; not for the operator's own endpoints.
    """

    location: Location
    sign: Sign | None = field(default=None, repr=False)
    is_listed: bool = True


class Answer:
    """Status and headers of a response whose body is still to come."""

    def __init__(self, response: http.client.HTTPResponse, location: Location) -> None:
        self._response = response
        self.location = location
        self.status = response.status
        self.headers = response.headers

    def body(self, limit_bytes: int) -> bytes:
        """The whole body, exactly as long as declared, not decoded in any way.

        Raises:
            TooLarge: it is longer than the limit, by its declared length or by its bytes.
            FetchFailed: it ends early, is compressed on the way, or does not say how long it is.
        """
        if self.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
            raise self.failed("it compressed the answer, though asked not to")
        declared = self._declared_length()
        if declared is None:
            return self._chunks(limit_bytes)
        if declared > limit_bytes:
            raise TooLarge("bytes", declared, limit_bytes)
        content = self._response.read(declared)
        if len(content) != declared:
            raise self.failed("the answer ended before its declared length")
        return content

    def failed(self, reason: str, *, hint: str = "") -> FetchFailed:
        """The error that says so of this server."""
        return FetchFailed(self.location.origin, reason, hint=hint)

    def _declared_length(self) -> int | None:
        """The declared length; None for chunks. Two ways of saying it are how requests are smuggled."""
        lengths = self.headers.get_all("Content-Length", [])
        codings = self.headers.get_all("Transfer-Encoding", [])
        if codings:
            if [coding.strip().lower() for coding in codings] != ["chunked"] or lengths:
                raise self.failed("the answer's length is declared in two ways, or in an unknown one")
            return None
        if len(set(lengths)) != 1 or not (lengths[0].isascii() and lengths[0].isdigit()):
            raise self.failed("the answer does not say how long it is, so a cut one could not be told")
        return int(lengths[0][:20])

    def _chunks(self, limit_bytes: int) -> bytes:
        pieces: list[bytes] = []
        size_bytes = 0
        while piece := self._response.read(1 << 20):
            pieces.append(piece)
            size_bytes += len(piece)
            if size_bytes > limit_bytes:
                raise TooLarge("bytes", size_bytes, limit_bytes)
        return b"".join(pieces)


class Session:
    """Asks for one file, again and again if need be. Not for several threads at once."""

    def __init__(self, remote: Remote, policy: Policy) -> None:
        self._remote = remote
        self._policy = policy
        self._clock = Clock(policy.fetch_timeout_s)
        self._location = remote.location
        self._wire: Wire | None = None
        self._origin = ""

    @contextlib.contextmanager
    def ask(self, headers: Mapping[str, str], limit_bytes: int) -> Generator[Answer, None, None]:
        """The final answer to GET, after redirects; its body is read inside, or dropped with the connection.

        Args:
            headers: more headers, such as Range.
            limit_bytes: most bytes of the body that will be taken.

        Raises:
            AccessDenied, MalformedValue: where a redirect leads is not allowed, or no URL.
            FetchFailed: no connection, no HTTP, too many redirects.
            FetchTimedOut: too slow.
        """
        with self._reported(), self._clock.running():
            response = self._follow("GET", headers, b"", limit_bytes)
            yield Answer(response, self._location)
            if response.will_close or not response.isclosed():
                self.close()

    @contextlib.contextmanager
    def put(self, content: Buffer, headers: Mapping[str, str]) -> Generator[Answer, None, None]:
        """The answer to PUT; no redirect is followed. Raises as `ask`."""
        with self._reported(), self._clock.running():
            yield Answer(self._exchange("PUT", headers, content, _OVERHEAD_BYTES), self._location)
            self.close()

    @contextlib.contextmanager
    def post(self, content: Buffer, headers: Mapping[str, str]) -> Generator[Answer, None, None]:
        """The answer to POST; no redirect is followed, nothing is sent twice. Raises as `ask`."""
        with self._reported(), self._clock.running():
            yield Answer(self._request("POST", headers, content, _OVERHEAD_BYTES), self._location)
            self.close()

    def close(self) -> None:
        """End the connection; the next request makes a new one, its address looked up and checked anew."""
        if self._wire is not None:
            self._wire.end()
            self._wire = None

    def _follow(
        self, method: str, headers: Mapping[str, str], body: Buffer, limit_bytes: int
    ) -> http.client.HTTPResponse:
        for _ in range(self._policy.max_redirects + 1):
            response = self._exchange(method, headers, body, limit_bytes)
            target = response.getheader("Location")
            if response.status not in _REDIRECTS or target is None or self._remote.sign or not self._remote.is_listed:
                return response
            self.close()
            self._location = redirected(self._location, target)
        raise FetchFailed(self._location.origin, f"it redirects more than {self._policy.max_redirects} times")

    def _exchange(
        self, method: str, headers: Mapping[str, str], body: Buffer, limit_bytes: int
    ) -> http.client.HTTPResponse:
        """One request, once more on a new connection where a kept one had ended meanwhile."""
        was_kept = self._wire is not None
        try:
            return self._request(method, headers, body, limit_bytes)
        except ConnectionError:
            self.close()
            if not was_kept:
                raise
            return self._request(method, headers, body, limit_bytes)

    def _request(
        self, method: str, headers: Mapping[str, str], body: Buffer, limit_bytes: int
    ) -> http.client.HTTPResponse:
        if self._remote.is_listed:
            check_allowed(self._location, self._policy)
        if self._wire is None or self._origin != self._location.origin:
            self.close()
            self._wire, self._origin = connect(self._location, self._policy, self._clock), self._location.origin
        self._wire.allow(limit_bytes + limit_bytes // 8 + _OVERHEAD_BYTES)
        sent = {
            "Host": self._location.authority,
            "User-Agent": "swath",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            **headers,
        }
        if self._remote.sign is not None:
            sent = self._remote.sign(method, self._location, sent, body)
        connection = http.client.HTTPConnection(self._location.host, self._location.port)
        connection.auto_open = 0
        connection.sock = self._wire
        connection.request(method, self._location.target, body=None if method == "GET" else body, headers=sent)
        return connection.getresponse()

    @contextlib.contextmanager
    def _reported(self) -> Generator[None, None, None]:
        """What fails inside as an error that names the server and nothing that was sent or received."""
        try:
            yield
        except BaseException as error:
            self.close()
            if isinstance(error, OSError | http.client.HTTPException | UnicodeError):
                raise _failure(error, self._location, self._policy) from None
            raise


def _failure(error: Exception, location: Location, policy: Policy) -> FetchFailed:
    if isinstance(error, TimeoutError):
        return FetchTimedOut(location.origin, f"it took too long (at most {policy.fetch_timeout_s:g} s in all)")
    if isinstance(error, ssl.SSLCertVerificationError):
        return FetchFailed(location.origin, "its certificate is not valid for this host")
    if isinstance(error, http.client.IncompleteRead):
        return FetchFailed(location.origin, "the answer ended early")
    if isinstance(error, http.client.HTTPException | UnicodeError):
        return FetchFailed(location.origin, "it does not speak proper HTTP")
    return FetchFailed(location.origin, "the connection failed")
