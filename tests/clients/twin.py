"""Two clients that must be told the same: a backend's, and the in-process core's.

What a service makes up (the ids of jobs, the time of day) differs between the two and is all that may: ids must stand
in the same places, and one that a test sends on is sent to the core as the core's own.
"""

import re
import time
from collections.abc import Callable

from clients.answers import Answer, Client

TELLS_OF_OTHERS = ("/metrics", "/jobs")  # what each was asked before, the core by the twins of all backends
SERVERS_OWN = {"date", "server", "connection", "keep-alive", "transfer-encoding"}
CORRELATION = {"X-Correlation-ID": "contract-suite"}
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
DEADLINE_S = 60.0


class TwinClient:
    """Sends every request to both and compares the replies byte for byte, ids and times aside."""

    def __init__(self, backend: Client, core: Client) -> None:
        self.backend, self.core = backend, core
        self._cores_own: dict[str, str] = {}

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        sent = CORRELATION | (headers or {})
        answer = self.backend.send(method, path, body, sent)
        reference = self.core.send(method, self._translated(path), body, sent)
        is_own = method in {"GET", "HEAD"} and path.endswith(TELLS_OF_OTHERS)
        return answer if is_own else self._same(answer, reference)

    def send_until(self, wanted: Callable[[Answer], bool], method: str, path: str) -> Answer:
        """The first answer that is as wanted, asked of each until then: one may be there sooner than the other."""
        answer = _first(wanted, self.backend, method, path)
        return self._same(answer, _first(wanted, self.core, method, self._translated(path)))

    def _same(self, answer: Answer, reference: Answer) -> Answer:
        self._cores_own |= zip(_ids(answer), _ids(reference), strict=False)
        said, wanted = _essence(answer), _essence(reference)
        assert said == wanted, f"the backend: {said}\nthe core: {wanted}"
        return answer

    def _translated(self, path: str) -> str:
        return UUID.sub(lambda found: self._cores_own.get(found[0], found[0]), path)


def _first(wanted: Callable[[Answer], bool], client: Client, method: str, path: str) -> Answer:
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        answer = client.send(method, path, b"", CORRELATION)
        if wanted(answer):
            return answer
        time.sleep(0.02)
    raise AssertionError(f"{method} {path} never answered as wanted: {answer}")


def _ids(answer: Answer) -> list[str]:
    return UUID.findall(" ".join([*answer.headers.values(), answer.body.decode("latin-1")]))


def _essence(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """An answer without what is the server's own, its ids numbered as they come."""
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        return numbers.setdefault(found[0], f"id-{len(numbers):032}")  # as long as an id: lengths are compared too

    headers = {
        name: UUID.sub(number, value) for name, value in sorted(answer.headers.items()) if name not in SERVERS_OWN
    }
    body = UUID.sub(number, answer.body.decode("latin-1")).encode("latin-1")
    return answer.status, headers, TIME.sub(b"time", body)
