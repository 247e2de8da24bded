"""Two clients that must be told the same: a backend's, and the in-process core's."""

import re

from clients.answers import Answer, Client

SERVERS_OWN = {"date", "server", "connection", "keep-alive"}
CORRELATION = {"X-Correlation-ID": "contract-suite"}
TIMESTAMP = re.compile(rb'"timestamp":"[^"]*"')


class TwinClient:
    """Sends every request to both and compares the replies byte for byte, the time of day aside."""

    def __init__(self, backend: Client, core: Client) -> None:
        self.backend, self.core = backend, core

    def send(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        sent = CORRELATION | (headers or {})
        answer = self.backend.send(method, path, body, sent)
        reference = self.core.send(method, path, body, sent)
        if not path.endswith("/metrics"):  # each counts what it was asked itself
            assert _essence(answer) == _essence(reference)
        return answer


def _essence(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in answer.headers.items() if name not in SERVERS_OWN}
    return answer.status, headers, TIMESTAMP.sub(b'"timestamp":""', answer.body)
